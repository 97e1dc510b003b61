import { createRandom } from '@quaywatch/runtime';
import { describe, expect, test } from 'vitest';
import { createMix, decideMix, type MixShift } from './mix.ts';

/** Hours of a port in which `share` of the boxes take the direct way. */
function run(hours: number, boxes: number, shareAt: (hour: number) => number): MixShift[][] {
  const random = createRandom(11);
  const state = createMix();
  return Array.from({ length: hours }, (_, hour) => {
    const direct = Array.from({ length: boxes }, () => random()).filter((one) => one < shareAt(hour)).length;
    return decideMix(state, direct * 1.6, boxes * 1.6, false);
  });
}

const loudest = (shifts: readonly MixShift[]) => Math.abs(shifts[0]?.z ?? 0);

describe('the share of a handling', () => {
  test('that wanders by chance alone never speaks, in a large port or a sparse one', () => {
    for (const boxes of [3, 30, 300]) expect(Math.max(...run(900, boxes, () => 0.2).map(loudest))).toBeLessThan(6);
  });

  test('that halves speaks within a day, and says from what to what', () => {
    const shifts = run(600, 200, (hour) => (hour < 500 ? 0.3 : 0.14));
    expect(loudest(shifts[499] ?? [])).toBeLessThan(5);
    const [first] = shifts[523] ?? [];
    expect(first?.z).toBeLessThan(-6);
    expect(first?.expected).toBeCloseTo(0.3, 1);
    expect(first?.share).toBeCloseTo(0.14, 1);
  });

  test('says nothing before it knows what is usual, nor of hours without boxes', () => {
    expect(run(71, 50, () => 0.2).every((shifts) => shifts.length === 0)).toBe(true);
    const state = createMix();
    for (let hour = 0; hour < 200; hour++) decideMix(state, 20, 100, false);
    for (let hour = 0; hour < 23; hour++) decideMix(state, 0, 0, false);
    expect(loudest(decideMix(state, 0, 0, false))).toBe(0);
  });
});
