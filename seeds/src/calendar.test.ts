import { expect, test } from 'vitest';
import {
  dayNumberOf,
  dayNumberOfDate,
  dayNumberOfIso,
  dayStartMs,
  hourOfDay,
  isoDateOf,
  isPublicHoliday,
  SPRING_FESTIVAL_DAYS,
  springFestivalOffset,
  weekdayOf,
} from './calendar.ts';

test.each([
  ['2025-01-28T15:59:59.999Z', '2025-01-28', 23, 1],
  ['2025-01-28T16:00:00Z', '2025-01-29', 0, 2],
  ['2024-02-29T04:00:00Z', '2024-02-29', 12, 3],
  ['2026-11-22T00:00:00Z', '2026-11-22', 8, 6],
])('%s is %s, hour %i, weekday %i', (time, date, hour, weekday) => {
  const timeMs = Date.parse(time);
  const day = dayNumberOf(timeMs);
  expect([isoDateOf(day), hourOfDay(timeMs), weekdayOf(day)]).toEqual([date, hour, weekday]);
  expect(dayStartMs(day)).toBeLessThanOrEqual(timeMs);
  expect(dayStartMs(day + 1)).toBeGreaterThan(timeMs);
});

test.each([
  ['1970-01-01', 0],
  ['2024-02-29', 19_782],
  ['2025-02-29', undefined],
  ['2025-04-31', undefined],
  ['2025-13-01', undefined],
  ['2025-1-1', undefined],
  ['2025-01-01T00:00', undefined],
])('%s is day %s', (date, day) => {
  expect(dayNumberOfIso(date)).toBe(day);
});

test('Spring Festival is a new moon: 12 or 13 moons after the last', () => {
  const moons = SPRING_FESTIVAL_DAYS.slice(1).map((day, place) => (day - (SPRING_FESTIVAL_DAYS[place] ?? 0)) / 29.5306);
  for (const count of moons) {
    expect([12, 13]).toContain(Math.round(count));
    expect(Math.abs(count - Math.round(count))).toBeLessThan(0.04);
  }
});

test('the offset is from the nearest Spring Festival', () => {
  expect(springFestivalOffset(dayNumberOfDate(2025, 1, 28))).toBe(-1);
  expect(springFestivalOffset(dayNumberOfDate(2026, 2, 17))).toBe(0);
  expect(springFestivalOffset(dayNumberOfDate(2024, 12, 31))).toBe(-29);
  expect(springFestivalOffset(dayNumberOfDate(2020, 1, 25))).toBeUndefined();
});

test.each([
  [2025, 1, 28, true],
  [2025, 5, 1, true],
  [2025, 5, 31, true],
  [2025, 10, 6, true],
  [2025, 6, 2, false],
])('%i-%i-%i is a public holiday: %s', (year, month, day, isHoliday) => {
  expect(isPublicHoliday(dayNumberOfDate(year, month, day))).toBe(isHoliday);
});
