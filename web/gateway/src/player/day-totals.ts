/**
 * The day so far of every terminal of a played run, as the processor's provisional day rows are in live: 5-minute rows added up.
 * A revised window replaces what it added before.
 */
import { MEASURE_COUNT } from '@quaywatch/contracts';
import { DAY_MS } from '@quaywatch/seeds';
import { midnightMs } from '../state/counts.ts';
import type { StoredRow } from '../state/ring.ts';

type Day = {
  readonly first: StoredRow;
  readonly totals: number[];
  readonly windows: Map<number, readonly number[]>;
  isTouched: boolean;
};

export type DayTotals = ReturnType<typeof createDayTotals>;

export function createDayTotals() {
  const days = new Map<string, Day>();
  return {
    /** Takes a 5-minute row. */
    add(row: StoredRow): void {
      const startMs = midnightMs(row.start_ms);
      const key = `${row.terminal}/${startMs}`;
      const totals = new Array<number>(MEASURE_COUNT).fill(0);
      const day = days.get(key) ?? { first: row, totals, windows: new Map(), isTouched: true };
      days.set(key, day);
      const before = day.windows.get(row.start_ms);
      for (let i = 0; i < MEASURE_COUNT; i++)
        day.totals[i] = (day.totals[i] ?? 0) + (row.measures[i] ?? 0) - (before?.[i] ?? 0);
      day.windows.set(row.start_ms, row.measures);
      day.isTouched = true;
    },
    /** Open day rows of what changed since; forgets days that ended more than a day ago. */
    takeOpen(nowMs: number): StoredRow[] {
      const rows: StoredRow[] = [];
      for (const [key, day] of days) {
        const startMs = midnightMs(day.first.start_ms);
        if (startMs + 2 * DAY_MS < nowMs) days.delete(key);
        else if (day.isTouched)
          rows.push({
            ...day.first,
            size_s: 86400,
            start_ms: startMs,
            revision: 0,
            version: 0,
            known_at_ms: nowMs,
            completeness: Math.min(1, Math.max(0, (nowMs - startMs) / DAY_MS)),
            provisional: true,
            measures: [...day.totals],
          });
        day.isTouched = false;
      }
      return rows;
    },
  };
}
