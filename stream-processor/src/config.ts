/** Settings of the stream processor, its commands and the notifier. */
import {
  CLICKHOUSE_FIELDS,
  type Config,
  ConfigError,
  DEPLOYMENT_FIELDS,
  type Fields,
  KAFKA_FIELDS,
  readConfig,
} from '@quaywatch/runtime';
import { NO_FILE, type ReceiversFile, readReceivers } from './receivers-file.ts';

export const PROCESSOR_FIELDS = {
  ...KAFKA_FIELDS,
  ...CLICKHOUSE_FIELDS,
  ...DEPLOYMENT_FIELDS,
  logLevel: {
    kind: 'choice',
    env: 'QUAYWATCH_LOG_LEVEL',
    choices: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    about: 'least level that is logged',
  },
  rejectShareMax: {
    kind: 'number',
    env: 'QUAYWATCH_REJECT_SHARE_MAX',
    min: 0,
    max: 1,
    default: 0.5,
    about: 'the live processor stops when a greater share of what most senders send is rejected; 1: never',
  },
} as const satisfies Fields;

export type ProcessorConfig = Config<typeof PROCESSOR_FIELDS>;

export function processorConfig(env: Readonly<Record<string, string | undefined>> = process.env): ProcessorConfig {
  return readConfig(PROCESSOR_FIELDS, env);
}

export const DETECT_FIELDS = {
  referenceDir: {
    kind: 'string',
    env: 'PORT_REF',
    default: '',
    about: 'folder of history_daily.csv and calendar.csv for detect ports; empty: neither',
  },
} as const satisfies Fields;

export function detectConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config<typeof DETECT_FIELDS> {
  return readConfig(DETECT_FIELDS, env);
}

export const NOTIFIER_FIELDS = {
  ...KAFKA_FIELDS,
  receiversFile: {
    kind: 'string',
    env: 'QUAYWATCH_RECEIVERS',
    default: '',
    about: 'JSON file of receivers of notifications, docs/notifications.md; empty: the page alone',
  },
  logLevel: PROCESSOR_FIELDS.logLevel,
} as const satisfies Fields;

export type NotifierConfig = Config<typeof NOTIFIER_FIELDS> & { readonly receivers: ReceiversFile };

export function notifierConfig(env: Readonly<Record<string, string | undefined>> = process.env): NotifierConfig {
  let receivers = NO_FILE;
  const config = readConfig(NOTIFIER_FIELDS, env, ({ receiversFile }) => {
    try {
      receivers = readReceivers(receiversFile, env);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  });
  return { ...config, receivers };
}
