import type { WindowPoint } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';
import { expect, it } from 'vitest';
import { digestOf, pastHours } from './past-hours.ts';
import { createWorld } from './wire/store.ts';

const HOUR = 500_000 * HOUR_MS;
const point = (startMs: number, teu: number | null, more: Partial<WindowPoint> = {}): WindowPoint => ({
  port: 'CNSHA',
  terminal: '',
  size_s: 300,
  start_ms: startMs,
  teu,
  moves: 1,
  expected: 5,
  band: 1,
  last_year: null,
  revision: 0,
  completeness: 1,
  ...more,
});
const head = (asOfMs: number) => ({
  channel: 'overview',
  epoch: 'e',
  seq: '1',
  as_of_ms: asOfMs,
  watermark_ms: asOfMs,
});
const hourOf = (teu: number) => Array.from({ length: 12 }, (_, index) => point(HOUR - HOUR_MS + index * 300_000, teu));

it('is the same hours while only the present changes, and new ones when a past window is revised', () => {
  const world = createWorld();
  world.apply(head(HOUR + 60_000), { windows: hourOf(10) }, true);
  const slots = pastHours(world, 'CNSHA');
  const before = slots.value;
  expect(before.at(-1)?.rate).toBe(120);
  world.apply(head(HOUR + 61_000), { windows: [point(HOUR, 3, { open: true })] }, false);
  expect(slots.value).toBe(before);
  world.apply(head(HOUR + 62_000), { windows: [point(HOUR - 300_000, 22, { revision: 1 })] }, false);
  expect(slots.value.at(-1)?.rate).toBe(132);
});

it('tells zero from no data, and what was expected', () => {
  const digests = [
    point(HOUR - 300_000, 0),
    point(HOUR - 300_000, null),
    point(HOUR - 300_000, 0, { expected: 6 }),
  ].map((one) => digestOf([one], HOUR));
  expect(new Set(digests).size).toBe(3);
});
