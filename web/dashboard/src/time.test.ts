import { clock, dayMonth, dayStartMs, HOUR_MS, hourMinute, isoTime, longDate } from '@quaywatch/words';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dateMs, monthStartsMs, timeSplitsMs, yearStartMs } from './time.ts';

const MOMENT = Date.parse('2025-03-30T01:30:00Z');

describe.each(['UTC', 'Asia/Shanghai', 'Europe/Paris', 'America/New_York'])('with TZ=%s', (zone) => {
  const before = process.env['TZ'];
  beforeEach(() => {
    process.env['TZ'] = zone;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  it('reads clocks in UTC+8', () => {
    expect(clock(MOMENT)).toBe('09:30:00');
    expect(hourMinute(Date.parse('2025-06-17T16:00:00Z'))).toBe('00:00');
    expect(longDate(Date.parse('2025-06-17T16:00:00Z'), 'en')).toBe('Wed 18 Jun 2025');
    expect(longDate(Date.parse('2025-06-17T16:00:00Z'), 'zh')).toBe('2025年6月18日 周三');
    expect(dayMonth(MOMENT, 'en')).toBe('30 Mar');
  });

  it('cuts days and years at 24:00 UTC+8', () => {
    expect(dayStartMs(MOMENT)).toBe(Date.parse('2025-03-29T16:00:00Z'));
    expect(dayStartMs(Date.parse('2025-06-17T16:00:00Z'))).toBe(Date.parse('2025-06-17T16:00:00Z'));
    expect(yearStartMs(Date.parse('2024-12-31T16:00:00Z'))).toBe(Date.parse('2024-12-31T16:00:00Z'));
    expect(dateMs('2025-01-01')).toBe(Date.parse('2024-12-31T16:00:00Z'));
    expect(dateMs('2025-13-01')).toBeUndefined();
    expect(isoTime(MOMENT)).toBe('2025-03-30T09:30:00+08:00');
  });

  it('puts ticks on round hours of UTC+8, through a change of clocks elsewhere', () => {
    const splits = timeSplitsMs(MOMENT - 12 * HOUR_MS, MOMENT + 12 * HOUR_MS, 12);
    expect(splits.length).toBeGreaterThan(5);
    for (const split of splits) expect(hourMinute(split).endsWith(':00')).toBe(true);
    expect(new Set(splits.slice(1).map((split, index) => split - (splits[index] ?? 0)))).toEqual(
      new Set([2 * HOUR_MS]),
    );
    const days = timeSplitsMs(MOMENT - 10 * 24 * HOUR_MS, MOMENT, 12);
    for (const split of days) expect(hourMinute(split)).toBe('00:00');
  });

  it('finds the months of UTC+8', () => {
    const starts = monthStartsMs(Date.parse('2025-12-31T16:00:00Z'), Date.parse('2026-03-01T00:00:00Z'));
    expect(starts.map(isoTime)).toEqual([
      '2026-01-01T00:00:00+08:00',
      '2026-02-01T00:00:00+08:00',
      '2026-03-01T00:00:00+08:00',
    ]);
  });
});
