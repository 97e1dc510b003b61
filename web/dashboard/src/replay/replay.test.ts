import type { PlayState, RunSummary } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { describe, expect, it, test } from 'vitest';
import type { Slot } from '../slots.ts';
import { changeTo, queryOfPlay, requestOf } from './address.ts';
import { changeOf, wantedOf } from './beside.ts';
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

test('an address of the stretch that is played moves the player; one of another run or stretch does not', () => {
  const known = { run: 'r', fromMs: FROM, toMs: TO, atMs: FROM, speed: 600, asKnown: true, paused: false };
  const asked = { ...known, atMs: FROM + 9, speed: 60, asKnown: false, paused: true };
  expect(changeTo(asked, known)).toEqual({ atMs: FROM + 9, speed: 60, asKnown: false, paused: true });
  expect(changeTo({ ...asked, run: 's' }, known)).toBeUndefined();
  expect(changeTo({ ...asked, toMs: TO + 1 }, known)).toBeUndefined();
  expect(changeTo(asked, null)).toBeUndefined();
});

const slot = (startMs: number, rate: number | null): Slot => ({ startMs, rate, expected: null, band: null });

describe('difference', () => {
  it('pairs by the hour of the day and leaves out what one of both does not know', () => {
    const played = [0, 1, 2, 3].map((hour) => slot(FROM + hour * HOUR_MS, 100 + hour));
    const other = [2, 3, 1, 0].map((hour) => slot(FROM + 40 * DAY_MS + hour * HOUR_MS, hour === 3 ? null : 50));
    const hours = pairHours(played, other, null);
    expect(hours.map(({ startMs, ...both }) => [(startMs - FROM) / HOUR_MS, both])).toEqual([
      [0, { played: 100, other: 50 }],
      [1, { played: 101, other: 50 }],
      [2, { played: 102, other: 50 }],
    ]);
    expect(differenceOf(hours)).toEqual({ teu: 153, percent: 102, hours: 3 });
  });
  it('of two runs is that of the same hours, or of hours so many days later', () => {
    const day = (fromMs: number) => [0, 1, 2].map((hour) => slot(fromMs + hour * HOUR_MS, hour));
    expect(pairHours(day(FROM), day(FROM + HOUR_MS), 0).map(({ played, other }) => [played, other])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(pairHours(day(FROM), day(FROM + DAY_MS), 0)).toEqual([]);
    expect(pairHours(day(FROM), day(FROM + DAY_MS), DAY_MS)).toHaveLength(3);
  });
  it('of live is that of the same hours where both have some, and never of one of today with one of yesterday', () => {
    const day = (fromMs: number) => [0, 1, 2].map((hour) => slot(fromMs + hour * HOUR_MS, hour));
    expect(pairHours(day(FROM), day(FROM + HOUR_MS), null)).toEqual(pairHours(day(FROM), day(FROM + HOUR_MS), 0));
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

const play = (more: Partial<PlayState>): PlayState => ({
  session: 's',
  run: 'a',
  from_ms: FROM,
  to_ms: TO,
  at_ms: FROM + DAY_MS,
  speed: 600,
  paused: false,
  as_known: true,
  ended: false,
  ...more,
});
const run = (name: string, fromMs: number, toMs: number) => ({ run: name, from_ms: fromMs, to_ms: toMs }) as RunSummary;

describe('beside', () => {
  it('stands at the same moment; the same run as it is otherwise known; and never outside of its stretch', () => {
    expect(wantedOf(play({}), run('b', FROM, TO))).toMatchObject({ atMs: FROM + DAY_MS, asKnown: true, shiftMs: 0 });
    expect(wantedOf(play({}), run('a', FROM, TO))).toMatchObject({ asKnown: false });
  });
  it.each([
    ['its end, once it is over', FROM, FROM + HOUR_MS, FROM + HOUR_MS, 'end'],
    ['its beginning, before it begins', FROM + 2 * DAY_MS, TO, FROM + 2 * DAY_MS, 'beginning'],
  ] as const)('waits at %s, however fast the first one goes on', (_what, fromMs, toMs, atMs, waitsAt) => {
    const wanted = wantedOf(play({}), run('b', fromMs, toMs));
    expect(wanted).toMatchObject({ atMs, paused: true, waitsAt });
    const there = play({ at_ms: atMs, paused: true });
    for (const passedMs of [250, 5_000, 400_000])
      expect(
        changeOf(there, wantedOf(play({ at_ms: FROM + DAY_MS + passedMs }), run('b', fromMs, toMs)), 1_500),
      ).toBeUndefined();
    expect(wantedOf(play({ at_ms: atMs }), run('b', fromMs, toMs))).toMatchObject({ paused: false, waitsAt: null });
  });

  /** Two clocks at 4 Hz; what is asked for takes `loadMs` when it is a position. */
  function follow(speed: number, startBehindS: number, loadMs: number) {
    const first = { ...play({ speed }) };
    let other = play({ speed, at_ms: first.at_ms - startBehindS * speed * 1_000 });
    let seeks = 0;
    let loadedInMs = 0;
    for (let tick = 0; tick < 60; tick++) {
      first.at_ms += 250 * speed;
      if (loadedInMs > 0) loadedInMs -= 250;
      else other = { ...other, at_ms: other.at_ms + 250 * other.speed };
      if (loadedInMs > 0) continue;
      const change = changeOf(other, { atMs: first.at_ms, speed, paused: false, asKnown: true }, loadMs);
      if (change?.atMs !== undefined) {
        seeks++;
        loadedInMs = loadMs;
      }
      other = { ...other, at_ms: change?.atMs ?? other.at_ms, speed: change?.speed ?? other.speed };
    }
    return { seeks, apartS: Math.abs(first.at_ms - other.at_ms) / (speed * 1_000) };
  }
  it.each([
    [1, 4, 3_000, 0],
    [600, 5, 8_000, 0],
    [600, -3, 8_000, 0],
    [600, 400, 5_000, 1],
    [3_600, 400, 5_000, 1],
    [10_000, 400, 5_000, 1],
    [10_000, -2, 5_000, 0],
  ])('at %i×, %i s of playing behind, with %i ms to load: together after %i seeks', (speed, behindS, loadMs, seeks) => {
    const { apartS, ...rest } = follow(speed, behindS, loadMs);
    expect(rest).toEqual({ seeks });
    expect(apartS).toBeLessThan(0.6);
  });
  it('stands still exactly where the first one does', () => {
    const wanted = { atMs: FROM + 5, speed: 600, paused: true, asKnown: true };
    expect(changeOf(play({}), wanted, 1)).toEqual(wanted);
    expect(changeOf(play({ at_ms: FROM + 5, paused: true }), wanted, 1)).toBeUndefined();
  });
});
