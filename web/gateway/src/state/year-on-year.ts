/**
 * This year against last: four labelled comparators, and the pace against the reference path (base × 1.113).
 * Works on counts that it is given a state for; formats nothing.
 */
import { type Comparators, type PathState, PORTS } from '@quaywatch/contracts';
import {
  DAY_MS,
  datePartsOf,
  dayNumberOf,
  dayNumberOfDate,
  dayStartMs,
  REFERENCE_2024H1,
  REFERENCE_2025H1,
  SPRING_FESTIVAL_DAYS,
} from '@quaywatch/seeds';
import { countBetween, liveSince, midnightMs, nationLiveSince } from './counts.ts';
import { basisOf, round2, round2OrNull, weakestBasis } from './expected.ts';
import { type LiveState, logTimeMs, logTimeOf } from './live-state.ts';

/** GACC, first half of 2025: +11.3 %. */
const REFERENCE_GROWTH = 1.113;
const WEEKDAY_SHIFT_MS = 364 * DAY_MS;
const FESTIVAL_FROM_DAYS = -21;
const FESTIVAL_TO_DAYS = 28;

/** First moment of the UTC+8 year of `timeMs`. */
function yearStartMs(timeMs: number): number {
  return dayStartMs(dayNumberOfDate(datePartsOf(dayNumberOf(timeMs)).year, 1, 1));
}

/** The same UTC+8 date and time a year before; on 29 February the first moment of 1 March, so that the base holds all of its February. */
export function yearBeforeMs(timeMs: number): number {
  const { year, month, day } = datePartsOf(dayNumberOf(timeMs));
  const base = dayStartMs(dayNumberOfDate(year - 1, month, day));
  return month === 2 && day === 29 ? base : base + (timeMs - midnightMs(timeMs));
}

export type HalfYearStretch = { readonly id: string; readonly fromMs: number; readonly toMs: number };

/** The UTC+8 half-year that holds a moment. */
export function halfYearAt(timeMs: number): HalfYearStretch {
  const { year, month } = datePartsOf(dayNumberOf(timeMs));
  const isFirst = month <= 6;
  return {
    id: `${year}H${isFirst ? 1 : 2}`,
    fromMs: dayStartMs(dayNumberOfDate(year, isFirst ? 1 : 7, 1)),
    toMs: dayStartMs(isFirst ? dayNumberOfDate(year, 7, 1) : dayNumberOfDate(year + 1, 1, 1)),
  };
}

type Stretch = (nowMs: number) => readonly [fromMs: number, toMs: number] | null;

/**
 * TEU of the given ports, each to its own log time; null when any is beyond the baseline or has no log time. In a sum over several a
 * partition that has not spoken stands where the others are, and its baseline ends where theirs does.
 */
function countAll(state: LiveState, ports: readonly number[], stretch: Stretch): number | null {
  const isSum = ports.length > 1;
  const othersNowMs = isSum ? logTimeMs(state) : 0;
  const othersSinceMs = isSum ? nationLiveSince(state) : Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const port of ports) {
    const nowMs = logTimeOf(state, PORTS[port]?.partition ?? -1) || othersNowMs;
    const span = nowMs > 0 ? stretch(nowMs) : null;
    const own = liveSince(state, port);
    const sinceMs = Number.isFinite(own) ? own : othersSinceMs;
    const count = span === null ? null : countBetween(state, port, span[0], span[1], nowMs, sinceMs);
    if (count === null) return null;
    sum += count;
  }
  return sum;
}

const pctOf = (count: number | null, base: number | null): number | null =>
  count === null || base === null || base <= 0 ? null : round2((count / base - 1) * 100);

/** Spring Festival stretch −21…+28 days around the festival that is in force at a moment; null outside. */
export function festivalStretch(timeMs: number): { fromMs: number; toMs: number; baseFromMs: number } | null {
  const day = dayNumberOf(timeMs);
  const place = SPRING_FESTIVAL_DAYS.findIndex(
    (festival) => day - festival >= FESTIVAL_FROM_DAYS && day - festival <= FESTIVAL_TO_DAYS,
  );
  const festival = SPRING_FESTIVAL_DAYS[place];
  const before = SPRING_FESTIVAL_DAYS[place - 1];
  if (festival === undefined || before === undefined) return null;
  return {
    fromMs: dayStartMs(festival + FESTIVAL_FROM_DAYS),
    toMs: dayStartMs(festival + FESTIVAL_TO_DAYS + 1),
    baseFromMs: dayStartMs(before + FESTIVAL_FROM_DAYS),
  };
}

/** TEU since 1 January (UTC+8) of the given ports together; null beyond the baseline. */
export function yearToDate(state: LiveState, ports: readonly number[]): number | null {
  return countAll(state, ports, (nowMs) => [yearStartMs(nowMs), nowMs]);
}

/** Per cent against the same calendar stretch of the base year, to the same hour. */
export function officialPct(state: LiveState, ports: readonly number[]): number | null {
  return pctOf(yearToDate(state, ports), baseToDate(state, ports));
}

function baseToDate(state: LiveState, ports: readonly number[]): number | null {
  return countAll(state, ports, (nowMs) => [yearStartMs(yearBeforeMs(nowMs)), yearBeforeMs(nowMs)]);
}

/** Year to date by four comparators. `nowMs`: log time of the whole, for the number of days. */
export function comparatorsOf(state: LiveState, ports: readonly number[], nowMs: number): Comparators {
  const count = yearToDate(state, ports);
  const base = baseToDate(state, ports);
  const weekdayBase = countAll(state, ports, (now) => [yearStartMs(now) - WEEKDAY_SHIFT_MS, now - WEEKDAY_SHIFT_MS]);
  const festivalCount = countAll(state, ports, (now) => {
    const stretch = festivalStretch(now);
    return stretch === null ? null : [stretch.fromMs, now];
  });
  const festivalBase = countAll(state, ports, (now) => {
    const stretch = festivalStretch(now);
    return stretch === null ? null : [stretch.baseFromMs, stretch.baseFromMs + (now - stretch.fromMs)];
  });
  const days = (nowMs - yearStartMs(nowMs)) / DAY_MS;
  const baseNowMs = yearBeforeMs(nowMs);
  const baseDays = (baseNowMs - yearStartMs(baseNowMs)) / DAY_MS;
  const perDay = count === null || days <= 0 ? null : count / days;
  const basePerDay = base === null || baseDays <= 0 ? null : base / baseDays;
  return {
    official_pct: pctOf(count, base),
    daily_average_pct: pctOf(perDay, basePerDay),
    weekday_aligned_pct: pctOf(count, weekdayBase),
    new_year_aligned_pct: pctOf(festivalCount, festivalBase),
    per_day: round2OrNull(perDay),
    base_per_day: round2OrNull(basePerDay),
    base_basis: weakestBasis([basisOf(yearStartMs(baseNowMs)), basisOf(baseNowMs), basisOf(nowMs)]),
  };
}

/** Base of a half-year in TEU, and the target: the reference itself for 2025H1, else base × 1.113. */
function baseAndTarget(state: LiveState, ports: readonly number[], period: HalfYearStretch): [number, number] | null {
  const isNation = ports.length === PORTS.length;
  if (period.id === REFERENCE_2025H1.id && isNation) return [REFERENCE_2024H1.teu, REFERENCE_2025H1.teu];
  const base = countAll(state, ports, () => [yearBeforeMs(period.fromMs), yearBeforeMs(period.toMs)]);
  return base === null || base <= 0 ? null : [base, base * REFERENCE_GROWTH];
}

/** Pace of the half-year that holds `nowMs`; null before the baseline's second year or beyond its end. */
export function pathOf(state: LiveState, ports: readonly number[], nowMs: number): PathState | null {
  const period = halfYearAt(nowMs);
  const figures = baseAndTarget(state, ports, period);
  const count = countAll(state, ports, (now) => [Math.min(period.fromMs, now), now]);
  const baseNow = countAll(state, ports, (now) => [yearBeforeMs(period.fromMs), yearBeforeMs(now)]);
  if (figures === null || count === null || baseNow === null) return null;
  const [base, target] = figures;
  const pathNow = (baseNow / base) * target;
  const daysLeft = (period.toMs - nowMs) / DAY_MS;
  const week = countAll(state, ports, (now) => [now - 7 * DAY_MS, now]);
  const perDay = week === null ? null : week / 7;
  return {
    period: period.id,
    target: round2(target),
    path_now: round2(pathNow),
    count: round2(count),
    distance: round2(count - pathNow),
    needed_per_day: daysLeft > 0 ? round2(Math.max(0, target - count) / daysLeft) : null,
    last_7_days_per_day: round2OrNull(perDay),
    at_this_pace: perDay === null ? null : round2(count + perDay * daysLeft),
    basis: weakestBasis([basisOf(yearBeforeMs(period.fromMs)), basisOf(yearBeforeMs(period.toMs - 1))]),
  };
}

export type PathPoint = { day_ms: number; distance: number; count: number; path: number };

/** Distance from the path at the end of every UTC+8 day of the period so far; the last point is now. */
export function pathSeries(state: LiveState, ports: readonly number[], nowMs: number): PathPoint[] {
  const period = halfYearAt(nowMs);
  const figures = baseAndTarget(state, ports, period);
  if (figures === null) return [];
  const [base, target] = figures;
  const points: PathPoint[] = [];
  let count = 0;
  let basis = 0;
  for (let day = period.fromMs; day < nowMs; day += DAY_MS) {
    const dayTo = (now: number) => Math.max(day, Math.min(day + DAY_MS, now));
    const own = countAll(state, ports, (now) => [day, dayTo(now)]);
    const baseDay = countAll(state, ports, (now) => [yearBeforeMs(day), yearBeforeMs(dayTo(now))]);
    if (own === null || baseDay === null) break;
    count += own;
    basis += baseDay;
    const path = (basis / base) * target;
    points.push({ day_ms: day, distance: round2(count - path), count: round2(count), path: round2(path) });
  }
  return points;
}
