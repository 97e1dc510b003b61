/**
 * What one source (terminal and CloudEvents source) has promised and when it was last heard: its watermark, whether it is overdue, and
 * which stretches of log time it covered. Log time is the only clock.
 */

import { addHole, fillHoles, type Hole, leapThrough, type Stretch, type ToldTotal, untoldThrough } from './holes.ts';

/** Slack that every watermark keeps behind `complete_through`, and that is added to a source's due time. */
export const watermarkDelayMs = 60_000;
/** A source whose promise is further behind log time than this, beyond its cadence, is late and no longer holds the watermark. */
const lateAfterMs = 30 * 60_000;
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
  /** The source's own count, to compare with what it has told. */
  total: ToldTotal;
};

/** What a source said of itself in one report. */
export type Hearing = {
  readonly logTimeMs: number;
  /** The report's promise (0 = unknown), or the largest event time in it. */
  readonly completeThroughMs: number;
  readonly cadenceS: number;
  /** Time before which the report has no entry; null when it is empty. */
  readonly firstMs: number | null;
  /** Entries of an original report; an amendment tells nothing new. */
  readonly told: number;
  /** The source's own running total of the day, 0 = unknown. */
  readonly dayMoves: number;
  /** End of the last closed window. */
  readonly closedThroughMs: number;
};

/** Takes a report's header. Returns the stretches that were unknown before and are told now. */
export function hear(clock: SourceClock, heard: Hearing): Stretch[] {
  const { logTimeMs } = heard;
  // What has been said of closed windows stays said.
  const beforeMs = Math.max(clock.completeThroughMs, heard.closedThroughMs);
  const hasPromised = clock.completeThroughMs > Number.NEGATIVE_INFINITY;
  // The report before said when this one would come: a sender that begins to report more often has not missed anything.
  const promisedCadenceMs = clock.cadenceMs;
  clock.cadenceMs = heard.cadenceS > 0 ? Math.min(heard.cadenceS * 1000, cadenceMsMax) : cadenceMsDefault;
  const filled = fillHoles(clock.holes, heard.completeThroughMs, clock.cadenceMs, heard.firstMs, heard.closedThroughMs);
  // A clock that runs ahead must not drag anything: nobody can know more than log time.
  clock.completeThroughMs = Math.max(clock.completeThroughMs, Math.min(heard.completeThroughMs, logTimeMs));
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
  if (!hasPromised) return filled;
  const untold = untoldThrough(clock.total, clock.completeThroughMs, heard);
  const leap = leapThrough(
    beforeMs,
    clock.completeThroughMs,
    Math.max(promisedCadenceMs, clock.cadenceMs),
    heard.firstMs,
  );
  addHole(clock.holes, beforeMs, Math.max(untold, leap));
  return filled;
}

/** Windows up to `throughMs` close now. Of what a source has not promised by then nothing is known: it is no zero. */
export function closeThrough(clock: SourceClock, closedThroughMs: number, throughMs: number): void {
  addHole(clock.holes, Math.max(clock.completeThroughMs, closedThroughMs), throughMs);
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
 * Milliseconds of [fromMs, toMs) in which it was not overdue and left no hole. Only meaningful once log time has passed `toMs`. A hole that was
 * filled counts as covered when that was before `filledBeforeMs` was closed: ∞ asks for what is known now, a window's end for what was known
 * when it closed.
 */
export function coveredMs(clock: SourceClock, fromMs: number, toMs: number, filledBeforeMs: number): number {
  let sum = 0;
  for (let i = clock.covered.length - 2; i >= 0; i -= 2) {
    const from = Math.max(clock.covered[i] as number, fromMs);
    const to = Math.min(clock.covered[i + 1] as number, toMs);
    if (to <= fromMs) break;
    if (from < to) sum += to - from - holesMs(clock.holes, from, to, filledBeforeMs);
  }
  return sum;
}

function holesMs(holes: readonly Hole[], fromMs: number, toMs: number, filledBeforeMs: number): number {
  let sum = 0;
  for (const hole of holes) {
    if (hole.filledAtMs !== null && hole.filledAtMs < filledBeforeMs) continue;
    sum += Math.max(0, Math.min(hole.toMs, toMs) - Math.max(hole.fromMs, fromMs));
  }
  return sum;
}

/** Forgets coverage that ended before `beforeMs`. */
export function forgetCoverage(clock: SourceClock, beforeMs: number): void {
  while (clock.covered.length > 2 && (clock.covered[1] as number) < beforeMs) clock.covered.splice(0, 2);
  while (clock.holes[0] !== undefined && clock.holes[0].toMs < beforeMs) clock.holes.shift();
}
