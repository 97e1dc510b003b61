import { expect, it } from 'vitest';
import { TURN_MS, turnOf } from './turns.ts';

it.each([
  [0, [-1, -1]],
  [1, [0, 0, 0]],
  [3, [0, 0, 1, 2, 0, 0, 1, 2]],
])('of %i incidents each has its turn, the worst two', (count, turns) =>
  expect(turns.map((_, turn) => turnOf(count, turn * TURN_MS + 5))).toEqual(turns),
);
