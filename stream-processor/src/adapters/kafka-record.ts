/** One record of a topic by its place, and a search over a topic's newer end. Reads without a group's position; writes nothing. */
import { randomUUID } from 'node:crypto';
import { createProducer, type Kafka, type KafkaMessage } from '@quaywatch/kafka';
import { logEnds } from './kafka-log.ts';

const answerWithinMs = 20_000;

/**
 * The first record at or after `from` that `isWanted`, before the end that the partition has now; undefined when there is none, or when none was
 * found in time.
 */
export async function findRecord(
  kafka: Kafka,
  topic: string,
  partition: number,
  from: number,
  isWanted: (message: KafkaMessage) => boolean,
): Promise<KafkaMessage | undefined> {
  const end = (await logEnds(kafka, topic)).get(partition);
  if (end === undefined || from >= end.high) return undefined;
  const consumer = kafka.consumer({ groupId: `quaywatch-peek-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const found = Promise.withResolvers<KafkaMessage | undefined>();
  const timer = setTimeout(() => found.resolve(undefined), answerWithinMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const offset = String(Math.max(from, end.low));
    consumer.on(consumer.events.GROUP_JOIN, () => consumer.seek({ topic, partition, offset }));
    await consumer.run({
      autoCommit: false,
      eachMessage: async (payload) => {
        if (payload.partition !== partition || Number(payload.message.offset) < from) return;
        if (isWanted(payload.message)) found.resolve(payload.message);
        else if (Number(payload.message.offset) >= end.high - 1) found.resolve(undefined);
      },
    });
    return await found.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}

/** Appends one record. Returns its offset. */
export async function appendRecord(
  kafka: Kafka,
  topic: string,
  record: { partition: number; key: string; value: Buffer; headers: Record<string, string> },
): Promise<number> {
  const producer = createProducer(kafka);
  await producer.connect();
  try {
    const [sent] = await producer.send({ topic, messages: [record] });
    return Number(sent?.baseOffset ?? -1);
  } finally {
    await producer.disconnect();
  }
}
