/** Detects a level that the series has seldom had: the mean of the last records against all such means. Not single outliers. */
import type { Detector } from './detector.ts';
import { createRecentValues, isFull, meanOfLast, take } from './recent-values.ts';
import { createTwoSidedCalibration } from './tail-surprise.ts';

const windowRecords = 24;

export function createLevelDetector(): Detector {
  const recent = createRecentValues(windowRecords);
  const surpriseOf = createTwoSidedCalibration();
  return (_eventTimeMs, value) => {
    take(recent, value);
    return isFull(recent) ? surpriseOf(meanOfLast(recent, windowRecords)) : 0;
  };
}
