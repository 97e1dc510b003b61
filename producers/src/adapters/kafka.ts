/**
 * Kafka, behind what the feeds need of it: an ordered sink, topics, and the tail of a topic.
 * It makes no reports and decides no order.
 */
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
import {
  type Admin,
  createKafka,
  createProducer,
  type Kafka,
  type Message,
  type Producer,
  sendByPartition,
} from '@quaywatch/kafka';
import { delay, type KafkaSettings, type Log } from '@quaywatch/runtime';
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

/** Feeds give up early: they begin again where the log stands. */
export function connectKafka(settings: KafkaSettings, clientId: string, log: Log): Kafka {
  const retry = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 };
  return createKafka(settings, clientId, log, { answerWithinMs: 20_000, retry });
}

/** One request in flight keeps each partition's order; a cluster whose leader died takes some seconds to choose another. */
export function createFeedProducer(kafka: Kafka): Producer {
  return createProducer(kafka, {
    maxInFlightRequests: 1,
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 2_000 },
  });
}

const REPORT_HEADERS = { 'content-type': REPORT_CONTENT_TYPE };
const TICK_HEADERS = { 'content-type': TICK_CONTENT_TYPE };

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
