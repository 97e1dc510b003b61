/**
 * Detects a level that the series has seldom had: the mean of the last records against all such means. Single outliers
 * only where records are so rare that one is a level.
 */
import { type Cadence, recordsIn } from './cadence.ts';
import type { Detector } from './detector.ts';
import { createRecentValues, meanOfLast, take } from './recent-values.ts';
import { createTwoSidedCalibration } from './tail-surprise.ts';

const windowRecordsMax = 24;
const windowMsMax = 86_400_000;

/** @param cadence of the same series, which the caller keeps up to date. */
export function createLevelDetector(cadence: Cadence): Detector {
  const recent = createRecentValues(windowRecordsMax);
  const surpriseOf = createTwoSidedCalibration();
  return (_eventTimeMs, value) => {
    take(recent, value);
    const length = Math.min(windowRecordsMax, recordsIn(cadence, windowMsMax));
    return recent.count < length ? 0 : surpriseOf(meanOfLast(recent, length));
  };
}
