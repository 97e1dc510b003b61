/**
 * The one place where a kafkajs client is made: address, login, patience, and where it speaks. Opens no connection and knows no topic.
 * What is asked of the client: docs/adr/0010.
 */
import { readFileSync } from 'node:fs';
import type { KafkaSettings, Log } from '@quaywatch/runtime';
import kafkajs, { type Kafka, type RetryOptions, type SASLOptions } from 'kafkajs';

export type Patience = {
  readonly connectWithinMs: number;
  readonly answerWithinMs: number;
  readonly retry: Readonly<RetryOptions>;
};

const usual: Patience = {
  connectWithinMs: 3_000,
  answerWithinMs: 30_000,
  retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 12 },
};

/** Of a consumer that lives as long as its process: it begins again after whatever the broker does. */
export const RETRY_FOR_EVER = {
  initialRetryTime: 200,
  maxRetryTime: 5_000,
  retries: Number.MAX_SAFE_INTEGER,
  restartOnFailure: async () => true,
};

export const { ConfigResourceTypes } = kafkajs;

let isSilenced = false;

/** kafkajs 2.2.4 sets timers in the past, of which Node 24 warns (tulios/kafkajs#1751): harmless, and every fetch would print it. */
function silenceNegativeTimeouts(): void {
  if (isSilenced) return;
  isSilenced = true;
  const emit = process.emitWarning.bind(process);
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    const text = [typeof warning === 'string' ? warning : warning.name, ...rest.map(String)].join(' ');
    if (!text.includes('TimeoutNegativeWarning')) emit(warning, ...rest);
  }) as typeof process.emitWarning;
}

function saslOf(settings: KafkaSettings): SASLOptions | undefined {
  const login = { username: settings.kafkaSaslUsername, password: settings.kafkaSaslPassword };
  switch (settings.kafkaSaslMechanism) {
    case 'plain':
      return { mechanism: 'plain', ...login };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', ...login };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', ...login };
    default:
      return undefined;
  }
}

function tlsOf({ kafkaTls, kafkaTlsCaFile }: KafkaSettings): boolean | { readonly ca: string[] } {
  if (!kafkaTls) return false;
  return kafkaTlsCaFile === '' ? true : { ca: [readFileSync(kafkaTlsCaFile, 'utf8')] };
}

/**
 * @param log is told of what kafkajs tries again, below the ordinary level: what it cannot mend reaches the caller as an error. Without it
 * nothing is said.
 * @throws when the certificate authority cannot be read.
 */
export function createKafka(
  settings: KafkaSettings,
  clientId: string,
  log?: Pick<Log, 'debug'>,
  patience: Partial<Patience> = {},
): Kafka {
  silenceNegativeTimeouts();
  const { connectWithinMs, answerWithinMs, retry } = { ...usual, ...patience };
  const sasl = saslOf(settings);
  return new kafkajs.Kafka({
    clientId,
    brokers: [...settings.kafkaBrokers],
    ssl: tlsOf(settings),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: connectWithinMs,
    requestTimeout: answerWithinMs,
    retry,
    logLevel: log === undefined ? kafkajs.logLevel.NOTHING : kafkajs.logLevel.ERROR,
    logCreator: () => (entry) => log?.debug('kafkajs', { namespace: entry.namespace, text: entry.log.message }),
  });
}
