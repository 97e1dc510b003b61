/** The nation's day in hours, of any run, and the difference of two. Pure but for the world's signals that it reads. */
import { PORTS } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { type Slot, slotsOf, sumSlots } from '../slots.ts';
import type { World } from '../wire/store.ts';

/** The full hours before a world's present; hours that are not closed yet are not among them. */
export function hoursOf(world: World): Slot[] {
  const time = world.clock.value;
  if (time === null) return [];
  // Windows that were still open at the played moment are no zeros: the line ends with the last closed hour.
  const nowMs = world.play.value === null ? time.asOfMs : time.watermarkMs;
  const past = sumSlots(
    PORTS.map(({ code }) => slotsOf(world.series(code, '', 3600).value, world.series(code, '', 300).value, nowMs)),
  );
  // At the beginning of a stretch few ports have spoken; their sum is not the nation's.
  const most = Math.max(0, ...past.map((slot) => slot.expected ?? 0));
  const firstKnown = past.findIndex((slot) => slot.rate !== null && (slot.expected ?? most) >= most / 2);
  return firstKnown < 0 ? [] : past.slice(firstKnown);
}

export type PairedHour = { readonly startMs: number; readonly played: number; readonly other: number };

/**
 * Hours that both have. TEU; `startMs` is the played one's.
 * @param shiftMs how much later the other's hours are; null: unknown. Then the same hours are compared, and days without one in common by the
 * hour of the day.
 */
export function pairHours(played: readonly Slot[], other: readonly Slot[], shiftMs: number | null): PairedHour[] {
  const isOtherDay = shiftMs === null && !other.some(({ startMs }) => played.some((slot) => slot.startMs === startMs));
  const keyOf = (startMs: number) => (isOtherDay ? startMs % DAY_MS : startMs);
  const byHour = new Map(other.map((slot) => [keyOf(slot.startMs), slot]));
  return played.flatMap(({ startMs, rate }) => {
    const rateBeside = byHour.get(keyOf(startMs + (shiftMs ?? 0)))?.rate ?? null;
    return rate === null || rateBeside === null ? [] : [{ startMs, played: rate, other: rateBeside }];
  });
}

export type Difference = { readonly teu: number; readonly percent: number | null; readonly hours: number };

export function differenceOf(hours: readonly PairedHour[]): Difference {
  const sum = (of: (hour: PairedHour) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  const [played, other] = [sum((hour) => hour.played), sum((hour) => hour.other)];
  return {
    teu: played - other,
    percent: other === 0 ? null : ((played - other) / other) * 100,
    hours: hours.length,
  };
}

type Stretch = { readonly fromMs: number; readonly toMs: number };

const overlapOf = (a: Stretch, b: Stretch) => Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs);
const YEAR_MS = 364 * DAY_MS;

/**
 * How much later another run's moment is than the played one, ms, always whole days: none when both hold the same days; else whole years
 * of 364 days, which keep the weekday; else both from their beginnings.
 */
export function shiftOf(played: Stretch, other: Stretch): number {
  if (overlapOf(played, other) >= HOUR_MS) return 0;
  const apart = other.fromMs - played.fromMs;
  const years = Math.round(apart / YEAR_MS) * YEAR_MS;
  const moved = { fromMs: played.fromMs + years, toMs: played.toMs + years };
  return years !== 0 && overlapOf(moved, other) >= HOUR_MS ? years : Math.round(apart / DAY_MS) * DAY_MS;
}
