/**
 * A recording as the live log: its records are read into memory and copied in pieces of log time, with the same partitions, keys, bytes,
 * headers and timestamps. Changes nothing of them, and deletes topics only of the directory that it is given.
 */
import { MOVES_TOPIC, recordingTopic, TOPICS } from '@quaywatch/contracts';
import { type IHeaders, type Kafka, type Message, type Producer, sendInOrder } from '@quaywatch/kafka';
import { provisionTopics } from '../provision.ts';
import { eventually } from './eventually.ts';

export type Recorded = {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  readonly timestamp: string;
};
export type RecordedLog = {
  readonly partitions: readonly (readonly Recorded[])[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly records: number;
};

async function endsOf(kafka: Kafka, topic: string): Promise<Map<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return new Map((await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, Number(one.high)]));
  } finally {
    await admin.disconnect();
  }
}

export async function readRecording(kafka: Kafka, name: string): Promise<RecordedLog> {
  const topic = recordingTopic(name);
  const ends = await endsOf(kafka, topic);
  const partitions: Recorded[][] = [...ends].map(() => []);
  const missing = new Map([...ends].filter(([, end]) => end > 0));
  const consumer = kafka.consumer({ groupId: `faults-${name}`, maxBytesPerPartition: 8 * 1024 * 1024 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value, headers, timestamp } of batch.messages)
        partitions[batch.partition]?.push({ key, value, headers: headers ?? {}, timestamp });
      if (Number(batch.lastOffset()) >= (missing.get(batch.partition) ?? 0) - 1) missing.delete(batch.partition);
    },
  });
  await eventually('the recording is read', () => missing.size === 0, 180_000);
  await consumer.disconnect();
  const times = partitions.flatMap((list) => [list[0], list.at(-1)]).map((one) => Number(one?.timestamp ?? 0));
  const records = partitions.reduce((sum, list) => sum + list.length, 0);
  return { partitions, fromMs: Math.min(...times), toMs: Math.max(...times), records };
}

export type Feeder = {
  /** Copies what arrived at or before this log time and was not copied. */
  readonly through: (logTimeMs: number) => Promise<void>;
};

export function createFeeder(producer: Producer, log: RecordedLog): Feeder {
  const next = log.partitions.map(() => 0);
  return {
    through: async (logTimeMs) => {
      const messages: Message[] = [];
      for (const [partition, list] of log.partitions.entries()) {
        let at = next[partition] ?? 0;
        for (; at < list.length && Number(list[at]?.timestamp) <= logTimeMs; at++)
          messages.push({ ...(list[at] as Recorded), partition });
        next[partition] = at;
      }
      for (const own of Map.groupBy(messages, ({ partition }) => partition).values())
        await sendInOrder(producer, MOVES_TOPIC, own);
    },
  };
}

/** The product's topics, empty, but for `kept`. The log's records are older than its retention, so here it keeps them. */
export async function emptyTopics(kafka: Kafka, brokers: readonly string[], kept: readonly string[]): Promise<void> {
  const names = TOPICS.map((one) => one.name).filter((name) => !kept.includes(name));
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = new Set(await admin.listTopics());
    await admin.deleteTopics({ topics: names.filter((name) => there.has(name)) });
    await eventually('the topics are gone', async () => {
      const left = await admin.listTopics();
      return !names.some((name) => left.includes(name));
    });
  } finally {
    await admin.disconnect();
  }
  const specs = TOPICS.map((one) =>
    one.name === MOVES_TOPIC ? { ...one, configs: { ...one.configs, 'retention.ms': '-1' } } : one,
  );
  // Deleting goes on after the answer; creating is refused until it is done.
  await eventually('the topics are made anew', () =>
    provisionTopics(brokers, specs).then(
      () => true,
      () => false,
    ),
  );
}

export type Followed = { readonly records: ReadonlyMap<string, readonly Buffer[]>; readonly stop: () => Promise<void> };

/** Every value of topics with one partition, in order, as they come. */
export async function followTopics(kafka: Kafka, topics: readonly string[], groupId: string): Promise<Followed> {
  const records = new Map<string, Buffer[]>(topics.map((topic) => [topic, []]));
  const next = new Map<string, number>();
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { offset, value } of batch.messages) {
        if (Number(offset) < (next.get(batch.topic) ?? 0) || value === null) continue;
        next.set(batch.topic, Number(offset) + 1);
        records.get(batch.topic)?.push(value);
      }
    },
  });
  return { records, stop: () => consumer.disconnect() };
}

/** Whether everything that is in the topics now has come. */
export async function hasAll(kafka: Kafka, { records }: Followed): Promise<boolean> {
  for (const [topic, list] of records) if (list.length < ((await endsOf(kafka, topic)).get(0) ?? 0)) return false;
  return true;
}

export { endsOf };
