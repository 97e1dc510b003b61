/**
 * The life of what a series' throughput does: pending → firing → recovering → resolved, one incident with its phases (closed, rebound, normal)
 * and never two opposite ones. Opens by the loudest window, closes by the shortest window that can tell the deviation from none.
 */
import { type Evidence, resetEvidence, slotMs, windowSlots } from './evidence.ts';
import { type Finding, findingOver, perHour, strongest } from './look.ts';
import type { SeriesRules } from './series-rules.ts';
import {
  clearSlotsOf,
  halfHour,
  hour,
  type Incident,
  levelOf,
  nearness,
  reboundIn,
  type Sight,
  still,
  stopped,
} from './signs.ts';
import type { Spread } from './spread.ts';
import type { Step, StepReason } from './step.ts';

/** After a closure, so long a surge is its rebound. */
const reboundWithinSlots = 288;
const stoppedSlotsMin = 48;
const stoppedShareMax = 0.15;
/** A drop or surge that lasts longer has become the level: five days. */
const slotsMax = 1440;

/** One step. Returns the incident that goes on, or null. Steps are appended to `out`. */
export function liveOn(
  incident: Incident | null,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  if (incident === null) return open(evidence, spread, rules, sight, out);
  incident.actual += sight.teu;
  incident.expected += sight.baseline * levelOf(incident, sight);
  incident.slots++;
  switch (incident.status) {
    case 'pending':
      return confirm(incident, evidence, spread, rules, sight, out);
    case 'firing':
      return fire(incident, evidence, spread, rules, sight, out);
    case 'recovering':
      return recover(incident, evidence, spread, rules, sight, out);
    case 'resolved':
      return null;
  }
}

function open(evidence: Evidence, spread: Spread, rules: SeriesRules, sight: Sight, out: Step[]): Incident | null {
  const stall = stopped(evidence, spread, rules, sight);
  const drop = stall ?? strongest(evidence, spread, rules.drop, -1, sight.low, sight.doubt, sight.extra);
  const found = drop ?? strongest(evidence, spread, rules.surge, 1, sight.high, sight.doubt, sight.extra);
  if (found === null) return null;
  const kind = stall !== null ? 'stall' : drop !== null ? 'drop' : 'surge';
  const incident: Incident = {
    kind,
    status: 'pending',
    phase: kind === 'surge' ? 'normal' : 'closed',
    sinceMs: sight.endMs - (windowSlots[found.window] ?? 1) * slotMs,
    slots: 0,
    held: 0,
    actual: found.actual,
    expected: found.expected,
    depth: found.share,
    hasStopped: false,
  };
  if (rules[kind].holdSlots === 0) incident.status = 'firing';
  tell(incident, found, sight, stall !== null ? 'no_moves' : 'threshold_crossed', out);
  return incident;
}

function confirm(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  const found = still(incident, evidence, spread, rules, sight);
  if (found === null) {
    incident.status = 'resolved';
    tell(
      incident,
      findingOver(evidence, spread, hour, levelOf(incident, sight), sight.doubt),
      sight,
      'did_not_hold',
      out,
    );
    return null;
  }
  const isWorse = incident.kind === 'drop' && stopped(evidence, spread, rules, sight) !== null;
  if (isWorse) incident.kind = 'stall';
  if (incident.slots < rules[incident.kind].holdSlots) return incident;
  Object.assign(incident, { status: 'firing', slots: 0, held: 0 });
  tell(incident, found, sight, incident.kind === 'stall' ? 'no_moves' : 'threshold_held', out);
  return incident;
}

function fire(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  if (incident.kind === 'drop') {
    const stall = stopped(evidence, spread, rules, sight);
    if (stall !== null) {
      incident.kind = 'stall';
      tell(incident, stall, sight, 'no_moves', out);
    }
  }
  if (still(incident, evidence, spread, rules, sight) !== null) deepen(incident);
  const { isNear, finding } = nearness(incident, evidence, spread, sight);
  if (incident.kind === 'surge') {
    const turned = turnRound(incident, finding, evidence, spread, rules, sight, out);
    if (turned !== null) return turned;
  }
  if (incident.slots >= slotsMax) {
    incident.status = 'resolved';
    tell(incident, finding, sight, 'became_usual', out);
    return incident;
  }
  incident.held = isNear ? incident.held + 1 : 0;
  if (incident.held < clearSlotsOf(rules[incident.kind], finding)) return incident;
  const hasStopped = incident.slots >= stoppedSlotsMin && incident.actual < stoppedShareMax * incident.expected;
  Object.assign(incident, { status: 'recovering', phase: 'normal', slots: 0, held: 0, hasStopped });
  tell(incident, finding, sight, 'back_in_band', out);
  resetEvidence(evidence);
  return incident;
}

function deepen(incident: Incident): void {
  if (incident.expected > 0) incident.depth = incident.actual / incident.expected - 1;
}

/** Too much has become too little without a pause: one incident ends, another begins. */
function turnRound(
  incident: Incident,
  finding: Finding,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  const low =
    stopped(evidence, spread, rules, sight) ??
    strongest(evidence, spread, rules.drop, -1, sight.low, sight.doubt, sight.extra);
  if (low === null) return null;
  incident.phase = 'normal';
  resolve(incident, finding, sight, out);
  return open(evidence, spread, rules, sight, out);
}

function recover(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  if (incident.phase === 'rebound') return followRebound(incident, evidence, spread, rules, sight, out);
  const again = still(incident, evidence, spread, rules, sight);
  if (again !== null) {
    Object.assign(incident, {
      status: 'firing',
      phase: incident.kind === 'surge' ? 'normal' : 'closed',
      slots: 0,
      held: 0,
      actual: again.actual,
      expected: again.expected,
      depth: again.share,
    });
    tell(incident, again, sight, 'back_out_of_band', out);
    return incident;
  }
  const mayRebound = incident.hasStopped;
  const rebound = mayRebound ? reboundIn(evidence, spread, sight) : null;
  if (rebound !== null) {
    Object.assign(incident, {
      phase: 'rebound',
      slots: 0,
      held: 0,
      actual: rebound.actual,
      expected: rebound.expected,
      depth: rebound.share,
    });
    tell(incident, rebound, sight, 'above_expected_after_closure', out);
    return incident;
  }
  if (incident.slots < (mayRebound ? reboundWithinSlots : rules[incident.kind].clearSlots)) return incident;
  return resolve(incident, findingOver(evidence, spread, halfHour, levelOf(incident, sight), sight.doubt), sight, out);
}

function followRebound(
  incident: Incident,
  evidence: Evidence,
  spread: Spread,
  rules: SeriesRules,
  sight: Sight,
  out: Step[],
): Incident | null {
  const stillSpeaks = strongest(evidence, spread, rules.surge, 1, sight.high, sight.doubt, 0) !== null;
  if (stillSpeaks) deepen(incident);
  const { isNear, finding } = nearness(incident, evidence, spread, sight);
  const turned = turnRound(incident, finding, evidence, spread, rules, sight, out);
  if (turned !== null) return turned;
  // What would open a surge again is no end of the rebound.
  incident.held = isNear && !stillSpeaks ? incident.held + 1 : 0;
  if (incident.held < clearSlotsOf(rules.surge, finding) && incident.slots < slotsMax) return incident;
  resetEvidence(evidence);
  incident.phase = 'normal';
  return resolve(incident, finding, sight, out);
}

function resolve(incident: Incident, finding: Finding, sight: Sight, out: Step[]): null {
  incident.status = 'resolved';
  tell(incident, finding, sight, 'hold_elapsed', out);
  return null;
}

function tell(incident: Incident, finding: Finding, sight: Sight, reason: StepReason, out: Step[]): void {
  out.push({
    kind: incident.kind,
    status: incident.status,
    phase: incident.phase,
    reason,
    sinceMs: incident.sinceMs,
    endMs: sight.endMs,
    windowMs: (windowSlots[finding.window] ?? 1) * slotMs,
    value: perHour(finding.actual, finding.window),
    expected: perHour(finding.expected, finding.window),
    sigma: perHour(finding.sigma * finding.expected, finding.window),
    share: finding.share,
    z: finding.z,
  });
}
