/** The usual interval between records, learnt from the last ones. Gaps and repeats do not move it. */

const intervalsMax = 63;

export type Cadence = {
  readonly intervals: number[];
  at: number;
  previousMs: number;
  /** Median interval, milliseconds; 0 before the second record. */
  intervalMs: number;
};

export function createCadence(): Cadence {
  return { intervals: [], at: 0, previousMs: Number.NaN, intervalMs: 0 };
}

export function observe(cadence: Cadence, eventTimeMs: number): void {
  const interval = eventTimeMs - cadence.previousMs;
  cadence.previousMs = eventTimeMs;
  if (!(interval > 0)) return;
  cadence.intervals[cadence.at] = interval;
  cadence.at = (cadence.at + 1) % intervalsMax;
  const sorted = cadence.intervals.toSorted((a, b) => a - b);
  cadence.intervalMs = sorted[sorted.length >> 1] ?? 0;
}

/** How many records fall into a time, at least one. */
export function recordsIn(cadence: Cadence, durationMs: number): number {
  return cadence.intervalMs === 0 ? 1 : Math.max(1, Math.round(durationMs / cadence.intervalMs));
}
