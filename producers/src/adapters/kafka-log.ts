/**
 * Reads stretches of a topic by offset: the end of the log that feeds go on from, and small compacted topics.
 * It commits nothing and leaves no consumer group behind.
 */
import type { IHeaders, Kafka } from '@quaywatch/kafka';

export type LogRecord = {
  readonly key: string;
  readonly value: Buffer;
  readonly timestampMs: number;
  readonly offset: number;
  readonly headers: Readonly<Record<string, string>>;
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

function headersOf(headers: IHeaders | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

const readWithinMs = 60_000;
let readers = 0;

/** One consumer a read: a batch that an earlier read had asked for can then never be taken for one of this read. */
async function readRanges(
  kafka: Kafka,
  topic: string,
  ranges: readonly (readonly [number, OffsetRange])[],
  onRecord: (partition: number, record: LogRecord) => void,
): Promise<string> {
  const groupId = `quaywatch-feeds-${process.pid}-${Date.now()}-${readers++}`;
  const consumer = kafka.consumer({
    groupId,
    maxBytesPerPartition: 8 * 1024 * 1024,
    maxWaitTimeInMs: 100,
    // A broker that has just started is loading its groups for seconds.
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const unread = new Map(ranges.map(([partition, range]) => [partition, { next: range.low, high: range.high }]));
  const finished = Promise.withResolvers<void>();
  const timer = setTimeout(() => finished.reject(new Error(`Reading ${topic} took more than a minute.`)), readWithinMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // kafkajs starts again by itself after what passes, such as a coordinator that is still loading.
      if (payload.restart) return;
      finished.reject(new Error(`${topic} could not be read.`, { cause: payload.error }));
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, { low }] of ranges) consumer.seek({ topic, partition, offset: String(low) });
    });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const range = unread.get(batch.partition);
        if (range === undefined) return;
        for (const message of batch.messages) {
          const offset = Number(message.offset);
          if (offset < range.next || offset >= range.high) continue;
          range.next = offset + 1;
          onRecord(batch.partition, {
            key: message.key?.toString() ?? '',
            value: message.value ?? Buffer.alloc(0),
            timestampMs: Number(message.timestamp),
            offset,
            headers: headersOf(message.headers),
          });
        }
        // Compacted topics have holes: the batch's own end says how far it went.
        if (Number(batch.lastOffset()) + 1 >= range.high) unread.delete(batch.partition);
        if (unread.size === 0) finished.resolve();
      },
    });
    await finished.promise;
    return groupId;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

export async function openLog(kafka: Kafka, topic: string): Promise<LogReader> {
  const admin = kafka.admin();
  await admin.connect();
  const groups: string[] = [];
  return {
    ends: async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
    },
    read: async (ranges, onRecord) => {
      const nonEmpty = [...ranges].filter(([, { low, high }]) => low < high);
      if (nonEmpty.length > 0) groups.push(await readRanges(kafka, topic, nonEmpty, onRecord));
    },
    close: async () => {
      if (groups.length > 0) await admin.deleteGroups(groups).catch(() => {});
      await admin.disconnect();
    },
  };
}
