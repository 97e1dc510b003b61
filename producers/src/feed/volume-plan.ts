/**
 * How many TEU a terminal handles each day and hour: the expected figures, with noise and disturbances, adding up exactly.
 * It decides no boxes and no times inside an hour.
 */
import { TERMINALS } from '@quaywatch/contracts';
import {
  dayStartMs,
  expectedTerminalDay,
  expectedTerminalHour,
  type HalfYear,
  halfYearOf,
  terminalHalfYearTarget,
} from '@quaywatch/seeds';
import type { Disturbances } from './disturbances.ts';
import { nearlyNormal, SALT } from './hash.ts';

export type VolumeOptions = {
  readonly seed: number;
  readonly disturbances: Disturbances;
  /**
   * True: what a disturbance takes (or adds) is given back (or taken) over the rest of the half-year, so that the half-year's total stays
   * exact. False: it is lost; then no other day depends on it, which a live feed needs, since its past has been sent.
   */
  readonly givesBack: boolean;
};

export type VolumePlan = {
  /** Whole headline TEU of a UTC+8 day. */
  readonly dayTeu: (terminal: number, day: number) => number;
  /** Whole headline TEU of each of the 24 hours; they add up to `dayTeu`. */
  readonly hourTeu: (terminal: number, day: number) => Uint32Array;
};

const minutesPerHour = 60;

/** Mean of the factor over an hour, by its minutes' middles. */
function hourFactor(disturbances: Disturbances, terminal: number, hourStartS: number): number {
  if (!disturbances.isDisturbed(terminal, hourStartS, hourStartS + 3600)) return 1;
  let sum = 0;
  for (let minute = 0; minute < minutesPerHour; minute++) {
    sum += disturbances.factorAt(terminal, hourStartS + minute * 60 + 30);
  }
  return sum / minutesPerHour;
}

/** Large quays average out; small ones see single ships. Assumed, near the spread of daily calls at Shanghai (18 % of calls, less of TEU). */
function daySpread(expectedDayTeu: number): number {
  return expectedDayTeu >= 8_000 ? 0.045 : expectedDayTeu >= 1_500 ? 0.06 : expectedDayTeu >= 300 ? 0.08 : 0.12;
}

export function createVolumePlan({ seed, disturbances, givesBack }: VolumeOptions): VolumePlan {
  const dayTables = new Map<string, Uint32Array>();

  /** Hour weights of a day: `plain` without, `actual` with disturbances. */
  function hourWeights(terminal: number, day: number): { plain: Float64Array; actual: Float64Array } {
    const startS = dayStartMs(day) / 1000;
    const spread = 0.5 * daySpread(expectedTerminalDay(terminal, day) / 100) + 0.03;
    const plain = new Float64Array(24);
    const actual = new Float64Array(24);
    for (let hour = 0; hour < 24; hour++) {
      const hourStartS = startS + hour * 3600;
      const noise = 1 + spread * nearlyNormal(seed ^ SALT.terminalHour, terminal, day, hour);
      const weight = expectedTerminalHour(terminal, hourStartS * 1000) * noise;
      plain[hour] = weight;
      actual[hour] = weight * hourFactor(disturbances, terminal, hourStartS);
    }
    return { plain, actual };
  }

  function dayWeight(terminal: number, day: number): number {
    const expected = expectedTerminalDay(terminal, day);
    const portIndex = TERMINALS[terminal]?.portIndex ?? 0;
    const spread = daySpread(expected / 100);
    const noise =
      1 +
      spread * 0.8 * nearlyNormal(seed ^ SALT.terminalDay, terminal, day, 0) +
      spread * 0.4 * nearlyNormal(seed ^ SALT.portDay, portIndex, day, 1);
    const startS = dayStartMs(day) / 1000;
    const weight = expected * Math.max(0.3, noise);
    if (!givesBack || !disturbances.isDisturbed(terminal, startS, startS + 86_400)) return weight;
    const { plain, actual } = hourWeights(terminal, day);
    return (weight * sum(actual)) / sum(plain);
  }

  function tableOf(terminal: number, half: HalfYear): Uint32Array {
    const key = `${terminal}/${half.id}`;
    const known = dayTables.get(key);
    if (known !== undefined) return known;
    const days = half.lastDayExclusive - half.firstDay;
    const weights = Float64Array.from({ length: days }, (_, i) => dayWeight(terminal, half.firstDay + i));
    const table = spreadWhole(terminalHalfYearTarget(terminal, half.id), weights, sum(weights));
    dayTables.set(key, table);
    return table;
  }

  /** Undisturbed when nothing is given back, else with the disturbance in it. */
  function plannedDayTeu(terminal: number, day: number): number {
    const half = halfYearOf(day);
    return tableOf(terminal, half)[day - half.firstDay] ?? 0;
  }

  function hourTeu(terminal: number, day: number): Uint32Array {
    const { plain, actual } = hourWeights(terminal, day);
    // Without giving back, an undisturbed hour must not change because a later one is disturbed.
    return spreadWhole(plannedDayTeu(terminal, day), actual, givesBack ? sum(actual) : sum(plain));
  }

  return { hourTeu, dayTeu: (terminal, day) => sum(hourTeu(terminal, day)) };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

/** Whole parts of `total` in proportion to the weights, by rounding running totals: the parts add up exactly when the weights add up to `weightSum`. */
function spreadWhole(total: number, weights: Float64Array, weightSum: number): Uint32Array {
  const parts = new Uint32Array(weights.length);
  if (weightSum === 0) return parts;
  let running = 0;
  let before = 0;
  for (let i = 0; i < weights.length; i++) {
    running += weights[i] as number;
    const upTo = Math.round((total * running) / weightSum);
    parts[i] = upTo - before;
    before = upTo;
  }
  return parts;
}
