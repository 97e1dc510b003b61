/**
 * What the last 24 hours of a series bring against what was expected: sums over windows from 10 minutes to 24 hours, kept as running sums.
 * A slot without a reading takes no place in them, so a gap is neither zero nor evidence.
 */

/** Lengths of the windows looked over, in 5-minute slots. */
export const windowSlots = [2, 3, 6, 12, 36, 72, 144, 288] as const;
export const slotMs = 300_000;
const ringSize = 288;

export type Evidence = {
  /** TEU of the last 288 readings, and what the baseline gave for them; a ring. */
  actual: number[];
  expected: number[];
  /** Where the next reading goes. */
  at: number;
  /** Readings since the last reset, at most the ring's size. */
  count: number;
  /** Running sums by window, in the order of `windowSlots`. */
  actualSums: number[];
  expectedSums: number[];
};

export function createEvidence(): Evidence {
  return {
    actual: new Array<number>(ringSize).fill(0),
    expected: new Array<number>(ringSize).fill(0),
    at: 0,
    count: 0,
    actualSums: windowSlots.map(() => 0),
    expectedSums: windowSlots.map(() => 0),
  };
}

/** Forgets what came before, as after an incident: its readings speak for it no longer. */
export function resetEvidence(evidence: Evidence): void {
  evidence.count = 0;
  evidence.actual.fill(0);
  evidence.expected.fill(0);
  evidence.actualSums.fill(0);
  evidence.expectedSums.fill(0);
}

/** Takes one reading: TEU, and the TEU that the baseline gives for it. */
export function addEvidence(evidence: Evidence, actual: number, expected: number): void {
  const { at } = evidence;
  for (let i = 0; i < windowSlots.length; i++) {
    const gone = (at - (windowSlots[i] ?? 0) + ringSize) % ringSize;
    evidence.actualSums[i] = (evidence.actualSums[i] ?? 0) + actual - (evidence.actual[gone] ?? 0);
    evidence.expectedSums[i] = (evidence.expectedSums[i] ?? 0) + expected - (evidence.expected[gone] ?? 0);
  }
  evidence.actual[at] = actual;
  evidence.expected[at] = expected;
  evidence.at = at + 1;
  if (evidence.count < ringSize) evidence.count++;
  if (evidence.at === ringSize) {
    evidence.at = 0;
    sumAnew(evidence);
  }
}

/** Running sums of fractions gather rounding errors; once a round they are summed from the ring. */
function sumAnew(evidence: Evidence): void {
  let [actual, expected, window] = [0, 0, 0];
  for (let slot = 1; slot <= ringSize; slot++) {
    actual += evidence.actual[ringSize - slot] ?? 0;
    expected += evidence.expected[ringSize - slot] ?? 0;
    if (slot !== windowSlots[window]) continue;
    evidence.actualSums[window] = actual;
    evidence.expectedSums[window] = expected;
    window++;
  }
}

/** Baseline TEU of a day, as far as there is one. */
export function dayOfEvidence(evidence: Evidence): number {
  return ((evidence.expectedSums[windowSlots.length - 1] ?? 0) * ringSize) / Math.max(1, evidence.count);
}
