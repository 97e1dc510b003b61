/** Detects a value outside the range seen so far: the further beyond, against that range, the more surprising. */
import type { Detector } from './detector.ts';
import { surpriseMax } from './tail-surprise.ts';

const recordsMin = 50;
/** Nats for leaving the range at all, and for each whole range beyond it. */
const leavingNats = 3;
const natsPerRange = 30;

export function createRangeDetector(): Detector {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (_eventTimeMs, value) => {
    const beyond = Math.max(value - high, low - value);
    const width = high - low;
    low = Math.min(low, value);
    high = Math.max(high, value);
    count++;
    if (count <= recordsMin || beyond <= 0) return 0;
    return width === 0 ? surpriseMax : Math.min(surpriseMax, leavingNats + (natsPerRange * beyond) / width);
  };
}
