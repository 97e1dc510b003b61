import { expect, test } from 'vitest';
import { numberText, OWNERS, serialAt, withCheckDigit, withCheckDigitSlowly } from './container-numbers.ts';

test('check digits by table are those of the contract', () => {
  for (let i = 0; i < 20_000; i++) {
    const six = (i * 48_271) % 1_000_000;
    const owner = i % OWNERS.length;
    expect(withCheckDigit(owner, six)).toBe(withCheckDigitSlowly(owner, six));
  }
  expect(numberText(0, withCheckDigit(0, 1))).toMatch(/^QWAU000001\d$/);
});

test('a day never hands out a serial twice', () => {
  const seen = new Set<number>();
  for (let place = 0; place < 1_000_000; place++) seen.add(serialAt(123_456, place));
  expect(seen.size).toBe(1_000_000);
});
