/**
 * Moments as UTC+8 text, and where a time axis puts its ticks. Every day is cut at 24:00 Asia/Shanghai, whatever the reader's zone is:
 * uPlot 1.6.32 misreads zones, so it is told that x is a plain number and the splits and labels come from here.
 */
import type { Language } from './format.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** China keeps UTC+8 without summer time in every year that the product shows. */
const OFFSET_MS = 8 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'Asia/Shanghai' });
  formats.set(key, made);
  return made;
}

/** 14:32:07 */
export function clock(timeMs: number): string {
  return formatOf('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(timeMs);
}

/** 14:32 */
export function hourMinute(timeMs: number): string {
  return formatOf('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(timeMs);
}

type Parts = { weekday: string; day: string; month: string; year: string };

function partsOf(timeMs: number, locale: string, month: 'short' | 'numeric'): Parts {
  const parts = formatOf(locale, { weekday: 'short', day: 'numeric', month, year: 'numeric' }).formatToParts(timeMs);
  const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? '';
  return { weekday: part('weekday'), day: part('day'), month: part('month'), year: part('year') };
}

/** Wed 18 Jun 2025; 2025年6月18日 周三 */
export function longDate(timeMs: number, language: Language): string {
  if (language === 'zh') {
    const { weekday, day, month, year } = partsOf(timeMs, 'zh-CN', 'numeric');
    return `${year}年${month}月${day}日 ${weekday}`;
  }
  const { weekday, day, month, year } = partsOf(timeMs, 'en-US', 'short');
  return `${weekday} ${day} ${month} ${year}`;
}

/** Wed 18 Jun; 6月18日 周三 */
export function shortDate(timeMs: number, language: Language): string {
  if (language === 'zh') {
    const { weekday, day, month } = partsOf(timeMs, 'zh-CN', 'numeric');
    return `${month}月${day}日 ${weekday}`;
  }
  const { weekday, day, month } = partsOf(timeMs, 'en-US', 'short');
  return `${weekday} ${day} ${month}`;
}

/** 18 Jun; 6月18日 */
export function dayMonth(timeMs: number, language: Language): string {
  if (language === 'zh') {
    const { day, month } = partsOf(timeMs, 'zh-CN', 'numeric');
    return `${month}月${day}日`;
  }
  const { day, month } = partsOf(timeMs, 'en-US', 'short');
  return `${day} ${month}`;
}

/** J, F, M …; 1月, 2月 … */
export function monthLetter(timeMs: number, language: Language): string {
  return language === 'zh'
    ? `${partsOf(timeMs, 'zh-CN', 'numeric').month}月`
    : partsOf(timeMs, 'en-US', 'short').month.slice(0, 1);
}

/** 2025-06-18, UTC+8: for exports and date fields. */
export function isoDate(timeMs: number): string {
  return new Date(timeMs + OFFSET_MS).toISOString().slice(0, 10);
}

/** 2025-06-18T14:32:07+08:00 */
export function isoTime(timeMs: number): string {
  return `${new Date(timeMs + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}

/** First moment of a UTC+8 date; undefined when it is no date. */
export function dateMs(text: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00+08:00`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** 00:00 UTC+8 of the day of a moment. */
export function dayStartMs(timeMs: number): number {
  return Math.floor((timeMs + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
}

/** 1 January 00:00 UTC+8 of the year of a moment. */
export function yearStartMs(timeMs: number): number {
  return Date.UTC(new Date(timeMs + OFFSET_MS).getUTCFullYear(), 0, 1) - OFFSET_MS;
}

/** First moments of the UTC+8 months that begin inside a stretch. */
export function monthStartsMs(fromMs: number, toMs: number): number[] {
  const from = new Date(fromMs + OFFSET_MS);
  const starts: number[] = [];
  for (let month = from.getUTCMonth(); ; month += 1) {
    const start = Date.UTC(from.getUTCFullYear(), month, 1) - OFFSET_MS;
    if (start > toMs) return starts;
    if (start >= fromMs) starts.push(start);
  }
}

const STEPS_MS = [
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
];

/** Ticks on round UTC+8 times, at most `ticksMax` of them; months when days are too many. */
export function timeSplitsMs(fromMs: number, toMs: number, ticksMax: number): number[] {
  const step = STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= ticksMax);
  if (step === undefined) return monthStartsMs(fromMs, toMs);
  const first = Math.ceil((fromMs + OFFSET_MS) / step) * step - OFFSET_MS;
  const splits: number[] = [];
  for (let time = first; time <= toMs; time += step) splits.push(time);
  return splits;
}

/** Label of a tick: the date where a day begins or where ticks are days apart, else the time. */
export function timeLabel(timeMs: number, stepMs: number, language: Language): string {
  return stepMs >= DAY_MS ? dayMonth(timeMs, language) : hourMinute(timeMs);
}
