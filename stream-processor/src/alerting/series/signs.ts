/**
 * What speaks for an incident of a series now, and what against it: a stall, a deviation, its end, a rebound. Reads windows; it holds no life and
 * changes nothing.
 */
import type { AlertPhase, AlertStatus } from '@quaywatch/contracts';
import { type Evidence, windowSlots } from './evidence.ts';
import { type Finding, findingOver, strongest, windowToJudge } from './look.ts';
import type { ReadyRule, SeriesRules } from './series-rules.ts';
import type { Spread } from './spread.ts';

export type Incident = {
  kind: 'drop' | 'surge' | 'stall';
  status: AlertStatus;
  phase: AlertPhase;
  sinceMs: number;
  /** Slots in this status, and slots in a row that spoke for the next one. */
  slots: number;
  held: number;
  /** TEU since it began, and expected TEU; of the rebound once there is one. */
  actual: number;
  expected: number;
  /** Deviation as a share of the expected, as it was when something last spoke for it: never diluted by what came after. */
  depth: number;
  /** Nothing to speak of was moved for hours: what did not come may be made up for. */
  hasStopped: boolean;
};

/** What one decision looks at. */
export type Sight = {
  readonly endMs: number;
  readonly teu: number;
  /** Baseline TEU of this slot, level not applied. */
  readonly baseline: number;
  /** Levels that a deviation must be beyond: the lesser for drops, the greater for surges. */
  readonly low: number;
  readonly high: number;
  readonly doubt: number;
  /** Added to the thresholds of what is to open. */
  readonly extra: number;
};

export const halfHour = windowSlots.indexOf(6);
export const hour = windowSlots.indexOf(12);
const reboundSigmas = 2.5;
const reboundShareMin = 0.13;
/** TEU of an average move: six of ten containers are 40 feet long. */
const teuPerMove = 1.6;

export function levelOf(incident: Incident, sight: Sight): number {
  return incident.kind === 'surge' || incident.phase === 'rebound' ? sight.high : sight.low;
}

/** A stall needs both: no work to speak of, and enough moves that should have come. */
export function stopped(evidence: Evidence, spread: Spread, rules: SeriesRules, sight: Sight): Finding | null {
  const rule = rules.stall;
  if (!rule.isEnabled) return null;
  for (const window of rule.windows) {
    if (evidence.count < (windowSlots[window] ?? 0)) break;
    const expected = (evidence.expectedSums[window] ?? 0) * sight.low;
    const actual = evidence.actualSums[window] ?? 0;
    if (actual > (1 - rule.shareMin) * expected || (expected - actual) / teuPerMove < rule.threshold) continue;
    const finding = findingOver(evidence, spread, window, sight.low, sight.doubt);
    if (-finding.z >= (rules.drop.sigmas[window] ?? 0) + sight.extra) return finding;
  }
  return null;
}

export function still(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
): Finding | null {
  if (incident.kind === 'surge')
    return strongest(evidence, spread, rules.surge, 1, sight.high, sight.doubt, sight.extra);
  return (
    stopped(evidence, spread, rules, sight) ??
    strongest(evidence, spread, rules.drop, -1, sight.low, sight.doubt, sight.extra)
  );
}

/** Whether the deviation is gone: less than half of it is left in the shortest window that can tell. */
export function nearness(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  sight: Sight,
): { isNear: boolean; finding: Finding } {
  const level = levelOf(incident, sight);
  const { depth } = incident;
  const window = windowToJudge(evidence, spread, Math.abs(depth), level, sight.doubt, halfHour);
  const finding = findingOver(evidence, spread, window, level, sight.doubt);
  const isBelow = incident.kind !== 'surge' && incident.phase !== 'rebound';
  // A window that reaches back before the incident says nothing of its end.
  const isOwn = incident.slots >= (windowSlots[window] ?? 0);
  return { isNear: isOwn && (isBelow ? finding.share > depth / 2 : finding.share < depth / 2), finding };
}

/** What takes long to tell must be told for longer. */
export function clearSlotsOf(rule: ReadyRule, { window }: Finding): number {
  return Math.max(rule.clearSlots, (windowSlots[window] ?? 0) / 3);
}

/** After a closure a rebound is likely, so less speaks for it than a surge out of nowhere needs. */
export function reboundIn(evidence: Evidence, spread: Spread, sight: Sight): Finding | null {
  for (let window = hour; window < windowSlots.length; window++) {
    if (evidence.count < (windowSlots[window] ?? 0)) return null;
    const finding = findingOver(evidence, spread, window, sight.high, sight.doubt);
    if (finding.z >= reboundSigmas && finding.share >= reboundShareMin) return finding;
  }
  return null;
}
