/** Detects a series that turns restless or too quiet, a flat line included: the mean step of the last records, as a logarithm. */
import type { Detector } from './detector.ts';
import { createRecentValues, isFull, meanOfLast, take } from './recent-values.ts';
import { createTwoSidedCalibration } from './tail-surprise.ts';

const windowRecords = 30;
/** Share of the usual step below which quiet is not told from quieter. */
const quietShare = 0.01;

export function createRoughnessDetector(): Detector {
  const steps = createRecentValues(windowRecords);
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
    if (!isFull(steps) || stepSum === 0) return 0;
    const usual = stepSum / steps.count;
    return surpriseOf(Math.log(meanOfLast(steps, windowRecords) / usual + quietShare));
  };
}
