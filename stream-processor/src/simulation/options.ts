/** What core and second stage are told in a simulated run: the seed's terminals and stretch, and an expectation that goes up and down. */
import { TERMINALS } from '@quaywatch/contracts';
import { createRuleTimeline } from '../alerting/rule-timeline.ts';
import type { PartitionOptions } from '../core/partition-state.ts';
import type { Expectations } from '../partition-options.ts';

type Chosen = Pick<PartitionOptions, 'partition' | 'terminals' | 'fromDay' | 'toDay' | 'withMinutes'>;

/** TEU hundredths an hour of a terminal. It changes more than any port does, so that there is something to tell. */
const LEVELS = [400, 400, 2_400, 200, 800, 4_800, 100];
const levelMs = 5 * 3_600_000;
const expectedAt = (timeMs: number): number => LEVELS[Math.floor(timeMs / levelMs) % LEVELS.length] ?? 0;

/** @param terminals those that send: of the others nothing is expected. */
export function simulatedExpectations(terminals: readonly number[]): Expectations {
  const ofPort = (portIndex: number, timeMs: number) =>
    terminals.filter((index) => TERMINALS[index]?.portIndex === portIndex).length * expectedAt(timeMs);
  return {
    expectedHour: (_terminal, timeMs) => expectedAt(timeMs),
    portHour: (portIndex, timeMs) => ofPort(portIndex, timeMs) || null,
    lastYearHour: (portIndex, timeMs) => ofPort(portIndex, timeMs) * 2 || null,
    doubtAt: () => 0,
  };
}

/** @param rules the built-in ones when nobody has saved any. */
export function simulatedOptions(chosen: Chosen, rules = createRuleTimeline()): PartitionOptions {
  return {
    ...chosen,
    rules,
    run: 'live',
    isSimulated: true,
    expectedHour: (_terminal, timeMs) => expectedAt(timeMs),
    lastYearHour: (_port, timeMs) => expectedAt(timeMs) * 2,
    doubtAt: () => 0,
  };
}
