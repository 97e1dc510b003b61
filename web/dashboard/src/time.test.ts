import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  clock,
  DAY_MS,
  dayMonth,
  dayStartMs,
  HOUR_MS,
  hourMinute,
  isoDate,
  isoTime,
  longDate,
  ZONE,
  zoneName,
  zoneNameOver,
} from '@quaywatch/words';
import { describe, expect, it } from 'vitest';
import {
  dateMs,
  dayStartsMs,
  fieldTime,
  monthStartsMs,
  monthsWithin,
  timeLabels,
  timeOfField,
  timeSplitsMs,
} from './time.ts';

const PARIS = 'Europe/Paris';
const NEW_YORK = 'America/New_York';
const at = (text: string) => Date.parse(text);
const MOMENT = at('2025-03-30T01:30:00Z');

it('shows the same whatever zone and language the machine has', async () => {
  const run = promisify(execFile);
  const file = new URL('./shown-times.testing.ts', import.meta.url).pathname;
  const machines = [
    ['UTC', 'C'],
    ['Asia/Shanghai', 'zh_CN.UTF-8'],
    ['Europe/Paris', 'fr_FR.UTF-8'],
    ['America/New_York', 'en_US.UTF-8'],
  ];
  const said = await Promise.all(
    machines.map(async ([TZ, LC_ALL]) => {
      const { stdout } = await run(process.execPath, [file], { env: { TZ, LC_ALL, LANG: LC_ALL } });
      return stdout.split('\n');
    }),
  );
  expect(new Set(said.map(([machine]) => machine)).size).toBe(machines.length);
  expect(JSON.parse(said[0]?.[1] ?? '')).toHaveLength(16);
  for (const [, shown] of said) expect(shown).toBe(said[0]?.[1]);
});

describe('moments', () => {
  it.each([
    [ZONE, '09:30:00', 'Sun 30 Mar 2025', '2025年3月30日 周日', '2025-03-30T09:30:00+08:00', 'UTC+8'],
    ['UTC', '01:30:00', 'Sun 30 Mar 2025', '2025年3月30日 周日', '2025-03-30T01:30:00+00:00', 'UTC'],
    [PARIS, '03:30:00', 'Sun 30 Mar 2025', '2025年3月30日 周日', '2025-03-30T03:30:00+02:00', 'UTC+2'],
    [NEW_YORK, '21:30:00', 'Sat 29 Mar 2025', '2025年3月29日 周六', '2025-03-29T21:30:00-04:00', 'UTC−4'],
    ['Asia/Kathmandu', '07:15:00', 'Sun 30 Mar 2025', '2025年3月30日 周日', '2025-03-30T07:15:00+05:45', 'UTC+5:45'],
  ])('in %s', (zone, time, en, zh, iso, name) => {
    expect(clock(MOMENT, zone)).toBe(time);
    expect(longDate(MOMENT, 'en', zone)).toBe(en);
    expect(longDate(MOMENT, 'zh', zone)).toBe(zh);
    expect(isoTime(MOMENT, zone)).toBe(iso);
    expect(zoneName(MOMENT, zone)).toBe(name);
    expect(timeOfField(fieldTime(MOMENT, zone), zone)).toBe(MOMENT);
  });
  it('cuts counting days at 24:00 UTC+8', () => {
    expect(dayStartMs(MOMENT, ZONE)).toBe(at('2025-03-29T16:00:00Z'));
    expect(dayStartMs(at('2025-06-17T16:00:00Z'), ZONE)).toBe(at('2025-06-17T16:00:00Z'));
    expect(isoDate(at('2025-06-17T16:00:00Z'), ZONE)).toBe('2025-06-18');
    expect(dayMonth(at('2025-06-17T16:00:00Z'), 'zh', ZONE)).toBe('6月18日');
  });
  it('names both distances from UTC where clocks change on an axis', () => {
    expect(zoneNameOver(MOMENT - DAY_MS, MOMENT, PARIS)).toBe('UTC+1/+2');
    expect(zoneNameOver(MOMENT - DAY_MS, MOMENT, 'Europe/London')).toBe('UTC/+1');
    expect(zoneNameOver(MOMENT - DAY_MS, MOMENT, ZONE)).toBe('UTC+8');
  });
});

describe('what is typed', () => {
  it.each([
    [ZONE, '2025-01-01', '2024-12-31T16:00:00Z'],
    ['UTC', '2025-01-01', '2025-01-01T00:00:00Z'],
    [NEW_YORK, '2025-01-01', '2025-01-01T05:00:00Z'],
    [NEW_YORK, '2025-07-01', '2025-07-01T04:00:00Z'],
  ])('a date is the first moment of the day in %s', (zone, date, moment) =>
    expect(dateMs(date, zone)).toBe(at(moment)),
  );
  it.each([
    ['an hour that is skipped is moved on', PARIS, '2025-03-30T02:30', '2025-03-30T01:30:00Z'],
    ['of an hour that comes twice it is the first', PARIS, '2025-10-26T02:30', '2025-10-26T00:30:00Z'],
    ['the hour after the change', PARIS, '2025-03-30T04:00', '2025-03-30T02:00:00Z'],
    ['the hour before it', NEW_YORK, '2025-03-09T01:59', '2025-03-09T06:59:00Z'],
  ])('a time: %s', (_, zone, text, moment) => expect(timeOfField(text, zone)).toBe(at(moment)));
  it('is nothing when it is no date', () => {
    for (const text of ['', '2025-13-01', '1 May']) expect(dateMs(text, 'UTC')).toBeUndefined();
    for (const text of ['', '2025-01-01', '2025-01-01T25:00']) expect(timeOfField(text, 'UTC')).toBeUndefined();
  });
});

describe('days where clocks change', () => {
  it.each([
    [PARIS, '2025-03-29T23:00:00Z', 23],
    [PARIS, '2025-10-25T22:00:00Z', 25],
    [NEW_YORK, '2025-03-09T05:00:00Z', 23],
    [NEW_YORK, '2025-11-02T04:00:00Z', 25],
    [ZONE, '2025-03-29T16:00:00Z', 24],
    ['UTC', '2025-03-30T00:00:00Z', 24],
  ])('in %s the day from %s has %i hours', (zone, from, hours) => {
    const [first = 0, second = 0] = dayStartsMs(at(from), at(from) + 2 * DAY_MS, zone);
    expect(first).toBe(at(from));
    expect((second - first) / HOUR_MS).toBe(hours);
    expect(dayStartMs(second - 1, zone)).toBe(first);
  });
  it('begin at the first moment that there is, where midnight is skipped', () => {
    // Cairo, 25 April 2025: from 24:00 to 01:00.
    expect(hourMinute(dayStartMs(at('2025-04-25T12:00:00Z'), 'Africa/Cairo'), 'Africa/Cairo')).toBe('01:00');
  });
});

describe('ticks', () => {
  const labels = (from: string, to: string, ticks: number, zone: string) =>
    timeLabels(timeSplitsMs(at(from), at(to), ticks, zone), 'en', zone);
  it.each([ZONE, 'UTC', PARIS, NEW_YORK, 'Asia/Kathmandu'])(
    'are round and rise through a change of clocks, %s',
    (zone) => {
      for (const middle of [
        '2025-03-09T07:00:00Z',
        '2025-03-30T01:00:00Z',
        '2025-10-26T01:00:00Z',
        '2025-11-02T06:00:00Z',
      ])
        for (const [hours, ticks] of [
          [1, 12],
          [6, 12],
          [24, 12],
          [24, 5],
          [100, 9],
        ] as const) {
          const splits = timeSplitsMs(
            at(middle) - (hours / 2) * HOUR_MS,
            at(middle) + (hours / 2) * HOUR_MS,
            ticks,
            zone,
          );
          expect(splits.length).toBeGreaterThan(1);
          expect([...new Set(splits)].sort((a, b) => a - b)).toEqual(splits);
          for (const split of splits) expect(Number(hourMinute(split, zone).slice(3)) % 5).toBe(0);
          if (hours > 12) for (const split of splits) expect(hourMinute(split, zone).slice(3)).toBe('00');
        }
    },
  );
  it('skip the hour that is skipped and show twice the one that comes twice', () => {
    expect(labels('2025-03-29T23:00:00Z', '2025-03-30T03:00:00Z', 6, PARIS)).toEqual([
      '00:00',
      '01:00',
      '03:00',
      '04:00',
      '05:00',
    ]);
    expect(labels('2025-11-02T04:00:00Z', '2025-11-02T08:00:00Z', 6, NEW_YORK)).toEqual([
      '00:00',
      '01:00',
      '01:00',
      '02:00',
      '03:00',
    ]);
    expect(labels('2025-11-02T04:00:00Z', '2025-11-02T16:00:00Z', 6, NEW_YORK)).toEqual([
      '00:00',
      '02:00',
      '04:00',
      '06:00',
      '08:00',
      '10:00',
    ]);
  });
  it.each([ZONE, 'UTC', PARIS, NEW_YORK])('of days stand on midnights, %s', (zone) => {
    const splits = timeSplitsMs(MOMENT - 5 * DAY_MS, MOMENT + 5 * DAY_MS, 12, zone);
    expect(splits.length).toBe(10);
    for (const split of splits) expect(hourMinute(split, zone)).toBe('00:00');
    expect(timeLabels(splits, 'en', zone)).toContain('30 Mar');
    expect(timeLabels(splits, 'zh', zone)).toContain('3月30日');
  });
  it('are months when days are too many', () => {
    const [from, to] = [at('2025-12-31T16:00:00Z'), at('2026-04-15T00:00:00Z')];
    expect(monthStartsMs(from, to, ZONE).map((time) => isoDate(time, ZONE))).toEqual([
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
      '2026-04-01',
    ]);
    expect(timeSplitsMs(from, to, 5, NEW_YORK).map((time) => isoTime(time, NEW_YORK))).toEqual([
      '2026-01-01T00:00:00-05:00',
      '2026-02-01T00:00:00-05:00',
      '2026-03-01T00:00:00-05:00',
      '2026-04-01T00:00:00-04:00',
    ]);
    const months = monthsWithin(at('2024-12-31T16:00:00Z'), at('2025-03-15T00:00:00Z'), ZONE);
    expect(months.map((month) => isoDate(month.fromMs, ZONE))).toEqual(['2025-02-01', '2025-01-01']);
  });
});
