/**
 * Detection in the ports of one partition: one decision a closed 5-minute window and port. A function of closed windows and the rule timeline:
 * it knows neither people nor notifications.
 */
import { type AlertTransition, PORTS, type RuleSet } from '@quaywatch/contracts';
import { type FeedIncident, type FeedKind, followFeed } from './feeds.ts';
import type { Incident, Moment, Place } from './incident.ts';
import { type ShortSince, seeLedger, type TerminalLedger } from './ledger-gap.ts';
import { createMixWatch, followMix, MIX_MEASURES, type MixWatch } from './mix-shift.ts';
import { endOrphans, type Orphan } from './orphans.ts';
import { type PlaceRules, placeRules } from './place-rules.ts';
import { type RuleTimeline, rulesAt } from './rule-timeline.ts';
import { createSeries, decideSeries, type Reading, type SeriesState } from './series/series.ts';
import type { Step } from './series/step.ts';
import { followQuiet, isIdle, type Quiet, stoppedTerminals } from './stops.ts';
import {
  endWork,
  followLasting,
  followThroughput,
  isStopOf,
  NO_STOPS,
  notePart,
  type Parts,
  type Stops,
  type ThroughputIncident,
  type ThroughputSight,
} from './throughput.ts';

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
type Doubles = { duplicates: number; moves: number; sinceMs: number | null };

/** A terminal that is judged by a series of its own, where rules ask for it. */
type TerminalState = {
  series: SeriesState;
  parts: Parts;
  throughput: ThroughputIncident | null;
  lasting: Incident | null;
};

type PortState = {
  series: SeriesState;
  parts: Parts;
  quiet: Record<string, Quiet>;
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

const fiveMs = 300_000;
const doublesMemoryMs = 20 * 60_000;

export function createAlerting(): AlertingState {
  return { ports: {}, overdue: {} };
}

/** A copy that shares nothing with the checkpoint it came from. */
export function restoreAlerting(state: AlertingState): AlertingState {
  return structuredClone(state);
}

function portIn(state: AlertingState, port: string): PortState {
  const known = state.ports[port];
  if (known !== undefined) return known;
  const made: PortState = {
    series: createSeries(),
    parts: {},
    quiet: {},
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

function placeOf(port: string): Place {
  return PLACES.get(port) ?? { level: 'port', cluster: '', port, terminal: '' };
}

export function feedState(state: AlertingState, terminal: string): TerminalWindow['feed'] {
  return state.overdue[terminal] ?? 'live';
}

function momentOf(decision: Decision, windows: readonly TerminalWindow[], version: number): Moment {
  const { run, endMs, logTimeMs, watermarkMs, isSimulated } = decision;
  const covered = windows.reduce((sum, window) => sum + window.completeness, 0) / Math.max(1, windows.length);
  return { run, endMs, logTimeMs, watermarkMs, completeness: covered, rulesVersion: version, isSimulated };
}

function shareOf(windows: readonly TerminalWindow[], terminals: readonly string[]): number {
  let [all, some] = [0, 0];
  for (const window of windows) {
    all += window.expected;
    if (terminals.includes(window.terminal)) some += window.expected;
  }
  return all > 0 ? some / all : 0;
}

/** Takes one port's closed 5-minute window. Transitions are appended to `out`. */
export function decide(
  state: AlertingState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  context: PortContext,
  out: AlertTransition[],
): void {
  const port = portIn(state, decision.port);
  const { endMs } = decision;
  const set = rulesAt(decision.rules, endMs - fiveMs);
  const rules = placeRules(set, 'port', decision.port);
  const stopRule = placeRules(set, 'terminal', decision.port).kinds.stall;
  const planned = plannedTerminals(rules, windows, endMs);
  // The zeros of a feed that is not live are no readings: silence holds drops and stalls back. So does work that was planned to stop.
  const seen = windows.filter(
    (window) => window.completeness > 0 && window.feed === 'live' && planned?.includes(window.terminal) !== true,
  );
  const level = port.series.level.recent * workedFor(port, seen, endMs);
  let seenSoFar = 0;
  for (const window of windows) {
    const isSeen = seen[seenSoFar] === window;
    if (isSeen) seenSoFar++;
    const baseline = isIdle(port.quiet, window.terminal, endMs) ? 0 : window.expected * window.completeness;
    notePart(port.parts, window.terminal, endMs, isSeen ? window.teu - baseline * level : 0);
    if (isSeen) followQuiet(port.quiet, window.terminal, window.moves, window.expected * level, endMs);
    else if (planned?.includes(window.terminal)) delete port.quiet[window.terminal];
  }
  const steps: Step[] = [];
  decideSeries(port.series, readingOf(windows, seen, planned, context, endMs), rules.series, steps);
  const stopped = stoppedTerminals(port.quiet, stopRule, endMs);
  const sight: ThroughputSight = {
    place: placeOf(decision.port),
    rules,
    moment: momentOf(decision, windows, set.version),
    series: port.series,
    parts: port.parts,
    steps,
    stops: stopsOf(port, stopped, planned ?? [], windows, endMs),
    stopRule,
  };
  if (state.orphans !== undefined) endOrphans(state.orphans, sight.place, sight.moment, rules, out);
  if (port.throughput !== null && planned !== undefined && (seen.length === 0 || isStopOf(port.throughput, planned)))
    port.throughput = endWork('planned_stoppage', port.throughput, sight, out);
  else if (port.throughput !== null && windows.every((window) => isIdle(port.quiet, window.terminal, endMs)))
    port.throughput = endWork('standstill_usual', port.throughput, sight, out);
  else if (seen.length > 0) port.throughput = followThroughput(port.throughput, sight, out);
  port.lasting = followLasting(port.lasting, sight, out);
  decideTerminals(port, set, sight, seen, windows, planned ?? [], context.doubt, out);
  const parts = MIX_MEASURES.map(() => 0);
  let whole = 0;
  for (const window of seen) {
    whole += window.teu;
    for (let i = 0; i < parts.length; i++) parts[i] = (parts[i] ?? 0) + (window.mix[i] ?? 0);
  }
  followMix(port.mix, parts, whole, sight.place, rules, sight.moment, out);
}

/**
 * The port's level has taken up that some terminals stand still for good, so those that work are what it is the level of: each of them is
 * expected to do so many times its share.
 */
function workedFor(port: PortState, seen: readonly TerminalWindow[], endMs: number): number {
  let [all, working] = [0, 0];
  for (const window of seen) {
    const baseline = window.expected * window.completeness;
    all += baseline;
    if (!isIdle(port.quiet, window.terminal, endMs)) working += baseline;
  }
  return working > 0 ? all / working : 1;
}

/** Each terminal of several as a series of its own, where rules look for more than stops at that level. */
function decideTerminals(
  port: PortState,
  set: RuleSet,
  sight: ThroughputSight,
  seen: readonly TerminalWindow[],
  windows: readonly TerminalWindow[],
  planned: readonly string[],
  doubt: number,
  out: AlertTransition[],
): void {
  const rules = placeRules(set, 'terminal', sight.place.port);
  const { drop, surge, drift } = rules.kinds;
  const isLookedFor = windows.length > 1 && (drop.enabled || surge.enabled || drift.enabled);
  for (const window of windows) {
    if (isLookedFor && seen.includes(window)) {
      port.terminals[window.terminal] ??= { series: createSeries(), parts: {}, throughput: null, lasting: null };
      const own = port.terminals[window.terminal] as TerminalState;
      followTerminal(own, window, terminalSight(own, window, sight, rules), doubt, out);
      continue;
    }
    const own = port.terminals[window.terminal];
    if (own === undefined) continue;
    const ownSight = terminalSight(own, window, sight, rules);
    if (own.throughput !== null && planned.includes(window.terminal))
      own.throughput = endWork('planned_stoppage', own.throughput, ownSight, out);
    if (own.throughput !== null && isIdle(port.quiet, window.terminal, sight.moment.endMs))
      own.throughput = endWork('standstill_usual', own.throughput, ownSight, out);
    if (isLookedFor) continue;
    // Nobody looks any more: what is open ends and says so.
    if (own.throughput !== null) own.throughput = followThroughput(own.throughput, ownSight, out);
    if (own.lasting !== null) own.lasting = followLasting(own.lasting, ownSight, out);
  }
}

function terminalSight(
  { series, parts }: TerminalState,
  window: TerminalWindow,
  sight: ThroughputSight,
  rules: PlaceRules,
): ThroughputSight & { steps: Step[] } {
  const place: Place = { ...sight.place, level: 'terminal', terminal: window.terminal };
  const moment = { ...sight.moment, completeness: window.completeness };
  return { place, rules, moment, series, parts, steps: [], stops: NO_STOPS, stopRule: rules.kinds.stall };
}

function followTerminal(
  own: TerminalState,
  window: TerminalWindow,
  sight: ThroughputSight & { steps: Step[] },
  doubt: number,
  out: AlertTransition[],
): void {
  const { endMs } = sight.moment;
  const baseline = window.expected * window.completeness;
  notePart(own.parts, window.terminal, endMs, window.teu - baseline * own.series.level.recent);
  const reading = {
    endMs,
    teu: window.teu,
    baseline,
    calendar: 1,
    doubt,
    covered: window.completeness > 0.999 ? 1 : window.completeness,
    duplicates: null,
    lastYear: null,
    isPlanned: false,
  };
  decideSeries(own.series, reading, sight.rules.series, sight.steps);
  own.throughput = followThroughput(own.throughput, sight, out);
  own.lasting = followLasting(own.lasting, sight, out);
}

/** Terminals that are planned to stand still in the window that ends at `endMs`; undefined: none. */
function plannedTerminals(rules: PlaceRules, windows: readonly TerminalWindow[], endMs: number): string[] | undefined {
  if (rules.planned.length === 0) return undefined;
  const now = rules.planned.filter((one) => one.from_ms < endMs && one.to_ms > endMs - fiveMs);
  if (now.length === 0) return undefined;
  const all = windows.map((window) => window.terminal);
  return now.flatMap((one) => (one.terminals.length === 0 ? all : one.terminals));
}

function readingOf(
  windows: readonly TerminalWindow[],
  seen: readonly TerminalWindow[],
  planned: readonly string[] | undefined,
  context: PortContext,
  endMs: number,
): Reading {
  let [teu, baseline, all] = [0, 0, 0];
  for (const window of seen) {
    teu += window.teu;
    baseline += window.expected * window.completeness;
  }
  for (const window of windows) all += window.expected;
  const covered = all > 0 ? Math.min(1, baseline / all) : 1;
  return {
    endMs,
    teu: seen.length === 0 ? null : teu,
    baseline,
    calendar: 1,
    doubt: context.doubt,
    covered: covered > 0.999 ? 1 : covered,
    duplicates: null,
    lastYear: context.lastYear === null || covered < 0.999 ? null : context.lastYear,
    isPlanned: planned !== undefined && seen.length === 0,
  };
}

function stopsOf(
  port: PortState,
  stopped: readonly string[],
  planned: readonly string[],
  windows: readonly TerminalWindow[],
  endMs: number,
): Stops {
  const named = port.throughput?.terminals ?? [];
  const isPlanned = named.some((terminal) => planned.includes(terminal));
  // The last that was waited for: those before it may work again long since.
  const isUsual = named.some(
    (terminal) => isIdle(port.quiet, terminal, endMs) && !isIdle(port.quiet, terminal, endMs - fiveMs),
  );
  const endedBy = isPlanned ? 'planned_stoppage' : isUsual ? 'standstill_usual' : 'moves_again';
  if (stopped.length === 0) return { terminals: stopped, sinceMs: endMs, share: 0, endedBy };
  const sinceMs = Math.min(...stopped.map((terminal) => port.quiet[terminal]?.sinceMs ?? endMs));
  return { terminals: stopped, sinceMs, share: shareOf(windows, stopped), endedBy };
}

/**
 * Takes the state of one port's feeds at a log time. `isWindow` is true when the 5-minute windows have closed as well, which is when double
 * sending is looked at.
 */
export function decideFeeds(
  state: AlertingState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  isWindow: boolean,
  out: AlertTransition[],
): void {
  const port = portIn(state, decision.port);
  const set = rulesAt(decision.rules, decision.endMs - fiveMs);
  const rules = placeRules(set, 'port', decision.port);
  const moment = momentOf(decision, windows, set.version);
  for (const window of windows) {
    if (window.feed === 'live') {
      if (state.overdue[window.terminal] !== undefined) delete state.overdue[window.terminal];
    } else state.overdue[window.terminal] = window.feed;
  }
  const follow = (kind: FeedKind, those: readonly TerminalWindow[], sinceMs: number, value: number | null) => {
    if (those.length === 0 && port.feeds[kind] === null) return;
    const terminals = those.map((window) => window.terminal);
    const seen = { terminals, sinceMs, share: shareOf(windows, terminals), value };
    port.feeds[kind] = followFeed(port.feeds[kind], kind, seen, placeOf(decision.port), rules, moment, out);
  };
  for (const [kind, feed] of [
    ['feed_silent', 'silent'],
    ['feed_late', 'late'],
  ] as const) {
    const afterMs = rules.kinds[kind].threshold * 60_000;
    const those = windows.filter(
      (window) => window.feed === feed && decision.logTimeMs - window.overdueSinceMs >= afterMs,
    );
    follow(kind, those, Math.min(decision.endMs, ...those.map((window) => window.overdueSinceMs)), null);
  }
  if (!isWindow) return;
  const threshold = rules.kinds.double_counting.threshold;
  const double = windows.filter((window) => isDouble(port.doubles, window, threshold, decision.endMs));
  const since = Math.min(
    decision.endMs,
    ...double.map((window) => port.doubles[window.terminal]?.sinceMs ?? decision.endMs),
  );
  follow(
    'double_counting',
    double,
    since,
    double.length === 0 ? null : Math.max(...double.map((one) => 100 * shareOfDoubles(port, one))),
  );
}

function shareOfDoubles(port: PortState, window: TerminalWindow): number {
  const one = port.doubles[window.terminal];
  return one === undefined ? 0 : one.duplicates / Math.max(1, one.duplicates + one.moves);
}

/** One report that came twice is no gateway that doubles: the share must stay high for longer than the feed's cadence. */
function isDouble(doubles: Record<string, Doubles>, window: TerminalWindow, threshold: number, endMs: number): boolean {
  doubles[window.terminal] ??= { duplicates: 0, moves: 0, sinceMs: null };
  const one = doubles[window.terminal] as Doubles;
  const keep = 1 - fiveMs / Math.max(doublesMemoryMs, 4 * window.cadenceMs);
  one.duplicates = one.duplicates * keep + window.duplicates;
  one.moves = one.moves * keep + window.moves;
  const isHigh = one.duplicates >= 1 && one.duplicates >= threshold * (one.duplicates + one.moves);
  one.sinceMs = isHigh ? (one.sinceMs ?? endMs - fiveMs) : null;
  return one.sinceMs !== null && endMs - one.sinceMs > window.cadenceMs + fiveMs;
}

/** Takes what a port's ledgers are short of. Transitions are appended to `out`. */
export function decideLedger(
  state: AlertingState,
  decision: Decision,
  windows: readonly TerminalWindow[],
  ledgers: readonly TerminalLedger[],
  out: AlertTransition[],
): void {
  const port = portIn(state, decision.port);
  const set = rulesAt(decision.rules, decision.endMs - fiveMs);
  const rules = placeRules(set, 'port', decision.port);
  const seen = seeLedger(port.short, ledgers, rules.kinds.ledger_gap, decision);
  const value = seen.terminals.length === 0 ? null : 100 * seen.share;
  const moment = momentOf(decision, windows, set.version);
  port.feeds.ledger_gap = followFeed(
    port.feeds.ledger_gap,
    'ledger_gap',
    { ...seen, value },
    placeOf(decision.port),
    rules,
    moment,
    out,
  );
}
