/** Which stretch a chart shows and in which windows: zoom, shift, the address. Pure: now is told. */
import type { WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@quaywatch/words';
import type { Span } from './chart-data.ts';

export const SIZES = { minute: 60, five: 300, hour: 3600, day: 86400 } as const satisfies Readonly<
  Record<string, WindowPoint['size_s']>
>;
export type SizeName = keyof typeof SIZES;
export const SIZE_NAMES = Object.keys(SIZES) as readonly SizeName[];
/** What a size shows at first. */
const SPAN_MS: Readonly<Record<SizeName, number>> = {
  minute: 3 * HOUR_MS,
  five: DAY_MS,
  hour: 14 * DAY_MS,
  day: 200 * DAY_MS,
};
/** Minutes are kept this long. */
const minutesMs = 14 * DAY_MS;
/** Fewer windows than this are no chart, more than this no screen shows. */
const windowsMin = 10;
const windowsMax = 2_500;

/** What the reader looks at: following the newest (`pinned` null) over a width, or pinned. */
export type Shown = { readonly size: SizeName; readonly lastMs: number; readonly pinned: Span | null };

export const first = (size: SizeName): Shown => ({ size, lastMs: SPAN_MS[size], pinned: null });

export function rangeOf({ pinned, lastMs }: Shown, nowMs: number): Span {
  return pinned ?? { fromMs: nowMs - lastMs, toMs: nowMs };
}

/** What storage is asked for a stretch: fine enough to ask again, and coarse enough that a following chart does not ask all the time. */
export function askedOf(sizeS: number, { fromMs, toMs }: Span): { readonly from: number; readonly to: number } {
  const grid = sizeS === 60 ? 5 * MINUTE_MS : HOUR_MS / 4;
  return { from: Math.floor(fromMs / grid) * grid, to: Math.ceil(toMs / grid) * grid };
}

/** The size that a width asks for: finer when there are too few windows, coarser when there are too many or minutes are gone. */
export function sizeFor(range: Span, size: SizeName, nowMs: number): SizeName {
  const widthMs = range.toMs - range.fromMs;
  const at = SIZE_NAMES.indexOf(size);
  const isGone = size === 'minute' && range.fromMs < nowMs - minutesMs;
  const coarser = SIZE_NAMES[at + 1];
  const finer = SIZE_NAMES[at - 1];
  if (coarser !== undefined && (isGone || widthMs > windowsMax * SIZES[size] * 1000))
    return sizeFor(range, coarser, nowMs);
  if (finer !== undefined && widthMs < windowsMin * SIZES[size] * 1000) {
    const isFinerGone = finer === 'minute' && range.fromMs < nowMs - minutesMs;
    return isFinerGone ? size : sizeFor(range, finer, nowMs);
  }
  return size;
}

/** Shows a stretch: one that reaches the present follows it, any other is pinned. */
export function showing(shown: Shown, wanted: Span, nowMs: number): Shown {
  const widthMs = Math.max(windowsMin * MINUTE_MS, wanted.toMs - wanted.fromMs);
  const toMs = Math.min(nowMs, wanted.toMs);
  const range = { fromMs: Math.round(toMs - widthMs), toMs: Math.round(toMs) };
  const size = sizeFor(range, shown.size, nowMs);
  return wanted.toMs >= nowMs ? { size, lastMs: widthMs, pinned: null } : { size, lastMs: shown.lastMs, pinned: range };
}

/** @param factor below 1 comes nearer. @param at where the pointer is, 0..1 of the width: that moment stays where it is. */
export function zoomed(shown: Shown, factor: number, at: number, nowMs: number): Shown {
  const { fromMs, toMs } = rangeOf(shown, nowMs);
  const width = toMs - fromMs;
  const middle = fromMs + width * at;
  const left = middle - width * factor * at;
  // A pointer at the present means the present.
  const isAtEnd = shown.pinned === null && at > 0.92;
  const right = isAtEnd ? nowMs : left + width * factor;
  return showing(shown, { fromMs: isAtEnd ? nowMs - width * factor : left, toMs: right }, nowMs);
}

/** The same as part of an address: `size` and `last` in seconds, or `from` and `to`. */
export function queryOf(shown: Shown): Record<string, string> {
  const { size, lastMs, pinned } = shown;
  const sizeOnly: Record<string, string> = size === 'five' ? {} : { size };
  if (pinned !== null)
    return { ...sizeOnly, from: String(Math.round(pinned.fromMs)), to: String(Math.round(pinned.toMs)) };
  return lastMs === SPAN_MS[size] ? sizeOnly : { ...sizeOnly, last: String(Math.round(lastMs / 1000)) };
}

export function shownOf(query: URLSearchParams): Shown {
  const size = SIZE_NAMES.find((name) => name === query.get('size')) ?? 'five';
  const [from, to, last] = ['from', 'to', 'last'].map((name) => Number(query.get(name)));
  const pinned = from !== undefined && to !== undefined && from > 0 && to > from ? { fromMs: from, toMs: to } : null;
  return { size, lastMs: last !== undefined && last >= 600 ? last * 1000 : SPAN_MS[size], pinned };
}
