/**
 * Alerts: what detection says (transitions), how an alert stands, and what people do about it (actions).
 * Times are UTC milliseconds; TEU are JSON numbers in TEU.
 */

export const ALERT_KINDS = [
  'surge',
  'drop',
  'stall',
  'drift',
  'year_on_year',
  'mix_shift',
  'feed_silent',
  'feed_late',
  'double_counting',
  'ledger_gap',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Where a deviation is: one terminal, a port, a cluster of ports (`yangtze`, `pearl`, `bohai`, `south_coast`), the nation. */
export const ALERT_LEVELS = ['terminal', 'port', 'cluster', 'nation'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `closed` while work is missing, `rebound` while it is made up for, `normal` else. */
export type AlertPhase = 'closed' | 'rebound' | 'normal';
export type AlertStatus = 'pending' | 'firing' | 'recovering' | 'resolved';

/** What spoke for an alert at one decision. The list of an incident grows, and keeps its first and its newest entries. */
export type AlertEvidence = {
  /** End of the window that decided. */
  at_ms: number;
  /** A reason code as in `AlertTransition.reason`. */
  reason: string;
  window_s: number;
  /** TEU per hour, or per cent for shares; null when there is no reading. */
  value: number | null;
  expected: number | null;
  /** Deviation in the series' own robust standard deviations; null where none applies. */
  z: number | null;
};

/** One step of an alert's life. Written once; `alert_id` and `transition` identify it. */
export type AlertTransition = {
  run: string;
  alert_id: string;
  /** 0, 1, 2, … within the alert. */
  transition: number;
  kind: AlertKind;
  level: AlertLevel;
  severity: Severity;
  status: AlertStatus;
  phase: AlertPhase;
  /** '' at the level of the nation. */
  cluster: string;
  /** '' above ports. */
  port: string;
  /** The terminals that are in it; at the level `terminal` exactly one. */
  terminals: string[];
  /** mix_shift: the measure whose share shifted, e.g. `direct_pick_up_teu`; '' else. */
  measure: string;
  /** Event time of the window that decided, its end. */
  at_ms: number;
  /** Event time where the deviation began. */
  since_ms: number;
  /** Log time at which it was known. */
  known_at_ms: number;
  /** TEU per hour over the deciding window, and what was expected; per cent for shares and year on year. null when there is no reading. */
  value: number | null;
  expected: number | null;
  /** Half-width of the expected 90 % band, in the unit of `value`. */
  band: number | null;
  deviation_pct: number | null;
  /** How sure: deviation in the series' own robust standard deviations. */
  z: number | null;
  /** TEU gained or lost since `since_ms`. */
  size_teu: number | null;
  /** TEU won back in the rebound. */
  regained_teu: number | null;
  window_s: number;
  watermark_ms: number;
  completeness: number;
  rule: string;
  rules_version: number;
  /** Largest first; `terminal` is '' where whole ports contribute. */
  contributors: { port: string; terminal: string; teu: number; share_pct: number }[];
  evidence: AlertEvidence[];
  /** What would resolve it: back within this deviation (per cent; null: another condition, by kind) for so many minutes. */
  resolves: { within_pct: number | null; hold_min: number };
  /** Why this transition: 'threshold_held', 'feed_overdue', 'back_in_band', 'hold_elapsed', 'feed_back', … */
  reason: string;
  simulated: boolean;
};

/** An alert as it stands: its newest transition, and what people did. */
export type AlertState = AlertTransition & {
  first_at_ms: number;
  /** null again when it no longer holds, see `isAcknowledgedStill`. */
  acknowledged: Acknowledgement | null;
  notes: { by: string; note: string; at_ms: number }[];
  silenced_until_ms: number | null;
  /** The silence that reaches furthest, '' without one. */
  silenced_by: string;
};

/** Who looks after an alert. `severity` is how severe it was then; acknowledgements of before do not say: it was as severe as it was at `at_ms`. */
export type Acknowledgement = { by: string; note: string; at_ms: number; severity?: Severity };

/**
 * An acknowledgement is of an alert as severe as it was then: it ends when the alert is more severe, or over. The next one is another alert.
 * @param roseAtMs when it was last known to have become more severe than when it began to fire, UTC ms; 0: it has not.
 */
export function isAcknowledgedStill(
  given: Pick<Acknowledgement, 'severity' | 'at_ms'>,
  alert: Pick<AlertTransition, 'status' | 'severity'>,
  roseAtMs: number,
): boolean {
  if (alert.status === 'resolved') return false;
  return given.severity === undefined
    ? roseAtMs <= given.at_ms
    : SEVERITIES.indexOf(alert.severity) >= SEVERITIES.indexOf(given.severity);
}

/** When an alert last rose, after one more transition: what fires for the first time has not. `roseAtMs`: before it. */
export function roseAtAfter(
  known: Pick<AlertTransition, 'status' | 'severity'> | undefined,
  transition: Pick<AlertTransition, 'severity' | 'known_at_ms'>,
  roseAtMs: number,
): number {
  const hasRisen =
    known !== undefined &&
    known.status !== 'pending' &&
    SEVERITIES.indexOf(transition.severity) < SEVERITIES.indexOf(known.severity);
  return hasRisen ? transition.known_at_ms : roseAtMs;
}

/** What a matcher looks at, in the words of an alert. */
export const MATCHER_NAMES = ['kind', 'level', 'severity', 'cluster', 'port', 'terminal', 'phase', 'rule'] as const;

/** Every one of a list of matchers must hold: `=` when the alert's value is one of `values` (for `terminal`: any of its terminals), `!=` when it is none. */
export type Matcher = { name: (typeof MATCHER_NAMES)[number]; op: '=' | '!='; values: string[] };

export function matches(
  matcher: Matcher,
  alert: Pick<AlertTransition, 'kind' | 'level' | 'severity' | 'cluster' | 'port' | 'terminals' | 'phase' | 'rule'>,
): boolean {
  const isAny =
    matcher.name === 'terminal'
      ? alert.terminals.some((terminal) => matcher.values.includes(terminal))
      : matcher.values.includes(alert[matcher.name]);
  return isAny === (matcher.op === '=');
}

export type Action =
  | {
      kind: 'acknowledge';
      id: string;
      alert_id: string;
      by: string;
      note: string;
      at_ms: number;
      /** How severe the alert was. */
      severity?: Severity;
    }
  | { kind: 'note'; id: string; alert_id: string; by: string; note: string; at_ms: number }
  | {
      kind: 'silence';
      id: string;
      /** All must hold; never empty. */
      matchers: Matcher[];
      by: string;
      note: string;
      at_ms: number;
      from_ms: number;
      until_ms: number;
    }
  | { kind: 'unsilence'; id: string; silence_id: string; by: string; at_ms: number }
  /** Asks the notifier to send a test notification to one receiver. */
  | { kind: 'test_receiver'; id: string; receiver: string; by: string; at_ms: number };
