import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { describe, expect, test } from 'vitest';
import { DAY_MS, dayNumberOf, dayNumberOfDate, dayStartMs, HOUR_MS, hourOfDay, isoDateOf } from './calendar.ts';
import {
  HALF_YEARS,
  type HalfYear,
  halfYearOf,
  halfYearOfId,
  nationHalfYearTarget,
  portHalfYearTarget,
} from './half-years.ts';
import {
  basisAt,
  expectedPortBetween,
  expectedPortHour,
  expectedTerminalBetween,
  expectedTerminalDay,
  expectedTerminalHour,
  terminalHalfYearTarget,
} from './profile.ts';
import { REFERENCE_2024H1, REFERENCE_2025H1 } from './reference.ts';

const firstMs = (half: HalfYear) => dayStartMs(half.firstDay);
const endMs = (half: HalfYear) => dayStartMs(half.lastDayExclusive);

function sumOfHours(half: HalfYear, at: (timeMs: number) => number): number {
  let sum = 0;
  for (let timeMs = firstMs(half); timeMs < endMs(half); timeMs += HOUR_MS) sum += at(timeMs);
  return sum;
}

function nationBetween(fromMs: number, toMs: number): number {
  return PORTS.reduce((sum, port) => sum + expectedPortBetween(port.index, fromMs, toMs), 0);
}

describe.each(HALF_YEARS.slice(0, 6))('$id', (half) => {
  test('the hours of a port add up to its target, and the nation to its own', () => {
    let nation = 0;
    for (const port of PORTS) {
      const sum = sumOfHours(half, (timeMs) => expectedPortHour(port.index, timeMs));
      expect(sum, port.code).toBe(portHalfYearTarget(port.index, half.id) * 100);
      nation += sum;
    }
    expect(nation).toBe(nationHalfYearTarget(half.id) * 100);
  });

  test('in every hour the terminals add up to their port, and none is idle', () => {
    let wrong = 0;
    for (let timeMs = firstMs(half); timeMs < endMs(half); timeMs += HOUR_MS) {
      const left = PORTS.map((port) => expectedPortHour(port.index, timeMs));
      for (const terminal of TERMINALS) {
        const hundredths = expectedTerminalHour(terminal.index, timeMs);
        left[terminal.portIndex] = (left[terminal.portIndex] ?? 0) - hundredths;
        if (!Number.isInteger(hundredths) || hundredths <= 0) wrong += 1;
      }
      if (left.some((rest) => rest !== 0)) wrong += 1;
    }
    expect(wrong).toBe(0);
  });

  test('terminal targets are whole TEU, are met, and add up to their port', () => {
    const left = PORTS.map((port) => portHalfYearTarget(port.index, half.id));
    for (const terminal of TERMINALS) {
      const target = terminalHalfYearTarget(terminal.index, half.id);
      expect(Number.isInteger(target), terminal.code).toBe(true);
      expect(expectedTerminalBetween(terminal.index, firstMs(half), endMs(half)), terminal.code).toBe(target * 100);
      left[terminal.portIndex] = (left[terminal.portIndex] ?? 0) - target;
    }
    expect(left.every((rest) => rest === 0)).toBe(true);
  });
});

test('the first halves of 2024 and 2025 are the reference', () => {
  expect(nationHalfYearTarget('2024H1')).toBe(60_566_038);
  expect(nationHalfYearTarget('2025H1')).toBe(67_410_000);
  expect(REFERENCE_2024H1.teu).toBe(60_566_038);
  expect(REFERENCE_2025H1.teu).toBe(67_410_000);
  expect(Math.round(REFERENCE_2025H1.teu / 1.113)).toBe(REFERENCE_2024H1.teu);
  for (const reference of [REFERENCE_2024H1, REFERENCE_2025H1]) {
    const days = (Date.parse(reference.to) - Date.parse(reference.from)) / DAY_MS;
    expect(reference.days).toBe(days);
  }
});

test('extrapolated growth fades', () => {
  const growth = (id: HalfYear['id'], base: HalfYear['id']) =>
    nationHalfYearTarget(id) / nationHalfYearTarget(base) - 1;
  expect(growth('2025H2', '2024H2')).toBeCloseTo(0.09, 2);
  expect(growth('2026H1', '2025H1')).toBeCloseTo(0.073, 2);
  expect(growth('2027H1', '2026H1')).toBeLessThan(growth('2026H1', '2025H1'));
});

test.each([2024, 2025, 2026, 2027, 2028])('the trough of %i is in the two weeks from Spring Festival on', (year) => {
  const festival = { 2024: [2, 10], 2025: [1, 29], 2026: [2, 17], 2027: [2, 6], 2028: [1, 26] }[year] ?? [];
  const festivalDay = dayNumberOfDate(year, festival[0] ?? 0, festival[1] ?? 0);
  let lowest = { day: 0, hundredths: Number.POSITIVE_INFINITY };
  for (let day = dayNumberOfDate(year, 1, 1); day < dayNumberOfDate(year, 7, 1); day += 1) {
    const hundredths = nationBetween(dayStartMs(day), dayStartMs(day + 1));
    if (hundredths < lowest.hundredths) lowest = { day, hundredths };
  }
  expect(lowest.day - festivalDay, isoDateOf(lowest.day)).toBeGreaterThanOrEqual(0);
  expect(lowest.day - festivalDay, isoDateOf(lowest.day)).toBeLessThanOrEqual(14);
  const mayDay = dayNumberOfDate(year, 5, 14);
  expect(lowest.hundredths / nationBetween(dayStartMs(mayDay), dayStartMs(mayDay + 1))).toBeLessThan(0.8);
});

test('shift changes cost 10 to 20 % at every port', () => {
  const dayMs = dayStartMs(dayNumberOfDate(2025, 5, 14));
  for (const port of PORTS) {
    for (const hour of [7, 19]) {
      const at = (other: number) => expectedPortHour(port.index, dayMs + other * HOUR_MS);
      expect(hourOfDay(dayMs + hour * HOUR_MS)).toBe(hour);
      const dip = 1 - at(hour) / ((at(hour - 1) + at(hour + 1)) / 2);
      expect(dip, `${port.code} ${hour}`).toBeGreaterThan(0.1);
      expect(dip, `${port.code} ${hour}`).toBeLessThan(0.2);
    }
  }
});

test('no step between days, half-years included, is larger than 8 %', () => {
  const end = dayNumberOfDate(2028, 1, 1);
  for (let day = dayNumberOfDate(2024, 1, 2); day < end; day += 1) {
    const ratio =
      nationBetween(dayStartMs(day), dayStartMs(day + 1)) / nationBetween(dayStartMs(day - 1), dayStartMs(day));
    expect(Math.abs(ratio - 1), isoDateOf(day)).toBeLessThan(0.08);
  }
});

test('a stretch is the sum of its parts, part hours and the change of half-years included', () => {
  const start = firstMs(halfYearOfId('2025H1'));
  const hour = expectedPortHour(0, start + 5 * HOUR_MS);
  expect(expectedPortBetween(0, start + 5 * HOUR_MS, start + 6 * HOUR_MS)).toBe(hour);
  expect(expectedPortBetween(0, start + 5.25 * HOUR_MS, start + 5.5 * HOUR_MS)).toBeCloseTo(hour / 4, 5);
  const around = [start - HOUR_MS, start].map((timeMs) => expectedPortHour(0, timeMs));
  expect(expectedPortBetween(0, start - HOUR_MS, start + HOUR_MS)).toBe((around[0] ?? 0) + (around[1] ?? 0));
  expect(expectedPortBetween(0, start, start)).toBe(0);
  const day = dayNumberOfDate(2025, 3, 3);
  let hours = 0;
  for (let h = 0; h < 24; h += 1) hours += expectedTerminalHour(7, dayStartMs(day) + h * HOUR_MS);
  expect(expectedTerminalDay(7, day)).toBe(hours);
});

test.each([
  ['2024-01-01T00:00+08:00', 'official'],
  ['2024-06-30T23:59+08:00', 'official'],
  ['2024-07-01T00:00+08:00', 'modelled'],
  ['2024-12-31T15:59Z', 'modelled'],
  ['2024-12-31T16:00Z', 'official'],
  ['2025-07-01T00:00+08:00', 'extrapolated'],
  ['2030-12-31T23:59+08:00', 'extrapolated'],
])('%s rests on: %s', (time, basis) => {
  expect(basisAt(Date.parse(time))).toBe(basis);
});

test.each([
  ['2023-12-31T15:59:59Z', 'before_baseline', '2024-01-01'],
  ['2031-01-01T00:00+08:00', 'after_baseline', 'seeds/src/calendar.ts'],
])('%s is refused: %s', (time, code, says) => {
  const timeMs = Date.parse(time);
  const calls = [
    () => basisAt(timeMs),
    () => expectedPortHour(0, timeMs),
    () => expectedTerminalHour(0, timeMs),
    () => expectedTerminalDay(0, dayNumberOf(timeMs)),
    () => expectedPortBetween(0, timeMs, timeMs + 1),
    () => halfYearOf(dayNumberOf(timeMs)),
  ];
  for (const call of calls) {
    expect(call).toThrow(expect.objectContaining({ code }));
    expect(call).toThrow(says);
  }
});

test('an unknown half-year, port or terminal is refused', () => {
  expect(() => halfYearOfId('2023H2')).toThrow(expect.objectContaining({ code: 'before_baseline' }));
  expect(() => halfYearOfId('2031H1')).toThrow(expect.objectContaining({ code: 'after_baseline' }));
  expect(() => expectedPortHour(36, Date.parse('2025-01-05T00:00Z'))).toThrow(RangeError);
  expect(() => expectedTerminalHour(85, Date.parse('2025-01-05T00:00Z'))).toThrow(RangeError);
});
