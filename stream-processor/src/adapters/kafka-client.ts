/** The one place where a kafkajs client is made. No kafkajs type passes the adapters. */
import { readFileSync } from 'node:fs';
import type { KafkaSettings, Log } from '@quaywatch/runtime';
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';

// kafkajs 2.2.4 computes a negative timeout now and then, which Node 24 reports on standard error (upstream issue 1751); it is harmless.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

function saslOf(settings: KafkaSettings): { sasl?: SASLOptions } {
  const { kafkaSaslMechanism: mechanism, kafkaSaslUsername: username, kafkaSaslPassword: password } = settings;
  if (mechanism === 'none') return {};
  return { sasl: { mechanism, username, password } as SASLOptions };
}

export function createKafka(settings: KafkaSettings, clientId: string, log: Log): Kafka {
  const ssl = settings.kafkaTls
    ? settings.kafkaTlsCaFile === ''
      ? true
      : { ca: [readFileSync(settings.kafkaTlsCaFile)] }
    : false;
  const config: KafkaConfig = {
    clientId,
    brokers: [...settings.kafkaBrokers],
    ssl,
    ...saslOf(settings),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 12 },
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => {
      // Retries are its own business; what it can't mend reaches us as an error.
      log.debug('kafkajs', { namespace: entry.namespace, text: entry.log.message });
    },
  };
  return new Kafka(config);
}
