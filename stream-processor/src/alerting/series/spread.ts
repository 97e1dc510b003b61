/**
 * How far a series strays by itself, per window length: counting noise is known from what is expected, the rest is learned from calm readings.
 * Deviations are told as signed roots of a negative binomial's deviance, so that a sparse port's zeros weigh what they weigh.
 */
import { type Evidence, windowSlots } from './evidence.ts';

/** Mean of the squared TEU of a move over its mean: 40 % of one TEU and 60 % of two give 1.75. TEU over this are "counts". */
export const teuPerCount = 1.75;
/** Slots after which older samples fade, for every window alike: what has begun unnoticed must not widen the band before it is seen. */
const memorySlots = 35 * 288;
/** Squared deviations above this many variances count as this many; a normal's mean is then less by `capLoss`. */
const cap = 5;
const capLoss = 0.93;
/** Samples that the first guess counts for. */
const guessWeight = 4;
const floor = 0.0004;

export type Spread = {
  /** Variance of the ratio of actual to expected beyond counting noise, by window. */
  variances: number[];
  samples: number[];
};

/** The first guess: over-dispersion of single slots and a wander of 10 %, which windows average out. */
export function createSpread(): Spread {
  return {
    variances: windowSlots.map((slots) => 0.06 / slots + 0.01 / (1 + slots / 200)),
    samples: windowSlots.map(() => guessWeight),
  };
}

/** Learns from a calm moment; each window four times over its length. `level` is what the expected sums are multiplied by. */
export function learnSpread(spread: Spread, evidence: Evidence, level: number, slot: number): void {
  for (let i = 0; i < windowSlots.length; i++) {
    const slots = windowSlots[i] ?? 1;
    const every = Math.max(1, slots >> 2);
    if (evidence.count < slots || slot % every !== 0) continue;
    const expected = (evidence.expectedSums[i] ?? 0) * level;
    if (expected <= 0) continue;
    const counting = teuPerCount / expected;
    const known = spread.variances[i] ?? 0;
    const off = (evidence.actualSums[i] ?? 0) / expected - 1;
    const sample = Math.min(off * off, cap * (known + counting)) / capLoss - counting;
    const samples = Math.min(memorySlots / every, (spread.samples[i] ?? 0) + 1);
    spread.samples[i] = samples;
    spread.variances[i] = known + (sample - known) / samples;
  }
}

/** Variance of the ratio beyond counting noise. Few samples, and a doubtful expectation (standard deviation `doubt`), make it wider. */
export function varianceOf(spread: Spread, window: number, doubt: number): number {
  const samples = spread.samples[window] ?? guessWeight;
  return Math.max(floor, spread.variances[window] ?? 0) * (1 + 6 / samples) + doubt * doubt;
}

const shortWindow = 0;
const hourWindow = windowSlots.indexOf(12);

/** The part of a window's variance that single slots bring, independent of each other: it halves when the window doubles. */
export function slotVarianceOf(spread: Spread, window: number): number {
  const [short, hour] = [windowSlots[shortWindow] ?? 1, windowSlots[hourWindow] ?? 1];
  const fall = (spread.variances[shortWindow] ?? 0) - (spread.variances[hourWindow] ?? 0);
  return Math.max(floor, fall / (1 / short - 1 / hour)) / (windowSlots[window] ?? 1);
}

/**
 * How far a window is from what was expected, as a signed root of a deviance: near a standard normal when nothing is wrong. The likeliest
 * explanation is taken: part of the way the rate has wandered (log-normal, `wander` its variance), the rest is counting in over-dispersed slots
 * (negative binomial, `dispersion` the variance of its gamma). TEU. McCullagh and Nelder, Generalized Linear Models (1989), 2.3 and 14.5.
 */
export function deviationOf(actual: number, expected: number, wander: number, dispersion: number): number {
  const count = Math.max(0, actual) / teuPerCount;
  const mean = expected / teuPerCount;
  const shape = 1 / dispersion;
  let x = 0;
  let rate = mean;
  for (let step = 0; step < 6; step++) {
    const slope = x / wander + (shape * (rate - count)) / (rate + shape);
    const curve = 1 / wander + (shape * rate * (shape + count)) / (rate + shape) ** 2;
    const move = Math.max(-1, Math.min(1, slope / curve));
    x -= move;
    rate = mean * Math.exp(x);
    if (Math.abs(move) < 1e-3) break;
  }
  const own = count === 0 ? 0 : count * Math.log(count / rate);
  const deviance = (x * x) / wander + 2 * (own - (count + shape) * Math.log((count + shape) / (rate + shape)));
  const size = Math.sqrt(Math.max(0, deviance));
  return count < mean ? -size : size;
}

/** From so many moves a day on a series is judged like any other. */
const plentyADay = 600;
const sparseSigmas = 1.6;

/** What is added to the thresholds of a series with few moves: chance has coarse steps there, and little is at stake. TEU of a day. */
export function sparsePenalty(teuADay: number): number {
  return sparseSigmas * Math.max(0, 1 - teuADay / teuPerCount / plentyADay);
}
