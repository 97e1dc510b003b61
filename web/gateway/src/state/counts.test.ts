// A terminal's day out of its 5-minute windows, where it has no day of its own: every window that the ring holds, and no other.
import { TERMINALS } from '@quaywatch/contracts';
import { DAY_MS } from '@quaywatch/seeds';
import { expect, test } from 'vitest';
import { NOW, rowOf } from '../testing.ts';
import { midnightMs, terminalDay } from './counts.ts';
import { createLiveState, putStoredRow } from './live-state.ts';

const today = midnightMs(NOW);
const five = 300_000;
const terminal = TERMINALS.findIndex(({ code }) => code === rowOf({}).terminal);

test.each<[string, readonly number[], (number | null)[]]>([
  ['none', [], [null, null, null]],
  ['the first and the last of a day', [today, today + DAY_MS - five], [null, 2, null]],
  ['on both sides of midnight', [today - five, today], [1, 1, null]],
  ['one, in the middle of the next day', [today + DAY_MS + DAY_MS / 2], [null, null, 1]],
])('of windows there is %s', (_, starts, moves) => {
  const state = createLiveState('live');
  for (const start_ms of starts)
    putStoredRow(state, rowOf({ size_s: 300, start_ms, measures: { teu: 100, moves: 1 } }));
  const days = [today - DAY_MS, today, today + DAY_MS];
  expect(days.map((day) => terminalDay(state, terminal, day)?.moves ?? null)).toEqual(moves);
});
