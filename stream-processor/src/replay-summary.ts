/** What a replay says when it is done: what it counted, what it stored, and against which base. */
import { PORTS } from '@quaywatch/contracts';
import { expectedPortBetween, isoDateOf, SeedRangeError } from '@quaywatch/seeds';
import type { Store } from './adapters/clickhouse-store.ts';
import { emptyCounters, type PartitionState } from './core/partition-state.ts';
import type { ReplayOptions } from './replay.ts';

export type ReplaySummary = {
  run: string;
  from: string;
  to: string;
  reports: number;
  moves: number;
  duplicates: number;
  late: number;
  dead_letters: number;
  /** null when no rows were stored. */
  teu: number | null;
  teu_base: number | null;
  yoy_pct: number | null;
  rows: number;
  alerts: number;
  seconds: number;
  moves_per_second: number;
  peak_rss_mb: number;
  digest: string;
  totals_digest: string;
};

/** TEU of the same calendar stretch a year before, or null where there is no base. */
function baseTeu(fromDay: number, toDay: number): number | null {
  const yearBefore = (day: number) => {
    const date = isoDateOf(day);
    const year = Number(date.slice(0, 4)) - 1;
    // 29 February has no partner a year before or after; the stretch then ends or begins with 28 February's end.
    const monthDay = date.slice(4) === '-02-29' ? '-02-28' : date.slice(4);
    return Date.parse(`${year}${monthDay}T00:00:00+08:00`);
  };
  try {
    return (
      PORTS.reduce((sum, port) => sum + expectedPortBetween(port.index, yearBefore(fromDay), yearBefore(toDay)), 0) /
      100
    );
  } catch (error) {
    if (error instanceof SeedRangeError) return null;
    throw error;
  }
}

/** @param started `performance.now()` at the first fetch. */
export async function summarise(
  store: Store,
  options: ReplayOptions,
  states: ReadonlyMap<number, PartitionState>,
  started: number,
): Promise<ReplaySummary> {
  const totals = await store.totals(options.run);
  const seconds = (performance.now() - started) / 1000;
  const counters = emptyCounters();
  let deadLetters = 0;
  for (const state of states.values()) {
    for (const name of ['reports', 'entries', 'moves', 'duplicates', 'late'] as const)
      counters[name] += state.counters[name];
    for (const count of Object.values(state.counters.deadLetters)) deadLetters += count;
  }
  const teu = options.isAlertsOnly ? null : totals.teuHundredths / 100;
  const base = baseTeu(options.fromDay, options.toDay);
  return {
    run: options.run,
    from: isoDateOf(options.fromDay),
    to: isoDateOf(options.toDay),
    reports: counters.reports,
    moves: counters.moves,
    duplicates: counters.duplicates,
    late: counters.late,
    dead_letters: deadLetters,
    teu,
    teu_base: base,
    yoy_pct: teu === null || base === null || base === 0 ? null : Math.round((teu / base - 1) * 1000) / 10,
    rows: totals.rows,
    alerts: totals.alerts,
    seconds: Math.round(seconds * 100) / 100,
    moves_per_second: Math.round(counters.entries / seconds),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    digest: totals.digest,
    totals_digest: totals.totalsDigest,
  };
}
