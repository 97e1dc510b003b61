/**
 * The baseline in TEU, safe to ask for any time, and the width of what is still ordinary.
 * All figures are TEU (not hundredths).
 */
import { basisAt, expectedPortBetween, expectedTerminalBetween, SeedRangeError } from '@quaywatch/seeds';

/** Null where `work` asks for a time that the baseline does not cover. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof SeedRangeError) return null;
    throw error;
  }
}

/** TEU of a port over [fromMs, toMs); null beyond the baseline. */
export function expectedPort(portIndex: number, fromMs: number, toMs: number): number | null {
  return orNull(() => expectedPortBetween(portIndex, fromMs, toMs) / 100);
}

/** TEU of a terminal over [fromMs, toMs); null beyond the baseline. */
export function expectedTerminal(terminalIndex: number, fromMs: number, toMs: number): number | null {
  return orNull(() => expectedTerminalBetween(terminalIndex, fromMs, toMs) / 100);
}

export function basisOf(timeMs: number): string | null {
  return orNull(() => basisAt(timeMs));
}

const BASIS_ORDER = ['official', 'modelled', 'extrapolated'];

/** The weakest of several bases. */
export function weakestBasis(bases: readonly (string | null)[]): string {
  return bases.reduce<string>(
    (weakest, basis) =>
      BASIS_ORDER.indexOf(basis ?? '') > BASIS_ORDER.indexOf(weakest) ? (basis ?? weakest) : weakest,
    'official',
  );
}

// Assumptions: a move is 1.65 TEU on average; moves come in bursts (cranes, ships), so their count varies 3 times as much as a Poisson
// count; and the profile itself is off by 6 % of the hour. 1.645 is the 95 % point of a normal distribution: a band of 90 %.
const TEU_PER_MOVE = 1.65;
const OVER_DISPERSION = 3;
const PROFILE_ERROR = 0.06;
const NORMAL_95 = 1.645;

/** Variance of a window's TEU about `expectedTeu`. Independent places add up. */
export function varianceOf(expectedTeu: number): number {
  return TEU_PER_MOVE * OVER_DISPERSION * expectedTeu + (PROFILE_ERROR * expectedTeu) ** 2;
}

/** Half-width of the 90 % band. */
export function bandOf(variance: number): number {
  return NORMAL_95 * Math.sqrt(variance);
}

/** Two decimals, and never −0. */
export function round2(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}

export function round2OrNull(value: number | null): number | null {
  return value === null ? null : round2(value);
}
