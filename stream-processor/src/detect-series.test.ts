import { describe, expect, test } from 'vitest';
import { decodeLine } from './detect-series.ts';

const at = (hour: number, minute: number, second = 0) => Date.UTC(2024, 1, 29, hour, minute, second);

describe('a line of a series', () => {
  test.each([
    ['2024-02-29 13:05:00,7', { ok: true, eventTimeMs: at(13, 5), value: 7 }],
    ['2024-02-29T13:05:09.250Z,-1.5e3', { ok: true, eventTimeMs: at(13, 5, 9), value: -1500 }],
    ['2024-02-29, 0 ', { ok: true, eventTimeMs: at(0, 0), value: 0 }],
    ['', { ok: false, reason: 'no_comma' }],
    ['timestamp,value', { ok: false, reason: 'bad_time' }],
    ['2024-02-29 13:05:00,', { ok: false, reason: 'bad_value' }],
    ['2024-02-29 13:05:00,NaN', { ok: false, reason: 'bad_value' }],
    ['2024-02-29 13:05:00,1,2', { ok: false, reason: 'bad_value' }],
  ])('%j', (line, decoded) => {
    expect(decodeLine(line)).toEqual(decoded);
  });
});
