import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { describe, expect, it, test } from 'vitest';
import type { Slot } from '../slots.ts';
import { queryOfPlay, requestOf } from './address.ts';
import { differenceOf, pairHours, shiftOf } from './hours.ts';

const FROM = Date.UTC(2024, 8, 14, 16);
const TO = FROM + 5 * DAY_MS;

test.each([
  [{ run: 'r', fromMs: FROM, toMs: TO, atMs: FROM + 7, speed: 600, asKnown: true, paused: false }, ''],
  [{ run: 'r', fromMs: FROM, toMs: TO, atMs: TO, speed: 10_000, asKnown: false, paused: true }, 'other run'],
  [{ run: 'live', fromMs: FROM, toMs: TO, atMs: FROM, speed: 1, asKnown: true, paused: true }, ''],
])('an address brings back what it was made of: %o', (play, beside) => {
  const query = new URLSearchParams(queryOfPlay(play, beside));
  expect(requestOf(play.run, new URLSearchParams(query.toString()))).toEqual(play);
  expect(query.get('with') ?? '').toBe(beside);
});

test.each([
  ['', `from=${FROM}&to=${TO}`],
  ['r', ''],
  ['r', `from=${TO}&to=${FROM}`],
])('run %o with %o plays nothing', (run, query) => expect(requestOf(run, new URLSearchParams(query))).toBeUndefined());

it('plays from a day into the stretch at 600× when a moment or a speed makes no sense', () =>
  expect(requestOf('r', new URLSearchParams(`from=${FROM}&to=${TO}&at=5&speed=1e9`))).toMatchObject({
    atMs: FROM + DAY_MS,
    speed: 600,
  }));

const slot = (startMs: number, rate: number | null): Slot => ({ startMs, rate, expected: null, band: null });

describe('difference', () => {
  it('pairs by the hour of the day and leaves out what one of both does not know', () => {
    const played = [0, 1, 2, 3].map((hour) => slot(FROM + hour * HOUR_MS, 100 + hour));
    const other = [2, 3, 1, 0].map((hour) => slot(FROM + 40 * DAY_MS + hour * HOUR_MS, hour === 3 ? null : 50));
    const hours = pairHours(played, other);
    expect(hours.map(({ startMs, ...both }) => [(startMs - FROM) / HOUR_MS, both])).toEqual([
      [0, { played: 100, other: 50 }],
      [1, { played: 101, other: 50 }],
      [2, { played: 102, other: 50 }],
    ]);
    expect(differenceOf(hours)).toEqual({ teu: 153, percent: 102, hours: 3 });
  });
  it('of nothing is nothing, and has no per cent', () =>
    expect(differenceOf([])).toEqual({ teu: 0, percent: null, hours: 0 }));
});

test.each([
  ['the same days', { fromMs: FROM + DAY_MS, toMs: TO }, 0],
  ['a year on', { fromMs: FROM + 365 * DAY_MS, toMs: TO + 365 * DAY_MS }, 364 * DAY_MS],
  ['four months on', { fromMs: FROM + 127 * DAY_MS, toMs: TO + 150 * DAY_MS }, 127 * DAY_MS],
  ['the week before', { fromMs: FROM - 7 * DAY_MS, toMs: FROM }, -7 * DAY_MS],
])('another run of %s', (_what, other, shift) => expect(shiftOf({ fromMs: FROM, toMs: TO }, other)).toBe(shift));
