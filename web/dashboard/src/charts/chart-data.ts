/** Windows as the columns that uPlot draws: rates on a full grid, so that a window that is not there is a gap and never a bridge. */
import type { WindowPoint } from '@quaywatch/contracts';

export type Columns = {
  /** Window starts in seconds: uPlot is told that they are plain numbers. */
  readonly x: number[];
  readonly upper: (number | null)[];
  readonly lower: (number | null)[];
  readonly expected: (number | null)[];
  readonly lastYear: (number | null)[];
  readonly before: (number | null)[];
  readonly actual: (number | null)[];
  /** The window of every place of the grid, if there is one. */
  readonly points: (WindowPoint | undefined)[];
};

/** More places than this are not drawn: no screen is so wide. */
const placesMax = 4000;

function rateOf(teu: number | null, sizeS: number): number | null {
  return teu === null ? null : (teu * 3600) / sizeS;
}

/** @param points sorted by start, of one series and size. The open window has a place, but no rate: it is not compared. */
export function columnsOf(points: readonly WindowPoint[], sizeS: number, fromMs: number, toMs: number): Columns {
  const columns: Columns = {
    x: [],
    upper: [],
    lower: [],
    expected: [],
    lastYear: [],
    before: [],
    actual: [],
    points: [],
  };
  const first = points.find((point) => point.start_ms >= fromMs)?.start_ms;
  if (first === undefined) return columns;
  const byStart = new Map(points.map((point) => [point.start_ms, point]));
  const last = Math.min(points.at(-1)?.start_ms ?? first, toMs);
  const stepMs = Math.max(sizeS * 1000, Math.ceil((last - first) / placesMax / (sizeS * 1000)) * sizeS * 1000);
  for (let start = first; start <= last; start += stepMs) {
    const point = byStart.get(start);
    const expected = rateOf(point?.expected ?? null, sizeS);
    const band = rateOf(point?.band ?? null, sizeS);
    columns.x.push(start / 1000);
    columns.points.push(point);
    columns.expected.push(expected);
    columns.upper.push(expected === null || band === null ? null : expected + band);
    columns.lower.push(expected === null || band === null ? null : Math.max(0, expected - band));
    columns.lastYear.push(rateOf(point?.last_year ?? null, sizeS));
    columns.before.push(point?.was === undefined ? null : rateOf(point.was, sizeS));
    columns.actual.push(point === undefined || point.open === true ? null : rateOf(point.teu, sizeS));
  }
  return columns;
}

export type Span = { readonly fromMs: number; readonly toMs: number };

/** Stretches without data: closed windows without a reading, or windows that are not there at all. */
export function gapsOf(columns: Columns, sizeS: number): Span[] {
  const gaps: Span[] = [];
  for (const [index, second] of columns.x.entries()) {
    const point = columns.points[index];
    if (point?.open === true || (point !== undefined && point.teu !== null)) continue;
    const fromMs = second * 1000;
    const before = gaps.at(-1);
    if (before !== undefined && before.toMs === fromMs)
      gaps[gaps.length - 1] = { fromMs: before.fromMs, toMs: fromMs + sizeS * 1000 };
    else gaps.push({ fromMs, toMs: fromMs + sizeS * 1000 });
  }
  return gaps;
}

/** The part of a stretch before its first window: nothing is stored there. */
export function unstoredOf(columns: Columns, sizeS: number, fromMs: number): Span | null {
  const firstMs = (columns.x[0] ?? 0) * 1000;
  return firstMs - fromMs < sizeS * 1000 ? null : { fromMs, toMs: firstMs };
}

/** Place of the last closed window when only open ones follow it; −1: the line has ended before. */
export function lastPlaceOf({ actual, points }: Columns): number {
  const place = actual.findLastIndex((value) => value !== null);
  return points.slice(place + 1).every((point) => point?.open === true) ? place : -1;
}

const LINES = ['x', 'upper', 'lower', 'expected', 'lastYear', 'before', 'actual'] as const;

/** What the marks over and under the lines are drawn from. */
function isSameMark(a: WindowPoint | undefined, b: WindowPoint | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.open === b.open &&
    a.revision === b.revision &&
    a.completeness === b.completeness &&
    a.backfilled === b.backfilled &&
    (a.teu === null) === (b.teu === null)
  );
}

/** Whether two sets of columns make the same picture: the open window counts four times a second, and is not drawn by its figure. */
export function isSamePicture(a: Columns, b: Columns): boolean {
  return (
    LINES.every((line) => a[line].length === b[line].length && a[line].every((value, at) => value === b[line][at])) &&
    a.points.every((point, at) => isSameMark(point, b.points[at]))
  );
}
