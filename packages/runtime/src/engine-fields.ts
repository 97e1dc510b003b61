/**
 * The settings by which every process finds Kafka and ClickHouse, and what all know of their deployment, so that they are named and described once.
 * Opens no connection.
 */
import type { Fields } from './config.ts';

export const KAFKA_FIELDS = {
  kafkaBrokers: {
    kind: 'addresses',
    env: 'KAFKA_BROKERS',
    default: ['127.0.0.1:9092'],
    about: 'Kafka brokers, host:port, comma-separated',
  },
  kafkaSaslMechanism: {
    kind: 'choice',
    env: 'KAFKA_SASL_MECHANISM',
    choices: ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    default: 'none',
    about: 'how to log in to Kafka',
  },
  kafkaSaslUsername: { kind: 'string', env: 'KAFKA_SASL_USERNAME', default: '', about: 'Kafka user' },
  kafkaSaslPassword: { kind: 'string', env: 'KAFKA_SASL_PASSWORD', default: '', secret: true, about: 'Kafka password' },
  kafkaTls: { kind: 'boolean', env: 'KAFKA_TLS_ENABLED', default: false, about: 'whether Kafka is spoken to over TLS' },
  kafkaTlsCaFile: {
    kind: 'string',
    env: 'KAFKA_TLS_CA_FILE',
    default: '',
    about: 'certificate authority for Kafka, a PEM file; empty: the system’s',
  },
} as const satisfies Fields;

export const CLICKHOUSE_FIELDS = {
  clickhouseUrl: {
    kind: 'url',
    env: 'CLICKHOUSE_URL',
    default: 'http://127.0.0.1:8123',
    about: 'ClickHouse HTTP address',
  },
  clickhouseUser: { kind: 'string', env: 'CLICKHOUSE_USER', default: 'default', about: 'ClickHouse user' },
  clickhousePassword: {
    kind: 'string',
    env: 'CLICKHOUSE_PASSWORD',
    default: '',
    secret: true,
    about: 'ClickHouse password',
  },
} as const satisfies Fields;

/** What is true of a deployment as a whole, said once for all of its processes. */
export const DEPLOYMENT_FIELDS = {
  feeds: {
    kind: 'choice',
    env: 'QUAYWATCH_FEEDS',
    choices: ['simulated', 'real'],
    default: 'simulated',
    about: 'what the live log’s reports are: alerts, messages and the page say so; the same for every process',
  },
} as const satisfies Fields;

export type KafkaSettings = {
  readonly kafkaBrokers: readonly string[];
  readonly kafkaSaslMechanism: string;
  readonly kafkaSaslUsername: string;
  readonly kafkaSaslPassword: string;
  readonly kafkaTls: boolean;
  readonly kafkaTlsCaFile: string;
};
export type ClickhouseSettings = {
  readonly clickhouseUrl: string;
  readonly clickhouseUser: string;
  readonly clickhousePassword: string;
};
