/** Settings of the live feeds. */
import { type Config, DEPLOYMENT_FIELDS, type Fields, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';

export const FEED_FIELDS = {
  ...KAFKA_FIELDS,
  ...DEPLOYMENT_FIELDS,
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

/** @throws ConfigError also where reports are said to be real: simulated ones would be taken for them. */
export function feedConfig(env?: Readonly<Record<string, string | undefined>>): FeedConfig {
  return readConfig(FEED_FIELDS, env, ({ feeds }) =>
    feeds === 'real'
      ? [
          'QUAYWATCH_FEEDS says that reports are real, and these feeds are simulated: start without them (compose: --scale feeds=0)',
        ]
      : [],
  );
}
