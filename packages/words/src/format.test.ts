import { describe, expect, it } from 'vitest';
import {
  compact,
  deviationPercent,
  duration,
  seconds,
  share,
  signedCompact,
  signedPercent,
  signedPercentUnit,
  signedWhole,
  span,
  whole,
} from './format.ts';

describe('whole', () => {
  it.each([
    [15439, '15,439'],
    [0, '0'],
    [-1868, '−1,868'],
    [-0.2, '0'],
    [999.5, '1,000'],
    [67_410_000, '67,410,000'],
    [null, '—'],
  ])('%s is %s', (value, text) => expect(whole(value)).toBe(text));
});

describe('compact', () => {
  it.each([
    [67_410_000, '67.41M', '6741万'],
    [62_740_000, '62.74M', '6274万'],
    [971_800, '971.8k', '97.2万'],
    [999_960, '1.00M', '100万'],
    [82_900, '82.9k', '8.3万'],
    [10_100, '10.1k', '1.0万'],
    [9_999, '9,999', '9,999'],
    [0, '0', '0'],
    [-72_140, '−72.1k', '−7.2万'],
    [null, '—', '—'],
  ])('%s is %s and %s', (value, en, zh) => {
    expect(compact(value, 'en')).toBe(en);
    expect(compact(value, 'zh')).toBe(zh);
  });
  it('keeps commas out of 万', () => expect(compact(128_410_000, 'zh')).toBe('12841万'));
});

describe('changes', () => {
  it.each([
    [11.36, '+11.4'],
    [-31.2, '−31.2'],
    [0.04, '±0.0'],
    [-0.04, '±0.0'],
    [0, '±0.0'],
    [-100, '−100'],
    [99.94, '+99.9'],
    [null, '—'],
  ])('%s per cent is %s', (value, text) => expect(signedPercent(value)).toBe(text));
  it('carries its unit behind a no-break space', () => expect(signedPercentUnit(11.3)).toBe('+11.3\u00a0%'));
  it.each([
    [2410, '+2,410'],
    [-1868, '−1,868'],
    [0.3, '±0'],
    [null, '—'],
  ])('%s TEU is %s', (value, text) => expect(signedWhole(value)).toBe(text));
  it('is short where asked', () => {
    expect(signedCompact(72_140, 'en')).toBe('+72.1k');
    expect(signedCompact(72_140, 'zh')).toBe('+7.2万');
  });
  it('says shares with one decimal', () => expect(share(54.12)).toBe('54.1\u00a0%'));
});

describe('deviationPercent', () => {
  it.each([
    [1904, 2767, -31.189],
    [0, 16, -100],
    [null, 16, null],
    [16, null, null],
    [3, 0, null],
  ])('%s against %s is %s', (value, expected, result) => {
    const deviation = deviationPercent(value, expected);
    if (result === null) expect(deviation).toBeNull();
    else expect(deviation).toBeCloseTo(result, 2);
  });
});

describe('durations', () => {
  const at = (text: string) => text.replaceAll(' ', '\u00a0');
  it.each([
    [40_000, '40 s', '40 秒'],
    [26 * 60_000, '26 m', '26 分'],
    [134 * 60_000, '2 h 14 m', '2 时 14 分'],
    [64 * 60_000, '1 h 04 m', '1 时 04 分'],
    [76 * 3_600_000, '3 d 4 h', '3 天 4 时'],
    [-5, '0 s', '0 秒'],
  ])('%s ms is %s and %s', (span, en, zh) => {
    expect(duration(span, 'en')).toBe(at(en));
    expect(duration(span, 'zh')).toBe(at(zh));
  });
  it.each([
    [900_000, '15 min', '15 分钟'],
    [3_600_000, '1 h', '1 小时'],
    [5_400_000, '90 min', '90 分钟'],
    [604_800_000, '7 d', '7 天'],
    [0, '0 s', '0 秒'],
  ])('a span of %s ms is %s and %s', (given, en, zh) => {
    expect(span(given, 'en')).toBe(at(en));
    expect(span(given, 'zh')).toBe(at(zh));
  });
  it('shows tenths of a second while they matter', () => {
    expect(seconds(0.94, 'en')).toBe('0.9\u00a0s');
    expect(seconds(12.3, 'zh')).toBe('12\u00a0秒');
  });
});
