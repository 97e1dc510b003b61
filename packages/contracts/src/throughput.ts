/**
 * Throughput rows: what one window of one terminal held, in storage and on topic quaywatch.throughput.v1.
 * Computes nothing.
 */

export const WINDOW_SIZES_S = [60, 300, 3600, 86400] as const;
export type WindowSizeS = (typeof WINDOW_SIZES_S)[number];

/**
 * Measures of a window, in column order. `teu…` are hundredths of a TEU, the others are counts of entries.
 * `teu` is the customs scope: LOAD + DISC with trade import or export; every `…_teu` from `load_teu` to `mixed_trade_teu` is a part of it.
 * Adding one: append here, fill it in `stream-processor/src/core/measures.ts`, add a migration in `tables.ts`.
 */
export const MEASURES = [
  'moves',
  'teu',
  'load_teu',
  'export_teu',
  'empty_teu',
  'direct_pick_up_teu',
  'direct_loading_teu',
  'rail_single_waybill_teu',
  'rail_single_container_teu',
  'barge_teu',
  'departure_confirmed_teu',
  'mixed_trade_teu',
  'domestic_moves',
  'domestic_teu',
  'transhipment_moves',
  'transhipment_teu',
  'gate_moves',
  'restow_moves',
  'duplicates',
  'late_moves',
  'bad_check_digits',
  'estimated_sizes',
] as const;
export type Measure = (typeof MEASURES)[number];
export const MEASURE_COUNT = MEASURES.length;
export const MEASURE_INDEX: Readonly<Record<Measure, number>> = Object.fromEntries(
  MEASURES.map((name, index) => [name, index]),
) as Record<Measure, number>;

/** A value on topic quaywatch.throughput.v1 is one of these as JSON. */
export type ThroughputMessage = ThroughputRow | ClosedThroughMark;

export type ThroughputRow = {
  readonly kind: 'row';
  readonly run: string;
  readonly port: string;
  /** LOCODE:SMDG code. */
  readonly terminal: string;
  readonly size_s: WindowSizeS;
  readonly start_ms: number;
  /** 0 when the watermark closed it, then 1, 2, … A window that was silent when it closed and whose moves came later starts at 1. */
  readonly revision: number;
  /** Offset of the record whose processing emitted the row. */
  readonly version: number;
  /** Log time at which this was known. */
  readonly known_at_ms: number;
  /** Share of the window in which its source was not overdue, 0..1. */
  readonly completeness: number;
  readonly backfilled: boolean;
  /** True for an open window: never stored. */
  readonly provisional: boolean;
  /** In the order of MEASURES. */
  readonly measures: readonly number[];
};

/** What one partition knows of its time and its sources; follows every batch of rows and every change of a source's state. */
export type ClosedThroughMark = {
  readonly kind: 'mark';
  readonly run: string;
  readonly partition: number;
  /** Position in the moves topic: next offset. */
  readonly position: number;
  readonly lag_records: number;
  readonly log_time_ms: number;
  /** 0: nobody has been accepted yet. */
  readonly watermark_ms: number;
  /** Windows that end at or before this are closed. */
  readonly closed_through_ms: number;
  /** True when rows before this mark went to storage only (catching up): readers reload their history. */
  readonly rebuilt: boolean;
  /** Why the processor has stopped itself; absent while it runs. */
  readonly halted?: string;
  readonly sources: readonly SourceMark[];
  /** Entries since the UTC+8 midnight before `log_time_ms`. */
  readonly dead_letters_today: Readonly<Record<string, number>>;
  /** Vessel calls with a move in the last 24 h of log time, newest last move first, at most 8 a terminal. */
  readonly calls: readonly CallMark[];
};

export type SourceMark = {
  readonly port: string;
  readonly terminal: string;
  readonly source: string;
  readonly state: 'live' | 'late' | 'silent';
  readonly last_report_ms: number;
  readonly complete_through_ms: number;
  readonly cadence_s: number;
};

export type CallMark = {
  readonly id: string;
  readonly terminal: string;
  readonly vessel: string;
  readonly berth: string;
  readonly first_move_ms: number;
  readonly last_move_ms: number;
  readonly moves: number;
  readonly mixed_trade: boolean;
};

/** Key of a row on the topic. */
export function throughputKey(row: Pick<ThroughputRow, 'run' | 'port' | 'terminal' | 'size_s' | 'start_ms'>): string {
  return `${row.run}/${row.port}/${row.terminal}/${row.size_s}/${row.start_ms}`;
}
