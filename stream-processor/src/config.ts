/** Settings of the stream processor and its commands. */
import { CLICKHOUSE_FIELDS, type Config, type Fields, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';

export const PROCESSOR_FIELDS = {
  ...KAFKA_FIELDS,
  ...CLICKHOUSE_FIELDS,
  logLevel: {
    kind: 'choice',
    env: 'QUAYWATCH_LOG_LEVEL',
    choices: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    about: 'least level that is logged',
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
