/**
 * A producer that keeps a ledger of what the broker has acknowledged, and the reckoning of that ledger against the log: every acknowledged record
 * is there, once, in the order of its key. Sends numbered records and nothing else.
 */

import { createProducer, type Kafka, type Message } from '@quaywatch/kafka';
import { delay } from '@quaywatch/runtime';

const keys = 6;
const recordsPerSend = 20;
/** The broker refuses what its replicas have not taken by then. */
const ackWithinMs = 3_000;

export type Ledger = {
  /** Numbers acknowledged, by key. */
  readonly acked: ReadonlyMap<string, readonly number[]>;
  readonly refused: () => readonly string[];
  readonly sends: () => number;
  readonly stop: () => Promise<void>;
};

/** Sends as fast as the broker takes it, tries again whatever is refused, until it is stopped. A send names one partition (docs/adr/0010). */
export async function startLedger(kafka: Kafka, topic: string, partitions: number): Promise<Ledger> {
  const producer = createProducer(kafka, {
    maxInFlightRequests: 1,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 500 },
  });
  await producer.connect();
  const acked = new Map<string, number[]>(Array.from({ length: keys }, (_, key) => [`key-${key}`, []]));
  const refused: string[] = [];
  const stopping = new AbortController();
  let sends = 0;
  /** Whether it was acknowledged; false when it was refused until the end. */
  const insist = async (messages: Message[]): Promise<boolean> => {
    for (;;) {
      try {
        await producer.send({ topic, acks: -1, timeout: ackWithinMs, messages });
        return true;
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
        if (stopping.signal.aborted) return false;
        await delay(100, stopping.signal);
      }
    }
  };
  const work = async (partition: number) => {
    const own = [...acked].filter((_, key) => key % partitions === partition);
    for (let next = 0; !stopping.signal.aborted; next += recordsPerSend) {
      const numbers = Array.from({ length: recordsPerSend }, (_, i) => next + i);
      const messages = own.flatMap(([key]) => numbers.map((one) => ({ key, value: String(one), partition })));
      if (!(await insist(messages))) return;
      for (const [, list] of own) list.push(...numbers);
      sends++;
      await delay(5, stopping.signal);
    }
  };
  const working = Promise.all(Array.from({ length: partitions }, (_, partition) => work(partition)));
  return {
    acked,
    refused: () => refused,
    sends: () => sends,
    stop: async () => {
      stopping.abort();
      await working;
      await producer.disconnect();
    },
  };
}

export type Reckoning = { readonly lost: number; readonly twice: number; readonly outOfOrder: number };

/** @param found numbers by key, in the order of the log. */
export function reckon(
  acked: ReadonlyMap<string, readonly number[]>,
  found: ReadonlyMap<string, readonly number[]>,
): Reckoning {
  let [lost, twice, outOfOrder] = [0, 0, 0];
  for (const [key, numbers] of acked) {
    const there = found.get(key) ?? [];
    const known = new Set(there);
    lost += numbers.filter((one) => !known.has(one)).length;
    twice += there.length - known.size;
    const firsts = [...known];
    outOfOrder += firsts.filter((one, i) => one < (firsts[i - 1] ?? -1)).length;
  }
  return { lost, twice, outOfOrder };
}

/** Every record of a topic, by key, in the order of the log. */
export async function readNumbers(kafka: Kafka, topic: string): Promise<Map<string, number[]>> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const missing = new Map(
    offsets.filter((one) => Number(one.high) > 0).map((one) => [one.partition, Number(one.high)]),
  );
  const found = new Map<string, number[]>();
  const next = new Map<number, number>();
  const consumer = kafka.consumer({ groupId: `faults-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 });
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => done.reject(new Error(`${topic} could not be read in a minute.`)), 60_000);
  if (missing.size === 0) done.resolve();
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value, offset } of batch.messages) {
          if (Number(offset) < (next.get(batch.partition) ?? 0)) continue;
          next.set(batch.partition, Number(offset) + 1);
          const list = found.get(String(key)) ?? [];
          found.set(String(key), list);
          list.push(Number(value));
        }
        if (Number(batch.lastOffset()) + 1 >= (missing.get(batch.partition) ?? 0)) missing.delete(batch.partition);
        if (missing.size === 0) done.resolve();
      },
    });
    await done.promise;
    return found;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}
