/**
 * Detection in the ports of one partition: one decision a closed 5-minute window and port. A function of closed windows and the rule timeline:
 * it knows neither people nor notifications.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import { followMix, MIX_MEASURES } from './mix-shift.ts';
import { endOrphans } from './orphans.ts';
import { notePace, paceOf } from './pace.ts';
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
import { beginWithout, decideSeries, type Reading } from './series/series.ts';
import type { Step } from './series/step.ts';
import { followQuiet, isGivenUp, isIdle, isStill, stoppedTerminals } from './stops.ts';
import { decideTerminals } from './terminal-work.ts';
import {
  endDrift,
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
  const stoppedBefore = stoppedTerminals(port.quiet, stopRule, endMs - fiveMs);
  const hasSettled = followStandstill(port, seen, planned ?? [], endMs);
  const counted = windows.filter((window) => !isIdle(port.quiet, window.terminal));
  const working = seen.filter((window) => counted.includes(window));
  if (hasSettled) beginWithout(port.series, paceOf(port.paces, codesOf(counted.length > 0 ? counted : windows)));
  followWork(port, windows, working, endMs);
  const steps: Step[] = [];
  decideSeries(port.series, readingOf(counted, working, planned, context, endMs), rules.series, steps);
  const stopped = stoppedTerminals(port.quiet, stopRule, endMs);
  const sight: ThroughputSight = {
    place: placeOf(decision.port),
    rules,
    moment: momentOf(decision, windows, set.version),
    series: port.series,
    parts: port.parts,
    steps,
    stops: stopsOf(port, stopped, stoppedBefore, planned ?? [], counted, endMs),
    stopRule,
  };
  if (state.orphans !== undefined) endOrphans(state.orphans, sight.place, sight.moment, rules, out);
  if (port.throughput !== null && planned !== undefined && (working.length === 0 || isStopOf(port.throughput, planned)))
    port.throughput = endWork('planned_stoppage', port.throughput, sight, out);
  else if (port.throughput !== null && windows.every((window) => isGivenUp(port.quiet, window.terminal, endMs)))
    port.throughput = endWork('standstill_usual', port.throughput, sight, out);
  else if (seen.length > 0) port.throughput = followThroughput(port.throughput, sight, out);
  port.lasting = followLasting(hasSettled ? endDrift(port.lasting, sight, out) : port.lasting, sight, out);
  decideTerminals(port, set, sight, working, windows, planned ?? [], context.doubt, out);
  const parts = MIX_MEASURES.map(() => 0);
  let whole = 0;
  for (const window of seen) {
    whole += window.teu;
    for (let i = 0; i < parts.length; i++) parts[i] = (parts[i] ?? 0) + (window.mix[i] ?? 0);
  }
  followMix(port.mix, parts, whole, sight.place, rules, sight.moment, out);
}

const codesOf = (windows: readonly TerminalWindow[]): string[] => windows.map((window) => window.terminal);

/** Takes who moves and who does not. True when standing still has become what is normal for a terminal in this window. */
function followStandstill(
  port: PortState,
  seen: readonly TerminalWindow[],
  planned: readonly string[],
  endMs: number,
): boolean {
  for (const terminal of planned) delete port.quiet[terminal];
  const level = port.series.level.recent;
  let hasSettled = false;
  for (const { terminal, moves, expected } of seen) {
    const wasIdle = isIdle(port.quiet, terminal);
    followQuiet(port.quiet, terminal, moves, expected * level, endMs);
    if (!wasIdle && isIdle(port.quiet, terminal)) hasSettled = true;
  }
  return hasSettled;
}

/** Notes what each terminal did beyond what was expected of it, and how those work that do, while nothing is wrong with the port. */
function followWork(
  port: PortState,
  windows: readonly TerminalWindow[],
  working: readonly TerminalWindow[],
  endMs: number,
): void {
  const { level, throughput } = port.series;
  for (const window of windows) {
    const { terminal, teu } = window;
    const baseline = window.expected * window.completeness;
    const isWorking = working.includes(window);
    notePart(port.parts, terminal, endMs, isWorking ? teu - baseline * level.recent : 0);
    if (isWorking && throughput === null && !isStill(port.quiet, terminal))
      notePace(port.paces, terminal, teu, baseline);
  }
}

/** Terminals that are planned to stand still in the window that ends at `endMs`; undefined: none. */
function plannedTerminals(rules: PlaceRules, windows: readonly TerminalWindow[], endMs: number): string[] | undefined {
  if (rules.planned.length === 0) return undefined;
  const now = rules.planned.filter((one) => one.from_ms < endMs && one.to_ms > endMs - fiveMs);
  if (now.length === 0) return undefined;
  const all = windows.map((window) => window.terminal);
  return now.flatMap((one) => (one.terminals.length === 0 ? all : one.terminals));
}

/** @param counted what the series is the sum of: all terminals but those that stand still for good; `working`: those of them that were seen. */
function readingOf(
  counted: readonly TerminalWindow[],
  working: readonly TerminalWindow[],
  planned: readonly string[] | undefined,
  context: PortContext,
  endMs: number,
): Reading {
  let [teu, baseline, all] = [0, 0, 0];
  for (const window of working) {
    teu += window.teu;
    baseline += window.expected * window.completeness;
  }
  for (const window of counted) all += window.expected;
  const covered = all > 0 ? Math.min(1, baseline / all) : 1;
  return {
    endMs,
    teu: working.length === 0 ? null : teu,
    baseline,
    calendar: 1,
    doubt: context.doubt,
    covered: covered > 0.999 ? 1 : covered,
    duplicates: null,
    lastYear: context.lastYear === null || covered < 0.999 ? null : context.lastYear,
    isPlanned: planned !== undefined && working.length === 0,
  };
}

function stopsOf(
  port: PortState,
  stopped: readonly string[],
  stoppedBefore: readonly string[],
  planned: readonly string[],
  counted: readonly TerminalWindow[],
  endMs: number,
): Stops {
  const named = port.throughput?.terminals ?? [];
  const isPlanned = named.some((terminal) => planned.includes(terminal));
  // Those that moved earlier may work again long since, or stand still again.
  const hasMoved = named.some((terminal) => stoppedBefore.includes(terminal) && port.quiet[terminal] === undefined);
  const isUsual = !hasMoved && named.some((terminal) => isGivenUp(port.quiet, terminal, endMs));
  const endedBy = isPlanned ? 'planned_stoppage' : isUsual ? 'standstill_usual' : 'moves_again';
  if (stopped.length === 0) return { terminals: stopped, sinceMs: endMs, share: 0, endedBy };
  const sinceMs = Math.min(...stopped.map((terminal) => port.quiet[terminal]?.sinceMs ?? endMs));
  return { terminals: stopped, sinceMs, share: shareOf(counted, stopped), endedBy };
}
