/**
 * How improbable a value is by a stream's own history: −ln p, by rank inside the body and by an exponential beyond it.
 * Makes detectors of any unit comparable. Knows nothing of time.
 *
 * The exponential is the excess distribution over a high threshold for light tails (Pickands 1975, "Statistical inference using
 * extreme order statistics"; generalised Pareto with shape 0). Its scale is itself learnt from few values, so the tail is that of the
 * ratio: k ln(1 + excess / (k × mean excess)), which tends to the exponential as the number k of values beyond the threshold grows.
 */
import { SortedHistory } from './sorted-history.ts';

/** Nats above which nothing is more surprising. */
export const surpriseMax = 40;
const historyMax = 4096;
const historyMin = 30;
const tailShare = 0.1;
/** Least mean excess, as a share of the body's width: a tail without members still has a scale. */
const excessShareMin = 1e-3;
/** What counts as rounding, against the size of the values. */
const rounding = 1e-12;

type Tail = {
  /** How many values lie beyond the threshold. */
  readonly members: number;
  readonly threshold: number;
  readonly meanExcess: number;
  /** From the median to the threshold. */
  readonly bodyWidth: number;
};

function beyond({ members, threshold, meanExcess, bodyWidth }: Tail, value: number): number {
  const excess = Math.abs(value - threshold);
  const scale = Math.max(meanExcess, excessShareMin * bodyWidth, rounding * Math.abs(threshold), Number.MIN_VALUE);
  const nats = members * Math.log1p(excess / (scale * members));
  return Math.min(surpriseMax, -Math.log(tailShare) + nats);
}

/** −ln of the chance of a value at least as large, nats from 0 to `surpriseMax`. */
function upperSurprise(history: SortedHistory, value: number): number {
  const { size } = history;
  if (size < historyMin) return 0;
  const from = Math.floor((1 - tailShare) * size);
  const threshold = history.nth(from);
  if (value <= threshold) return Math.log((size + 1) / (size - history.countBelow(value) + 1));
  const members = size - from;
  const meanExcess = history.sum(from, size) / members - threshold;
  return beyond({ members, threshold, meanExcess, bodyWidth: threshold - history.nth(size >> 1) }, value);
}

/** −ln of the chance of a value at most as large, nats from 0 to `surpriseMax`. */
function lowerSurprise(history: SortedHistory, value: number): number {
  const { size } = history;
  if (size < historyMin) return 0;
  const members = size - Math.floor((1 - tailShare) * size);
  const threshold = history.nth(members - 1);
  if (value >= threshold) return Math.log((size + 1) / (history.countUpTo(value) + 1));
  const meanExcess = threshold - history.sum(0, members) / members;
  return beyond({ members, threshold, meanExcess, bodyWidth: history.nth(size >> 1) - threshold }, value);
}

/** Tells the surprise of each value against those before it, then remembers it. */
export type Calibration = (value: number) => number;

/** For quantities of which only much is unusual, such as a distance. */
export function createUpperCalibration(): Calibration {
  const history = new SortedHistory(historyMax);
  return (value) => {
    const surprise = upperSurprise(history, value);
    history.push(value);
    return surprise;
  };
}

/** For quantities that may be unusual either way; two looks cost ln 2. */
export function createTwoSidedCalibration(): Calibration {
  const history = new SortedHistory(historyMax);
  return (value) => {
    const surprise = Math.max(upperSurprise(history, value), lowerSurprise(history, value)) - Math.LN2;
    history.push(value);
    return Math.max(0, surprise);
  };
}
