/**
 * The ledger: what each source says it moved on a UTC+8 day, against what came, what counts, and what was refused. docs/contract.md defines
 * every figure. Computes nothing.
 */
import type { DeadLetterReason } from './dead-letter.ts';

export type LedgerRow = {
  readonly run: string;
  /** UTC+8 day, YYYY-MM-DD. */
  readonly day: string;
  /** Port, terminal: '' for records of a partition that say nothing usable of their origin; `source` then names the partition. */
  readonly port: string;
  readonly terminal: string;
  readonly source: string;
  /** Position in the moves topic up to which the log is in it. */
  readonly version: number;
  /** Log time then. */
  readonly known_at_ms: number;
  /** Nothing changes any more. */
  readonly settled: boolean;
  readonly reports: number;
  /** The source's own greatest running total of the day; null: it gave none that can be compared. */
  readonly reported: number | null;
  readonly told: number;
  readonly counted: number;
  readonly shared: number;
  readonly duplicates: number;
  readonly late: number;
  readonly superseded: number;
  readonly retracted: number;
  /** reported − counted − shared − retracted, at least 0; null where `reported` is. */
  readonly missing: number | null;
  /** Reports that a source which counts them by one has skipped; null: it does not count so. */
  readonly sequence_gaps: number | null;
  readonly rejected: Readonly<Partial<Record<DeadLetterReason, number>>>;
};

/** What a ledger row counts, in the order of its columns; each is a number of entries, but for `reports`. */
export const LEDGER_COUNTS = [
  'reports',
  'told',
  'counted',
  'shared',
  'duplicates',
  'late',
  'superseded',
  'retracted',
] as const;
