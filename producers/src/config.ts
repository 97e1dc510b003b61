/** Settings of the live feeds. */
import { type Config, type Fields, KAFKA_FIELDS } from '@quaywatch/runtime';

export const FEED_FIELDS = {
  ...KAFKA_FIELDS,
  scenario: {
    kind: 'string',
    env: 'QUAYWATCH_SCENARIO',
    default: 'demo',
    about: 'what happens in the simulated feeds: demo, calm, history or a JSON file',
  },
  seed: {
    kind: 'integer',
    env: 'QUAYWATCH_SEED',
    default: 1,
    min: 0,
    max: 4_294_967_295,
    about: 'seed of the simulated feeds; a change makes another world from then on',
  },
} as const satisfies Fields;

export type FeedConfig = Config<typeof FEED_FIELDS>;
