/**
 * Which sequence numbers a source has skipped. Judged only for sources that count their reports by one: the contract asks for numbers that rise,
 * and time stamps do as well.
 */

/** Numbers `from` to `to` have not come; noticed at `sinceMs` of log time, booked on `day`. */
export type SequenceGap = { from: number; to: number; readonly day: number; readonly sinceMs: number };

export type Sequences = {
  last: number;
  /** Steps of exactly one, before the first gap. */
  ones: number;
  gaps: SequenceGap[];
};

/** So many steps of one say that a source counts its reports. */
const onesMin = 20;
/** A longer leap is a new numbering, not a gap. */
const leapMax = 10_000;
/** A source with more open gaps does not count by one; what is open stays until its day settles. */
const gapsMax = 64;

export function createSequences(): Sequences {
  return { last: 0, ones: 0, gaps: [] };
}

export function countsByOne(sequences: Sequences): boolean {
  return sequences.ones >= onesMin;
}

export function skippedOn(sequences: Sequences, day: number): number {
  return sequences.gaps.reduce((sum, gap) => (gap.day === day ? sum + gap.to - gap.from + 1 : sum), 0);
}

/** Takes one report's number. Returns the day on which a gap was opened or filled, or null. */
export function followSequence(sequences: Sequences, sequence: number, day: number, logTimeMs: number): number | null {
  const step = sequence - sequences.last;
  if (step <= 0) return fill(sequences, sequence);
  sequences.last = sequence;
  if (step === 1) {
    if (sequences.ones < onesMin) sequences.ones++;
    return null;
  }
  const isGap = countsByOne(sequences) && step <= leapMax && sequences.gaps.length < gapsMax;
  if (!isGap) {
    sequences.ones = 0;
    return null;
  }
  sequences.gaps.push({ from: sequence - step + 1, to: sequence - 1, day, sinceMs: logTimeMs });
  return day;
}

function fill(sequences: Sequences, sequence: number): number | null {
  const at = sequences.gaps.findIndex((gap) => gap.from <= sequence && sequence <= gap.to);
  const gap = sequences.gaps[at];
  if (gap === undefined) return null;
  const parts = [
    { ...gap, to: sequence - 1 },
    { ...gap, from: sequence + 1 },
  ];
  sequences.gaps.splice(at, 1, ...parts.filter((part) => part.from <= part.to));
  return gap.day;
}

export function forgetGaps(sequences: Sequences, throughDay: number): void {
  if (sequences.gaps.length > 0) sequences.gaps = sequences.gaps.filter((gap) => gap.day > throughDay);
}
