/**
 * The last 24 hours of a port in hours, for small charts: stored hours where there are any, else the sum of closed 5-minute windows.
 * An hour without a feed stays null, so that a line ends there.
 */

import type { WindowPoint } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';

export type Slot = {
  readonly startMs: number;
  readonly rate: number | null;
  readonly expected: number | null;
  readonly band: number | null;
};
const SLOTS = 24;
const WINDOWS_AN_HOUR = 12;
/** Fewer closed windows than this do not stand for an hour. */
const windowsMin = 6;

function slotOfWindows(startMs: number, windows: readonly WindowPoint[]): Slot {
  const known = windows.filter((point) => point.teu !== null && point.open !== true);
  const empty: Slot = { startMs, rate: null, expected: null, band: null };
  if (known.length < windowsMin) return empty;
  const scale = WINDOWS_AN_HOUR / known.length;
  const planned = known.filter((point) => point.expected !== null);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const bandSquares = sum(planned.map((point) => (point.band ?? 0) ** 2));
  return {
    startMs,
    rate: sum(known.map((point) => point.teu ?? 0)) * scale,
    expected: planned.length === known.length ? sum(planned.map((point) => point.expected ?? 0)) * scale : null,
    band: planned.length === known.length ? Math.sqrt(bandSquares) * scale : null,
  };
}

/** @param nowMs end of the stretch; the slot of the running hour is left to the caller, who knows the current rate. */
export function slotsOf(hours: readonly WindowPoint[], fives: readonly WindowPoint[], nowMs: number): Slot[] {
  const endMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const fromMs = endMs - SLOTS * HOUR_MS;
  const byHour = new Map(hours.map((point) => [point.start_ms, point]));
  const fivesByHour = new Map<number, WindowPoint[]>();
  // The day is at the end of a ring that holds more.
  let first = fives.length;
  while (first > 0 && (fives[first - 1]?.start_ms ?? 0) >= fromMs) first -= 1;
  for (const point of fives.slice(first)) {
    const hour = Math.floor(point.start_ms / HOUR_MS) * HOUR_MS;
    const list = fivesByHour.get(hour);
    if (list === undefined) fivesByHour.set(hour, [point]);
    else list.push(point);
  }
  return Array.from({ length: SLOTS }, (_, index) => {
    const startMs = fromMs + index * HOUR_MS;
    const hour = byHour.get(startMs);
    if (hour !== undefined && hour.open !== true)
      return { startMs, rate: hour.teu, expected: hour.expected, band: hour.band };
    return slotOfWindows(startMs, fivesByHour.get(startMs) ?? []);
  });
}

/** Sum of ports, slot by slot: a port without a feed leaves both the rate and what was expected. */
export function sumSlots(ports: readonly (readonly Slot[])[]): Slot[] {
  return Array.from({ length: SLOTS }, (_, index) => {
    const slots = ports.flatMap((slots) => slots[index] ?? []).filter((slot) => slot.rate !== null);
    const startMs = ports[0]?.[index]?.startMs ?? 0;
    if (slots.length === 0) return { startMs, rate: null, expected: null, band: null };
    const total = (of: (slot: Slot) => number | null) => slots.reduce((sum, slot) => sum + (of(slot) ?? 0), 0);
    const isPlanned = slots.every((slot) => slot.expected !== null);
    const squares = slots.reduce((sum, slot) => sum + (slot.band ?? 0) ** 2, 0);
    return {
      startMs,
      rate: total((slot) => slot.rate),
      expected: isPlanned ? total((slot) => slot.expected) : null,
      band: isPlanned ? Math.sqrt(squares) : null,
    };
  });
}
