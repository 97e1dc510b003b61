import { describe, expect, test } from 'vitest';
import { createCadence, observe, recordsIn } from './cadence.ts';
import { createRefractory } from './refractory.ts';
import { createSeriesScorer } from './score-series.ts';
import { SortedHistory } from './sorted-history.ts';
import { createTwoSidedCalibration, createUpperCalibration, surpriseMax } from './tail-surprise.ts';

const seed = Number(process.env['SEED'] ?? 20_240_601);
const fiveMinutesMs = 300_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2024, 0, 1);

/** mulberry32: uniform in 0…1. */
function uniform(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Near enough to a normal deviate for noise. */
function noise(random: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

type Shape = (at: number, noise: number) => number;
type Series = { readonly shape: Shape; readonly records: number; readonly intervalMs?: number };

function valuesOf({ shape, records }: Series, from = seed): number[] {
  const random = uniform(from);
  return Array.from({ length: records }, (_, at) => shape(at, noise(random)));
}

function scoresOf(values: readonly number[], intervalMs = fiveMinutesMs, firstMs = startMs): number[] {
  const score = createSeriesScorer();
  return values.map((value, at) => score(firstMs + at * intervalMs, value));
}

const alarmsOf = (scores: readonly number[]) => scores.flatMap((score, at) => (score >= 0.5 ? [at] : []));
const hourAngle = (at: number) => (2 * Math.PI * at) / 288;
const steady: Shape = (_at, deviate) => 100 + 5 * deviate;
const seasonal: Shape = (at, deviate) => 200 + 80 * Math.sin(hourAngle(at)) + 6 * deviate;
const from = 2500;

describe(`what happens at record ${from} is told (seed ${seed})`, () => {
  const cases: readonly { readonly name: string; readonly within: number; readonly shape: Shape }[] = [
    { name: 'a step', within: 24, shape: (at, deviate) => steady(at, deviate) + (at >= from ? 40 : 0) },
    { name: 'a small step that stays', within: 30, shape: (at, d) => steady(at, d) + (at >= from ? 12 : 0) },
    { name: 'a spike', within: 2, shape: (at, deviate) => steady(at, deviate) + (at === from ? 90 : 0) },
    { name: 'a fall to zero', within: 2, shape: (at, deviate) => (at >= from ? 0 : steady(at, deviate)) },
    { name: 'a flat line', within: 40, shape: (at, deviate) => (at >= from ? 100 : steady(at, deviate)) },
    { name: 'restlessness', within: 40, shape: (at, deviate) => 100 + (at >= from ? 20 : 5) * deviate },
    { name: 'a value outside the range', within: 1, shape: (at) => (at === from ? 25 : at % 10) },
    { name: 'a morning without its rise', within: 80, shape: (at, d) => seasonal(at >= from ? 216 : at, d) },
    { name: 'the end of a constant', within: 1, shape: (at) => (at >= from ? 8 : 7) },
  ];
  test.each(cases)('$name', ({ shape, within }) => {
    const scores = scoresOf(valuesOf({ shape, records: from + within }));
    expect(alarmsOf(scores.slice(from))).not.toEqual([]);
    expect(alarmsOf(scores.slice(1000, from)).length).toBeLessThanOrEqual(1);
  });
});

describe('what is usual stays silent, but for the few alarms that noise is owed', () => {
  const runs = 5;
  const counts: Shape = (_at, deviate) => Math.max(0, Math.round(31 + 5 * deviate));
  const cases: readonly (Series & { readonly name: string; readonly alarmsMax: number })[] = [
    { name: 'a constant', alarmsMax: 0, records: 4000, shape: () => 42 },
    { name: 'a clean wave', alarmsMax: 0, records: 4000, shape: (at) => Math.sin(hourAngle(at)) },
    // Its mean over the window of the level is one number, but for rounding.
    { name: 'a wave of two hours', alarmsMax: 0, records: 4000, shape: (at) => 100.1 + Math.sin((Math.PI * at) / 12) },
    { name: 'a wave with noise, two weeks', alarmsMax: 1, records: 4032, shape: seasonal },
    { name: 'noise, two weeks', alarmsMax: 2, records: 4032, shape: steady },
    { name: 'counts a day, a year', alarmsMax: 5, records: 425, intervalMs: dayMs, shape: counts },
  ];
  test.each(cases)('$name: at most $alarmsMax', ({ alarmsMax, intervalMs, ...series }) => {
    let alarms = 0;
    for (let run = 0; run < runs; run++)
      alarms += alarmsOf(scoresOf(valuesOf(series, seed + run), intervalMs).slice(60)).length;
    expect(alarms / runs).toBeLessThanOrEqual(alarmsMax);
  });
});

test('a day without calls is told on the day, after sixty days of learning', () => {
  const values = valuesOf({ records: 200, shape: (at, d) => (at === 100 || at === 180 ? 0 : Math.round(31 + 5 * d)) });
  const alarms = alarmsOf(scoresOf(values, dayMs));
  expect(alarms).toContain(100);
  expect(alarms).toContain(180);
});

describe('the same series in other clothes scores the same', () => {
  const values = valuesOf({ records: 3000, shape: (at, d) => seasonal(at, d) + (at > 2000 && at < 2030 ? 300 : 0) });
  const scores = scoresOf(values);

  test.each([
    [3.7, 11],
    [1e-6, 0],
    [1e6, -4e8],
  ])('times %d plus %d', (scale, offset) => {
    const others = scoresOf(values.map((value) => value * scale + offset));
    for (const [at, score] of scores.entries()) expect(others[at]).toBeCloseTo(score, 5);
  });

  test('another year', () => {
    expect(scoresOf(values, fiveMinutesMs, startMs + 364 * dayMs)).toEqual(scores);
  });

  test('once more', () => {
    expect(scoresOf(values)).toEqual(scores);
  });

  test('all lie in 0…1, and the future changes none', () => {
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(scoresOf(values.slice(0, 2010))).toEqual(scores.slice(0, 2010));
  });
});

test('a history holds its last values only, in order', () => {
  const history = new SortedHistory(16);
  const random = uniform(seed);
  const values = Array.from({ length: 100 }, () => Math.floor(random() * 20));
  for (const value of values) history.push(value);
  const kept = values.slice(-16).toSorted((a, b) => a - b);
  expect(history.size).toBe(16);
  expect(Array.from({ length: 16 }, (_, place) => history.nth(place))).toEqual(kept);
  expect(history.countBelow(10)).toBe(kept.filter((value) => value < 10).length);
  expect(history.countUpTo(10)).toBe(kept.filter((value) => value <= 10).length);
});

test('surprise is −ln of the tail: exponential values are as surprising as they are rare, on both sides', () => {
  const random = uniform(seed);
  const upper = createUpperCalibration();
  const lower = createTwoSidedCalibration();
  for (let i = 0; i < 4000; i++) {
    const value = -Math.log(1 - random());
    upper(value);
    lower(-value);
  }
  expect(upper(1)).toBeCloseTo(1, 0);
  expect(upper(8) / 8).toBeCloseTo(1, 0);
  expect(lower(-8)).toBeCloseTo(8 - Math.LN2, 0);
  expect(upper(1e9)).toBe(surpriseMax);
});

test('an alarm is followed by a pause of at most a day', () => {
  const cadence = createCadence();
  for (let at = 0; at < 5; at++) observe(cadence, at * (dayMs / 50));
  expect(recordsIn(cadence, dayMs)).toBe(50);
  const shown = createRefractory(cadence);
  for (let at = 0; at < 10_000; at++) shown(0);
  const scores = Array.from({ length: 120 }, () => shown(0.9));
  expect(alarmsOf(scores)).toEqual([0, 50, 100]);
});
