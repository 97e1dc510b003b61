/**
 * The shape of a week: hours of the day times days of the week, where the days begin at an hour of their own, since a port's week runs by its
 * local clock and nobody says which. Fitted by weighted least squares to hours of the week, and to what last year's UTC days say.
 */

const hoursInWeek = 168;
/** Standard deviation of a day around its factor, of a day of last year, and of weekdays around 1. */
const daySpread = 0.06;
const lastYearSpread = 0.05;
const weekdaySpread = 0.12;
/** Last year's weeks count for no more than this, as weeks change. */
const lastYearWeeksMax = 12;
const rounds = 3;

export type WeekShape = {
  /** By hour of the day (UTC) and by local weekday (Sunday first), mean 1. */
  readonly hours: number[];
  readonly days: number[];
  /** Local time is so many hours ahead of UTC, 0..23. */
  readonly ahead: number;
};

export type WeekSums = {
  /** By hour of the week from Sunday 00:00 UTC: TEU over what a flat week would bring, and how many hours' worth of it. */
  readonly actual: readonly number[];
  readonly base: readonly number[];
  /** Factors of the UTC weekdays last year, Sunday first, and the weeks they stand on. */
  readonly lastYear: readonly number[] | null;
  readonly lastYearWeeks: number;
};

const localDay = (hour: number, ahead: number) => Math.floor(((hour + ahead) % hoursInWeek) / 24);

/** The shape that fits best, over all 24 beginnings of a day; a new beginning must be clearly better than `ahead`. */
export function fitWeek(sums: WeekSums, ahead: number): WeekShape {
  let best = fitAhead(sums, ahead);
  best.misfit *= 0.97;
  for (let other = 0; other < 24; other++) {
    if (other === ahead) continue;
    const fit = fitAhead(sums, other);
    if (fit.misfit < best.misfit) best = fit;
  }
  return best.shape;
}

function fitAhead(sums: WeekSums, ahead: number): { shape: WeekShape; misfit: number } {
  let days = new Array<number>(7).fill(1);
  let hours = new Array<number>(24).fill(1);
  for (let round = 0; round < rounds; round++) {
    hours = hoursOf(sums, days, ahead);
    days = daysOf(sums, hours, ahead);
  }
  return { shape: { hours, days, ahead }, misfit: misfitOf(sums, hours, days, ahead) };
}

function around1(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean > 0 ? values.map((value) => value / mean) : values.map(() => 1);
}

function hoursOf(sums: WeekSums, days: readonly number[], ahead: number): number[] {
  const actual = new Array<number>(24).fill(0);
  const base = new Array<number>(24).fill(0);
  for (let hour = 0; hour < hoursInWeek; hour++) {
    const place = hour % 24;
    actual[place] = (actual[place] ?? 0) + (sums.actual[hour] ?? 0);
    base[place] = (base[place] ?? 0) + (sums.base[hour] ?? 0) * (days[localDay(hour, ahead)] ?? 1);
  }
  return around1(actual.map((value, hour) => ((base[hour] ?? 0) > 0 ? Math.max(0.02, value / (base[hour] ?? 1)) : 1)));
}

/** Normal equations of the seven weekdays: what was read, what last year's UTC days mix of them, and that weekdays are near 1. */
function daysOf(sums: WeekSums, hours: readonly number[], ahead: number): number[] {
  const matrix = Array.from({ length: 7 }, () => new Array<number>(8).fill(0));
  const add = (row: number, column: number, value: number) => {
    const line = matrix[row];
    if (line !== undefined) line[column] = (line[column] ?? 0) + value;
  };
  for (let hour = 0; hour < hoursInWeek; hour++) {
    const base = sums.base[hour] ?? 0;
    if (base <= 0) continue;
    const day = localDay(hour, ahead);
    const weight = base / 24 / daySpread ** 2;
    add(day, day, weight);
    add(day, 7, (weight * (sums.actual[hour] ?? 0)) / base / (hours[hour % 24] ?? 1));
  }
  for (let day = 0; day < 7; day++) {
    add(day, day, 1 / weekdaySpread ** 2);
    add(day, 7, 1 / weekdaySpread ** 2);
  }
  addLastYear(sums, hours, ahead, add);
  return around1(solve(matrix));
}

/** A UTC day is part of two local ones: the parts are weighed by what their hours bring. */
function partsOf(day: number, hours: readonly number[], ahead: number): [number, number, number, number] {
  let later = 0;
  for (let hour = 24 - ahead; hour < 24; hour++) later += (hours[hour] ?? 1) / 24;
  return [localDay(day * 24, ahead), 1 - later, localDay(day * 24 + 23, ahead), later];
}

function addLastYear(
  { lastYear, lastYearWeeks }: WeekSums,
  hours: readonly number[],
  ahead: number,
  add: (row: number, column: number, value: number) => void,
): void {
  if (lastYear === null) return;
  const weight = Math.min(lastYearWeeks, lastYearWeeksMax) / lastYearSpread ** 2;
  for (let day = 0; day < 7; day++) {
    const [first, share, second, rest] = partsOf(day, hours, ahead);
    const known = lastYear[day] ?? 1;
    for (const [row, part] of [[first, share] as const, [second, rest] as const]) {
      add(row, first, weight * part * share);
      add(row, second, weight * part * rest);
      add(row, 7, weight * part * known);
    }
  }
}

/** Gauss–Jordan on a small positive definite system; the last column is the right-hand side. */
function solve(matrix: number[][]): number[] {
  const size = matrix.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const line = matrix[pivot] ?? [];
    const head = line[pivot] ?? 1;
    for (let row = 0; row < size; row++) {
      const other = matrix[row] ?? [];
      const factor = row === pivot ? 0 : (other[pivot] ?? 0) / head;
      if (factor !== 0) for (let i = pivot; i <= size; i++) other[i] = (other[i] ?? 0) - factor * (line[i] ?? 0);
    }
  }
  return matrix.map((line, row) => Math.max(0.05, (line[size] ?? 1) / (line[row] ?? 1)));
}

function misfitOf(sums: WeekSums, hours: readonly number[], days: readonly number[], ahead: number): number {
  let misfit = 0;
  for (let hour = 0; hour < hoursInWeek; hour++) {
    const base = sums.base[hour] ?? 0;
    if (base <= 0) continue;
    const off = (sums.actual[hour] ?? 0) / base / (hours[hour % 24] ?? 1) - (days[localDay(hour, ahead)] ?? 1);
    misfit += ((base / 24) * off * off) / daySpread ** 2;
  }
  if (sums.lastYear === null) return misfit;
  const weight = Math.min(sums.lastYearWeeks, lastYearWeeksMax) / lastYearSpread ** 2;
  for (let day = 0; day < 7; day++) {
    const [first, share, second, rest] = partsOf(day, hours, ahead);
    misfit += weight * ((sums.lastYear[day] ?? 1) - share * (days[first] ?? 1) - rest * (days[second] ?? 1)) ** 2;
  }
  return misfit;
}
