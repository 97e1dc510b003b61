import { MOVES_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { fakeKafka } from '../fakes.ts';
import { coversLive } from './recordings.ts';

/** Offsets of two partitions: first, at the beginning of the stretch, at its end, end. */
type Offsets = readonly (readonly [number, number, number, number])[];

test.each<[string, Offsets, boolean]>([
  [
    'both reach beyond it on either side',
    [
      [0, 5, 9, 12],
      [3, 4, 5, 6],
    ],
    true,
  ],
  [
    'one begins within it',
    [
      [0, 5, 9, 12],
      [3, 3, 5, 6],
    ],
    false,
  ],
  [
    'one ends within it',
    [
      [0, 5, 9, 12],
      [3, 4, 6, 6],
    ],
    false,
  ],
  [
    'one is empty',
    [
      [0, 5, 9, 12],
      [0, 0, 0, 0],
    ],
    false,
  ],
  ['there is none', [], false],
])('the live log covers a stretch or not: %s', async (_what, offsets, expected) => {
  const { kafka } = fakeKafka();
  const at = (column: 0 | 1 | 2 | 3) =>
    offsets.map((row, partition) => ({ topic: MOVES_TOPIC, partition, offset: row[column] }));
  const log = {
    ...kafka,
    topics: async () => [MOVES_TOPIC],
    starts: async () => at(0),
    offsetsAt: async (_topic: string, timeMs: number) => at(timeMs === 1_000 ? 1 : 2),
    ends: async () => at(3),
  };
  expect(await coversLive(log, 1_000, 2_000)).toBe(expected);
  expect(await coversLive({ ...log, topics: async () => [] }, 1_000, 2_000)).toBe(false);
});
