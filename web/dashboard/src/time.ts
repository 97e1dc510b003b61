/**
 * Where a time axis puts its ticks, and moments that are typed, in the zone that is told. The one home of what uPlot 1.6.32 does wrong:
 * its `tzDate` misreads zones (uPlot#1068), so it is told that x is a plain number, and splits and labels come from here.
 */
import {
  DAY_MS,
  dayMonth,
  HOUR_MS,
  hourMinute,
  type Language,
  MINUTE_MS,
  momentOfWall,
  offsetMs,
  wallOf,
} from '@quaywatch/words';

/** J, F, M …; 1月, 2月 … */
export function monthLetter(timeMs: number, language: Language, zone: string): string {
  const month = wallOf(timeMs, zone).getUTCMonth();
  return language === 'zh' ? `${month + 1}月` : 'JFMAMJJASOND'.charAt(month);
}

/** First moment of a date of the zone; undefined when it is no date. */
export function dateMs(text: string, zone: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : momentOfWall(time, zone);
}

/** A moment as a datetime-local field shows it. */
export function fieldTime(timeMs: number, zone: string): string {
  return wallOf(timeMs, zone).toISOString().slice(0, 16);
}

/** What is typed into a datetime-local field, read on the clocks of the zone. */
export function timeOfField(text: string, zone: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : momentOfWall(time, zone);
}

/** First moments of the months that begin inside a stretch. */
export function monthStartsMs(fromMs: number, toMs: number, zone: string): number[] {
  const from = wallOf(fromMs, zone);
  const starts: number[] = [];
  for (let month = from.getUTCMonth(); ; month += 1) {
    const start = momentOfWall(Date.UTC(from.getUTCFullYear(), month, 1), zone);
    if (start > toMs) return starts;
    if (start >= fromMs) starts.push(start);
  }
}

/** Whole months that lie within a stretch, newest first. */
export function monthsWithin(
  fromMs: number,
  toMs: number,
  zone: string,
): { readonly fromMs: number; readonly toMs: number }[] {
  const starts = monthStartsMs(fromMs, toMs, zone);
  return starts
    .flatMap((start, at) => {
      const end = starts[at + 1];
      return end === undefined ? [] : [{ fromMs: start, toMs: end }];
    })
    .reverse();
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

/** Moment at which clocks change between two moments at most a day apart, to the minute. */
function changeBetween(fromMs: number, toMs: number, zone: string): number {
  let [before, after] = [fromMs, toMs];
  while (after - before > MINUTE_MS) {
    const middle = Math.floor((before + after) / 2 / MINUTE_MS) * MINUTE_MS;
    if (middle <= before) return after;
    if (offsetMs(middle, zone) === offsetMs(fromMs, zone)) before = middle;
    else after = middle;
  }
  return after;
}

/** Stretches over which the clocks of the zone do not change. */
function steadyStretches(fromMs: number, toMs: number, zone: string): { fromMs: number; toMs: number }[] {
  const stretches: { fromMs: number; toMs: number }[] = [];
  let start = fromMs;
  for (let at = fromMs; at < toMs; at += DAY_MS) {
    const next = Math.min(toMs, at + DAY_MS);
    if (offsetMs(at, zone) === offsetMs(next, zone)) continue;
    const change = changeBetween(at, next, zone);
    stretches.push({ fromMs: start, toMs: change - 1 });
    start = change;
  }
  return [...stretches, { fromMs: start, toMs }];
}

/** First moments of the days that begin inside a stretch, newest last. */
export function dayStartsMs(fromMs: number, toMs: number, zone: string, everyDays = 1): number[] {
  const starts: number[] = [];
  const first = Math.floor((fromMs + offsetMs(fromMs, zone)) / DAY_MS);
  for (let day = Math.ceil(first / everyDays) * everyDays; ; day += everyDays) {
    const start = momentOfWall(day * DAY_MS, zone);
    if (start > toMs) return starts;
    if (start >= fromMs) starts.push(start);
  }
}

/**
 * Ticks on times that are round on the clocks of the zone, at most about `ticksMax`; months when days are too many. Where clocks change,
 * ticks stay on round times: an hour that is skipped has none, one that comes twice has two.
 */
export function timeSplitsMs(fromMs: number, toMs: number, ticksMax: number, zone: string): number[] {
  const step = STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= ticksMax);
  if (step === undefined) return monthStartsMs(fromMs, toMs, zone);
  if (step >= DAY_MS) return dayStartsMs(fromMs, toMs, zone, step / DAY_MS);
  return steadyStretches(fromMs, toMs, zone).flatMap((stretch) => {
    const offset = offsetMs(stretch.fromMs, zone);
    const splits: number[] = [];
    const first = Math.ceil((stretch.fromMs + offset) / step) * step - offset;
    for (let time = first; time <= stretch.toMs; time += step) splits.push(time);
    return splits;
  });
}

/** Labels of ticks: dates where they are days apart, else times. */
export function timeLabels(splitsMs: readonly number[], language: Language, zone: string): string[] {
  // The first day may be an hour short.
  const isDays = (splitsMs[1] ?? 0) - (splitsMs[0] ?? 0) > 12 * HOUR_MS;
  return splitsMs.map((time) => (isDays ? dayMonth(time, language, zone) : hourMinute(time, zone)));
}
