/**
 * The shape of a year, a week and a day at the quay, as factors around 1.
 * Only + − × ÷ and tables: `Math.sin` and its like may differ between engine versions, and recordings must not.
 */
import {
  datePartsOf,
  dayNumberOfDate,
  isPublicHoliday,
  SPRING_FESTIVAL_DAYS,
  springFestivalOffset,
  weekdayOf,
} from './calendar.ts';
import { HALF_YEARS, type HalfYear, portHalfYearTarget } from './half-years.ts';

// Daily mean of a month ÷ of the year: container-ship calls at Shanghai in 2024, derived from IMF PortWatch.
const MONTH_INDEX = [0.949, 0.916, 1.03, 1.051, 1.059, 1.035, 1.023, 0.998, 0.945, 0.991, 0.992, 1.005];

// Weeks −2..+4 of Spring Festival (week 0 begins on the day): mean of 2023 and 2024 from the same source. Week −2 was
// measured at 0.80 and 0.87, with closure days in both years (12–15 January 2023, 30–31 January 2024); 0.96 is assumed.
const FESTIVAL_FIRST_WEEK = -2;
const FESTIVAL_WEEKS = [0.96, 1.0, 0.84, 0.77, 1.01, 1.02, 1.06];

// Monday to Sunday. Measured at Shanghai 0.984..1.024 (2022–24): quays do not keep weekends.
const WEEKDAYS = [0.986, 0.997, 1.006, 1.012, 1.009, 1.003, 0.987];
const HOLIDAY_FACTOR = 0.97;

// Hour of the UTC+8 day. Flat but for the two shift changes, which cost 10 to 20 % (assumed).
const HOURS = [
  ...[0.985, 0.98, 0.98, 0.985, 0.99, 0.995, 1.0, 0.85, 1.01, 1.02, 1.025, 1.02],
  ...[1.0, 1.01, 1.02, 1.025, 1.02, 1.015, 1.005, 0.86, 1.01, 1.015, 1.01, 0.995],
];
const SHIFT_CHANGE_HOURS: ReadonlySet<number> = new Set([7, 19]);

/** A fixed number from −1 to 1 for a port and a place in a table: the small ways in which ports differ. */
function portVariation(portIndex: number, place: number): number {
  let bits = Math.imul(portIndex + 1, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 13), 0x297a2d39);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2_147_483_648 - 1;
}

/** Straight line between week centres; 1 one week outside the table. */
function festivalFactor(dayNumber: number): number {
  const offset = springFestivalOffset(dayNumber);
  if (offset === undefined) return 1;
  const position = (offset - 3) / 7 - FESTIVAL_FIRST_WEEK;
  const week = Math.floor(position);
  const from = FESTIVAL_WEEKS[week] ?? 1;
  const to = FESTIVAL_WEEKS[week + 1] ?? 1;
  return from + (to - from) * (position - week);
}

/** Month index with the Spring Festival of 2024 taken out, or it would count twice. */
const MONTH_BASE = MONTH_INDEX.map((index, month) => {
  const first = dayNumberOfDate(2024, month + 1, 1);
  const days = dayNumberOfDate(2024, month + 2, 1) - first;
  let sum = 0;
  for (let day = first; day < first + days; day += 1) sum += festivalFactor(day);
  return (index * days) / sum;
});

/** Straight line between the middles of the months, so that the first of a month is not a step. */
function monthFactor(dayNumber: number): number {
  const { year, month, day } = datePartsOf(dayNumber);
  const days = dayNumberOfDate(year, month + 1, 1) - dayNumberOfDate(year, month, 1);
  const position = month - 1 + (day - 0.5) / days - 0.5;
  const before = Math.floor(position);
  const from = MONTH_BASE[(before + 12) % 12] ?? 1;
  const to = MONTH_BASE[(before + 13) % 12] ?? 1;
  return from + (to - from) * (position - before);
}

function dayFactor(portIndex: number, dayNumber: number): number {
  const weekday = weekdayOf(dayNumber);
  const weekdayFactor = (WEEKDAYS[weekday] ?? 1) + 0.006 * portVariation(portIndex, weekday);
  // The festival itself holds public holidays: its factor was measured over them.
  const holiday = isPublicHoliday(dayNumber) && !isFestivalHoliday(dayNumber) ? HOLIDAY_FACTOR : 1;
  return monthFactor(dayNumber) * festivalFactor(dayNumber) * weekdayFactor * holiday;
}

function isFestivalHoliday(dayNumber: number): boolean {
  return SPRING_FESTIVAL_DAYS.some((festival) => dayNumber >= festival - 1 && dayNumber <= festival + 2);
}

/**
 * Half-years meet at different levels; a slope towards the neighbours' daily means takes most of the step away. It is
 * the relative rise over the whole half-year, halved at its ends.
 */
function slopeOf(portIndex: number, half: HalfYear): number {
  const place = HALF_YEARS.indexOf(half);
  const own = perDay(portIndex, half);
  const before = HALF_YEARS[place - 1];
  const after = HALF_YEARS[place + 1];
  const from = before === undefined ? own : perDay(portIndex, before);
  const to = after === undefined ? own : perDay(portIndex, after);
  return (to - from) / (2 * own);
}

function perDay(portIndex: number, half: HalfYear): number {
  return portHalfYearTarget(portIndex, half.id) / (half.lastDayExclusive - half.firstDay);
}

/** Weight of each day of a half-year at a port; only their ratios mean something. */
export function dayWeights(portIndex: number, half: HalfYear): Float64Array {
  const days = half.lastDayExclusive - half.firstDay;
  const slope = slopeOf(portIndex, half);
  return Float64Array.from({ length: days }, (_, day) => {
    const trend = 1 + slope * ((day + 0.5) / days - 0.5);
    return dayFactor(portIndex, half.firstDay + day) * trend;
  });
}

/** Weight of each hour of the UTC+8 day (0..23) at a port. */
export function hourFactors(portIndex: number): Float64Array {
  return Float64Array.from(HOURS, (factor, hour) => {
    const spread = SHIFT_CHANGE_HOURS.has(hour) ? 0.03 : 0.01;
    return factor + spread * portVariation(portIndex, 100 + hour);
  });
}
