/**
 * Reads stretches of a topic by offset: the end of the log that feeds go on from, and small compacted topics.
 * It commits nothing and leaves no consumer group behind.
 */
import type { Kafka } from 'kafkajs';

export type LogRecord = {
  readonly key: string;
  readonly value: Buffer;
  readonly timestampMs: number;
  readonly offset: number;
};
export type OffsetRange = { readonly low: number; readonly high: number };

export type LogReader = {
  /** First and next offset of every partition. */
  readonly ends: () => Promise<ReadonlyMap<number, OffsetRange>>;
  /** Hands over the records of each range [low, high) in order of offset. */
  readonly read: (
    ranges: ReadonlyMap<number, OffsetRange>,
    onRecord: (partition: number, record: LogRecord) => void,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function openLog(kafka: Kafka, topic: string): Promise<LogReader> {
  const groupId = `quaywatch-feeds-${process.pid}-${Date.now()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 8 * 1024 * 1024, retry: { retries: 3 } });
  await admin.connect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let wanted = new Map<number, { next: number; high: number }>();
  let handOver: (partition: number, record: LogRecord) => void = () => {};
  let finish: () => void = () => {};
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      reject(new Error(`The end of ${topic} could not be read.`, { cause: payload.error }));
    });
  });
  joined.catch(() => {});
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: async ({ batch, resolveOffset }) => {
      const range = wanted.get(batch.partition);
      for (const message of batch.messages) {
        const offset = Number(message.offset);
        resolveOffset(message.offset);
        // A batch that was fetched before the seek is passed over.
        if (range === undefined || offset < range.next || offset >= range.high) continue;
        range.next = offset + 1;
        const value = message.value ?? Buffer.alloc(0);
        handOver(batch.partition, {
          key: message.key?.toString() ?? '',
          value,
          timestampMs: Number(message.timestamp),
          offset,
        });
      }
      // Compacted topics have holes: the batch's own end says how far it went.
      if (range !== undefined && Number(batch.lastOffset()) + 1 >= range.high) wanted.delete(batch.partition);
      if (wanted.size === 0) finish();
    },
  });
  return {
    ends: async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
    },
    read: async (ranges, onRecord) => {
      const nonEmpty = [...ranges].filter(([, { low, high }]) => low < high);
      if (nonEmpty.length === 0) return;
      await joined;
      wanted = new Map(nonEmpty.map(([partition, { low, high }]) => [partition, { next: low, high }]));
      handOver = onRecord;
      const finished = new Promise<void>((resolve, reject) => {
        finish = resolve;
        setTimeout(() => reject(new Error(`Reading ${topic} took more than a minute.`)), 60_000).unref();
      });
      for (const [partition, { low }] of nonEmpty) consumer.seek({ topic, partition, offset: String(low) });
      await finished;
    },
    close: async () => {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => {});
      await admin.disconnect();
    },
  };
}
