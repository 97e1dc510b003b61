/**
 * The level of a series: its throughput as a multiple of its baseline. A recent level (one to six days back) follows what has become usual,
 * a lasting one (weeks) stays where the series was before. Counts in blocks of six hours; only calm readings enter.
 */

/** Slots in a block. */
export const blockSlots = 72;
/** Blocks kept apart: ten days. */
const blocksMax = 40;
/** The newest day is left out of the recent level, which must not learn from what is being judged. */
const recentFrom = 4;
const recentTo = 24;
/** Blocks after which the lasting level fades: six weeks. */
const lastingBlocks = 168;

export type Level = {
  /** TEU and baseline TEU of the blocks, oldest first. */
  actual: number[];
  expected: number[];
  /** The block that is filling. */
  openActual: number;
  openExpected: number;
  openSlots: number;
  /** What left the blocks, fading. */
  lastingActual: number;
  lastingExpected: number;
  /** Blocks that the lasting level stands on. */
  lastingCount: number;
  recent: number;
  lasting: number;
};

export function createLevel(): Level {
  return {
    actual: [],
    expected: [],
    openActual: 0,
    openExpected: 0,
    openSlots: 0,
    lastingActual: 0,
    lastingExpected: 0,
    lastingCount: 0,
    recent: 1,
    lasting: 1,
  };
}

/** Takes one calm reading. True when it filled a block. While `isHeld`, the lasting level learns nothing. */
export function addToLevel(level: Level, actual: number, expected: number, isHeld: boolean): boolean {
  level.openActual += actual;
  level.openExpected += expected;
  if (++level.openSlots < blockSlots) {
    // Before the first block is full, all that there is is the level.
    if (level.actual.length === 0 && level.openExpected > 0) {
      level.recent = level.openActual / level.openExpected;
      if (level.lastingCount === 0) level.lasting = level.recent;
    }
    return false;
  }
  level.actual.push(level.openActual);
  level.expected.push(level.openExpected);
  level.openActual = level.openExpected = level.openSlots = 0;
  if (level.actual.length > blocksMax) retire(level, isHeld);
  level.lasting = level.lastingExpected > 0 ? level.lastingActual / level.lastingExpected : ratioOver(level, 0, 40);
  level.recent =
    level.actual.length > 2 * recentFrom ? ratioOver(level, recentFrom, recentTo) : ratioOver(level, 0, recentFrom * 2);
  return true;
}

function retire(level: Level, isHeld: boolean): void {
  const [actual = 0, expected = 0] = [level.actual.shift(), level.expected.shift()];
  if (isHeld) return;
  if (level.lastingCount >= lastingBlocks) {
    level.lastingActual *= 1 - 1 / lastingBlocks;
    level.lastingExpected *= 1 - 1 / lastingBlocks;
  } else level.lastingCount++;
  level.lastingActual += actual;
  level.lastingExpected += expected;
}

/** Ratio of actual to baseline over the blocks from `from` to `to` back (0: the newest); 1 when there is nothing. */
export function ratioOver(level: Level, from: number, to: number): number {
  let [actual, expected] = [0, 0];
  const newest = level.actual.length - 1;
  for (let back = from; back < to && back <= newest; back++) {
    actual += level.actual[newest - back] ?? 0;
    expected += level.expected[newest - back] ?? 0;
  }
  return expected > 0 ? actual / expected : 1;
}

/** An incident has begun `slots` ago: what was read since is no level. */
export function forgetNewest(level: Level, slots: number): void {
  const blocks = Math.ceil(Math.max(0, slots - level.openSlots) / blockSlots);
  level.actual.splice(Math.max(0, level.actual.length - blocks));
  level.expected.splice(Math.max(0, level.expected.length - blocks));
  level.openActual = level.openExpected = level.openSlots = 0;
}

/** After a lasting deviation has ended: what was read in it is no level any more. */
export function keepNewest(level: Level, blocks: number): void {
  level.actual.splice(0, Math.max(0, level.actual.length - blocks));
  level.expected.splice(0, Math.max(0, level.expected.length - blocks));
  level.recent = level.lasting;
}

/** The series is another one from now on, as terminals of it are no longer counted: as if it had always been at `ratio`. */
export function beginAt(level: Level, ratio: number): void {
  level.actual = level.expected.map((expected) => expected * ratio);
  level.lastingActual = level.lastingExpected * ratio;
  level.openActual = level.openExpected = level.openSlots = 0;
  level.recent = level.lasting = ratio;
}

/** What it has become is what it is: the lasting level begins anew from the blocks at hand. */
export function adoptNewest(level: Level): void {
  level.lastingActual = level.actual.reduce((sum, value) => sum + value, 0);
  level.lastingExpected = level.expected.reduce((sum, value) => sum + value, 0);
  level.lastingCount = level.actual.length;
  level.lasting = ratioOver(level, 0, blocksMax);
}
