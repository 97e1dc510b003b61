/**
 * The week of a series without a baseline, learned as it goes: hour factors times weekday factors.
 * Calendar days and the level come from elsewhere.
 */
import { slotMs } from './evidence.ts';
import { fitWeek } from './week.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const hoursInWeek = 168;
/** 1 January 1970 was a Thursday: so many hours after a Sunday began. */
const epochHour = 96;
/** Weeks after which older ones fade. */
const memoryWeeks = 16;
const slotsPerDay = 288;

export type Profile = {
  /** Factors with mean 1, by hour of the day (UTC) and local weekday (Sunday first), and how many hours local time is ahead of UTC. */
  hours: number[];
  days: number[];
  ahead: number;
  /** By hour of the week from Sunday 00:00 UTC: TEU over what a flat week would bring, and how many hours' worth of it. */
  weekActual: number[];
  weekBase: number[];
  /** Factors of last year's UTC weekdays, and the weeks they stand on. */
  lastYear: number[] | null;
  lastYearWeeks: number;
  /** Rough TEU of a slot; the level does the rest. */
  scale: number;
  readings: number;
};

/** `days`: what last year says about the UTC days of the week; `weeks`: how many weeks it stands on. */
export function createProfile(days: readonly number[] | null, weeks: number): Profile {
  return {
    hours: new Array<number>(24).fill(1),
    days: days === null ? new Array<number>(7).fill(1) : [...days],
    ahead: 0,
    weekActual: new Array<number>(hoursInWeek).fill(0),
    weekBase: new Array<number>(hoursInWeek).fill(0),
    lastYear: days === null ? null : [...days],
    lastYearWeeks: weeks,
    scale: 0,
    readings: 0,
  };
}

/** TEU expected of the slot that ends at `endMs`, for level 1. Hours go over into each other. */
export function profileAt(profile: Profile, endMs: number): number {
  const ms = endMs - slotMs / 2;
  const hours = ms / hourMs - 0.5;
  const hour = Math.floor(hours);
  const part = hours - hour;
  const here = profile.hours[((hour % 24) + 24) % 24] ?? 1;
  const next = profile.hours[(((hour + 1) % 24) + 24) % 24] ?? 1;
  const weekday = (Math.floor((ms + profile.ahead * hourMs) / dayMs) + 4) % 7;
  return profile.scale * (here + (next - here) * part) * (profile.days[weekday] ?? 1);
}

/** Learns from one calm reading, `level` as it is now, `calendar` the factor of the day. */
export function learnProfile(profile: Profile, endMs: number, teu: number, level: number, calendar: number): void {
  profile.readings++;
  // Until a first day is whole, the scale is all that can be learned.
  if (profile.readings <= slotsPerDay) profile.scale += (teu / calendar - profile.scale) / profile.readings;
  const base = profile.scale * calendar * level;
  if (base <= 0) return;
  const hour = (Math.floor((endMs - slotMs / 2) / hourMs) + epochHour) % hoursInWeek;
  profile.weekActual[hour] = (profile.weekActual[hour] ?? 0) + teu / base / 12;
  profile.weekBase[hour] = (profile.weekBase[hour] ?? 0) + 1 / 12;
}

/** Renews the factors; called when a UTC day has ended. */
export function renewProfile(profile: Profile): void {
  if (profile.readings < slotsPerDay - 8) return;
  const { weekActual: actual, weekBase: base, lastYear, lastYearWeeks } = profile;
  const shape = fitWeek({ actual, base, lastYear, lastYearWeeks }, profile.ahead);
  profile.hours = shape.hours;
  profile.days = shape.days;
  profile.ahead = shape.ahead;
  const keep = 1 - 1 / (7 * memoryWeeks);
  for (let hour = 0; hour < hoursInWeek; hour++) {
    actual[hour] = (actual[hour] ?? 0) * keep;
    base[hour] = (base[hour] ?? 0) * keep;
  }
}
