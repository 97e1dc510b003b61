/**
 * Detects a short shape that the series has not shown before: distance of the last records to the third nearest of the windows
 * kept. The third, so that one earlier anomaly does not make the next one usual.
 */
import type { Detector } from './detector.ts';
import { copyInOrder, createRecentValues, isFull, take } from './recent-values.ts';
import { createUpperCalibration } from './tail-surprise.ts';

const windowsMax = 800;
const windowsMin = 10;
const neighbour = 3;

type Library = {
  /** Windows side by side, `windowRecords` values each. */
  readonly values: Float64Array;
  /** Windows ever kept. */
  count: number;
};

/** Squared distance; stops early at more than `limit`. Newest values first: they are the likeliest to differ. */
function squaredDistance(library: Library, from: number, window: Float64Array, limit: number): number {
  let sum = 0;
  for (let i = window.length - 1; i >= 0 && sum <= limit; i--) {
    const difference = (library.values[from + i] ?? 0) - (window[i] ?? 0);
    sum += difference * difference;
  }
  return sum;
}

function distanceToNeighbour(library: Library, window: Float64Array): number {
  const nearest = new Array<number>(neighbour).fill(Number.POSITIVE_INFINITY);
  const windows = Math.min(library.count, windowsMax);
  for (let i = 0; i < windows; i++) {
    const distance = squaredDistance(library, i * window.length, window, nearest[neighbour - 1] ?? 0);
    let place = neighbour - 1;
    if (distance >= (nearest[place] ?? 0)) continue;
    for (; place > 0 && (nearest[place - 1] ?? 0) > distance; place--) nearest[place] = nearest[place - 1] ?? 0;
    nearest[place] = distance;
  }
  return Math.sqrt(nearest[neighbour - 1] ?? 0);
}

/** @param windowRecords length of the shapes compared, even. */
export function createShapeDetector(windowRecords: number): Detector {
  const stride = windowRecords / 2;
  const recent = createRecentValues(windowRecords);
  const window = new Float64Array(windowRecords);
  const library: Library = { values: new Float64Array(windowsMax * windowRecords), count: 0 };
  // Windows wait until they no longer overlap the one at hand.
  const waiting: Float64Array[] = [];
  const surpriseOf = createUpperCalibration();
  const keep = () => {
    waiting.push(window.slice());
    const next = waiting.length > windowRecords / stride ? waiting.shift() : undefined;
    if (next === undefined) return;
    library.values.set(next, (library.count % windowsMax) * windowRecords);
    library.count++;
  };
  return (_eventTimeMs, value) => {
    take(recent, value);
    if (!isFull(recent)) return 0;
    copyInOrder(recent, window);
    const surprise = library.count > windowsMin ? surpriseOf(distanceToNeighbour(library, window)) : 0;
    if (recent.count % stride === 0) keep();
    return surprise;
  };
}
