/**
 * A kafkajs client for the commands of this workspace, with the login that the environment names.
 * Opens no connection.
 */
import { readFileSync } from 'node:fs';
import { KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import kafkajs from 'kafkajs';

type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

function sasl(mechanism: Mechanism, username: string, password: string): kafkajs.SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}

/** @param brokers host:port. @throws ConfigError. */
export function kafkaClient(brokers: readonly string[], clientId: string): kafkajs.Kafka {
  const config = readConfig(KAFKA_FIELDS, { ...process.env, KAFKA_BROKERS: brokers.join(',') });
  const { kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword, kafkaTls, kafkaTlsCaFile } = config;
  const ca = kafkaTlsCaFile === '' ? {} : { ca: [readFileSync(kafkaTlsCaFile, 'utf8')] };
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    ...(kafkaTls ? { ssl: ca } : {}),
    // The choice was checked when it was read; 'none' is the only other.
    ...(kafkaSaslMechanism === 'none'
      ? {}
      : { sasl: sasl(kafkaSaslMechanism as Mechanism, kafkaSaslUsername, kafkaSaslPassword) }),
  });
}
