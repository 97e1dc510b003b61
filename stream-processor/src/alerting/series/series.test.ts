import { DEFAULT_DETECTION } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { describe, expect, test } from 'vitest';
import { createSeries, decideSeries, type Reading, type SeriesState } from './series.ts';
import { readyRules } from './series-rules.ts';
import type { Step } from './step.ts';

const rules = readyRules(DEFAULT_DETECTION.kinds);
const slotMs = 300_000;
const perHour = 12;
const perDay = 288;
const t0 = Date.UTC(2025, 2, 3);

type Change = { from: number; to: number } & (
  | { as: 'factor'; factor: number | ((share: number) => number) }
  | { as: 'reading'; reading: Partial<Reading> }
);

/** Boxes come by a Poisson process around a baseline with hours of the day. */
function readingAt(slot: number, boxesPerSlot: number, random: () => number, changes: readonly Change[]): Reading {
  const endMs = t0 + (slot + 1) * slotMs;
  const expected = boxesPerSlot * (1 + 0.3 * Math.sin((2 * Math.PI * slot) / perDay));
  const active = changes.filter(({ from, to }) => slot >= from && slot < to);
  let rate = expected;
  for (const one of active)
    if (one.as === 'factor')
      rate *= typeof one.factor === 'number' ? one.factor : one.factor((slot - one.from) / (one.to - one.from));
  const boxes = poisson(rate, random);
  const reading: Reading = {
    endMs,
    teu: boxes * 1.6,
    baseline: expected * 1.6,
    calendar: 1,
    doubt: 0,
    covered: 1,
    duplicates: 0,
    lastYear: null,
    isPlanned: false,
  };
  return Object.assign(reading, ...active.map((one) => (one.as === 'reading' ? one.reading : {})));
}

function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let product = random();
  let count = 0;
  for (const limit = Math.exp(-mean); product > limit; count++) product *= random();
  return count;
}

type Told = Step & { readonly slot: number };

function run(
  days: number,
  boxesPerSlot: number,
  changes: readonly Change[] = [],
  { seed = 5, throughJson = false, isLearned = false } = {},
): Told[] {
  const random = createRandom(seed);
  const told: Told[] = [];
  let state: SeriesState = createSeries();
  for (let slot = 0; slot < days * perDay; slot++) {
    const out: Step[] = [];
    const reading = readingAt(slot, boxesPerSlot, random, changes);
    decideSeries(state, isLearned ? { ...reading, baseline: null } : reading, rules, out);
    if (throughJson && slot % 97 === 0) state = JSON.parse(JSON.stringify(state)) as SeriesState;
    told.push(...out.map((step) => ({ ...step, slot })));
  }
  return told;
}

const life = (told: readonly Told[]) => told.map(({ kind, status, phase }) => `${kind} ${status} ${phase}`);
const fired = (told: readonly Told[]) => told.filter(({ status }) => status === 'firing');
const day = (days: number) => Math.round(days * perDay);

const closureWithRebound: readonly Change[] = [
  { from: day(20), to: day(20.8), as: 'factor', factor: 0 },
  { from: day(20.8), to: day(22.5), as: 'factor', factor: (share) => 1 + 0.6 * (1 - share) },
];

describe('a series', () => {
  test('tells a closure and what is made up for after it as one incident with phases', () => {
    const told = run(26, 60, closureWithRebound).filter(({ status }) => status !== 'pending');
    expect(life(told)).toEqual([
      'stall firing closed',
      'stall recovering normal',
      'stall recovering rebound',
      'stall resolved normal',
    ]);
    const [opened, back] = told;
    expect((opened?.slot ?? 0) - day(20)).toBeLessThan(4);
    expect((back?.slot ?? 0) - day(20.8)).toBeLessThan(2 * perHour);
    expect(opened).toMatchObject({ reason: 'no_moves', windowMs: 2 * slotMs });
  });

  test('says what it expected, what came, and how sure it is', () => {
    const [opened] = fired(run(24, 60, [{ from: day(20), to: day(21), as: 'factor', factor: 0.5 }]));
    expect(opened?.kind).toBe('drop');
    expect(opened?.share).toBeLessThan(-0.3);
    expect(opened?.z).toBeLessThan(-3);
    expect(opened?.value).toBeCloseTo((opened?.expected ?? 0) * (1 + (opened?.share ?? 0)), 6);
    expect(opened?.sigma).toBeGreaterThan(0);
  });

  test('takes zero for a reading and a silent feed for none', () => {
    const zero = run(24, 60, [{ from: day(20), to: day(20.5), as: 'reading', reading: { teu: 0 } }]);
    const silent = run(24, 60, [{ from: day(20), to: day(20.5), as: 'reading', reading: { teu: null, covered: 0 } }]);
    expect(fired(zero).map(({ kind }) => kind)).toEqual(['stall']);
    expect(fired(silent).map(({ kind }) => kind)).toEqual(['feed_silent']);
    expect(silent.at(-1)).toMatchObject({ kind: 'feed_silent', status: 'resolved', reason: 'feed_back' });
  });

  test('compares what is left of a feed with what that part should bring', () => {
    const half: Change = { from: day(20), to: day(20.5), as: 'factor', factor: 0.5 };
    const known = run(24, 60, [half]).length;
    expect(known).toBeGreaterThan(0);
    const random = createRandom(5);
    const state = createSeries();
    const out: Step[] = [];
    for (let slot = 0; slot < day(24); slot++) {
      const reading = readingAt(slot, 60, random, [half]);
      const isHalf = slot >= half.from && slot < half.to;
      decideSeries(
        state,
        { ...reading, baseline: (reading.baseline ?? 0) * (isHalf ? 0.5 : 1), covered: isHalf ? 0.5 : 1 },
        rules,
        out,
      );
    }
    expect([...new Set(out.map(({ kind }) => kind))]).toEqual(['feed_silent']);
  });

  test('is silent in a planned stoppage and when work begins again', () => {
    const stop = { from: day(20), to: day(20.7) };
    const changes: readonly Change[] = [
      { ...stop, as: 'factor', factor: 0.03 },
      { ...stop, as: 'reading', reading: { isPlanned: true } },
    ];
    expect(run(24, 60, changes)).toEqual([]);
    expect(fired(run(24, 60, changes.slice(0, 1)))).not.toEqual([]);
  });

  test('counts a doubtful expectation: a holiday that is known to be one does not alert', () => {
    const dip: Change = { from: day(20), to: day(21), as: 'factor', factor: 0.72 };
    const known: Change = { from: day(20), to: day(21), as: 'reading', reading: { doubt: 0.13 } };
    expect(fired(run(24, 60, [dip]))).not.toEqual([]);
    expect(fired(run(24, 60, [dip, known]))).toEqual([]);
  });

  test.each([0.02, 0.05, 0.3])('never alerts on what chance does to a sparse port, %d boxes a slot', (boxes) => {
    for (const seed of [1, 2, 3]) expect(fired(run(7 * 20, boxes, [], { seed }))).toEqual([]);
  });

  test.each([2, 20, 200])('seldom alerts on chance alone, %d boxes a slot', (boxes) => {
    const weeks = 20;
    const alerts = [1, 2, 3].flatMap((seed) => fired(run(7 * weeks, boxes, [], { seed })));
    expect(alerts.length).toBeLessThanOrEqual(0.1 * 3 * weeks);
  });

  test('learns hours and weekdays where no baseline is known', () => {
    const quiet = run(60, 20, [], { isLearned: true });
    expect(fired(quiet)).toEqual([]);
    const closed = run(40, 20, [{ from: day(35), to: day(35.5), as: 'factor', factor: 0 }], { isLearned: true });
    expect(fired(closed).map(({ kind }) => kind)).toEqual(['stall']);
  });

  test('tells a slow change as a drift, once, and that it is over', () => {
    const told = run(90, 60, [{ from: day(40), to: day(54), as: 'factor', factor: (share) => 1 - 0.3 * share }]);
    expect(life(told.filter(({ kind }) => kind === 'drift'))).toEqual(['drift firing normal', 'drift resolved normal']);
    expect(told.filter(({ kind }) => kind === 'surge')).toEqual([]);
    expect((told[0]?.slot ?? 0) - day(40)).toBeLessThan(day(9));
  });

  test('tells last year’s comparison where the baseline already follows the change', () => {
    const random = createRandom(9);
    const state = createSeries();
    const out: Step[] = [];
    for (let slot = 0; slot < day(60); slot++) {
      const reading = readingAt(slot, 60, random, []);
      const lastYear = (reading.baseline ?? 0) / (slot < day(45) ? 1.1 : 1.3);
      decideSeries(state, { ...reading, lastYear }, rules, out);
    }
    expect(fired(out.map((step) => ({ ...step, slot: 0 }))).map(({ kind }) => kind)).toEqual(['year_on_year']);
  });

  test('tells that much of what came was sent before', () => {
    const doubled = run(24, 60, [{ from: day(20), to: day(20.2), as: 'reading', reading: { duplicates: 0.5 } }]);
    expect(life(doubled).at(0)).toBe('double_counting pending normal');
    expect(life(doubled).at(-1)).toBe('double_counting resolved normal');
    expect(fired(doubled)).toHaveLength(1);
  });

  test('ends a surge at once when work stops', () => {
    const told = run(24, 60, [
      { from: day(20), to: day(21), as: 'factor', factor: 1.7 },
      { from: day(21), to: day(21.5), as: 'factor', factor: 0 },
    ]);
    expect(fired(told).map(({ kind }) => kind)).toEqual(['surge', 'stall']);
  });

  test('goes on from a checkpoint as if nothing had been', () => {
    expect(run(26, 60, closureWithRebound, { throughJson: true })).toEqual(run(26, 60, closureWithRebound));
    const learned = { isLearned: true };
    expect(run(26, 60, closureWithRebound, { ...learned, throughJson: true })).toEqual(
      run(26, 60, closureWithRebound, learned),
    );
  });
});
