/** A Kafka client for the commands of this workspace, with the login that the environment names. Opens no connection. */
import { createKafka, type Kafka } from '@quaywatch/kafka';
import { KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';

/** Somebody waits for a command: it gives up earlier than a process that lives on. */
const retry = { initialRetryTime: 300, maxRetryTime: 30_000, retries: 5 };

/** @param brokers host:port. @throws ConfigError. */
export function kafkaClient(brokers: readonly string[], clientId: string): Kafka {
  const config = readConfig(KAFKA_FIELDS, { ...process.env, KAFKA_BROKERS: brokers.join(',') });
  return createKafka(config, clientId, undefined, { connectWithinMs: 1_000, retry });
}
