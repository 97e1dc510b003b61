import type { WindowPoint } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { columnsOf, isSamePicture } from './chart-data.ts';

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
