/** Rows of the ledger added up by day, for one port. Pure. */
import type { LedgerRow } from '@quaywatch/contracts';

export type LedgerSums = {
  reports: number;
  /** null: of no source. */
  reported: number | null;
  counted: number;
  duplicates: number;
  late: number;
  retracted: number;
  rejected: number;
  missing: number | null;
  gaps: number | null;
};
export type LedgerDay = LedgerSums & {
  readonly day: string;
  readonly settled: boolean;
  readonly rows: readonly LedgerRow[];
};

function add(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

export function sumsOf(rows: readonly LedgerRow[]): LedgerSums {
  const sums: LedgerSums = {
    ...{ reports: 0, reported: null, counted: 0, duplicates: 0, late: 0, retracted: 0, rejected: 0 },
    ...{ missing: null, gaps: null },
  };
  for (const row of rows) {
    for (const name of ['reports', 'counted', 'duplicates', 'late', 'retracted'] as const) sums[name] += row[name];
    for (const count of Object.values(row.rejected)) sums.rejected += count;
    sums.reported = add(sums.reported, row.reported);
    sums.missing = add(sums.missing, row.missing);
    sums.gaps = add(sums.gaps, row.sequence_gaps);
  }
  return sums;
}

/** Newest day first; within a day the sources with the most missing first. */
export function ledgerDays(rows: readonly LedgerRow[]): LedgerDay[] {
  return [...Map.groupBy(rows, (row) => row.day)]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([day, own]) => ({
      day,
      settled: own.every((row) => row.settled),
      rows: own.toSorted((a, b) => (b.missing ?? -1) - (a.missing ?? -1) || (a.terminal < b.terminal ? -1 : 1)),
      ...sumsOf(own),
    }));
}
