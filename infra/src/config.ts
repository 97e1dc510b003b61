/**
 * The settings of the commands in this workspace, read from the environment.
 * Command-line options win over them; each command says which.
 */
import { DEPLOYMENT_FIELDS, readConfig } from '@quaywatch/runtime';

export const INFRA_FIELDS = {
  ...DEPLOYMENT_FIELDS,
  dataDir: { kind: 'string', env: 'QUAYWATCH_DATA', default: '.quaywatch', about: 'the data directory' },
  port: {
    kind: 'integer',
    env: 'QUAYWATCH_PORT',
    default: 8080,
    min: 1,
    max: 65_535,
    about: 'port of page, API and WebSocket',
  },
  host: { kind: 'string', env: 'QUAYWATCH_HOST', default: '127.0.0.1', about: 'address that the page is served on' },
  scenario: {
    kind: 'string',
    env: 'QUAYWATCH_SCENARIO',
    default: 'demo',
    about: 'simulated feeds: demo, calm or a file',
  },
  kafkaJarsDir: {
    kind: 'string',
    env: 'QUAYWATCH_KAFKA_JARS',
    default: '.cache/kafka/4.3.1',
    about: 'directory of the embedded Kafka’s jars; the bootstrap sets it',
  },
  kafkaHeapMb: {
    kind: 'integer',
    env: 'QUAYWATCH_KAFKA_HEAP_MB',
    default: 1024,
    min: 128,
    max: 65_536,
    about: 'heap of the embedded Kafka, MiB',
  },
  clickhouseMemoryMb: {
    kind: 'integer',
    env: 'QUAYWATCH_CLICKHOUSE_MEMORY_MB',
    default: 4000,
    min: 500,
    max: 1_000_000,
    about: 'memory limit of the embedded ClickHouse, MB',
  },
  k6Path: {
    kind: 'string',
    env: 'K6_PATH',
    default: '',
    about: 'the k6 that runs the load scenarios; empty: found or built',
  },
  chromiumPath: {
    kind: 'string',
    env: 'CHROMIUM_PATH',
    default: '',
    about: 'the browser of the browser tests and of bench page; empty: one is found or installed',
  },
  kafkaBrokers: {
    kind: 'addresses',
    env: 'KAFKA_BROKERS',
    default: [],
    about: 'Kafka brokers in place of the embedded one',
  },
  clickhouseUrl: { kind: 'url', env: 'CLICKHOUSE_URL', default: '', about: 'ClickHouse in place of the embedded one' },
  clickhouseUser: {
    kind: 'string',
    env: 'CLICKHOUSE_USER',
    default: 'default',
    about: 'user that writes, for CLICKHOUSE_URL',
  },
  clickhousePassword: { kind: 'string', env: 'CLICKHOUSE_PASSWORD', default: '', secret: true, about: 'its password' },
  clickhouseReaderUser: {
    kind: 'string',
    env: 'CLICKHOUSE_READER_USER',
    default: '',
    about: 'user that only reads, for CLICKHOUSE_URL; empty: the one that writes',
  },
  clickhouseReaderPassword: {
    kind: 'string',
    env: 'CLICKHOUSE_READER_PASSWORD',
    default: '',
    secret: true,
    about: 'its password',
  },
} as const;

export type InfraConfig = ReturnType<typeof infraConfig>;

/** @throws ConfigError naming every wrong setting. */
export function infraConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readConfig(INFRA_FIELDS, env);
}
