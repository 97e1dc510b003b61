/** What the core is told in a simulated run: the seed's terminals and stretch, the product's rules, an expectation that is the same every hour. */
import { DEFAULT_RULES } from '../alerting/rules.ts';
import type { PartitionOptions } from '../core/partition-state.ts';

type Chosen = Pick<PartitionOptions, 'partition' | 'terminals' | 'fromDay' | 'toDay' | 'withMinutes'>;

const expectedTeuHundredths = 400;

export function simulatedOptions(chosen: Chosen): PartitionOptions {
  return { ...chosen, run: 'live', rules: DEFAULT_RULES, expectedHour: () => expectedTeuHundredths };
}
