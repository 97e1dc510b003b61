/**
 * Reads partitions of a moves topic in order, from wherever the processor says, and hands over records with the broker's end of log.
 * Commits nothing: positions live in checkpoints (docs/adr/0001).
 */
import { TICK_CONTENT_TYPE } from '@quaywatch/contracts';
import { type Consumer, type EachBatchPayload, type Kafka, NoAnswerError } from '@quaywatch/kafka';
import type { Log } from '@quaywatch/runtime';
import type { LogRecord } from '../core/partition-state.ts';

/** What the processor answers to a fetched batch. */
export type Taken =
  | { readonly kind: 'taken' }
  /** Read from this offset instead: a recovery, or the end of one. */
  | { readonly kind: 'seek'; readonly offset: number }
  /** Nothing more is wanted of this partition. */
  | { readonly kind: 'finished' };

export type LogReader = { stop(): Promise<void> };
export type LogHandlers = {
  /**
   * Records of one partition in order; awaited before the next batch is handed over. What lies between `fromOffset` and the first of them is no
   * record: a producer's transactions leave marks in the log, and what they took back.
   */
  take(partition: number, records: readonly LogRecord[], endOffset: number, fromOffset: number): Promise<Taken>;
  /** The group gave these partitions to this member; what is known of others is void. */
  assigned(partitions: readonly number[]): void;
  failed(error: Error): void;
};

/** Fetch sizes: a replay reads at full speed, and 8 MB a partition was measured as the knee. */
const bytesPerPartition = 8 * 1024 * 1024;
const heartbeatEveryMs = 3_000;

type Message = Pick<EachBatchPayload['batch']['messages'][number], 'offset' | 'timestamp' | 'value' | 'headers'>;

/** A tick holds nothing: what calls itself one and holds something is taken for what it is. */
export function toRecord({ offset, timestamp, value, headers }: Message): LogRecord {
  const isTick = headers?.['content-type']?.toString() === TICK_CONTENT_TYPE && (value === null || value.length === 0);
  return { offset: Number(offset), timestampMs: Number(timestamp), value, isTick };
}

/** Keeps the group membership alive while the processor waits for storage. */
async function withHeartbeat<T>(heartbeat: () => Promise<void>, work: Promise<T>, log: Log): Promise<T> {
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => log.debug('A heartbeat was missed.', { error }));
  }, heartbeatEveryMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

async function eachBatch(
  consumer: Consumer,
  handlers: LogHandlers,
  log: Log,
  payload: EachBatchPayload,
  joins: () => number,
): Promise<void> {
  const { batch } = payload;
  const joined = joins();
  if (payload.isStale() || batch.messages.length === 0) return;
  const records = batch.messages.map(toRecord);
  const taken = await withHeartbeat(
    payload.heartbeat,
    handlers.take(batch.partition, records, Number(batch.highWatermark), Number(batch.firstOffset())),
    log,
  );
  // What was said of a batch of before is void: the partition is read from where this assignment begins.
  if (joins() !== joined) return;
  if (taken.kind === 'seek') {
    consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(taken.offset) });
    return;
  }
  if (taken.kind === 'finished') consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
  payload.resolveOffset(batch.lastOffset());
}

/** @param from offsets to begin at, by partition; others begin at the oldest record. */
export async function readLog(
  kafka: Kafka,
  topic: string,
  groupId: string,
  from: ReadonlyMap<number, number>,
  handlers: LogHandlers,
  log: Log,
): Promise<LogReader> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 30_000,
    heartbeatInterval: heartbeatEveryMs,
    maxBytesPerPartition: bytesPerPartition,
    maxBytes: 8 * bytesPerPartition,
    maxWaitTimeInMs: 100,
    retry: { retries: 50, maxRetryTime: 5_000 },
  });
  let joins = 0;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joins += 1;
    const partitions = payload.memberAssignment[topic] ?? [];
    handlers.assigned(partitions);
    for (const partition of partitions) {
      const offset = from.get(partition);
      if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
    }
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) handlers.failed(payload.error);
    else log.warn('The Kafka consumer crashed and starts again.', { error: payload.error.message });
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => eachBatch(consumer, handlers, log, payload, () => joins),
    });
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw error;
  }
  return { stop: () => consumer.disconnect() };
}

export type PartitionEnds = ReadonlyMap<number, { readonly low: number; readonly high: number }>;

export async function logEnds(kafka: Kafka, topic: string): Promise<PartitionEnds> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map((one) => [one.partition, { low: Number(one.low), high: Number(one.high) }]));
  } finally {
    await admin.disconnect();
  }
}

/** First offset at or after a time, by partition; the end of the log where there is none. */
export async function offsetsAt(kafka: Kafka, topic: string, timeMs: number): Promise<Map<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
    return new Map(offsets.map((one) => [one.partition, Number(one.offset)]));
  } finally {
    await admin.disconnect();
  }
}

export async function listTopics(kafka: Kafka): Promise<string[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await admin.listTopics().catch((error: unknown) => {
      // A broker that goes away in the middle is no answer to kafkajs, which then looks into what is not there.
      throw error instanceof TypeError
        ? new NoAnswerError('The list of topics did not come.', { cause: error })
        : error;
    });
  } finally {
    await admin.disconnect();
  }
}
