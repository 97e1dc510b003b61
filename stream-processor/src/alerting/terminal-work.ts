/**
 * Terminals of a port as series of their own, where rules look for more than stops at that level: the same detection as a port's, one terminal at
 * a time.
 */
import type { AlertTransition, RuleSet } from '@quaywatch/contracts';
import type { Place } from './incident.ts';
import { type PlaceRules, placeRules } from './place-rules.ts';
import type { PortState, TerminalState, TerminalWindow } from './port-state.ts';
import { createSeries, decideSeries } from './series/series.ts';
import type { Step } from './series/step.ts';
import { isGivenUp, isIdle } from './stops.ts';
import {
  endDrift,
  endWork,
  followLasting,
  followThroughput,
  NO_STOPS,
  notePart,
  type ThroughputSight,
} from './throughput.ts';

/** Each terminal of several as a series of its own, where rules look for more than stops at that level. */
export function decideTerminals(
  port: PortState,
  set: RuleSet,
  sight: ThroughputSight,
  working: readonly TerminalWindow[],
  windows: readonly TerminalWindow[],
  planned: readonly string[],
  doubt: number,
  out: AlertTransition[],
): void {
  const rules = placeRules(set, 'terminal', sight.place.port);
  const { drop, surge, drift } = rules.kinds;
  const isLookedFor = windows.length > 1 && (drop.enabled || surge.enabled || drift.enabled);
  for (const window of windows) {
    if (isLookedFor && working.includes(window)) {
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
    if (own.throughput !== null && isGivenUp(port.quiet, window.terminal, sight.moment.endMs))
      own.throughput = endWork('standstill_usual', own.throughput, ownSight, out);
    if (isIdle(port.quiet, window.terminal)) {
      endDrift(own.lasting, ownSight, out);
      // With its first move it begins anew.
      delete port.terminals[window.terminal];
      continue;
    }
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
