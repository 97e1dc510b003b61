/**
 * Moments as text, in English and in Chinese, in the zone that is asked for. A moment says its date when it is not today.
 * Reads no clock, no zone of the machine and no locale of a browser: what is now and where is told, and the words are ours.
 */
import type { Language } from './format.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The zone in which the product counts its days, as customs does: IANA name. */
export const ZONE = 'Asia/Shanghai';

/**
 * Zones whose clocks never change in the years that the product shows, so that nothing is asked of the engine for each label.
 * China has kept UTC+8 since its last summer time in 1991: IANA tz database, file `asia`.
 */
const FIXED_MS: Readonly<Record<string, number>> = { [ZONE]: 8 * HOUR_MS, UTC: 0 };

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, made);
  return made;
}

/** How far the clocks of an IANA zone are ahead of UTC at a moment, summer time included. @throws RangeError for a zone that is none. */
export function offsetMs(timeMs: number, zone: string): number {
  const fixed = FIXED_MS[zone];
  if (fixed !== undefined) return fixed;
  const name = formatOf(zone)
    .formatToParts(timeMs)
    .find((part) => part.type === 'timeZoneName')?.value;
  // GMT-04:00, GMT+05:45; GMT alone is zero.
  const parts = /([+-])(\d{2}):(\d{2})/.exec(name ?? '');
  if (parts === null) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * HOUR_MS + Number(parts[3]) * MINUTE_MS);
}

/** A date whose UTC fields are what clocks and calendars of the zone show. */
export function wallOf(timeMs: number, zone: string): Date {
  return new Date(timeMs + offsetMs(timeMs, zone));
}

/**
 * The moment at which clocks of a zone show a wall time (told as if it were UTC). Of two, where clocks go back, the first; where
 * clocks skip it, as much later as they skip: Temporal's "compatible".
 */
export function momentOfWall(wallMs: number, zone: string): number {
  const before = wallMs - offsetMs(wallMs - DAY_MS, zone);
  if (before + offsetMs(before, zone) === wallMs) return before;
  const after = wallMs - offsetMs(wallMs + DAY_MS, zone);
  return after + offsetMs(after, zone) === wallMs ? after : before;
}

const two = (count: number) => String(count).padStart(2, '0');

/** 14:32:07 */
export function clock(timeMs: number, zone: string): string {
  const wall = wallOf(timeMs, zone);
  return `${two(wall.getUTCHours())}:${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())}`;
}

/** 14:32 */
export function hourMinute(timeMs: number, zone: string): string {
  return clock(timeMs, zone).slice(0, 5);
}

const WEEKDAYS = {
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
} as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const weekdayOf = (wall: Date, language: Language) => WEEKDAYS[language][wall.getUTCDay()] ?? '';
const dayOf = (wall: Date, language: Language) =>
  language === 'zh'
    ? `${wall.getUTCMonth() + 1}月${wall.getUTCDate()}日`
    : `${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()]}`;

/** Wed 18 Jun 2025; 2025年6月18日 周三 */
export function longDate(timeMs: number, language: Language, zone: string): string {
  const wall = wallOf(timeMs, zone);
  const year = wall.getUTCFullYear();
  const [weekday, day] = [weekdayOf(wall, language), dayOf(wall, language)];
  return language === 'zh' ? `${year}年${day} ${weekday}` : `${weekday} ${day} ${year}`;
}

/** Wed 18 Jun; 6月18日 周三 */
export function shortDate(timeMs: number, language: Language, zone: string): string {
  const wall = wallOf(timeMs, zone);
  const [weekday, day] = [weekdayOf(wall, language), dayOf(wall, language)];
  return language === 'zh' ? `${day} ${weekday}` : `${weekday} ${day}`;
}

/** 18 Jun; 6月18日 */
export function dayMonth(timeMs: number, language: Language, zone: string): string {
  return dayOf(wallOf(timeMs, zone), language);
}

/** 2025-06-18: for exports and date fields. */
export function isoDate(timeMs: number, zone: string): string {
  return wallOf(timeMs, zone).toISOString().slice(0, 10);
}

/** 2025-06-18T14:32:07+08:00 */
export function isoTime(timeMs: number, zone: string): string {
  const minutes = offsetMs(timeMs, zone) / MINUTE_MS;
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return wallOf(timeMs, zone).toISOString().slice(0, 19) + offset;
}

/** First moment of the zone's day in which a moment lies; days have 23 or 25 hours where clocks change. */
export function dayStartMs(timeMs: number, zone: string): number {
  return momentOfWall(Math.floor((timeMs + offsetMs(timeMs, zone)) / DAY_MS) * DAY_MS, zone);
}

/** Time of day, with the date when it was another day than `nowMs`. */
export function moment(timeMs: number, nowMs: number, language: Language, zone: string): string {
  const time = hourMinute(timeMs, zone);
  const date = shortDate(timeMs, language, zone);
  return Math.abs(nowMs - timeMs) < DAY_MS && date === shortDate(nowMs, language, zone) ? time : `${date} ${time}`;
}

/** The zone as its distance from UTC at a moment: UTC+8, UTC−3:30, UTC. For the one place of a view or message that names it. */
export function zoneName(timeMs: number, zone: string): string {
  const minutes = offsetMs(timeMs, zone) / MINUTE_MS;
  if (minutes === 0) return 'UTC';
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(Math.abs(minutes) / 60)}${rest === 0 ? '' : `:${two(rest)}`}`;
}

/** The zone of an axis: both names where clocks change between its ends. */
export function zoneNameOver(fromMs: number, toMs: number, zone: string): string {
  const [first, last] = [zoneName(fromMs, zone), zoneName(toMs, zone)];
  return first === last ? first : `${first}/${last.slice(3) === '' ? last : last.slice(3)}`;
}
