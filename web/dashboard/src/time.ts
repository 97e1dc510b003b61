/**
 * Where a time axis puts its ticks, and dates that are typed. Every day is cut at 24:00 Asia/Shanghai, whatever the reader's zone is:
 * uPlot 1.6.32 misreads zones, so it is told that x is a plain number and the splits and labels come from here.
 */
import { DAY_MS, dayMonth, HOUR_MS, hourMinute, type Language, MINUTE_MS } from '@quaywatch/words';

const OFFSET_MS = 8 * HOUR_MS;

/** J, F, M …; 1月, 2月 … */
export function monthLetter(timeMs: number, language: Language): string {
  const month = new Date(timeMs + OFFSET_MS).getUTCMonth();
  return language === 'zh' ? `${month + 1}月` : 'JFMAMJJASOND'.charAt(month);
}

/** First moment of a UTC+8 date; undefined when it is no date. */
export function dateMs(text: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00+08:00`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
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
