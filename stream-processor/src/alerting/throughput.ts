/**
 * What the work of one port does: surge, drop and stall as one incident, fed by the port's series and by terminals that stopped; drift and
 * year-on-year deviation as another. Knows neither feeds' silence nor people.
 */
import type { AlertStatus, AlertTransition } from '@quaywatch/contracts';
import {
  account,
  adoptTerminals,
  endBy,
  type Incident,
  isSizeDue,
  type Look,
  type Moment,
  newIncident,
  type Place,
  raiseSeverity,
  tell,
} from './incident.ts';
import type { PlaceRules } from './place-rules.ts';
import { resetEvidence, windowSlots } from './series/evidence.ts';
import { findingOver, perHour } from './series/look.ts';
import type { SeriesState } from './series/series.ts';
import type { Step } from './series/step.ts';

const fiveMs = 300_000;
const hourWindow = windowSlots.indexOf(12);
/** Windows of each part that are kept, to say who has contributed when an incident opens: three hours. */
const partWindows = 36;
const STATUS_ORDER: readonly AlertStatus[] = ['resolved', 'pending', 'recovering', 'firing'];

export type ThroughputIncident = Incident & {
  /** Where the series sees it, and where stopped terminals do; null: not there. */
  bySeries: AlertStatus | null;
  byStops: AlertStatus | null;
  held: number;
};

/** Differences of the last three hours, TEU by part; a ring by window number. */
export type Parts = Record<string, number[]>;

export function notePart(parts: Parts, part: string, endMs: number, difference: number): void {
  let ring = parts[part];
  if (ring === undefined) {
    ring = new Array<number>(partWindows).fill(0);
    parts[part] = ring;
  }
  ring[(endMs / fiveMs) % partWindows] = difference;
}

/** Gives an incident what its parts have gained or lost since it began, or since its rebound did; three hours at most. */
function accountSince(incident: Incident, parts: Parts, sinceMs: number, endMs: number): void {
  const windows = Math.min(partWindows, Math.round((endMs - sinceMs) / fiveMs));
  for (const part in parts) {
    let sum = 0;
    for (let back = 0; back < windows; back++) sum += parts[part]?.[(endMs / fiveMs - back) % partWindows] ?? 0;
    account(incident, part, sum);
  }
}

/** The last hour of a series, for decisions that no step of the series explains. */
function lookOfHour(series: SeriesState, reason: string): Look {
  const finding = findingOver(series.evidence, series.spread, hourWindow, series.level.recent, 0);
  return {
    reason,
    windowMs: 12 * fiveMs,
    value: perHour(finding.actual, hourWindow),
    expected: perHour(finding.expected, hourWindow),
    sigma: perHour(finding.sigma * finding.expected, hourWindow),
    share: finding.share,
    z: finding.z,
  };
}

/** Stopped terminals of a port: who, since when, what share of the port's work they are, and why there are none any more. */
export type Stops = {
  readonly terminals: readonly string[];
  readonly sinceMs: number;
  readonly share: number;
  readonly endedBy: 'moves_again' | 'planned_stoppage' | 'standstill_usual';
};

export const NO_STOPS: Stops = { terminals: [], sinceMs: 0, share: 0, endedBy: 'moves_again' };

export type ThroughputSight = {
  readonly place: Place;
  readonly rules: PlaceRules;
  readonly moment: Moment;
  readonly series: SeriesState;
  readonly parts: Parts;
  /** Steps of the series in this window; all kinds. */
  readonly steps: readonly Step[];
  readonly stops: Stops;
  readonly stopRule: PlaceRules['kinds']['stall'];
};

/** One step of a port's throughput incident. Returns the incident that goes on, or null. */
export function followThroughput(
  incident: ThroughputIncident | null,
  sight: ThroughputSight,
  out: AlertTransition[],
): ThroughputIncident | null {
  const { moment, parts } = sight;
  if (incident !== null && !isLookedFor(incident, sight)) {
    endBy('rule_switched_off', incident, sight.place, moment, sight.rules.kinds[incident.kind], true, out);
    sight.series.throughput = null;
    return null;
  }
  if (incident !== null)
    for (const part in parts) account(incident, part, parts[part]?.[(moment.endMs / fiveMs) % partWindows] ?? 0);
  let current = incident;
  for (const step of sight.steps) {
    if (step.kind !== 'surge' && step.kind !== 'drop' && step.kind !== 'stall') continue;
    current = takeStep(current, step, sight, out);
  }
  return followStops(current, sight, out);
}

function isLookedFor(incident: Incident, { rules, stopRule }: ThroughputSight): boolean {
  return rules.kinds[incident.kind].enabled || (incident.kind === 'stall' && stopRule.enabled);
}

/** True when nothing but stopped terminals speaks for an incident, and all of them are among `terminals`. */
export function isStopOf(incident: ThroughputIncident, terminals: readonly string[]): boolean {
  return incident.bySeries === null && incident.terminals.every((terminal) => terminals.includes(terminal));
}

/** Work that was planned to stop, or has stood still for so long that nobody waits for it, is no incident, whatever it was before. */
export function endWork(
  reason: 'planned_stoppage' | 'standstill_usual',
  incident: ThroughputIncident,
  sight: ThroughputSight,
  out: AlertTransition[],
): null {
  endBy(reason, incident, sight.place, sight.moment, sight.rules.kinds[incident.kind], true, out);
  sight.series.throughput = null;
  // What comes next is judged by itself: it may come weeks after what was last read.
  if (reason === 'standstill_usual') resetEvidence(sight.series.evidence);
  return null;
}

/** A drift that terminals brought which stand still for good is one no more: it is of a series that they were in. */
export function endDrift(incident: Incident | null, sight: ThroughputSight, out: AlertTransition[]): Incident | null {
  if (incident?.kind !== 'drift') return incident;
  endBy('standstill_usual', incident, sight.place, sight.moment, sight.rules.kinds.drift, true, out);
  return null;
}

function opened(kind: Incident['kind'], sinceMs: number, sight: ThroughputSight): ThroughputIncident {
  const { place, moment, parts } = sight;
  const made: ThroughputIncident = {
    ...newIncident(place, 'throughput', kind, sinceMs, moment.endMs),
    bySeries: null,
    byStops: null,
    held: 0,
  };
  accountSince(made, parts, sinceMs, moment.endMs);
  return made;
}

function takeStep(
  incident: ThroughputIncident | null,
  step: Step,
  sight: ThroughputSight,
  out: AlertTransition[],
): ThroughputIncident | null {
  const current = incident ?? (step.status === 'resolved' ? null : opened(step.kind, step.sinceMs, sight));
  if (current === null) return null;
  // While some terminals stand still, others may work more: that is part of the same story.
  if (step.kind === 'surge' && current.kind !== 'surge' && current.bySeries === null) return current;
  current.bySeries = step.status === 'resolved' ? null : step.status;
  if (current.kind === 'drop' && step.kind === 'stall') current.kind = 'stall';
  const isRebound = step.phase === 'rebound' && current.phase !== 'rebound';
  current.phase = step.phase;
  if (isRebound) accountSince(current, sight.parts, step.endMs - step.windowMs, step.endMs);
  const look = { ...step, reason: step.reason };
  return settle(current, sight, look, out);
}

/** Says what changed, and ends the incident when nobody sees it any more. */
function settle(
  incident: ThroughputIncident,
  sight: ThroughputSight,
  look: Look,
  out: AlertTransition[],
): ThroughputIncident | null {
  const seen = [incident.bySeries ?? 'resolved', incident.byStops ?? 'resolved'];
  incident.status = STATUS_ORDER[Math.max(...seen.map((one) => STATUS_ORDER.indexOf(one)))] ?? 'resolved';
  if (incident.kind !== 'surge' && incident.phase !== 'rebound')
    incident.phase = incident.status === 'firing' || incident.status === 'pending' ? 'closed' : 'normal';
  if (incident.status === 'resolved') incident.phase = 'normal';
  const rule = sight.rules.kinds[incident.kind];
  raiseSeverity(
    incident,
    Math.max(Math.abs(look.share ?? 0), incident.byStops === 'firing' ? sight.stops.share : 0),
    rule,
  );
  tell(incident, levelOf(incident, sight.place), sight.moment, look, rule, true, out);
  return incident.status === 'resolved' ? null : incident;
}

/** One terminal of several is an incident of that terminal, until more is known. */
function levelOf(incident: ThroughputIncident, place: Place): Place {
  return incident.terminals.length === 1 && incident.bySeries === null && place.level === 'port'
    ? { ...place, level: 'terminal' }
    : place;
}

function followStops(
  incident: ThroughputIncident | null,
  sight: ThroughputSight,
  out: AlertTransition[],
): ThroughputIncident | null {
  const { stops, stopRule, series, moment } = sight;
  const isStopped = stops.terminals.length > 0 && stopRule.enabled;
  if (incident === null) {
    if (!isStopped) return null;
    const made = opened('stall', stops.sinceMs, sight);
    made.byStops = stopRule.hold_min === 0 ? 'firing' : 'pending';
    adoptTerminals(made, stops.terminals);
    return settle(made, sight, lookOfHour(series, 'no_moves'), out);
  }
  if (incident.kind === 'surge') return incident;
  const before = incident.byStops;
  const reason = nextByStops(incident, isStopped, stops.endedBy, stopRule);
  const isGrown = isStopped && adoptTerminals(incident, stops.terminals);
  if (incident.byStops === 'firing' && incident.kind === 'drop') incident.kind = 'stall';
  if (incident.byStops !== before && reason !== '') return settle(incident, sight, lookOfHour(series, reason), out);
  if (isGrown) return settle(incident, sight, lookOfHour(series, 'more_terminals_stopped'), out);
  if (isSizeDue(incident, moment.endMs)) return settle(incident, sight, lookOfHour(series, 'still_open'), out);
  return incident;
}

/** Moves on what stopped terminals say. Returns the reason of the change, '' without one. */
function nextByStops(
  incident: ThroughputIncident,
  isStopped: boolean,
  endedBy: Stops['endedBy'],
  rule: PlaceRules['kinds']['stall'],
): string {
  const slots = (minutes: number) => Math.ceil((minutes * 60_000) / fiveMs);
  switch (incident.byStops) {
    case null:
    case 'resolved':
      if (!isStopped) return '';
      Object.assign(incident, { byStops: 'pending', held: 0 });
      return 'no_moves';
    case 'pending':
      if (!isStopped) {
        incident.byStops = null;
        return 'did_not_hold';
      }
      if (++incident.held < slots(rule.hold_min)) return '';
      Object.assign(incident, { byStops: 'firing', held: 0 });
      return 'threshold_held';
    case 'firing':
      if (isStopped) return '';
      // Nothing has come back that would have to stay.
      Object.assign(incident, { byStops: endedBy === 'standstill_usual' ? null : 'recovering', held: 0 });
      return endedBy;
    case 'recovering':
      if (isStopped) {
        Object.assign(incident, { byStops: 'firing', held: 0 });
        return 'no_moves';
      }
      if (++incident.held < slots(rule.clear_hold_min)) return '';
      incident.byStops = null;
      return 'hold_elapsed';
  }
}

/** A year-on-year deviation is told as growth on the year before, per cent; anything else as it is. */
function asGrowth(step: Step): Step {
  const { yearBefore = 0, value, expected, sigma } = step;
  if (yearBefore <= 0 || value === null || expected === null || sigma === null) return step;
  const growth = (teu: number) => 100 * (teu / yearBefore - 1);
  return { ...step, value: growth(value), expected: growth(expected), sigma: (100 * sigma) / yearBefore };
}

/** Drift and year-on-year deviation: one incident at a time, as the series tells it. */
export function followLasting(
  incident: Incident | null,
  sight: Pick<ThroughputSight, 'place' | 'rules' | 'moment' | 'parts' | 'steps' | 'series'>,
  out: AlertTransition[],
): Incident | null {
  const { place, rules, moment, parts } = sight;
  let current = incident;
  if (current !== null && !rules.kinds[current.kind].enabled) {
    endBy('rule_switched_off', current, place, moment, rules.kinds[current.kind], true, out);
    sight.series.lasting = null;
    return null;
  }
  if (current !== null)
    for (const part in parts) account(current, part, parts[part]?.[(moment.endMs / fiveMs) % partWindows] ?? 0);
  for (const step of sight.steps) {
    if (step.kind !== 'drift' && step.kind !== 'year_on_year') continue;
    if (current === null) {
      if (step.status === 'resolved') continue;
      current = newIncident(place, 'lasting', step.kind, step.sinceMs, moment.endMs);
      const hours = (step.endMs - step.sinceMs) / 3_600_000;
      current.sizeTeu = ((step.value ?? 0) - (step.expected ?? 0)) * hours;
    }
    current.status = step.status;
    raiseSeverity(current, step.share ?? 0, rules.kinds[step.kind]);
    tell(current, place, moment, asGrowth(step), rules.kinds[step.kind], true, out);
    if (step.status === 'resolved') current = null;
  }
  return current;
}
