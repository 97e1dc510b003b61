/**
 * Slow deviations, told in days: the recent days against what the series was weeks before (drift), or against the same days a year ago
 * (year-on-year). One incident at a time for both; looked at when a block of six hours is full.
 */
import { slotMs, windowSlots } from './evidence.ts';
import { adoptNewest, blockSlots, keepNewest, type Level, ratioOver } from './level.ts';
import type { ReadyRule, SeriesRules } from './series-rules.ts';
import { deviationOf, type Spread, sparsePenalty, teuPerCount, varianceOf } from './spread.ts';
import type { Step, StepReason } from './step.ts';

export type LastingIncident = {
  kind: 'drift' | 'year_on_year';
  status: 'pending' | 'firing' | 'resolved';
  sinceMs: number;
  /** Blocks in this status, and those of the window that opened it. */
  blocks: number;
  openedOver: number;
  held: number;
  /** Log of the ratio to the lasting level, at its greatest. */
  size: number;
};

type Slow = {
  readonly blocks: number;
  /** Log of the ratio of these blocks to the lasting level. */
  readonly size: number;
  readonly z: number;
  readonly sigma: number;
  readonly value: number;
  readonly expected: number;
  /** What the level is a multiple of, TEU an hour: the baseline, or the year before. */
  readonly base: number;
};

const dayBlocks = 288 / blockSlots;
const dayWindow = windowSlots.length - 1;
/** Neighbouring days are a little alike. */
const likeness = 1.25;
/** Fewer moves than this are no change, whatever the share. */
const countMin = 20;
/** Over-dispersion of a slot; over days next to nothing is left of it. */
const slotDispersion = 0.05;
/** Blocks that the lasting level must stand on. */
const lastingMin = 24;
/** What is left of a deviation that is over. */
const nearShare = 0.45;
/** What has lasted so long is how it is: five weeks. */
const blocksMax = 35 * dayBlocks;

/** One look at a full block of `level`. Returns the incident that goes on, or null. */
export function lastOn(
  incident: LastingIncident | null,
  kind: LastingIncident['kind'],
  level: Level,
  spread: Spread,
  rules: SeriesRules,
  endMs: number,
  doubt: number,
  out: Step[],
): LastingIncident | null {
  const rule = rules[kind];
  if (!rule.isEnabled || level.lastingCount < lastingMin) return incident;
  if (incident === null) return openLasting(kind, level, spread, rule, endMs, doubt, out);
  if (incident.kind !== kind) return incident;
  incident.blocks++;
  if (incident.status === 'pending') return confirmLasting(incident, level, spread, rule, endMs, doubt, out);
  return followLasting(incident, level, spread, rule, endMs, doubt, out);
}

function slowOver(level: Level, spread: Spread, blocks: number, doubt: number): Slow {
  const ratio = Math.max(1e-3, ratioOver(level, 0, blocks));
  const n = Math.min(blocks, level.actual.length);
  let teu = 0;
  let baseline = 0;
  for (let back = 0; back < n; back++) {
    teu += level.actual[level.actual.length - 1 - back] ?? 0;
    baseline += level.expected[level.expected.length - 1 - back] ?? 0;
  }
  const expected = baseline * level.lasting;
  const day = likeness * dayBlocks * varianceOf(spread, dayWindow, 0);
  const wander = day / n + day / level.lastingCount + teuPerCount / Math.max(1, level.lastingActual) + doubt * doubt;
  const size = Math.log(ratio / Math.max(1e-6, level.lasting));
  const hours = (n * blockSlots * slotMs) / 3_600_000;
  const sigma = Math.sqrt(wander + teuPerCount / Math.max(1, expected));
  const z = deviationOf(teu, Math.max(1e-9, expected), wander, slotDispersion / (n * blockSlots));
  return { blocks, size, z, sigma, value: teu / hours, expected: expected / hours, base: baseline / hours };
}

function loudest(level: Level, spread: Spread, rule: ReadyRule, doubt: number): Slow | null {
  let best: Slow | null = null;
  for (const blocks of rule.blocks) {
    if (level.actual.length < blocks) break;
    const slow = slowOver(level, spread, blocks, doubt);
    const threshold = rule.threshold + sparsePenalty(24 * slow.expected);
    if (Math.abs(slow.value - slow.expected) * 6 * blocks < countMin * teuPerCount) continue;
    if (Math.abs(Math.expm1(slow.size)) < rule.shareMin || Math.abs(slow.z) < threshold) continue;
    if (best === null || Math.abs(slow.z) > Math.abs(best.z)) best = slow;
  }
  return best;
}

function openLasting(
  kind: LastingIncident['kind'],
  level: Level,
  spread: Spread,
  rule: ReadyRule,
  endMs: number,
  doubt: number,
  out: Step[],
): LastingIncident | null {
  const slow = loudest(level, spread, rule, doubt);
  if (slow === null) return null;
  const incident: LastingIncident = {
    kind,
    status: rule.holdSlots === 0 ? 'firing' : 'pending',
    sinceMs: endMs - slow.blocks * blockSlots * slotMs,
    blocks: 0,
    openedOver: slow.blocks,
    held: 0,
    size: slow.size,
  };
  tellLasting(incident, slow, endMs, 'threshold_crossed', out);
  return incident;
}

function confirmLasting(
  incident: LastingIncident,
  level: Level,
  spread: Spread,
  rule: ReadyRule,
  endMs: number,
  doubt: number,
  out: Step[],
): LastingIncident | null {
  const slow = loudest(level, spread, rule, doubt);
  if (slow === null || slow.size > 0 !== incident.size > 0) {
    incident.status = 'resolved';
    tellLasting(incident, slowOver(level, spread, dayBlocks, doubt), endMs, 'did_not_hold', out);
    return null;
  }
  if (incident.blocks * blockSlots < rule.holdSlots) return incident;
  Object.assign(incident, { status: 'firing', blocks: 0, size: slow.size });
  tellLasting(incident, slow, endMs, 'threshold_held', out);
  return incident;
}

/** Closes by the fewest blocks that know the ratio to a fifth of the deviation: little of it is left, or it has turned round. */
function followLasting(
  incident: LastingIncident,
  level: Level,
  spread: Spread,
  rule: ReadyRule,
  endMs: number,
  doubt: number,
  out: Step[],
): LastingIncident | null {
  const days = slowOver(level, spread, 3 * dayBlocks, doubt);
  if (Math.abs(days.size) > Math.abs(incident.size) && days.size > 0 === incident.size > 0) incident.size = days.size;
  let blocks = dayBlocks;
  let slow = slowOver(level, spread, blocks, 0);
  while (slow.sigma * 5 > Math.abs(incident.size) && blocks < 8 * dayBlocks) {
    blocks++;
    slow = slowOver(level, spread, blocks, 0);
  }
  if (incident.blocks >= blocksMax) {
    adoptNewest(level);
    return endLasting(incident, slow, endMs, 'became_usual', out);
  }
  const other = loudest(level, spread, rule, doubt);
  if (other !== null && other.size > 0 !== incident.size > 0) {
    endLasting(incident, slow, endMs, 'back_in_band', out);
    return openLasting(incident.kind, level, spread, rule, endMs, doubt, out);
  }
  // What reaches back before the deviation says nothing of its end.
  const isNear = blocks <= incident.blocks + incident.openedOver && slow.size / incident.size < nearShare;
  incident.held = isNear ? incident.held + 1 : 0;
  if (incident.held * blockSlots < Math.max(1, rule.clearSlots)) return incident;
  keepNewest(level, Math.min(blocks, incident.held + dayBlocks));
  return endLasting(incident, slow, endMs, 'back_in_band', out);
}

function endLasting(incident: LastingIncident, slow: Slow, endMs: number, reason: StepReason, out: Step[]): null {
  incident.status = 'resolved';
  tellLasting(incident, slow, endMs, reason, out);
  return null;
}

function tellLasting(incident: LastingIncident, slow: Slow, endMs: number, reason: StepReason, out: Step[]): void {
  out.push({
    kind: incident.kind,
    status: incident.status,
    phase: 'normal',
    reason,
    sinceMs: incident.sinceMs,
    endMs,
    windowMs: slow.blocks * blockSlots * slotMs,
    value: slow.value,
    expected: slow.expected,
    sigma: slow.sigma * slow.expected,
    share: Math.expm1(slow.size),
    z: slow.z,
    ...(incident.kind === 'year_on_year' ? { yearBefore: slow.base } : {}),
  });
}
