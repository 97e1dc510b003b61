/**
 * Options of one partition for tests of the core: the terminals of partition 7, and expectations that are the same every hour, so that what is
 * decided depends on the log alone. A test names what it needs otherwise.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { createRuleTimeline } from '../alerting/rule-timeline.ts';
import type { PartitionOptions } from '../core/partition-state.ts';

const partition = 7;

/** Indices of the terminals of that partition. */
export const plainTerminals: readonly number[] = TERMINALS.filter(
  (terminal) => PORTS[terminal.portIndex]?.partition === partition,
).map((terminal) => terminal.index);

export function plainOptions(otherwise: Partial<PartitionOptions> = {}): PartitionOptions {
  return {
    run: 'test',
    partition,
    terminals: plainTerminals,
    fromDay: null,
    toDay: null,
    withMinutes: false,
    isSimulated: true,
    rules: createRuleTimeline(),
    expectedHour: () => 400,
    lastYearHour: () => 800,
    doubtAt: () => 0,
    ...otherwise,
  };
}
