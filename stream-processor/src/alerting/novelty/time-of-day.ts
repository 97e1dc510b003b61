/**
 * Detects hours unlike the same hours of the days before: mean difference to the usual value of the half hour of the day.
 * Knows no calendar: weekends and holidays are unusual until they have been seen.
 */
import { type Cadence, recordsIn } from './cadence.ts';
import type { Detector } from './detector.ts';
import { createRecentValues, meanOfLast, take } from './recent-values.ts';
import { createTwoSidedCalibration } from './tail-surprise.ts';

const dayMs = 86_400_000;
const slots = 48;
const slotMs = dayMs / slots;
const daysMax = 14;
const daysMin = 2;
const spanMs = 3 * 3_600_000;
const spanRecordsMax = 48;

type Profile = {
  /** Means of the last days by slot, oldest first. */
  readonly days: number[][];
  /** Slots since 1970 of the mean being gathered. */
  slotNumber: number;
  sum: number;
  count: number;
};

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function slotOf(slotNumber: number): number {
  return ((slotNumber % slots) + slots) % slots;
}

function closeSlot(profile: Profile): void {
  const days = profile.days[slotOf(profile.slotNumber)];
  if (days === undefined || profile.count === 0) return;
  days.push(profile.sum / profile.count);
  if (days.length > daysMax) days.shift();
}

/** @returns the usual value of this time of day; undefined before it was seen on two days. */
function usualAt(profile: Profile, eventTimeMs: number, value: number): number | undefined {
  const slotNumber = Math.floor(eventTimeMs / slotMs);
  if (slotNumber !== profile.slotNumber) {
    closeSlot(profile);
    Object.assign(profile, { slotNumber, sum: 0, count: 0 });
  }
  profile.sum += value;
  profile.count++;
  const days = profile.days[slotOf(slotNumber)] ?? [];
  return days.length < daysMin ? undefined : median(days);
}

/** @param cadence of the same series, which the caller keeps up to date. */
export function createTimeOfDayDetector(cadence: Cadence): Detector {
  const profile: Profile = { days: Array.from({ length: slots }, () => []), slotNumber: Number.NaN, sum: 0, count: 0 };
  const differences = createRecentValues(spanRecordsMax);
  const surpriseOf = createTwoSidedCalibration();
  return (eventTimeMs, value) => {
    const usual = usualAt(profile, eventTimeMs, value);
    if (usual === undefined) return 0;
    take(differences, value - usual);
    const span = Math.min(spanRecordsMax, recordsIn(cadence, spanMs));
    if (differences.count < span) return 0;
    const surprise = surpriseOf(meanOfLast(differences, span));
    // Before a whole day of differences is known, every hour is the first of its kind.
    return differences.count < recordsIn(cadence, dayMs) ? 0 : surprise;
  };
}
