/** Looks over the windows of a series for what speaks against its expectation. Keeps nothing. */
import { type Evidence, slotMs, windowSlots } from './evidence.ts';
import type { ReadyRule } from './series-rules.ts';
import { deviationOf, type Spread, slotVarianceOf, teuPerCount, varianceOf } from './spread.ts';

/** Fewer moves than this are no deviation of a rate, whatever the share. */
const countMin = 10;

export type Finding = {
  /** Place in `windowSlots`. */
  readonly window: number;
  /** TEU over the window. */
  readonly actual: number;
  readonly expected: number;
  /** (actual − expected) ÷ expected. */
  readonly share: number;
  readonly z: number;
  /** Standard deviation of the ratio. */
  readonly sigma: number;
};

/**
 * The window that speaks loudest, above its threshold, or null. `side` −1 looks for less, 1 for more than expected; `level` is what the
 * expected sums are multiplied by, `doubt` the standard deviation of the expectation itself, `extra` is added to every threshold.
 */
export function strongest(
  evidence: Evidence,
  spread: Spread,
  rule: ReadyRule,
  side: -1 | 1,
  level: number,
  doubt: number,
  extra: number,
): Finding | null {
  if (!rule.isEnabled) return null;
  let best: Finding | null = null;
  let excess = 0;
  for (let i = 0; i < rule.windows.length; i++) {
    const window = rule.windows[i] ?? 0;
    if (evidence.count < (windowSlots[window] ?? 0)) break;
    const expected = (evidence.expectedSums[window] ?? 0) * level;
    const actual = evidence.actualSums[window] ?? 0;
    const off = side * (actual - expected);
    if (expected <= 0 || off < rule.shareMin * expected || off < countMin * teuPerCount) continue;
    const finding = findingOver(evidence, spread, window, level, doubt);
    const over = Math.abs(finding.z) - (rule.sigmas[window] ?? 0) - extra;
    if (over < excess) continue;
    best = finding;
    excess = over;
  }
  return best;
}

/** What one window says, whether it speaks or not. */
export function findingOver(evidence: Evidence, spread: Spread, window: number, level: number, doubt: number): Finding {
  const expected = Math.max(1e-9, (evidence.expectedSums[window] ?? 0) * level);
  const actual = Math.max(0, evidence.actualSums[window] ?? 0);
  const variance = varianceOf(spread, window, doubt);
  const dispersion = Math.min(slotVarianceOf(spread, window), 0.9 * variance);
  return {
    window,
    actual,
    expected,
    share: actual / expected - 1,
    z: deviationOf(actual, expected, variance - dispersion, dispersion),
    sigma: Math.sqrt(variance + teuPerCount / expected),
  };
}

/** The shortest window, at least `atLeast`, in which a ratio is known to a fifth of `size`; the longest when none is. */
export function windowToJudge(
  evidence: Evidence,
  spread: Spread,
  size: number,
  level: number,
  doubt: number,
  atLeast: number,
): number {
  const last = windowSlots.length - 1;
  for (let window = atLeast; window < last; window++) {
    const counting = teuPerCount / Math.max(1e-9, (evidence.expectedSums[window] ?? 0) * level);
    if (Math.sqrt(varianceOf(spread, window, doubt) + counting) * 5 <= size) return window;
  }
  return last;
}

/** Per hour, from TEU over a window. */
export function perHour(teu: number, window: number): number {
  return (teu * 3_600_000) / ((windowSlots[window] ?? 1) * slotMs);
}
