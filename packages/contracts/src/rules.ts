/**
 * Rules as data: what detection looks for (levels, windows, holds), and whom the notifier tells. One version is one record on
 * `quaywatch.rules.v1`; a version is never changed. Validation: `rules-schema.ts`. Meaning of every field: docs/contract.md; of every kind:
 * docs/alerts.md.
 */
import type { AlertKind, AlertLevel, Matcher } from './alerts.ts';

/** One kind of alert. `threshold` is in the kind's own unit, see `THRESHOLD_UNITS`. */
export type KindRule = {
  enabled: boolean;
  levels: AlertLevel[];
  threshold: number;
  /** Smallest deviation that opens, as a share of what is expected, 0..1. */
  min_share: number;
  /** Minutes looked over, short for speed and long for patience; multiples of 5, ascending. */
  windows_min: number[];
  /** An alert stays pending for so long before it fires. */
  hold_min: number;
  /** Back in band for so long before it is resolved. */
  clear_hold_min: number;
  /** Deviation (share of what is expected) from which it is a warning, and critical; null: never. */
  warning_share: number | null;
  critical_share: number | null;
};

export const THRESHOLD_UNITS: Readonly<Record<AlertKind, string>> = {
  surge: 'robust standard deviations',
  drop: 'robust standard deviations',
  stall: 'moves that were expected and did not come',
  drift: 'robust standard deviations',
  year_on_year: 'robust standard deviations',
  mix_shift: 'robust standard deviations',
  feed_silent: 'minutes overdue',
  feed_late: 'minutes behind log time',
  double_counting: 'duplicates as a share of all moves received',
  ledger_gap: 'minutes for which moves or reports stay missing',
};

const shortWindows = [10, 15, 30, 60, 180, 360, 720, 1_440] as const;
const days = Array.from({ length: 56 }, (_, i) => (i + 1) * 360);

/** Windows, in minutes, that a kind can be looked over; none: the kind does not look over windows. */
export const WINDOWS_MIN: Readonly<Record<AlertKind, readonly number[]>> = {
  surge: shortWindows,
  drop: shortWindows,
  stall: shortWindows,
  drift: days,
  year_on_year: days,
  mix_shift: [360, 1_440],
  feed_silent: [],
  feed_late: [],
  double_counting: [],
  ledger_gap: [],
};

const everywhere: readonly AlertLevel[] = ['terminal', 'port', 'cluster', 'nation'];
/** One incident a port: it is told as a terminal's while one terminal of several is in it. */
const ofPorts: readonly AlertLevel[] = ['port'];

/** Levels at which a kind can be looked for. */
export const KIND_LEVELS: Readonly<Record<AlertKind, readonly AlertLevel[]>> = {
  surge: everywhere,
  drop: everywhere,
  stall: everywhere,
  drift: everywhere,
  year_on_year: ['port', 'cluster', 'nation'],
  mix_shift: ofPorts,
  feed_silent: ofPorts,
  feed_late: ofPorts,
  double_counting: ofPorts,
  ledger_gap: ofPorts,
};

/** Where one place is judged differently; the last that matches wins, field by field. */
export type RuleOverride = { ports: string[]; kinds: AlertKind[] } & Partial<
  Pick<KindRule, 'enabled' | 'threshold' | 'min_share' | 'hold_min' | 'warning_share' | 'critical_share'>
>;

/** Work that is known to stop: nothing is expected, and no drop or stall is told. */
export type PlannedStoppage = { port: string; terminals: string[]; from_ms: number; to_ms: number; note: string };

export type DetectionRules = {
  kinds: Record<AlertKind, KindRule>;
  overrides: RuleOverride[];
  planned: PlannedStoppage[];
};

export type Route = {
  /** '' inherits. */
  receiver: string;
  matchers: Matcher[];
  /** Alert fields that make a group, from `MATCHER_NAMES`. */
  group_by: string[];
  /** Seconds, in Alertmanager's words and defaults. */
  group_wait_s: number;
  group_interval_s: number;
  repeat_interval_s: number;
  /** Names of mute calendars that hold this route back. */
  mute_calendars: string[];
  /** Whom else to tell when nobody has acknowledged for so long. */
  escalate: { after_s: number; receiver: string }[];
  /** Goes on to the next sibling after a match. */
  continue: boolean;
  routes: Route[];
};

/** While a `source` alert fires, `target` alerts that are equal in every field of `equal` are not told. */
export type Inhibition = {
  source: Matcher[];
  target: Matcher[];
  equal: string[];
  /** True: only what the source's terminals explain: a terminal's alert if it is one of them, a port's if most of its loss is theirs. */
  explained_only?: boolean;
};

/** Times in which routes that name it are silent; from iCalendar, recurrences written out. */
export type MuteCalendar = { name: string; intervals: { from_ms: number; to_ms: number; summary: string }[] };

export type RoutingRules = {
  route: Route;
  inhibitions: Inhibition[];
  mute_calendars: MuteCalendar[];
  /** More than this many times firing and resolved within the period: one digest instead of every step. */
  flapping: { changes: number; within_s: number; digest_every_s: number };
};

export type RuleSet = {
  /** 1, 2, 3, …; 0 is the built-in default. */
  version: number;
  /** The first window that begins at or after this is decided by it. */
  effective_from_ms: number;
  saved_at_ms: number;
  by: string;
  note: string;
  detection: DetectionRules;
  routing: RoutingRules;
};

const common = { enabled: true, hold_min: 10, clear_hold_min: 30, warning_share: 0.2, critical_share: 0.5 };

export const DEFAULT_DETECTION: DetectionRules = {
  kinds: {
    surge: {
      ...common,
      levels: ['port', 'cluster', 'nation'],
      threshold: 4.5,
      min_share: 0.24,
      windows_min: [60, 180, 360, 720, 1440],
      warning_share: 0.6,
      critical_share: null,
      hold_min: 10,
    },
    drop: {
      ...common,
      levels: ['port', 'cluster', 'nation'],
      threshold: 4.5,
      min_share: 0.23,
      windows_min: [10, 15, 30, 60, 180, 360, 720, 1440],
      hold_min: 5,
    },
    stall: {
      ...common,
      levels: ['terminal', 'port'],
      threshold: 8,
      min_share: 0.9,
      windows_min: [10, 15, 30, 60],
      hold_min: 0,
    },
    drift: {
      ...common,
      levels: ['port', 'cluster', 'nation'],
      threshold: 2.5,
      min_share: 0.085,
      windows_min: [2880, 4320, 7200, 10_080, 14_400],
      hold_min: 0,
      clear_hold_min: 1440,
    },
    year_on_year: {
      ...common,
      levels: ['port', 'cluster', 'nation'],
      threshold: 2.5,
      min_share: 0.085,
      windows_min: [2880, 4320, 7200, 10_080, 14_400],
      hold_min: 0,
      clear_hold_min: 1440,
    },
    mix_shift: {
      ...common,
      levels: ['port'],
      threshold: 6,
      min_share: 0.3,
      windows_min: [360, 1440],
      hold_min: 60,
      warning_share: 0.5,
      critical_share: null,
    },
    feed_silent: {
      ...common,
      levels: ['port'],
      threshold: 0,
      min_share: 0,
      windows_min: [5],
      hold_min: 0,
      clear_hold_min: 0,
      warning_share: 0.3,
      critical_share: null,
    },
    feed_late: {
      ...common,
      levels: ['port'],
      threshold: 30,
      min_share: 0,
      windows_min: [5],
      hold_min: 10,
      clear_hold_min: 10,
      warning_share: 0.3,
      critical_share: null,
    },
    double_counting: {
      ...common,
      levels: ['port'],
      threshold: 0.33,
      min_share: 0.25,
      windows_min: [15, 30],
      hold_min: 5,
      clear_hold_min: 30,
      warning_share: 0.25,
      critical_share: null,
    },
    ledger_gap: {
      ...common,
      levels: ['port'],
      threshold: 720,
      min_share: 0.2,
      windows_min: [60],
      hold_min: 0,
      clear_hold_min: 0,
      warning_share: 0.05,
      critical_share: null,
    },
  },
  overrides: [],
  planned: [],
};

export const DEFAULT_ROUTING: RoutingRules = {
  route: {
    receiver: 'page',
    matchers: [],
    group_by: ['level', 'cluster', 'port'],
    group_wait_s: 30,
    group_interval_s: 300,
    repeat_interval_s: 14_400,
    mute_calendars: [],
    escalate: [],
    continue: false,
    routes: [],
  },
  inhibitions: [
    {
      source: [{ name: 'kind', op: '=', values: ['feed_silent'] }],
      target: [{ name: 'kind', op: '=', values: ['drop', 'stall'] }],
      equal: ['port'],
      explained_only: true,
    },
    {
      source: [
        { name: 'level', op: '=', values: ['nation'] },
        { name: 'kind', op: '=', values: ['drop', 'surge'] },
      ],
      target: [
        { name: 'level', op: '=', values: ['cluster', 'port', 'terminal'] },
        { name: 'severity', op: '!=', values: ['critical'] },
      ],
      equal: ['kind'],
    },
    {
      source: [
        { name: 'level', op: '=', values: ['port'] },
        { name: 'kind', op: '=', values: ['stall', 'drop'] },
      ],
      // Its work alone: what a terminal's feed does is told, whatever the port does.
      target: [
        { name: 'level', op: '=', values: ['terminal'] },
        { name: 'kind', op: '=', values: ['stall', 'drop', 'surge'] },
      ],
      equal: ['port'],
    },
  ],
  mute_calendars: [],
  flapping: { changes: 4, within_s: 7_200, digest_every_s: 3_600 },
};

/** What holds before anybody has saved a rule set. */
export const DEFAULT_RULE_SET: RuleSet = {
  version: 0,
  effective_from_ms: 0,
  saved_at_ms: 0,
  by: 'quaywatch',
  note: 'Built-in defaults',
  detection: DEFAULT_DETECTION,
  routing: DEFAULT_ROUTING,
};
