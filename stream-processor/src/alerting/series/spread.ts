/**
 * How far a series strays by itself, per window length: counting noise is known from what is expected, the rest is learned from calm readings.
 * Deviations are told as signed roots of a negative binomial's deviance, so that a sparse port's zeros weigh what they weigh.
 */
import { type Evidence, windowSlots } from './evidence.ts';

/** Mean of the squared TEU of a move over its mean: 40 % of one TEU and 60 % of two give 1.75. TEU over this are "counts". */
export const teuPerCount = 1.75;
/** Calm samples after which older ones fade. */
const samplesMax = 160;
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
    if (evidence.count < slots || slot % Math.max(1, slots >> 2) !== 0) continue;
    const expected = (evidence.expectedSums[i] ?? 0) * level;
    if (expected <= 0) continue;
    const counting = teuPerCount / expected;
    const known = spread.variances[i] ?? 0;
    const off = (evidence.actualSums[i] ?? 0) / expected - 1;
    const sample = Math.min(off * off, 7 * (known + counting)) - counting;
    const samples = Math.min(samplesMax, (spread.samples[i] ?? 0) + 1);
    spread.samples[i] = samples;
    spread.variances[i] = known + (sample - known) / samples;
  }
}

/** Variance of the ratio beyond counting noise. Few samples, and a doubtful expectation (standard deviation `doubt`), make it wider. */
export function varianceOf(spread: Spread, window: number, doubt: number): number {
  const samples = spread.samples[window] ?? guessWeight;
  return Math.max(floor, spread.variances[window] ?? 0) * (1 + 6 / samples) + doubt * doubt;
}

/**
 * Signed root of the deviance of a negative binomial: near a standard normal when nothing is wrong.
 * `actual` and `expected` in TEU, `variance` of the ratio beyond counting noise. McCullagh and Nelder, Generalized Linear Models (1989), 2.3.
 */
export function deviationOf(actual: number, expected: number, variance: number): number {
  const mean = expected / teuPerCount;
  const count = Math.max(0, actual) / teuPerCount;
  const shape = 1 / variance;
  const own = count === 0 ? 0 : count * Math.log(count / mean);
  const deviance = 2 * (own - (count + shape) * Math.log((count + shape) / (mean + shape)));
  const size = Math.sqrt(Math.max(0, deviance));
  return count < mean ? -size : size;
}
