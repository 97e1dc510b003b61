import { expect, test } from 'vitest';
import { countsByOne, createSequences, followSequence, forgetGaps, skippedOn } from './sequences.ts';

const day = 20_000;
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** Sequences as they arrive, all on one day. Returns how many are skipped on it in the end; null: not judged. */
function skipped(sequences: readonly number[]): number | null {
  const state = createSequences();
  for (const [i, sequence] of sequences.entries()) followSequence(state, sequence, day, i);
  return countsByOne(state) || state.gaps.length > 0 ? skippedOn(state, day) : null;
}

test.each([
  ['one after the other', upTo(30), 0],
  ['time stamps', upTo(60).map((i) => i * 1_733), null],
  ['too few to know', upTo(10), null],
  ['one left out', [...upTo(30), 32], 1],
  ['ten left out, and more reports', [...upTo(30), 41, 42, 43], 10],
  ['two gaps', [...upTo(30), 32, 35], 3],
  ['late, and there in the end', [...upTo(30), 33, 31, 32], 0],
  ['the middle of a gap comes', [...upTo(30), 34, 32], 2],
  ['the same again', [...upTo(30), 30, 29, 31], 0],
  ['a new numbering', [...upTo(30), 1_000_000], null],
  ['out of order before it is known', [1, 3, 2, ...upTo(40).slice(3)], 0],
])('%s', (_, sequences, want) => {
  expect(skipped(sequences)).toBe(want);
});

test('a gap of a settled day is forgotten, and one of another stays', () => {
  const state = createSequences();
  for (const sequence of upTo(30)) followSequence(state, sequence, day, 0);
  expect(followSequence(state, 35, day, 0)).toBe(day);
  followSequence(state, 40, day + 1, 0);
  forgetGaps(state, day);
  expect([skippedOn(state, day), skippedOn(state, day + 1)]).toEqual([0, 4]);
});

test('what is open is bounded', () => {
  const state = createSequences();
  for (const sequence of upTo(30)) followSequence(state, sequence, day, 0);
  for (let i = 0; i < 5_000; i++) followSequence(state, 32 + 2 * i, day, 0);
  expect(state.gaps.length).toBeLessThanOrEqual(64);
});
