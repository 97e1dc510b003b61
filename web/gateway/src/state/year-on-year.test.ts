import { PORTS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { markOf, put, stateWith } from '../testing.ts';
import type { LiveState } from './live-state.ts';
import { comparatorsOf, festivalStretch, halfYearAt, pathOf, pathSeries, yearBeforeMs } from './year-on-year.ts';

const NATION = PORTS.map(({ index }) => index);
const at = (...parts: [number, number, number, number?]) =>
  Date.UTC(parts[0], parts[1] - 1, parts[2], (parts[3] ?? 0) - 8);

/** The baseline alone, seen from a moment: nothing was live yet. */
function stateAt(nowMs: number): LiveState {
  const state = stateWith();
  state.marks.fill(undefined);
  for (let partition = 0; partition < 12; partition++)
    put(state, markOf(partition, { log_time_ms: nowMs, watermark_ms: nowMs, closed_through_ms: nowMs }));
  return state;
}

const almost = at(2025, 7, 1) - 1;

test('the first half of 2025 is the reference: 67.41 M TEU, +11.3 %, +11.9 % a day', () => {
  const state = stateAt(almost);
  const path = pathOf(state, NATION, almost);
  expect(path).toMatchObject({ period: '2025H1', target: 67_410_000, basis: 'official' });
  expect(path?.count).toBeCloseTo(67_410_000, 0);
  expect(path?.distance).toBeCloseTo(0, 0);
  expect(comparatorsOf(state, NATION, almost)).toMatchObject({ official_pct: 11.3, daily_average_pct: 11.91 });
});

test('the base of 2026 is the count of 2025', () => {
  const nowMs = at(2026, 3, 1);
  expect(pathOf(stateAt(nowMs), NATION, nowMs)?.target).toBeCloseTo(67_410_000 * 1.113, 0);
});

test('the path series ends where the path is', () => {
  const nowMs = at(2026, 3, 1, 12);
  const state = stateAt(nowMs);
  const series = pathSeries(state, NATION, nowMs);
  const path = pathOf(state, NATION, nowMs);
  expect(series).toHaveLength(60);
  expect(series.at(-1)?.count).toBeCloseTo(path?.count ?? 0, 0);
  expect(series.at(-1)?.path).toBeCloseTo(path?.path_now ?? 0, 0);
});

test.each([
  [at(2026, 5, 4, 13), at(2025, 5, 4, 13)],
  [at(2025, 3, 1), at(2024, 3, 1)],
  [at(2028, 2, 29, 12), at(2027, 3, 1)],
])('the same hour a year before %d', (nowMs, before) => expect(yearBeforeMs(nowMs)).toBe(before));

test.each([
  [at(2026, 1, 26), false],
  [at(2026, 1, 27), true],
  [at(2026, 3, 17, 23), true],
  [at(2026, 3, 18), false],
])('the Spring Festival comparator holds from 21 days before to 28 after: %d', (nowMs, holds) => {
  expect(festivalStretch(nowMs) !== null).toBe(holds);
  expect(comparatorsOf(stateAt(nowMs), NATION, nowMs).new_year_aligned_pct !== null).toBe(
    holds && nowMs > at(2026, 1, 27),
  );
});

test('half-years are cut at midnight UTC+8', () => {
  expect(halfYearAt(at(2025, 7, 1) - 1).id).toBe('2025H1');
  expect(halfYearAt(at(2025, 7, 1)).id).toBe('2025H2');
});
