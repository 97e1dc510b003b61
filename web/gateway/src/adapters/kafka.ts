/**
 * Kafka through kafkajs: reads topics from given offsets for ever, appends a record, lists topics. No kafkajs type leaves this file.
 * It keeps no state of the product and decides nothing about messages.
 */
import { randomUUID } from 'node:crypto';
import { type Consumer, createKafka, createProducer, type EachBatchPayload, RETRY_FOR_EVER } from '@quaywatch/kafka';
import type { KafkaSettings, Log } from '@quaywatch/runtime';

export type Position = { readonly topic: string; readonly partition: number; readonly offset: number };
export type LogRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Kafka's timestamp of the record, UTC ms. */
  readonly timeMs: number;
  readonly value: Buffer | null;
};

export type LogPort = {
  readonly clusterId: () => Promise<string>;
  /** Ends of a topic's partitions: the next offsets, by partition. */
  readonly ends: (topic: string) => Promise<readonly Position[]>;
  readonly starts: (topic: string) => Promise<readonly Position[]>;
  /** First offsets with a timestamp at or after `timeMs`; a partition without such a record answers with its end. */
  readonly offsetsAt: (topic: string, timeMs: number) => Promise<readonly Position[]>;
  /** Reads from the given positions until the process ends. Resolves when reading has begun. */
  readonly read: (from: readonly Position[], take: (records: readonly LogRecord[]) => void) => Promise<void>;
  /** Resolves when the record is acknowledged by all in-sync replicas. */
  readonly append: (topic: string, key: string, value: string, headers: Record<string, string>) => Promise<void>;
  readonly topics: () => Promise<readonly string[]>;
  /** Whether the last thing heard of the broker was good. */
  readonly isUp: () => boolean;
  readonly close: () => Promise<void>;
};

/** People wait for its answers. */
const patience = { answerWithinMs: 15_000, retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 } };

const toPositions = (topic: string, offsets: readonly { partition: number; offset: string }[]): Position[] =>
  offsets
    .map(({ partition, offset }) => ({ topic, partition, offset: Math.max(0, Number(offset)) }))
    .sort((a, b) => a.partition - b.partition);

export function connectKafka(settings: KafkaSettings, log: Log): LogPort {
  const kafka = createKafka(settings, 'quaywatch-gateway', log, patience);
  const admin = kafka.admin();
  const producer = createProducer(kafka, { idempotent: false });
  let up = false;
  let isClosing = false;
  let adminReady: Promise<void> | undefined;
  let producerReady: Promise<void> | undefined;
  const heard = () => {
    up = true;
  };
  const lost = () => {
    if (up && !isClosing) log.warn('Kafka does not answer; the last state is kept and the connection tried again.');
    up = false;
  };
  // One a try: a kafkajs consumer whose start failed half-way cannot be started again.
  const createConsumer = (): Consumer => {
    const consumer = kafka.consumer({
      // A group of its own: every gateway reads every partition.
      groupId: `quaywatch-gateway-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 500,
      minBytes: 1,
      sessionTimeout: 30_000,
      heartbeatInterval: 3_000,
      retry: RETRY_FOR_EVER,
    });
    consumer.on(consumer.events.FETCH, heard);
    consumer.on(consumer.events.HEARTBEAT, heard);
    consumer.on(consumer.events.CRASH, lost);
    consumer.on(consumer.events.DISCONNECT, lost);
    consumer.on(consumer.events.REQUEST_TIMEOUT, lost);
    return consumer;
  };
  let reading: Consumer | undefined;
  const asAdmin = async <T>(work: () => Promise<T>): Promise<T> => {
    adminReady ??= admin.connect();
    try {
      await adminReady;
      return await work();
    } catch (error) {
      adminReady = undefined;
      throw error;
    }
  };

  return {
    clusterId: () => asAdmin(async () => (await admin.describeCluster()).clusterId),
    ends: (topic) => asAdmin(async () => toPositions(topic, await admin.fetchTopicOffsets(topic))),
    starts: (topic) =>
      asAdmin(async () =>
        toPositions(
          topic,
          (await admin.fetchTopicOffsets(topic)).map(({ partition, low }) => ({ partition, offset: low })),
        ),
      ),
    offsetsAt: (topic, timeMs) =>
      asAdmin(async () => toPositions(topic, await admin.fetchTopicOffsetsByTimestamp(topic, timeMs))),
    topics: () => asAdmin(() => admin.listTopics()),
    read: async (from, take) => {
      const consumer = createConsumer();
      try {
        await readFrom(consumer, from, take);
        reading = consumer;
      } catch (error) {
        await consumer.disconnect().catch(() => undefined);
        throw error;
      }
    },
    append: async (topic, key, value, headers) => {
      producerReady ??= producer.connect();
      try {
        await producerReady;
        await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
      } catch (error) {
        producerReady = undefined;
        throw error;
      }
    },
    isUp: () => up,
    close: async () => {
      isClosing = true;
      await Promise.allSettled([reading?.disconnect(), producer.disconnect(), admin.disconnect()]);
    },
  };
}

async function readFrom(
  consumer: Consumer,
  from: readonly Position[],
  take: (records: readonly LogRecord[]) => void,
): Promise<void> {
  const next = new Map(from.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
  await consumer.connect();
  // From the beginning, should our place ever be lost: what comes before it is skipped, and nothing is ever missed.
  await consumer.subscribe({ topics: [...new Set(from.map(({ topic }) => topic))], fromBeginning: true });
  const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
    const key = `${batch.topic}/${batch.partition}`;
    const wanted = next.get(key) ?? 0;
    const records = batch.messages
      .map((message) => ({
        topic: batch.topic,
        partition: batch.partition,
        offset: Number(message.offset),
        timeMs: Number(message.timestamp),
        value: message.value,
      }))
      .filter((record) => record.offset >= wanted);
    const last = records.at(-1);
    if (last === undefined) return;
    next.set(key, last.offset + 1);
    take(records);
  };
  await consumer.run({ autoCommit: true, autoCommitInterval: 5_000, partitionsConsumedConcurrently: 4, eachBatch });
  for (const { topic, partition, offset } of from) consumer.seek({ topic, partition, offset: String(offset) });
}
