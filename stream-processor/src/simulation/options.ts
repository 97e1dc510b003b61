/** What the core is told in a simulated run: the seed's terminals and stretch, the product's rules, an expectation that is the same every hour. */
import { createRuleTimeline } from '../alerting/rule-timeline.ts';
import type { PartitionOptions } from '../core/partition-state.ts';

type Chosen = Pick<PartitionOptions, 'partition' | 'terminals' | 'fromDay' | 'toDay' | 'withMinutes'>;

const expectedTeuHundredths = 400;

export function simulatedOptions(chosen: Chosen): PartitionOptions {
  return {
    ...chosen,
    run: 'live',
    rules: createRuleTimeline(),
    isSimulated: true,
    expectedHour: () => expectedTeuHundredths,
    lastYearHour: () => expectedTeuHundredths * 2,
    doubtAt: () => 0,
  };
}
