/**
 * Detection in the ports of one partition: one decision a closed 5-minute window and port. A function of closed windows and the rule timeline:
 * it knows neither people nor notifications.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import { followMix, MIX_MEASURES } from './mix-shift.ts';
import { endOrphans } from './orphans.ts';
import { type PlaceRules, placeRules } from './place-rules.ts';
import {
  type AlertingState,
  type Decision,
  fiveMs,
  momentOf,
  type PortContext,
  type PortState,
  placeOf,
  portIn,
  shareOf,
  type TerminalWindow,
} from './port-state.ts';
import { rulesAt } from './rule-timeline.ts';
import { decideSeries, type Reading } from './series/series.ts';
import type { Step } from './series/step.ts';
import { followQuiet, isIdle, stoppedTerminals } from './stops.ts';
import { decideTerminals } from './terminal-work.ts';
import {
  endWork,
  followLasting,
  followThroughput,
  isStopOf,
  notePart,
  type Stops,
  type ThroughputSight,
} from './throughput.ts';

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
