/**
 * Fills a live state from storage, so that the page has history from the first second. Rows are upserts: what the log says too is harmless.
 * Reads only; the log is somebody else's.
 */
import { PORTS, type WindowSizeS } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/seeds';
import { ALL_MEASURES, HEADLINE_MEASURES, type History } from './history.ts';
import { addMeasures, midnightMs } from './state/counts.ts';
import { type LiveState, putStoredRow } from './state/live-state.ts';
import { RING_SLOTS, type StoredRow } from './state/ring.ts';

const rowsMax = 1_000_000;
const SIZES: readonly WindowSizeS[] = [300, 60, 3600, 86400];

/**
 * The days that are not closed yet have no day row in storage: their 5-minute rows added up stand in until the processor's own
 * provisional day comes, which is newer whatever its time.
 */
export function openDays(rows: readonly StoredRow[]): StoredRow[] {
  const days = new Map<string, StoredRow>();
  for (const row of rows) {
    const startMs = midnightMs(row.start_ms);
    const key = `${row.terminal}/${startMs}`;
    const known = days.get(key);
    days.set(key, {
      ...row,
      size_s: 86400,
      start_ms: startMs,
      revision: 0,
      version: 0,
      known_at_ms: 0,
      completeness: Math.min(1, (known?.completeness ?? 0) + (row.completeness * 300_000) / DAY_MS),
      provisional: true,
      measures: addMeasures(known === undefined ? null : [...known.measures], row.measures),
    });
  }
  return [...days.values()];
}

/**
 * @param nowMs where the newest windows are; older ones than the rings hold are not asked for.
 * @param ports whose rows are wanted; empty: all.
 * @returns rows read. @throws HistoryError
 */
export async function loadSnapshot(
  state: LiveState,
  history: History,
  nowMs: number,
  ports: readonly string[] = [],
): Promise<number> {
  let taken = 0;
  const base = { run: state.run, toMs: nowMs + HOUR_MS, ports, rowsMax };
  const yesterdayMs = midnightMs(nowMs) - DAY_MS;
  for (const sizeS of [86400, 300] as const) {
    const rows = await history.windows({
      ...base,
      sizeS,
      fromMs: sizeS === 300 ? yesterdayMs : yesterdayMs - 2 * DAY_MS,
      measures: ALL_MEASURES,
    });
    for (const row of rows) putStoredRow(state, row);
    if (sizeS === 300) for (const row of openDays(rows)) putStoredRow(state, row);
    taken += rows.length;
  }
  for (const sizeS of SIZES) {
    const fromMs = nowMs - RING_SLOTS[sizeS] * sizeS * 1000;
    taken += await history.eachWindow({ ...base, sizeS, fromMs, measures: HEADLINE_MEASURES }, (row) => {
      putStoredRow(state, row);
    });
  }
  for (const [port, startMs] of await history.firstWindows(state.run)) {
    const index = PORTS.find(({ code }) => code === port)?.index;
    if (index !== undefined) state.liveSinceMs[index] = Math.min(state.liveSinceMs[index] ?? startMs, startMs);
  }
  return taken;
}
