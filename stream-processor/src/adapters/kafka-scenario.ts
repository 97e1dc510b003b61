/** Reads the ground truth of a recording's feeds from quaywatch.scenario.v1. */
import { randomUUID } from 'node:crypto';
import { SCENARIO_TOPIC, type ScenarioEvent } from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import { logEnds } from './kafka-log.ts';

/** @param stretch the recording's name. */
export async function readScenario(kafka: Kafka, stretch: string): Promise<ScenarioEvent[]> {
  const end = (await logEnds(kafka, SCENARIO_TOPIC)).get(0) ?? { low: 0, high: 0 };
  const events = new Map<string, ScenarioEvent>();
  if (end.high <= end.low) return [];
  const consumer = kafka.consumer({ groupId: `quaywatch-scenario-${randomUUID()}` });
  const done = Promise.withResolvers<void>();
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: SCENARIO_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        const key = message.key?.toString() ?? '';
        if (message.value === null) events.delete(key);
        else events.set(key, JSON.parse(message.value.toString()) as ScenarioEvent);
        if (Number(message.offset) >= end.high - 1) done.resolve();
      },
    });
    await done.promise;
  } finally {
    await consumer.disconnect();
  }
  return [...events.values()].filter((event) => event.stretch === stretch);
}
