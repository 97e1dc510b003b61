/**
 * The hours of the day and the days of the week of a series without a baseline, learned as it goes: hour factors times day factors.
 * Calendar days and the level come from elsewhere.
 */
import { slotMs } from './evidence.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
/** Days after which older ones fade. */
const hourMemoryDays = 56;
const dayMemoryDays = 150;

export type Profile = {
  /** Factors with mean 1, by hour of the day and day of the week (Sunday first), UTC. */
  hours: number[];
  days: number[];
  /** TEU by hour and by day, and what would have come without that factor. */
  hourActual: number[];
  hourBase: number[];
  dayActual: number[];
  dayBase: number[];
  /** Rough TEU of a slot; the level does the rest. */
  scale: number;
  readings: number;
};

/** `days`: what last year says about the days of the week; `weeks`: how many weeks it stands on. */
export function createProfile(days: readonly number[] | null, weeks: number): Profile {
  const factors = days === null ? new Array<number>(7).fill(1) : [...days];
  return {
    hours: new Array<number>(24).fill(1),
    days: factors,
    hourActual: new Array<number>(24).fill(0),
    hourBase: new Array<number>(24).fill(0),
    dayActual: days === null ? new Array<number>(7).fill(0) : factors.map((factor) => factor * weeks),
    dayBase: new Array<number>(7).fill(days === null ? 0 : weeks),
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
  return profile.scale * (here + (next - here) * part) * (profile.days[weekdayOf(ms)] ?? 1);
}

function weekdayOf(ms: number): number {
  return (Math.floor(ms / dayMs) + 4) % 7;
}

/** Learns from one calm reading, `level` as it is now, `calendar` the factor of the day; factors are renewed when a UTC day ends. */
export function learnProfile(profile: Profile, endMs: number, teu: number, level: number, calendar: number): void {
  const ms = endMs - slotMs / 2;
  const hour = Math.floor(ms / hourMs) % 24;
  const weekday = weekdayOf(ms);
  profile.readings++;
  // Until a first day is whole, the scale is all that can be learned.
  if (profile.readings <= 288) profile.scale += (teu / calendar - profile.scale) / profile.readings;
  const base = profile.scale * calendar * level;
  if (base <= 0) return;
  profile.hourActual[hour] = (profile.hourActual[hour] ?? 0) + teu / base;
  profile.hourBase[hour] = (profile.hourBase[hour] ?? 0) + (profile.days[weekday] ?? 1);
  profile.dayActual[weekday] = (profile.dayActual[weekday] ?? 0) + teu / base / 288;
  profile.dayBase[weekday] = (profile.dayBase[weekday] ?? 0) + (profile.hours[hour] ?? 1) / 288;
}

/** Renews the factors; called when a UTC day has ended. */
export function renewProfile(profile: Profile): void {
  if (profile.readings < 280) return;
  renew(profile.hours, profile.hourActual, profile.hourBase, 1 - 1 / hourMemoryDays);
  renew(profile.days, profile.dayActual, profile.dayBase, 1 - 1 / dayMemoryDays);
}

function renew(factors: number[], actual: number[], base: number[], keep: number): void {
  let sum = 0;
  for (let i = 0; i < factors.length; i++) {
    const [known, from] = [actual[i] ?? 0, base[i] ?? 0];
    factors[i] = from > 0 ? Math.max(0.02, known / from) : 1;
    sum += factors[i] ?? 0;
    actual[i] = known * keep;
    base[i] = from * keep;
  }
  const mean = sum / factors.length;
  for (let i = 0; i < factors.length; i++) factors[i] = (factors[i] ?? 1) / mean;
}
