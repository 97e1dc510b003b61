import type { WindowPoint } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { language } from '../settings.ts';
import { columnsOf, isSamePicture, lastPlaceOf, unstoredOf } from './chart-data.ts';
import { readoutOf } from './readout.ts';

const point = (place: number, more: Partial<WindowPoint> = {}): WindowPoint => ({
  port: 'CNSHA',
  terminal: '',
  size_s: 300,
  start_ms: place * 300_000,
  teu: 100,
  moves: 60,
  expected: 90,
  band: 20,
  last_year: 80,
  revision: 0,
  completeness: 1,
  ...more,
});
const pictureOf = (points: readonly WindowPoint[]) => columnsOf(points, 300, 300_000, 1_200_000);
const before = [point(1), point(2), point(3, { open: true, teu: 5 })];

test.each<[string, readonly WindowPoint[], boolean]>([
  ['the open window counts on', [point(1), point(2), point(3, { open: true, teu: 6, moves: 61 })], true],
  ['it closes', [point(1), point(2), point(3, { teu: 6 })], false],
  ['another begins', [...before, point(4, { open: true, teu: 0 })], false],
  ['a window is revised', [point(1, { revision: 1, was: 100, teu: 104 }), ...before.slice(1)], false],
  ['a feed is missing', [point(1), point(2, { completeness: 0.5 }), ...before.slice(2)], false],
  ['a reading is taken back', [point(1, { teu: null }), ...before.slice(1)], false],
])('%s', (_what, after, isSame) => {
  expect(isSamePicture(pictureOf(before), pictureOf(after))).toBe(isSame);
});

const open = { open: true, teu: 0 };
test.each<[string, readonly WindowPoint[], number]>([
  ['comes up to the present', [point(1), point(2, { teu: 0 })], 1],
  ['waits for windows that are open still', [point(1), point(2, open), point(3, open), point(4, open)], 0],
  ['has ended where a feed is silent', [point(1), point(2, { teu: null }), point(3, open)], -1],
  ['has ended where windows are missing', [point(1), point(3, open)], -1],
  ['is not there', [point(1, { teu: null })], -1],
])('the line %s', (_what, points, place) => {
  expect(lastPlaceOf(pictureOf(points))).toBe(place);
});

test.each<[string, readonly WindowPoint[], number, ReturnType<typeof unstoredOf>]>([
  ['before the first window', [point(4)], 300_000, { fromMs: 300_000, toMs: 1_200_000 }],
  ['not within the first window', [point(4)], 1_000_000, null],
  ['nowhere, as long as nothing is known', [], 300_000, null],
])('nothing is stored %s', (_what, points, fromMs, span) => {
  expect(unstoredOf(pictureOf(points), 300, fromMs)).toEqual(span);
});

const DAY_S = 86_400;
/** 16 June in UTC+8, which begins on 15 June in UTC. */
const DAY_START_MS = Date.parse('2025-06-16T00:00:00+08:00');
test.each([
  [
    'a day, by the date that it counts as, whatever is shown',
    DAY_S,
    DAY_START_MS,
    'UTC',
    'Mon 16 Jun 00:00: 4 TEU/h, expected 4',
  ],
  ['an hour, in the zone that is shown', 3600, DAY_START_MS, 'UTC', 'Sun 15 Jun 16:00: 100 TEU/h, expected 90'],
  ['an hour, in UTC+8', 3600, DAY_START_MS, 'Asia/Shanghai', 'Mon 16 Jun 00:00: 100 TEU/h, expected 90'],
] as const)('the readout names %s', (_what, sizeS, startMs, zone, text) => {
  language.value = 'en';
  const columns = columnsOf([point(0, { size_s: sizeS, start_ms: startMs })], sizeS, startMs, startMs + sizeS * 1000);
  expect(readoutOf(columns, 0, sizeS, zone)).toBe(text);
  expect([readoutOf(columns, null, sizeS, zone), readoutOf(columns, 9, sizeS, zone)]).toEqual(['', '']);
});
