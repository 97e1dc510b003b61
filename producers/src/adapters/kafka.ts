/**
 * Kafka, behind what the feeds need of it: an ordered sink, topics, and the tail of a topic.
 * It makes no reports and decides no order.
 */
import { readFileSync } from 'node:fs';
import {
  cloudEventHeaders,
  PARTITION_COUNT,
  RECORDING_CONFIGS,
  REPORT_CONTENT_TYPE,
  recordingTopic,
  SCENARIO_TOPIC,
  type ScenarioEvent,
  TICK_CONTENT_TYPE,
  TOPICS,
} from '@quaywatch/contracts';
import { delay, type KafkaSettings, type Log } from '@quaywatch/runtime';
import kafkajs, { type Admin, type Kafka, type Message, type Producer, type SASLOptions } from 'kafkajs';
import type { RecordSink } from '../record.ts';

/** Of values waiting to be sent; about a third of a megabyte a partition, far below the broker's 16 MiB a batch. */
const batchBytesMax = 4 * 1024 * 1024;
/** Records of a batch, so that many empty reports do not make a batch of many megabytes either. */
const batchRecordsMax = 20_000;

/** `code` is stable: 'recording_exists', 'recording_stuck'. */
export class RecordingError extends Error {
  readonly code: 'recording_exists' | 'recording_stuck';
  constructor(code: 'recording_exists' | 'recording_stuck', message: string) {
    super(message);
    this.code = code;
  }
}

/** kafkajs asks for a timer in the past now and then, of which Node warns on standard error; every other warning is still shown. */
export function silenceKnownWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
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

export function connectKafka(settings: KafkaSettings, clientId: string, log: Log): Kafka {
  const sasl = saslOf(settings);
  const ca = settings.kafkaTlsCaFile === '' ? undefined : [readFileSync(settings.kafkaTlsCaFile, 'utf8')];
  return new kafkajs.Kafka({
    clientId,
    brokers: [...settings.kafkaBrokers],
    connectionTimeout: 3_000,
    requestTimeout: 20_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: kafkajs.logLevel.ERROR,
    logCreator: () => (entry) => log.debug('Kafka client.', { said: entry.log.message }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(settings.kafkaTls ? { ssl: ca === undefined ? true : { ca } } : {}),
  });
}

export function createProducer(kafka: Kafka): Producer {
  // Idempotent: a batch that is sent again after a lost answer is stored once. One request in flight keeps each partition's order.
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // A cluster whose leader died takes some seconds to choose another.
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 2_000 },
  });
}

const REPORT_HEADERS = { 'content-type': REPORT_CONTENT_TYPE };
const TICK_HEADERS = { 'content-type': TICK_CONTENT_TYPE };

/**
 * One send a partition: kafkajs tries a send of several partitions again without those whose new leader has already answered for others, and says
 * that all went well. In a cluster a leader that died took a batch with it (docs/adr/0010).
 */
async function sendByPartition(producer: Producer, topic: string, batch: readonly Message[]): Promise<void> {
  const byPartition = new Map<number, Message[]>();
  for (const message of batch) {
    const partition = message.partition ?? 0;
    const list = byPartition.get(partition) ?? [];
    byPartition.set(partition, list);
    list.push(message);
  }
  // All of them come to their end before the batch fails: nothing of it is on its way when somebody goes on from where the log stands.
  const sends = [...byPartition.values()].map((messages) => producer.send({ topic, messages, acks: -1 }));
  const failed = (await Promise.allSettled(sends)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** A sink that sends while the next batch is made, never more than one batch ahead. Messages say their partition. */
export function createSink(producer: Producer, topic: string): RecordSink {
  let messages: Message[] = [];
  let bytes = 0;
  let sending: Promise<unknown> = Promise.resolve();

  function send(): void {
    const batch = messages;
    messages = [];
    bytes = 0;
    sending = sendByPartition(producer, topic, batch);
    // Seen by whoever awaits `sending` next; without this, a failure before that would end the process as unhandled.
    sending.catch(() => {});
  }

  return {
    report: (partition, key, value, timestampMs) => {
      messages.push({ partition, key, value, timestamp: String(timestampMs), headers: REPORT_HEADERS });
      bytes += value.length + 100;
    },
    tick: (partition, timestampMs, headers) => {
      const all = headers === undefined ? TICK_HEADERS : { ...TICK_HEADERS, ...headers };
      messages.push({ partition, value: Buffer.alloc(0), timestamp: String(timestampMs), headers: all });
    },
    room: async () => {
      if (bytes < batchBytesMax && messages.length < batchRecordsMax) return;
      await sending;
      send();
    },
    flush: async () => {
      await sending;
      if (messages.length > 0) send();
      await sending;
    },
  };
}

/**
 * Makes the topic of a recording.
 * @throws RecordingError when there is one and it is not to be replaced.
 */
export async function createRecordingTopic(kafka: Kafka, name: string, isReplaced: boolean): Promise<string> {
  const topic = recordingTopic(name);
  const admin = kafka.admin();
  await admin.connect();
  try {
    if ((await admin.listTopics()).includes(topic)) {
      if (!isReplaced) {
        throw new RecordingError(
          'recording_exists',
          `There is a recording ${name} already. Choose another --name, or add --replace to write it anew.`,
        );
      }
      await admin.deleteTopics({ topics: [topic] });
    }
    // Deleting goes on after the answer; creating is refused until it is done.
    await untilListed(admin, topic, false, `Kafka does not let go of the old recording ${name}.`);
    try {
      await admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: PARTITION_COUNT,
            replicationFactor: -1,
            configEntries: Object.entries(RECORDING_CONFIGS).map(([key, value]) => ({ name: key, value })),
          },
        ],
        waitForLeaders: true,
      });
    } catch (error) {
      // The answer may be an error although the topic is made (its leaders are not known yet): nothing else makes a topic of this name.
      await untilListed(admin, topic, true, `Kafka did not make the recording ${name}.`, error);
    }
    return topic;
  } finally {
    await admin.disconnect();
  }
}

const listedAttemptsMax = 50;

/** @throws when the topic is not there, or still there, after ten seconds. */
async function untilListed(
  admin: Admin,
  topic: string,
  isWanted: boolean,
  problem: string,
  cause?: unknown,
): Promise<void> {
  for (let attempt = 0; attempt < listedAttemptsMax; attempt++) {
    if ((await admin.listTopics()).includes(topic) === isWanted) return;
    await delay(200);
  }
  throw Object.assign(new RecordingError('recording_stuck', problem), { cause });
}

/** Ground truth into the scenario topic: one record an event, keyed by its id; a withdrawn one is a tombstone. */
export async function publishScenario(
  kafka: Kafka,
  producer: Producer,
  events: readonly ScenarioEvent[],
  withdrawn: readonly string[] = [],
): Promise<void> {
  await ensureTopic(kafka, SCENARIO_TOPIC);
  const messages: Message[] = events.map((event) => ({
    partition: 0,
    key: event.id,
    value: JSON.stringify(event),
    headers: cloudEventHeaders('scenario', event.id, 'urn:quaywatch:sim', event.from_ms),
  }));
  for (const id of withdrawn) messages.push({ partition: 0, key: id, value: null });
  if (messages.length > 0) await producer.send({ topic: SCENARIO_TOPIC, messages, acks: -1 });
}

/** Topics are made by `infra`; a command that runs against a bare broker makes the one it needs, with the same settings. */
export async function ensureTopic(kafka: Kafka, topic: string): Promise<void> {
  const spec = TOPICS.find((one) => one.name === topic);
  if (spec === undefined) throw new Error(`${topic} is not in the list of topics.`);
  const admin = kafka.admin();
  await admin.connect();
  try {
    if ((await admin.listTopics()).includes(topic)) return;
    const configEntries = Object.entries(spec.configs).map(([name, value]) => ({ name, value }));
    const made = { topic, numPartitions: spec.partitions, replicationFactor: -1, configEntries };
    await admin.createTopics({ topics: [made], waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}
