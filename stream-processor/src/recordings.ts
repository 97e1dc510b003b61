/** Recordings: what each one says it holds, in the header of its last record. An unfinished one says nothing and is never offered. */
import { randomUUID } from 'node:crypto';
import { RECORDING_COMPLETE_HEADER } from '@quaywatch/contracts';
import { type Kafka, NoAnswerError } from '@quaywatch/kafka';
import type { Log } from '@quaywatch/runtime';
import { dayNumberOf } from '@quaywatch/seeds';
import { logEnds } from './adapters/kafka-log.ts';

export type RecordingInfo = { readonly name: string; readonly fromDay: number; readonly toDay: number };

const answerWithinMs = 15_000;

function dayOfDate(text: unknown): number | undefined {
  const ms = typeof text === 'string' ? Date.parse(`${text}T00:00:00+08:00`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : dayNumberOf(ms);
}

/**
 * What the recording covers; undefined when it was never finished.
 * @throws NoAnswerError when its last record does not come: what it covers is not known then.
 */
export async function findRecording(
  kafka: Kafka,
  topic: string,
  name: string,
  log: Log,
): Promise<RecordingInfo | undefined> {
  const end = (await logEnds(kafka, topic)).get(0);
  if (end === undefined || end.high === end.low) return undefined;
  const text = await headerAt(kafka, topic, end.high - 1);
  if (text === undefined) return undefined;
  try {
    const ledger: unknown = JSON.parse(text);
    const { from, to } = Object(ledger) as { from?: unknown; to?: unknown };
    const fromDay = dayOfDate(from);
    const toDay = dayOfDate(to);
    return fromDay === undefined || toDay === undefined ? undefined : { name, fromDay, toDay };
  } catch (error) {
    log.warn('A recording’s closing note can’t be read; it is left out.', { name, error });
    return undefined;
  }
}

async function headerAt(kafka: Kafka, topic: string, offset: number): Promise<string | undefined> {
  const consumer = kafka.consumer({ groupId: `quaywatch-peek-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const found = Promise.withResolvers<string | undefined>();
  found.promise.catch(() => {});
  const tooLate = () => found.reject(new NoAnswerError(`The last record of ${topic} did not come.`));
  const timer = setTimeout(tooLate, answerWithinMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: false });
    consumer.on(consumer.events.GROUP_JOIN, () => consumer.seek({ topic, partition: 0, offset: String(offset) }));
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        if (partition === 0 && Number(message.offset) === offset)
          found.resolve(message.headers?.[RECORDING_COMPLETE_HEADER]?.toString());
      },
    });
    return await found.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}
