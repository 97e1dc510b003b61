/**
 * How far a run's second stage may decide: through what every partition whose log holds records has closed. The live run asks checkpoints, a
 * replay its states; what they make of it is the same.
 */

/** How far one partition has come. */
export type Progress = {
  /** Sources that it has accepted a report of. */
  readonly sources: number;
  readonly closedThroughMs: number;
  readonly logTimeMs: number;
};

/** A partition in which nobody has been accepted has no windows to close, and holds nobody back: its log time does, by an hour. */
const sourcelessBehindMs = 3_600_000;

function closedBy({ sources, closedThroughMs, logTimeMs }: Progress): number {
  return sources > 0 ? closedThroughMs : logTimeMs - sourcelessBehindMs;
}

/**
 * Event time, UTC ms, through which all of `partitions` have closed their windows. undefined without partitions, and while one of them is not
 * known yet: what is decided, and from when on, must not depend on which of them was read first.
 */
export function closedByAll(
  progress: ReadonlyMap<number, Progress>,
  partitions: readonly number[],
): number | undefined {
  let throughMs = Number.POSITIVE_INFINITY;
  for (const partition of partitions) {
    const known = progress.get(partition);
    if (known === undefined) return undefined;
    throughMs = Math.min(throughMs, closedBy(known));
  }
  return partitions.length === 0 ? undefined : throughMs;
}

/** The progress of a partition's state; a checkpoint tells the same. */
export function progressOf(state: {
  readonly closedThroughMs: number;
  readonly logTimeMs: number;
  readonly terminals: ReadonlyMap<number, { readonly clocks: readonly unknown[] }>;
}): Progress {
  let sources = 0;
  for (const { clocks } of state.terminals.values()) sources += clocks.length;
  return { sources, closedThroughMs: state.closedThroughMs, logTimeMs: state.logTimeMs };
}
