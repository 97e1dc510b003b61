import { PARTITION_COUNT } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createProcessing } from './unprocessed.ts';

const all = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

/** A log of moves in which these partitions hold records; `at` is the clock in seconds. */
function watched(withRecords: readonly number[]) {
  const clock = { seconds: 1_000 };
  const held = new Set(withRecords);
  const positions = (offsetOf: (partition: number) => number) => async (topic: string) =>
    all.map((partition) => ({ topic, partition, offset: offsetOf(partition) }));
  const kafka = { starts: positions(() => 3), ends: positions((partition) => (held.has(partition) ? 9 : 3)) };
  return { clock, held, ...createProcessing(kafka, () => clock.seconds * 1000) };
}

test('a partition in which nobody reports is no fault; one whose marks have ended is', async () => {
  const { clock, marked, ask, unprocessed, isLogEmpty } = watched([3, 7]);
  await ask();
  expect(unprocessed()).toEqual([3, 7]);
  for (const partition of [3, 7]) marked(partition, 1_000_000);
  expect([unprocessed(), isLogEmpty()]).toEqual([[], false]);
  clock.seconds += 20;
  marked(3, 1_020_000);
  clock.seconds += 11;
  expect(unprocessed()).toEqual([7]);
});

test('whoever reports later is waited for from then on', async () => {
  const { clock, held, marked, ask, unprocessed } = watched([3]);
  await ask();
  marked(3, 1_000_000);
  held.add(5);
  await ask();
  expect(unprocessed(), 'asked a moment ago').toEqual([]);
  clock.seconds += 11;
  await ask();
  expect(unprocessed()).toEqual([5]);
});

test('while the whole log is empty nothing is live', async () => {
  const { ask, unprocessed, isLogEmpty } = watched([]);
  expect(unprocessed()).toEqual(all);
  await ask();
  expect([unprocessed(), isLogEmpty()]).toEqual([all, true]);
});
