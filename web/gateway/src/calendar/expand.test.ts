import { expect, test } from 'vitest';
import { HOUR, NOW } from '../testing.ts';
import { expandCalendar } from './expand.ts';

const DAY = 24 * HOUR;
/** 00:00 UTC+8 on 20 November 2026. */
const TODAY = Date.UTC(2026, 10, 19, 16);
const event = (...lines: readonly string[]) =>
  ['BEGIN:VEVENT', 'UID:1', 'SUMMARY:s', ...lines, 'END:VEVENT'].join('\r\n');
const file = (...parts: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', ...parts, 'END:VCALENDAR'].join('\r\n');
const SHANGHAI = [
  'BEGIN:VTIMEZONE',
  'TZID:China Time',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZOFFSETFROM:+0800',
  'TZOFFSETTO:+0800',
  'END:STANDARD',
  'END:VTIMEZONE',
].join('\r\n');

function read(...parts: readonly string[]) {
  const result = expandCalendar('c', file(...parts), NOW);
  if (!result.ok) throw new Error(result.problems.join());
  return { ...result, spans: result.calendar.intervals.map((one) => [one.from_ms - TODAY, one.to_ms - one.from_ms]) };
}

test.each<[string, readonly string[], readonly (readonly number[])[]]>([
  ['UTC', [event('DTSTART:20261120T020000Z', 'DTEND:20261120T030000Z')], [[10 * HOUR, HOUR]]],
  ['a duration', [event('DTSTART:20261120T020000Z', 'DURATION:PT90M')], [[10 * HOUR, 1.5 * HOUR]]],
  ['floating is UTC+8', [event('DTSTART:20261120T020000', 'DURATION:PT1H')], [[2 * HOUR, HOUR]]],
  ['a whole day is of UTC+8', [event('DTSTART;VALUE=DATE:20261120')], [[0, DAY]]],
  ['two whole days', [event('DTSTART;VALUE=DATE:20261120', 'DTEND;VALUE=DATE:20261122')], [[0, 2 * DAY]]],
  [
    'a zone by its name alone',
    [event('DTSTART;TZID=Asia/Shanghai:20261120T020000', 'DURATION:PT1H')],
    [[2 * HOUR, HOUR]],
  ],
  ['of Windows', [event('DTSTART;TZID=China Standard Time:20261120T020000', 'DURATION:PT1H')], [[2 * HOUR, HOUR]]],
  [
    'of elsewhere, in winter',
    [event('DTSTART;TZID=America/New_York:20261120T000000', 'DURATION:PT1H')],
    [[13 * HOUR, HOUR]],
  ],
  [
    'a zone of the file',
    [SHANGHAI, event('DTSTART;TZID=China Time:20261120T020000', 'DURATION:PT1H')],
    [[2 * HOUR, HOUR]],
  ],
  [
    'three days running',
    [event('DTSTART;VALUE=DATE:20261120', 'RRULE:FREQ=DAILY;COUNT=3')],
    [
      [0, DAY],
      [DAY, DAY],
      [2 * DAY, DAY],
    ],
  ],
  [
    'until an instant, in a zone without a definition',
    [event('DTSTART;TZID=Asia/Shanghai:20261120T020000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;UNTIL=20261120T180000Z')],
    [
      [2 * HOUR, HOUR],
      [26 * HOUR, HOUR],
    ],
  ],
  [
    'without an exception',
    [
      event(
        'DTSTART;TZID=Asia/Shanghai:20261120T020000',
        'DURATION:PT1H',
        'RRULE:FREQ=DAILY;COUNT=3',
        'EXDATE:20261120T180000Z',
      ),
    ],
    [
      [2 * HOUR, HOUR],
      [50 * HOUR, HOUR],
    ],
  ],
  [
    'without the exception of a day',
    [event('DTSTART:20261120T020000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2', 'EXDATE;VALUE=DATE:20261120')],
    [[26 * HOUR, HOUR]],
  ],
  [
    'with further dates',
    [event('DTSTART:20261120T020000Z', 'DURATION:PT1H', 'RDATE:20261121T020000Z,20261120T020000Z')],
    [
      [10 * HOUR, HOUR],
      [34 * HOUR, HOUR],
    ],
  ],
  [
    'one of them moved',
    [
      event('DTSTART:20261120T020000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2'),
      event('RECURRENCE-ID:20261121T020000Z', 'DTSTART:20261121T050000Z', 'DURATION:PT2H'),
    ],
    [
      [10 * HOUR, HOUR],
      [37 * HOUR, 2 * HOUR],
    ],
  ],
  ['one of them cancelled', [event('DTSTART:20261120T020000Z', 'DURATION:PT1H', 'STATUS:CANCELLED')], []],
  ['long ago', [event('DTSTART:20250101T000000Z', 'DURATION:PT1H')], []],
])('%s', (_what, parts, spans) => {
  const result = read(...parts);
  expect(result.spans).toEqual(spans);
  expect(result.problems).toEqual([]);
});

test('a zone’s change of clocks moves what recurs', () => {
  const { calendar } = read(
    event('DTSTART;TZID=Europe/Paris:20261024T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3'),
  );
  expect(calendar.intervals.map(({ from_ms }) => new Date(from_ms).getUTCHours())).toEqual([7, 8, 8]);
});

test('a recurrence is written out from 30 days back to 400 days ahead', () => {
  const { calendar } = read(event('DTSTART:20200101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY'));
  const [first, last] = [calendar.intervals.at(0), calendar.intervals.at(-1)];
  expect(calendar.intervals).toHaveLength(430);
  expect(first?.from_ms).toBeGreaterThan(NOW - 30 * DAY - HOUR);
  expect(last?.from_ms).toBeLessThanOrEqual(NOW + 400 * DAY);
});

test.each<[string, string, RegExp]>([
  ['no beginning', event('DURATION:PT1H'), /no beginning/],
  ['no length', event('DTSTART:20261120T020000Z'), /no time/],
  ['an end before its beginning', event('DTSTART:20261120T020000Z', 'DTEND:20261119T020000Z'), /no time/],
  ['a zone of nobody', event('DTSTART;TZID=Mars/Base:20261120T020000', 'DURATION:PT1H'), /Mars\/Base/],
  ['every second', event('DTSTART:20261120T020000Z', 'DURATION:PT1H', 'RRULE:FREQ=SECONDLY'), /too often/],
])('an event with %s is a problem, and the others count', (_what, bad, problem) => {
  const good = event('DTSTART:20261001T000000Z', 'DTEND:20261101T000000Z');
  const result = read(bad, good);
  expect(result.problems.join('\n')).toMatch(problem);
  expect(result.calendar.intervals[0]?.to_ms).toBe(Date.UTC(2026, 10, 1));
});

test('5,000 intervals are kept, and it says from when on there are none', () => {
  const { calendar, problems } = read(event('DTSTART:20261101T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=HOURLY'));
  expect(calendar.intervals).toHaveLength(5_000);
  expect(problems).toEqual([expect.stringMatching(/^\d+ intervals; 5000 are kept, none from 2027/)]);
});

test.each([
  ['nothing', ''],
  ['something else', 'name,from,to'],
  ['no event', 'BEGIN:VCALENDAR\nEND:VCALENDAR'],
  ['half a file', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:2026'],
])('%s is no calendar', (_what, ics) => expect(expandCalendar('c', ics, NOW)).toMatchObject({ ok: false }));
