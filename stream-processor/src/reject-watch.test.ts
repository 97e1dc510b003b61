import type { DeadLetter } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { RejectWatch } from './reject-watch.ts';

const letter = (count: number): DeadLetter => ({
  partition: 0,
  offset: 0,
  entry: -1,
  count,
  reason: 'unknown_version',
  atMs: 0,
  port: '',
  terminal: '',
  detail: '',
});

/** So many rounds in which every sender sends one record of ten entries; `bad` of the ten senders are rejected. */
function watched(rounds: number, bad: number, shareMax = 0.5, weight = 1): string | undefined {
  const watch = new RejectWatch(shareMax);
  for (let round = 0; round < rounds; round++)
    for (let sender = 0; sender < 10; sender++) {
      const records = sender < bad ? weight : 1;
      for (let i = 0; i < records; i++) watch.note(`T${sender}`, 10, sender < bad ? [letter(10)] : []);
      watch.note(`T${sender}`, 0, []);
    }
  return watch.trouble();
}

test.each([
  ['nothing is wrong', 100, 0, 0.5, 1, false],
  ['everybody is rejected', 100, 10, 0.5, 1, true],
  ['everybody, but too few records to say', 10, 10, 0.5, 1, false],
  ['a third of the senders', 100, 3, 0.5, 1, false],
  ['six of ten', 100, 6, 0.5, 1, true],
  ['one sender in a flood: most of the records, and its own fault', 20, 1, 0.5, 90, false],
  ['six of ten, where more is allowed', 100, 6, 0.8, 1, false],
  ['everybody, and the watch is off', 100, 10, 1, 1, false],
])('%s', (_, rounds, bad, shareMax, weight, want) => {
  expect(watched(rounds, bad, shareMax, weight) !== undefined).toBe(want);
});

test('says how much, whose, why, and what to do', () => {
  expect(watched(100, 10)).toMatch(
    /^100 % .* last 1000 records .* 10 of 10 senders, most as unknown_version.*dead-letters/,
  );
});

test('what is long past is forgotten', () => {
  const watch = new RejectWatch(0.5);
  for (let i = 0; i < 1_000; i++) watch.note('A', 10, [letter(10)]);
  for (let i = 0; i < 2_000; i++) watch.note('A', 10, []);
  expect(watch.trouble()).toBeUndefined();
});
