/**
 * The calendar of the baseline: UTC+8 days, Spring Festival, public holidays.
 * It reads no clock; every function is a function of its arguments.
 */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** China has one zone and no daylight saving time, so a fixed shift is exact. */
const ZONE_MS = 8 * HOUR_MS;

/** Day number (days since 1970-01-01 in UTC+8) of a moment in UTC milliseconds. */
export function dayNumberOf(timeMs: number): number {
  return Math.floor((timeMs + ZONE_MS) / DAY_MS);
}

/** First millisecond (UTC) of a UTC+8 day: 16:00 UTC of the day before. */
export function dayStartMs(dayNumber: number): number {
  return dayNumber * DAY_MS - ZONE_MS;
}

/** Day number of a UTC+8 date; `month` 1..12, `day` 1..31. */
export function dayNumberOfDate(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}

export type DayParts = { readonly year: number; readonly month: number; readonly day: number };

/** Date of a UTC+8 day; month 1..12, day 1..31. */
export function datePartsOf(dayNumber: number): DayParts {
  const date = new Date(dayNumber * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** `YYYY-MM-DD` of a UTC+8 day. */
export function isoDateOf(dayNumber: number): string {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

/** Day number of a UTC+8 date `YYYY-MM-DD`; undefined when the calendar has no such day, such as 2025-02-30. */
export function dayNumberOfIso(date: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (match === null) return undefined;
  // Such a day would run over into the next month.
  const day = dayNumberOfDate(Number(match[1]), Number(match[2]), Number(match[3]));
  return isoDateOf(day) === date ? day : undefined;
}

/** Hour of the UTC+8 day, 0..23. */
export function hourOfDay(timeMs: number): number {
  return Math.floor((timeMs + ZONE_MS) / HOUR_MS) % 24;
}

/** Monday 0 … Sunday 6. Day 0 (1970-01-01) was a Thursday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 3) % 7) + 7) % 7;
}

function dayOf(isoDate: string): number {
  return Date.parse(`${isoDate}T00:00:00Z`) / DAY_MS;
}

/**
 * First day of the lunar year as China celebrates it, one a year. Source: the holiday notices of the General Office of
 * the State Council to 2026; after that the new moon in Beijing time. 2027 and 2030 are minutes from midnight, where
 * the ICU calendar of browsers and Node is a day off (2027-02-07, 2030-02-02), so it is not asked.
 */
export const SPRING_FESTIVAL_DAYS: readonly number[] = [
  '2023-01-22',
  '2024-02-10',
  '2025-01-29',
  '2026-02-17',
  '2027-02-06',
  '2028-01-26',
  '2029-02-13',
  '2030-02-03',
].map(dayOf);

/** First day not covered by the tables of this file. */
export const CALENDAR_END_DAY = dayOf('2031-01-01');

/** Days since the nearest Spring Festival (negative before it), or `undefined` outside 2023..2030. */
export function springFestivalOffset(dayNumber: number): number | undefined {
  let nearest: number | undefined;
  for (const festival of SPRING_FESTIVAL_DAYS) {
    const offset = dayNumber - festival;
    if (nearest === undefined || Math.abs(offset) < Math.abs(nearest)) nearest = offset;
  }
  return nearest !== undefined && Math.abs(nearest) < 200 ? nearest : undefined;
}

// Tomb Sweeping, Dragon Boat and Mid-Autumn move with the sun and the moon; the others are the same date every year.
const MOVING_HOLIDAYS: readonly string[] = [
  ...['2023-04-05', '2023-06-22', '2023-09-29', '2024-04-04', '2024-06-10', '2024-09-17'],
  ...['2025-04-04', '2025-05-31', '2025-10-06', '2026-04-05', '2026-06-19', '2026-09-25'],
  ...['2027-04-05', '2027-06-09', '2027-09-15', '2028-04-04', '2028-05-28', '2028-10-03'],
  ...['2029-04-04', '2029-06-16', '2029-09-22', '2030-04-05', '2030-06-05', '2030-09-12'],
];
const FIXED_HOLIDAYS: readonly string[] = ['01-01', '05-01', '05-02', '10-01', '10-02', '10-03'];

const HOLIDAY_DAYS: ReadonlySet<number> = new Set([
  ...MOVING_HOLIDAYS.map(dayOf),
  ...SPRING_FESTIVAL_DAYS.flatMap((day) => [
    ...[-1, 0, 1, 2].map((offset) => day + offset),
    ...FIXED_HOLIDAYS.map((date) => dayOf(`${datePartsOf(day).year}-${date}`)),
  ]),
]);

/**
 * Whether a UTC+8 day of 2023..2030 is a statutory public holiday (State Council decision of November 2024: 13 days a
 * year, Spring Festival from its eve). The weekends moved around them are not listed: quays work through.
 */
export function isPublicHoliday(dayNumber: number): boolean {
  return HOLIDAY_DAYS.has(dayNumber);
}
