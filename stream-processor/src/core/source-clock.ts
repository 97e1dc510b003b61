/**
 * What one source (terminal and CloudEvents source) has promised and when it was last heard: its watermark, whether it is overdue, and
 * which stretches of log time it covered. Log time is the only clock.
 */

/** Slack that every watermark keeps behind `complete_through`, and that is added to a source's due time. */
export const watermarkDelayMs = 60_000;
/** A source whose promise is further behind log time than this, beyond its cadence, is late and no longer holds the watermark. */
export const lateAfterMs = 30 * 60_000;
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
};

/** Takes a report's header. `completeThroughMs` is the report's promise (0 = unknown) or the largest event time in it. */
export function hear(clock: SourceClock, logTimeMs: number, completeThroughMs: number, cadenceS: number): void {
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
}

export function isOverdue(clock: SourceClock, logTimeMs: number): boolean {
  return logTimeMs > clock.dueMs;
}

/** Why it is overdue: not heard of, or heard but far behind. */
export function stateOf(clock: SourceClock, logTimeMs: number): 'live' | 'late' | 'silent' {
  if (!isOverdue(clock, logTimeMs)) return 'live';
  return logTimeMs > clock.lastReportMs + 3 * clock.cadenceMs + watermarkDelayMs ? 'silent' : 'late';
}

/** Milliseconds of [fromMs, toMs) that were covered. Only meaningful once log time has passed `toMs`. */
export function coveredMs(clock: SourceClock, fromMs: number, toMs: number): number {
  let sum = 0;
  for (let i = clock.covered.length - 2; i >= 0; i -= 2) {
    const from = clock.covered[i] as number;
    const to = clock.covered[i + 1] as number;
    if (to <= fromMs) break;
    sum += Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs));
  }
  return sum;
}

/** Forgets coverage that ended before `beforeMs`. */
export function forgetCoverage(clock: SourceClock, beforeMs: number): void {
  while (clock.covered.length > 2 && (clock.covered[1] as number) < beforeMs) clock.covered.splice(0, 2);
}
