/** Options of the core for one partition of a run, from the port table and the baseline. */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { expectedTerminalHour, SeedRangeError } from '@quaywatch/seeds';
import type { AlertRules } from './alerting/rules.ts';
import type { PartitionOptions } from './core/partition-state.ts';

/** Beyond the baseline nothing is expected: null, and detection judges silence only. */
function expectedHour(terminalIndex: number, hourMs: number): number | null {
  try {
    return expectedTerminalHour(terminalIndex, hourMs);
  } catch (error) {
    if (error instanceof SeedRangeError) return null;
    throw error;
  }
}

export function partitionOptions(
  run: string,
  partition: number,
  rules: AlertRules,
  stretch: { readonly fromDay: number | null; readonly toDay: number | null; readonly withMinutes: boolean },
): PartitionOptions {
  const terminals = TERMINALS.filter((terminal) => PORTS[terminal.portIndex]?.partition === partition).map(
    (terminal) => terminal.index,
  );
  return { run, partition, terminals, ...stretch, rules, expectedHour };
}
