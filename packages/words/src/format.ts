/**
 * Figures as text, in English and in Chinese, by the rules of page and messages: true minus, a sign on every change, ±0.0, no-break spaces.
 * Decides no colour and no words; null never gets here as a number, it is a dash.
 */
export type Language = 'en' | 'zh';

export const NO_DATA = '—';
const MINUS = '−';
const NBSP = '\u00a0';
const PLUS_MINUS = '±';
const WAN = 10_000;
const MILLION = 1_000_000;

/** Whole number with thousands separators: rates and counts in full, alike in both languages. */
export function whole(value: number | null): string {
  if (value === null) return NO_DATA;
  const rounded = Math.round(Math.abs(value));
  const digits = String(rounded).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return value < 0 && rounded > 0 ? MINUS + digits : digits;
}

function short(size: number, language: Language): string {
  if (size < WAN) return whole(size);
  if (language === 'zh') {
    const wan = size / WAN;
    // Above a hundred 万 a decimal would be finer than the feed; figures in 万 carry no comma.
    return `${wan.toFixed(wan < 99.95 ? 1 : 0)}万`;
  }
  if (size >= MILLION - 50) return `${(size / MILLION).toFixed(2)}M`;
  return `${(size / 1000).toFixed(1)}k`;
}

/** Large count: 67.41M, 82.9k; 6741万, 8.3万; below ten thousand in full. */
export function compact(value: number | null, language: Language): string {
  if (value === null) return NO_DATA;
  return (value < 0 ? MINUS : '') + short(Math.abs(value), language);
}

function signOf(value: number): string {
  return value > 0 ? '+' : MINUS;
}

/** A change in whole units: +2,410, −1,868, ±0. */
export function signedWhole(value: number | null): string {
  if (value === null) return NO_DATA;
  if (Math.round(Math.abs(value)) === 0) return `${PLUS_MINUS}0`;
  return signOf(value) + whole(Math.abs(value));
}

/** A size in TEU, signed; in full while it has six digits or fewer: −1,868, −1.20M, −120万. */
export function signedTeu(value: number | null, language: Language): string {
  return value !== null && Math.abs(value) >= MILLION - 50 ? signedCompact(value, language) : signedWhole(value);
}

/** A change in short form: +72.1k, +7.2万. */
export function signedCompact(value: number | null, language: Language): string {
  if (value === null) return NO_DATA;
  if (Math.round(Math.abs(value)) === 0) return `${PLUS_MINUS}0`;
  return signOf(value) + short(Math.abs(value), language);
}

function percentDigits(size: number): string {
  return size >= 99.95 ? whole(size) : size.toFixed(1);
}

/** A change in per cent without the sign of per cent, for columns that carry it in the head: −31.2, +8.4, ±0.0, −100. */
export function signedPercent(value: number | null): string {
  if (value === null) return NO_DATA;
  const digits = percentDigits(Math.abs(value));
  return (digits === '0.0' ? PLUS_MINUS : signOf(value)) + digits;
}

/** The same with the sign of per cent behind a no-break space: +11.3 %. */
export function signedPercentUnit(value: number | null): string {
  return value === null ? NO_DATA : `${signedPercent(value)}${NBSP}%`;
}

/** A share: 54.1 %. */
export function share(value: number | null): string {
  return value === null ? NO_DATA : `${value.toFixed(1)}${NBSP}%`;
}

/** Size of a change in per cent without sign, for "▼ 3.0 % below": the arrow says the direction. */
export function sizePercent(value: number | null): string {
  return value === null ? NO_DATA : `${percentDigits(Math.abs(value))}${NBSP}%`;
}

/** Deviation of a reading from what was expected, per cent; null when either is missing or nothing was expected. */
export function deviationPercent(value: number | null, expected: number | null): number | null {
  if (value === null || expected === null || expected <= 0) return null;
  return (value / expected - 1) * 100;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long: 2 h 14 m, 26 m, 40 s, 3 d 4 h; 2 时 14 分. */
export function duration(spanMs: number, language: Language): string {
  const units = language === 'zh' ? { d: '天', h: '时', m: '分', s: '秒' } : { d: 'd', h: 'h', m: 'm', s: 's' };
  const part = (count: number, unit: string) => `${count}${NBSP}${unit}`;
  const span = Math.max(0, spanMs);
  if (span < MINUTE_MS) return part(Math.floor(span / SECOND_MS), units.s);
  if (span < HOUR_MS) return part(Math.floor(span / MINUTE_MS), units.m);
  const minutes = String(Math.floor((span % HOUR_MS) / MINUTE_MS)).padStart(2, '0');
  if (span < 2 * DAY_MS) return `${part(Math.floor(span / HOUR_MS), units.h)}${NBSP}${minutes}${NBSP}${units.m}`;
  return `${part(Math.floor(span / DAY_MS), units.d)}${NBSP}${part(Math.floor((span % DAY_MS) / HOUR_MS), units.h)}`;
}

/** A round length of time, for windows and holds: 15 min, 3 h, 7 d; 15 分钟, 3 小时, 7 天. What is not round is told as a duration. */
export function span(spanMs: number, language: Language): string {
  const units = language === 'zh' ? { d: '天', h: '小时', m: '分钟' } : { d: 'd', h: 'h', m: 'min' };
  const sizes = [
    [DAY_MS, units.d],
    [HOUR_MS, units.h],
    [MINUTE_MS, units.m],
  ] as const;
  const found = sizes.find(([size]) => spanMs >= size && spanMs % size === 0);
  return found === undefined ? duration(spanMs, language) : `${spanMs / found[0]}${NBSP}${found[1]}`;
}

/** Seconds with one decimal while they are few: 0.9 s, 12 s, 0.9 秒. */
export function seconds(count: number, language: Language): string {
  const unit = language === 'zh' ? '秒' : 's';
  return `${count < 10 ? Math.max(0, count).toFixed(1) : String(Math.round(count))}${NBSP}${unit}`;
}
