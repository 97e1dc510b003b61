/**
 * What one source (terminal and CloudEvents source) has promised and when it was last heard: its watermark, whether it is overdue, and
 * which stretches of log time it covered. Log time is the only clock.
 */

/** Slack that every watermark keeps behind `complete_through`, and that is added to a source's due time. */
export const watermarkDelayMs = 60_000;
/** A source whose promise is further behind log time than this, beyond its cadence, is late and no longer holds the watermark. */
export const lateAfterMs = 30 * 60_000;
/** A step of the promise longer than this many cadences has a report missing in it. */
const holeAfterCadences = 1.5;
/** A sender whose every report leaps keeps its first holes; later ones are not told. */
const holesMax = 512;
/** Cadence when a report names none. */
const cadenceMsDefault = 60_000;
const cadenceMsMax = 86_400_000;

export type SourceClock = {
  readonly terminalIndex: number;
  readonly source: string;
  completeThroughMs: number;
  lastReportMs: number;
  cadenceMs: number;
  /** Not overdue up to this log time, unless it reports again. */
  dueMs: number;
  /** Stretches of log time in which it was not overdue: [from, to, from, to, …), oldest first; the last one reaches to `dueMs`. */
  covered: number[];
  /** Stretches of event time for which a report has been missed, oldest first: its moves are not zero but unknown. */
  holes: Hole[];
};

type Stretch = { fromMs: number; toMs: number };
/** `isFilled`: the report came in the end. */
export type Hole = Stretch & { isFilled: boolean };

/**
 * Takes a report's header. `completeThroughMs` is the report's promise (0 = unknown) or the largest event time in it, `firstMs` the time
 * before which it has no entry, null when it is empty; `closedThroughMs` the end of the last closed window. Returns the
 * stretches of holes that it fills.
 */
export function hear(
  clock: SourceClock,
  logTimeMs: number,
  completeThroughMs: number,
  cadenceS: number,
  firstMs: number | null,
  closedThroughMs: number,
): Stretch[] {
  // What has been said of closed windows stays said.
  const before = Math.max(clock.completeThroughMs, closedThroughMs);
  const hasPromised = clock.completeThroughMs > Number.NEGATIVE_INFINITY;
  const filled = fill(clock, completeThroughMs, cadenceS * 1000, firstMs);
  // A clock that runs ahead must not drag anything: nobody can know more than log time.
  clock.completeThroughMs = Math.max(clock.completeThroughMs, Math.min(completeThroughMs, logTimeMs));
  clock.cadenceMs = cadenceS > 0 ? Math.min(cadenceS * 1000, cadenceMsMax) : cadenceMsDefault;
  const previousDueMs = clock.dueMs;
  clock.lastReportMs = logTimeMs;
  clock.dueMs = Math.min(
    logTimeMs + 3 * clock.cadenceMs + watermarkDelayMs,
    clock.completeThroughMs + lateAfterMs + clock.cadenceMs,
  );
  if (clock.dueMs < logTimeMs) clock.dueMs = logTimeMs;
  const last = clock.covered.length - 1;
  if (last < 0 || previousDueMs < logTimeMs) {
    if (last >= 0) clock.covered[last] = previousDueMs;
    clock.covered.push(logTimeMs, clock.dueMs);
  } else clock.covered[last] = clock.dueMs;
  if (hasPromised) noteHole(clock, before, firstMs);
  return filled;
}

/** The promise made a step from `beforeMs`: longer than the cadence allows, and with nothing told of its first part. */
function noteHole(clock: SourceClock, beforeMs: number, firstMs: number | null): void {
  const step = clock.completeThroughMs - beforeMs;
  if (step <= holeAfterCadences * clock.cadenceMs || clock.holes.length >= holesMax) return;
  const toMs = Math.min(clock.completeThroughMs - clock.cadenceMs, firstMs ?? Number.POSITIVE_INFINITY);
  if (toMs > beforeMs) clock.holes.push({ fromMs: beforeMs, toMs, isFilled: false });
}

/** A report fills the parts of holes that it covers: one cadence, or from its first entry. Returns these parts. */
function fill(clock: SourceClock, completeThroughMs: number, cadenceMs: number, firstMs: number | null): Stretch[] {
  const fromMs = Math.min(completeThroughMs - cadenceMs, firstMs ?? Number.POSITIVE_INFINITY);
  const filled: Stretch[] = [];
  const holes: Hole[] = [];
  for (const hole of clock.holes) {
    const from = Math.max(hole.fromMs, fromMs);
    const to = Math.min(hole.toMs, completeThroughMs);
    if (hole.isFilled || from >= to) {
      holes.push(hole);
      continue;
    }
    filled.push({ fromMs: from, toMs: to });
    if (hole.fromMs < from) holes.push({ fromMs: hole.fromMs, toMs: from, isFilled: false });
    holes.push({ fromMs: from, toMs: to, isFilled: true });
    if (to < hole.toMs) holes.push({ fromMs: to, toMs: hole.toMs, isFilled: false });
  }
  if (filled.length > 0) clock.holes = holes;
  return filled;
}

/** Windows up to `throughMs` close now. Of what a source has not promised by then nothing is known: it is no zero. */
export function closeThrough(clock: SourceClock, closedThroughMs: number, throughMs: number): void {
  const fromMs = Math.max(clock.completeThroughMs, closedThroughMs);
  if (fromMs >= throughMs) return;
  const last = clock.holes.at(-1);
  if (last !== undefined && !last.isFilled && last.toMs === fromMs) last.toMs = throughMs;
  else if (clock.holes.length < holesMax) clock.holes.push({ fromMs, toMs: throughMs, isFilled: false });
}

export function isOverdue(clock: SourceClock, logTimeMs: number): boolean {
  return logTimeMs > clock.dueMs;
}

/** Why it is overdue: not heard of, or heard but far behind. */
export function stateOf(clock: SourceClock, logTimeMs: number): 'live' | 'late' | 'silent' {
  if (!isOverdue(clock, logTimeMs)) return 'live';
  return logTimeMs > clock.lastReportMs + 3 * clock.cadenceMs + watermarkDelayMs ? 'silent' : 'late';
}

/**
 * Milliseconds of [fromMs, toMs) that were covered. Only meaningful once log time has passed `toMs`. With `withFilled`, holes that were
 * filled since count as covered; without, the answer is the one that was given when the window closed.
 */
export function coveredMs(clock: SourceClock, fromMs: number, toMs: number, withFilled: boolean): number {
  let sum = 0;
  for (let i = clock.covered.length - 2; i >= 0; i -= 2) {
    const from = clock.covered[i] as number;
    const to = clock.covered[i + 1] as number;
    if (to <= fromMs) break;
    sum += Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs));
  }
  for (const hole of clock.holes) {
    if (hole.isFilled && withFilled) continue;
    sum -= Math.max(0, Math.min(hole.toMs, toMs) - Math.max(hole.fromMs, fromMs));
  }
  return Math.max(0, sum);
}

/** Forgets coverage that ended before `beforeMs`. */
export function forgetCoverage(clock: SourceClock, beforeMs: number): void {
  while (clock.covered.length > 2 && (clock.covered[1] as number) < beforeMs) clock.covered.splice(0, 2);
  while (clock.holes[0] !== undefined && clock.holes[0].toMs < beforeMs) clock.holes.shift();
}
