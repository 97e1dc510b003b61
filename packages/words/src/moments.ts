/**
 * Moments as text, in English and in Chinese, in one zone (UTC+8 unless told otherwise). A moment says its date when it is not today.
 * Reads no clock: what is now is told.
 */
import type { Language } from './format.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** China keeps UTC+8 without summer time in every year that the product shows. */
const OFFSET_MS = 8 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone in which the product counts its days. */
export const ZONE = 'Asia/Shanghai';

function formatOf(locale: string, options: Intl.DateTimeFormatOptions, zone: string): Intl.DateTimeFormat {
  const key = locale + zone + JSON.stringify(options);
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

/** 14:32:07 */
export function clock(timeMs: number): string {
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  return formatOf('en-GB', options, ZONE).format(timeMs);
}

/** 14:32 */
export function hourMinute(timeMs: number, zone: string = ZONE): string {
  return formatOf('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone).format(timeMs);
}

type Parts = { weekday: string; day: string; month: string; year: string };

function partsOf(timeMs: number, locale: string, month: 'short' | 'numeric', zone: string = ZONE): Parts {
  const options = { weekday: 'short', day: 'numeric', month, year: 'numeric' } as const;
  const parts = formatOf(locale, options, zone).formatToParts(timeMs);
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
export function shortDate(timeMs: number, language: Language, zone: string = ZONE): string {
  if (language === 'zh') {
    const { weekday, day, month } = partsOf(timeMs, 'zh-CN', 'numeric', zone);
    return `${month}月${day}日 ${weekday}`;
  }
  const { weekday, day, month } = partsOf(timeMs, 'en-US', 'short', zone);
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

/** 2025-06-18, UTC+8: for exports and date fields. */
export function isoDate(timeMs: number): string {
  return new Date(timeMs + OFFSET_MS).toISOString().slice(0, 10);
}

/** 2025-06-18T14:32:07+08:00 */
export function isoTime(timeMs: number): string {
  return `${new Date(timeMs + OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}

/** 00:00 UTC+8 of the day of a moment. */
export function dayStartMs(timeMs: number): number {
  return Math.floor((timeMs + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
}

/** Time of day, with the date when it was another day than `nowMs`. */
export function moment(timeMs: number, nowMs: number, language: Language, zone: string = ZONE): string {
  const time = hourMinute(timeMs, zone);
  const date = shortDate(timeMs, language, zone);
  return Math.abs(nowMs - timeMs) < DAY_MS && date === shortDate(nowMs, language, zone) ? time : `${date} ${time}`;
}

/** The zone as its distance from UTC at a moment: UTC+8. For the one place of a view or message that names it. */
export function zoneName(timeMs: number, zone: string = ZONE): string {
  const parts = formatOf('en-GB', { timeZoneName: 'shortOffset' }, zone).formatToParts(timeMs);
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? zone).replace('GMT', 'UTC').replace(/\+0$/, '');
}
