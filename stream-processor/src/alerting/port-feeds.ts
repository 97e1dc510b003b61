/**
 * What the feeds of a port do, window by window: who is silent, late, sends everything twice, or is short of its own total. Finds it; what becomes
 * of it is `feeds.ts`.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import { type FeedKind, followFeed } from './feeds.ts';
import { seeLedger, type TerminalLedger } from './ledger-gap.ts';
import { placeRules } from './place-rules.ts';
import {
  type AlertingState,
  type Decision,
  type Doubles,
  fiveMs,
  momentOf,
  type PortState,
  placeOf,
  portIn,
  shareOf,
  type TerminalWindow,
} from './port-state.ts';
import { rulesAt } from './rule-timeline.ts';

const doublesMemoryMs = 20 * 60_000;

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
