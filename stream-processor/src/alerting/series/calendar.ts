/**
 * What last year's daily totals say about the days of this year: weekdays, fixed holidays, and the weeks around the lunar new year, aligned by
 * its first day. What ports have in common is taken from all of them, so that one port's noise is not taken for its calendar.
 * Days are counted in UTC since 1970. Reads no files.
 */

/** First day of the lunar year, `[year, month, day]`. Source: Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table. */
const lunarNewYears: readonly (readonly [number, number, number])[] = [
  [2010, 2, 14],
  [2011, 2, 3],
  [2012, 1, 23],
  [2013, 2, 10],
  [2014, 1, 31],
  [2015, 2, 19],
  [2016, 2, 8],
  [2017, 1, 28],
  [2018, 2, 16],
  [2019, 2, 5],
  [2020, 1, 25],
  [2021, 2, 12],
  [2022, 2, 1],
  [2023, 1, 22],
  [2024, 2, 10],
  [2025, 1, 29],
  [2026, 2, 17],
  [2027, 2, 6],
  [2028, 1, 26],
  [2029, 2, 13],
  [2030, 2, 3],
  [2031, 1, 23],
  [2032, 2, 11],
  [2033, 1, 31],
  [2034, 2, 19],
  [2035, 2, 8],
];

/** Days since 1970 of a date of the Gregorian calendar (Howard Hinnant, chrono-compatible low-level date algorithms, 2013). */
export function dayOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

const newYearDays: readonly number[] = lunarNewYears.map(([year, month, day]) => dayOf(year, month, day));

const before = -16;
const after = 20;
/** Until here the weeks are a rush, from here on a dip: they go by different measures. */
const dipFrom = -5;

/** Days from the nearest lunar new year's first day, null when it is not near. */
function newYearOffset(day: number): number | null {
  for (const newYear of newYearDays) if (day - newYear >= before && day - newYear <= after) return day - newYear;
  return null;
}

export type LastYear = {
  readonly port: string;
  readonly firstDay: number;
  /** Daily TEU from `firstDay` on; NaN: unknown. */
  readonly teu: readonly number[];
};

/** A holiday that is no lunar new year: `[day this year, the same day last year]`. */
export type Holiday = readonly [number, number];

export type DayFactors = {
  /** By weekday, Sunday first, mean 1; and the weeks they stand on. */
  readonly weekdays: readonly number[];
  readonly weeks: number;
  /** Factor by days from the lunar new year, from −16 to 20. */
  readonly newYear: readonly number[];
  readonly holidays: ReadonlyMap<number, number>;
};

type Known = { weekdays: number[]; weeks: number; noise: number; ratioAt: (day: number) => number | null };

const weekdayOf = (day: number) => (day + 4) % 7;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Splits one port's year into weekdays, a slow level, and what is left. */
function knowPort(lastYear: LastYear, special: ReadonlySet<number>): Known {
  const isOrdinary = (day: number) => newYearOffset(day) === null && !special.has(day);
  const days = lastYear.teu.flatMap((teu, i) => (teu > 0 ? [{ day: lastYear.firstDay + i, teu }] : []));
  const ordinary = days.filter(({ day }) => isOrdinary(day));
  const overall = mean(ordinary.map(({ teu }) => teu));
  const raw = Array.from({ length: 7 }, (_, weekday) => {
    const own = ordinary.filter(({ day }) => weekdayOf(day) === weekday).map(({ teu }) => teu);
    return own.length < 3 ? 1 : median(own) / overall;
  });
  const weekdays = raw.map((factor) => factor / mean(raw));
  const plain = new Map(days.map(({ day, teu }) => [day, teu / (weekdays[weekdayOf(day)] ?? 1)]));
  const levelAt = (day: number) =>
    median(ordinary.filter((other) => Math.abs(other.day - day) <= 35).map((other) => plain.get(other.day) ?? overall));
  const ratioAt = (day: number) => {
    const value = plain.get(day);
    const level = value === undefined ? Number.NaN : levelAt(day);
    return value !== undefined && level > 0 ? value / level : null;
  };
  const offs = ordinary.map(({ day }) => (ratioAt(day) ?? 1) - 1);
  return { weekdays, weeks: ordinary.length / 7, noise: mean(offs.map((off) => off * off)), ratioAt };
}

/** Each port's own value drawn towards `common`, the more the less it stands out of the noise. */
function drawTogether(own: readonly (number | null)[], common: readonly number[], noise: number): number[] {
  const offs = own.flatMap((value, i) => (value === null ? [] : [(value - (common[i] ?? 1)) ** 2]));
  const found = mean(offs);
  const trust = found > 0 ? Math.max(0, 1 - noise / found) : 0;
  return own.map((value, i) => (common[i] ?? 1) + trust * ((value ?? common[i] ?? 1) - (common[i] ?? 1)));
}

/** The new year's weeks of every port: one shape for all, a depth for each. */
function newYearsOf(known: readonly Known[], newYear: number | undefined): number[][] {
  const offsets = Array.from({ length: after - before + 1 }, (_, i) => before + i);
  if (newYear === undefined) return known.map(() => offsets.map(() => 1));
  const own = known.map((port) => offsets.map((offset) => port.ratioAt(newYear + offset)));
  const shape = offsets.map((_, i) => mean(own.flatMap((ratios) => (ratios[i] == null ? [] : [(ratios[i] ?? 1) - 1]))));
  return own.map((ratios, port) => {
    const common = offsets.map(() => 1);
    for (const isDip of [false, true]) {
      const places = offsets.flatMap((offset, i) => (offset >= dipFrom === isDip && ratios[i] !== null ? [i] : []));
      const size = places.reduce((sum, i) => sum + (shape[i] ?? 0) ** 2, 0);
      const fit = places.reduce((sum, i) => sum + (shape[i] ?? 0) * ((ratios[i] ?? 1) - 1), 0);
      const depth = size > 0 ? fit / size : 0;
      for (const i of places) common[i] = 1 + depth * (shape[i] ?? 0);
    }
    return drawTogether(ratios, common, known[port]?.noise ?? 0);
  });
}

/** The factors of every port, in the order of `lastYears`. */
export function learnDayFactors(lastYears: readonly LastYear[], holidays: readonly Holiday[]): DayFactors[] {
  const special = new Set(holidays.map(([, then]) => then));
  const known = lastYears.map((lastYear) => knowPort(lastYear, special));
  const newYear = newYearDays.find((day) =>
    lastYears.some(({ firstDay, teu }) => day > firstDay && day < firstDay + teu.length),
  );
  const newYears = newYearsOf(known, newYear);
  const holidayFactors = holidays.map(([, then]) => {
    const own = known.map((port) => port.ratioAt(then));
    const all = own.flatMap((value) => (value === null ? [] : [value]));
    const common = all.length === 0 ? 1 : mean(all);
    const noise = mean(known.map((port) => port.noise));
    return drawTogether(
      own,
      own.map(() => common),
      noise,
    );
  });
  return known.map((port, i) => ({
    weekdays: port.weekdays,
    weeks: port.weeks,
    newYear: newYears[i] ?? [],
    holidays: new Map(holidays.map(([day], place) => [day, holidayFactors[place]?.[i] ?? 1])),
  }));
}

export type DayExpectation = { readonly factor: number; readonly doubt: number };

const ordinaryDay: DayExpectation = { factor: 1, doubt: 0 };
const holidayDoubt = 0.06;
const newYearDoubt = 0.05;

/** Factor of a day of this year, weekday aside, and how doubtful it is as a share. */
export function expectDay(factors: DayFactors, day: number): DayExpectation {
  const offset = newYearOffset(day);
  const holiday = factors.holidays.get(day);
  if (offset === null && holiday === undefined) return ordinaryDay;
  const newYear = offset === null ? 1 : (factors.newYear[offset - before] ?? 1);
  return {
    factor: Math.max(0.02, newYear * (holiday ?? 1)),
    doubt: holiday === undefined ? newYearDoubt : holidayDoubt,
  };
}
