/** Reads quaywatch.rules.v1 from its beginning, and follows it. The rules of a run must be known before its log is taken. */
import { randomUUID } from 'node:crypto';
import { RULES_TOPIC, type RuleSet } from '@quaywatch/contracts';
import { decodeRuleSet } from '@quaywatch/contracts/rules-schema';
import type { Kafka } from '@quaywatch/kafka';
import type { Log } from '@quaywatch/runtime';
import { logEnds } from './kafka-log.ts';

/** Resolves when every rule set that was there has been taken; later ones are taken as they come. `failed`: none will come any more. */
export async function followRules(
  kafka: Kafka,
  log: Log,
  take: (set: RuleSet) => void,
  failed: (error: Error) => void,
): Promise<{ stop(): Promise<void> }> {
  const end = (await logEnds(kafka, RULES_TOPIC)).get(0) ?? { low: 0, high: 0 };
  const consumer = kafka.consumer({
    groupId: `quaywatch-rules-${randomUUID()}`,
    maxWaitTimeInMs: 500,
    retry: { retries: 50, maxRetryTime: 5_000 },
  });
  // A reader that is gone would leave the run under old rules without a word.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) failed(payload.error);
  });
  const caughtUp = Promise.withResolvers<void>();
  if (end.high <= end.low) caughtUp.resolve();
  await consumer.connect();
  await consumer.subscribe({ topic: RULES_TOPIC, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      const set = decodeRuleSet(message.value);
      if (set === undefined) log.warn('A rule set could not be read and is ignored.', { offset: message.offset });
      else take(set);
      if (Number(message.offset) >= end.high - 1) caughtUp.resolve();
    },
  });
  await caughtUp.promise;
  return { stop: () => consumer.disconnect() };
}
