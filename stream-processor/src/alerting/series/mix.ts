/**
 * A share of the throughput (direct pick-up, rail-sea, empties …) against its own slow level. Binomial counts with an over-dispersion that is
 * learned, so that a port with few boxes has wide bands. Says how far the share is off; opens and closes nothing.
 */
import { teuPerCount } from './spread.ts';

/** Windows looked over, in hours. */
const mixHours = [6, 24] as const;
const ringHours = 24;
/** Hours after which older ones fade from the level: four weeks. */
const memoryHours = 672;
/** Hours before anything is said: two weeks, because vessels bring their own mix and come by the week. */
const learnHours = 336;
const handful = 8;

export type MixState = {
  /** TEU of the part and of the whole by hour, a ring; and the hour that is filling. */
  part: number[];
  whole: number[];
  at: number;
  hours: number;
  /** The slow level's sums, fading; the newest day is not in them. */
  levelPart: number;
  levelWhole: number;
  /** Variance of an hour's share over that of a binomial, 1 and more. */
  dispersion: number;
};

export type MixShift = {
  readonly windowHours: number;
  /** Shares 0..1. */
  readonly share: number;
  readonly expected: number;
  /** One standard deviation of `share`. */
  readonly sigma: number;
  readonly z: number;
};

export function createMix(): MixState {
  return {
    part: new Array<number>(ringHours).fill(0),
    whole: new Array<number>(ringHours).fill(0),
    at: 0,
    hours: 0,
    levelPart: 0,
    levelWhole: 0,
    dispersion: 1.5,
  };
}

/** Takes one hour's TEU of the part and of the whole; the shifts over every window, loudest first. While `isHeld` the level learns nothing. */
export function decideMix(state: MixState, part: number, whole: number, isHeld: boolean): MixShift[] {
  const { at } = state;
  if (state.hours >= ringHours && !isHeld) retireHour(state, state.part[at] ?? 0, state.whole[at] ?? 0);
  state.part[at] = part;
  state.whole[at] = whole;
  state.at = (at + 1) % ringHours;
  state.hours++;
  if (state.hours < learnHours || state.levelWhole <= 0) return [];
  return mixHours.map((hours) => shiftOver(state, hours)).toSorted((a, b) => Math.abs(b.z) - Math.abs(a.z));
}

function retireHour(state: MixState, part: number, whole: number): void {
  const keep = 1 - 1 / memoryHours;
  if (whole > 0 && state.levelWhole > 0) {
    const level = levelOf(state);
    const binomial = (level * (1 - level) * teuPerCount) / whole;
    const off = (part / whole - level) ** 2 / Math.max(1e-9, binomial);
    state.dispersion += (Math.min(off, 9 * state.dispersion) - state.dispersion) / memoryHours;
  }
  state.levelPart = state.levelPart * keep + part;
  state.levelWhole = state.levelWhole * keep + whole;
}

/** Never quite 0 or 1: what has not been seen yet is not impossible. */
function levelOf(state: MixState): number {
  return Math.min(0.999, Math.max(0.001, state.levelPart / state.levelWhole));
}

/** What the share has been for the newest day is what it is: the level keeps its weight. */
export function adoptMix(state: MixState): void {
  const [part, whole] = [state.part, state.whole].map((ring) => ring.reduce((sum, teu) => sum + teu, 0));
  if (part !== undefined && whole !== undefined && whole > 0) state.levelPart = (state.levelWhole * part) / whole;
}

function shiftOver(state: MixState, hours: number): MixShift {
  let [part, whole] = [0, 0];
  for (let back = 1; back <= hours; back++) {
    const place = (state.at - back + ringHours) % ringHours;
    part += state.part[place] ?? 0;
    whole += state.whole[place] ?? 0;
  }
  const expected = levelOf(state);
  // A port that has moved a handful of such boxes says little by one vessel that brings more.
  const p = Math.min(0.5, Math.max(expected, (handful * teuPerCount) / Math.max(1, whole)));
  const dispersion = Math.max(1, state.dispersion);
  // Vessels bring their own mix for hours, so that a day's hours are no 24 independent ones: the spread of the level itself is kept below.
  const variance = (p * (1 - p) * teuPerCount * dispersion) / Math.max(teuPerCount, whole) + (0.05 * expected) ** 2;
  const sigma = Math.sqrt(variance);
  const share = whole > 0 ? part / whole : expected;
  return { windowHours: hours, share, expected, sigma, z: (share - expected) / sigma };
}
