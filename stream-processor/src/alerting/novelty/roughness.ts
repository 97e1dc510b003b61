/** Detects a series that turns restless or too quiet, a flat line included: the mean step of the last records, as a logarithm. */
import { type Cadence, recordsIn } from './cadence.ts';
import type { Detector } from './detector.ts';
import { createRecentValues, meanOfLast, take } from './recent-values.ts';
import { createTwoSidedCalibration } from './tail-surprise.ts';

const windowRecordsMax = 30;
const windowMsMax = 2 * 86_400_000;
/** Share of the usual step below which quiet is not told from quieter. */
const quietShare = 0.01;

/** @param cadence of the same series, which the caller keeps up to date. */
export function createRoughnessDetector(cadence: Cadence): Detector {
  const steps = createRecentValues(windowRecordsMax);
  const surpriseOf = createTwoSidedCalibration();
  let previous: number | undefined;
  let stepSum = 0;
  return (_eventTimeMs, value) => {
    if (previous === undefined) {
      previous = value;
      return 0;
    }
    const step = Math.abs(value - previous);
    previous = value;
    stepSum += step;
    take(steps, step);
    const length = Math.min(windowRecordsMax, recordsIn(cadence, windowMsMax));
    if (steps.count < length || stepSum === 0) return 0;
    const usual = stepSum / steps.count;
    return surpriseOf(Math.log(meanOfLast(steps, length) / usual + quietShare));
  };
}
