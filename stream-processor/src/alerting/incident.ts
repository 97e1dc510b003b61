/**
 * An incident of the product: its identity, size by place, evidence, and the transitions that it tells. What opens and closes it is decided
 * elsewhere (series, stops, feeds).
 */
import type {
  AlertEvidence,
  AlertKind,
  AlertLevel,
  AlertPhase,
  AlertStatus,
  AlertTransition,
  KindRule,
  Severity,
} from '@quaywatch/contracts';

/** What one decision looks at, whatever the level. */
export type Moment = {
  readonly run: string;
  /** End of the window that is decided on, UTC ms. */
  readonly endMs: number;
  readonly logTimeMs: number;
  readonly watermarkMs: number;
  readonly completeness: number;
  readonly rulesVersion: number;
  /** Whether the reports that it rests on are simulated. */
  readonly isSimulated: boolean;
};

/** Where an incident is. */
export type Place = {
  readonly level: AlertLevel;
  readonly cluster: string;
  readonly port: string;
  /** Code of the terminal where a series of its own is judged; '' otherwise. */
  readonly terminal: string;
};

/** What a transition says of the window that decided. TEU per hour, or per cent for shares; null: no reading. */
export type Look = {
  readonly reason: string;
  readonly windowMs: number;
  readonly value: number | null;
  readonly expected: number | null;
  /** One standard deviation around `expected`. */
  readonly sigma: number | null;
  /** Deviation as a share of what was expected. */
  readonly share: number | null;
  readonly z: number | null;
};

export type Incident = {
  id: string;
  kind: AlertKind;
  status: AlertStatus;
  phase: AlertPhase;
  severity: Severity;
  measure: string;
  sinceMs: number;
  transition: number;
  terminals: string[];
  sizeTeu: number;
  regainedTeu: number;
  /** TEU by contributor since `sinceMs`: terminals of a port, ports of a cluster. */
  byPart: Record<string, number>;
  evidence: AlertEvidence[];
  /** When it last told its size, and how large it was. */
  toldMs: number;
};

/** The evidence of an incident keeps its first and its newest entries. */
const evidenceFirst = 4;
const evidenceNewest = 8;
const contributorsMax = 8;
const SEVERITY_ORDER: readonly Severity[] = ['info', 'warning', 'critical'];
const zFor90Percent = 1.645;

/** @param family what may be open only once at a place; part of the id. */
export function newIncident(place: Place, family: string, kind: AlertKind, sinceMs: number, endMs: number): Incident {
  const where = place.terminal || place.port || place.cluster || 'nation';
  return {
    id: `${where}-${family}-${endMs / 1000}`,
    kind,
    status: 'pending',
    phase: 'normal',
    severity: 'info',
    measure: '',
    sinceMs,
    transition: 0,
    terminals: place.terminal === '' ? [] : [place.terminal],
    sizeTeu: 0,
    regainedTeu: 0,
    byPart: {},
    evidence: [],
    toldMs: endMs,
  };
}

/** Severity by size; it only rises while an incident is open, because people act on the worst that was seen. */
export function raiseSeverity(incident: Incident, share: number, rule: KindRule): void {
  if (incident.status === 'pending') return;
  const size = Math.abs(share);
  const severity: Severity =
    rule.critical_share !== null && size >= rule.critical_share
      ? 'critical'
      : rule.warning_share !== null && size >= rule.warning_share
        ? 'warning'
        : 'info';
  if (SEVERITY_ORDER.indexOf(severity) > SEVERITY_ORDER.indexOf(incident.severity)) incident.severity = severity;
}

/** Adds what one part gained or lost in this window, TEU. Between the end of the deviation and a rebound nothing is: there it is chance. */
export function account(incident: Incident, part: string, difference: number): void {
  if (incident.status === 'recovering') {
    if (incident.phase === 'rebound') incident.regainedTeu += difference;
    return;
  }
  incident.sizeTeu += difference;
  incident.byPart[part] = (incident.byPart[part] ?? 0) + difference;
}

/** Terminals stay named after they are well again. True when there are new ones. */
export function adoptTerminals(incident: Incident, terminals: readonly string[]): boolean {
  const added = terminals.filter((terminal) => !incident.terminals.includes(terminal));
  if (added.length === 0) return false;
  incident.terminals.push(...added);
  incident.terminals.sort();
  return true;
}

/** An open incident tells how large it is now: often at first, hourly later. */
export function isSizeDue(incident: Incident, endMs: number): boolean {
  const quarterHour = 900_000;
  const every = endMs - incident.sinceMs < 12 * quarterHour ? quarterHour : 4 * quarterHour;
  return incident.status === 'firing' && endMs - incident.toldMs >= every;
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  // Never −0: it is not the same after a trip through JSON.
  return Math.round(value * factor) / factor + 0;
}

function roundOrNull(value: number | null, digits: number): number | null {
  return value === null ? null : round(value, digits);
}

function contributorsOf(incident: Incident, place: Place): AlertTransition['contributors'] {
  const all = Object.entries(incident.byPart).filter(([, teu]) => teu < 0 === incident.sizeTeu < 0 && teu !== 0);
  const total = all.reduce((sum, [, teu]) => sum + teu, 0);
  const isPort = place.port !== '';
  return all
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1))
    .slice(0, contributorsMax)
    .map(([part, teu]) => ({
      port: isPort ? place.port : part,
      terminal: isPort ? part : '',
      teu: round(teu, 0),
      share_pct: total === 0 ? 0 : round((100 * teu) / total, 1),
    }));
}

/**
 * Resolves an incident that nobody looks for any more: its rule was switched off, the work was planned to stop or stands still for good, or
 * detection is another one.
 */
export function endBy(
  reason: 'rule_switched_off' | 'planned_stoppage' | 'standstill_usual' | 'began_anew',
  incident: Incident,
  place: Place,
  moment: Moment,
  rule: KindRule,
  hasSize: boolean,
  out: AlertTransition[],
): void {
  Object.assign(incident, { status: 'resolved', phase: 'normal' });
  const nothing = { value: null, expected: null, sigma: null, share: null, z: null };
  tell(incident, place, moment, { reason, windowMs: 300_000, ...nothing }, rule, hasSize, out);
}

/** Appends the incident's next transition to `out`. `hasSize` is false where TEU cannot be told: a silent feed. */
export function tell(
  incident: Incident,
  place: Place,
  moment: Moment,
  look: Look,
  rule: KindRule,
  hasSize: boolean,
  out: AlertTransition[],
): void {
  const [value, expected] = [roundOrNull(look.value, 1), roundOrNull(look.expected, 1)];
  const z = roundOrNull(look.z, 1);
  incident.toldMs = moment.endMs;
  const evidence = { at_ms: moment.endMs, reason: look.reason, window_s: look.windowMs / 1000, value, expected, z };
  incident.evidence.push(evidence);
  if (incident.evidence.length > evidenceFirst + evidenceNewest) incident.evidence.splice(evidenceFirst, 1);
  const isShareKind = look.share !== null && !incident.kind.startsWith('feed') && incident.kind !== 'double_counting';
  out.push({
    run: moment.run,
    alert_id: incident.id,
    transition: incident.transition++,
    kind: incident.kind,
    level: place.level,
    severity: incident.severity,
    status: incident.status,
    phase: incident.phase,
    cluster: place.cluster,
    port: place.port,
    terminals: [...incident.terminals],
    measure: incident.measure,
    at_ms: moment.endMs,
    since_ms: incident.sinceMs,
    known_at_ms: moment.logTimeMs,
    value,
    expected,
    band: roundOrNull(look.sigma === null ? null : zFor90Percent * look.sigma, 1),
    deviation_pct: look.share === null ? null : round(100 * look.share, 1),
    z,
    size_teu: hasSize ? round(incident.sizeTeu, 0) : null,
    regained_teu: hasSize ? round(incident.regainedTeu, 0) : null,
    window_s: look.windowMs / 1000,
    watermark_ms: moment.watermarkMs,
    completeness: round(moment.completeness, 4),
    rule: incident.kind,
    rules_version: moment.rulesVersion,
    contributors: contributorsOf(incident, place),
    evidence: [...incident.evidence],
    resolves: {
      within_pct: isShareKind ? round(50 * Math.abs(look.share ?? 0), 1) : null,
      hold_min: rule.clear_hold_min,
    },
    reason: look.reason,
    simulated: moment.isSimulated,
  });
}
