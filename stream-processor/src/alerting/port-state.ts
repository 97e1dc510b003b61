/**
 * What detection knows of the ports of one partition, and what it is given of each of their windows. Plain data, in the checkpoint as it is; it
 * decides nothing.
 */
import { PORTS } from '@quaywatch/contracts';
import type { FeedIncident, FeedKind } from './feeds.ts';
import type { Incident, Moment, Place } from './incident.ts';
import type { ShortSince } from './ledger-gap.ts';
import { createMixWatch, type MixWatch } from './mix-shift.ts';
import type { Orphan } from './orphans.ts';
import type { Pace } from './pace.ts';
import type { RuleTimeline } from './rule-timeline.ts';
import { createSeries, type SeriesState } from './series/series.ts';
import type { Quiet } from './stops.ts';
import type { Parts, ThroughputIncident } from './throughput.ts';

export const fiveMs = 300_000;

/** One terminal's closed 5-minute window, as detection sees it. */
export type TerminalWindow = {
  terminal: string;
  /** TEU of the headline scope. */
  teu: number;
  /** All ship-shore moves, domestic and transhipment too: work is work. */
  moves: number;
  /** TEU of the baseline; 0 beyond it. */
  expected: number;
  /** Share of the window that a feed covered, 0..1. */
  completeness: number;
  /** Moves held out as duplicates that arrived in this window. */
  duplicates: number;
  /** TEU by handling, in the order of `MIX_MEASURES`. */
  mix: readonly number[];
  feed: 'live' | 'late' | 'silent';
  /** Log time since which it is not live, UTC ms; meaningless for a live feed. */
  overdueSinceMs: number;
  cadenceMs: number;
};

/** What the calendar and the baseline say of a port's window, beside the terminals' expectations. */
export type PortContext = {
  /** TEU of the comparable window a year ago; null: there is none. */
  readonly lastYear: number | null;
  /** Standard deviation of the expectation itself, as a share: holidays are known less well. */
  readonly doubt: number;
};

export type Decision = {
  readonly run: string;
  readonly rules: RuleTimeline;
  readonly isSimulated: boolean;
  readonly port: string;
  /** End of the window that is decided on. */
  readonly endMs: number;
  readonly logTimeMs: number;
  readonly watermarkMs: number;
};

/** Duplicates and moves of one terminal, fading; `sinceMs`: since when their share is too high. */
export type Doubles = { duplicates: number; moves: number; sinceMs: number | null };

/** A terminal that is judged by a series of its own, where rules ask for it. */
export type TerminalState = {
  series: SeriesState;
  parts: Parts;
  throughput: ThroughputIncident | null;
  lasting: Incident | null;
};

export type PortState = {
  series: SeriesState;
  parts: Parts;
  quiet: Record<string, Quiet>;
  paces: Record<string, Pace>;
  doubles: Record<string, Doubles>;
  throughput: ThroughputIncident | null;
  lasting: Incident | null;
  mix: MixWatch[];
  terminals: Record<string, TerminalState>;
  feeds: Record<FeedKind, FeedIncident | null>;
  short: ShortSince;
};

export type AlertingState = {
  readonly ports: Record<string, PortState>;
  /** Terminals whose feeds were not live at the last look. */
  readonly overdue: Record<string, TerminalWindow['feed']>;
  /** Open incidents of an older version's checkpoint. */
  readonly orphans?: Orphan[];
};

export function createAlerting(): AlertingState {
  return { ports: {}, overdue: {} };
}

/** A copy that shares nothing with the checkpoint it came from. */
export function restoreAlerting(state: AlertingState): AlertingState {
  return structuredClone(state);
}

export function portIn(state: AlertingState, port: string): PortState {
  const known = state.ports[port];
  if (known !== undefined) return known;
  const made: PortState = {
    series: createSeries(),
    parts: {},
    quiet: {},
    paces: {},
    doubles: {},
    throughput: null,
    lasting: null,
    mix: createMixWatch(),
    terminals: {},
    feeds: { feed_silent: null, feed_late: null, double_counting: null, ledger_gap: null },
    short: {},
  };
  state.ports[port] = made;
  return made;
}

const PLACES: ReadonlyMap<string, Place> = new Map(
  PORTS.map((port) => [port.code, { level: 'port', cluster: port.clusterGroup, port: port.code, terminal: '' }]),
);

export function placeOf(port: string): Place {
  return PLACES.get(port) ?? { level: 'port', cluster: '', port, terminal: '' };
}

export function feedState(state: AlertingState, terminal: string): TerminalWindow['feed'] {
  return state.overdue[terminal] ?? 'live';
}

export function momentOf(decision: Decision, windows: readonly TerminalWindow[], version: number): Moment {
  const { run, endMs, logTimeMs, watermarkMs, isSimulated } = decision;
  const covered = windows.reduce((sum, window) => sum + window.completeness, 0) / Math.max(1, windows.length);
  return { run, endMs, logTimeMs, watermarkMs, completeness: covered, rulesVersion: version, isSimulated };
}

export function shareOf(windows: readonly TerminalWindow[], terminals: readonly string[]): number {
  let [all, some] = [0, 0];
  for (const window of windows) {
    all += window.expected;
    if (terminals.includes(window.terminal)) some += window.expected;
  }
  return all > 0 ? some / all : 0;
}
