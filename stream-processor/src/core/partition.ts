/**
 * The core: one Kafka partition as a state machine over its log. `step` takes one record and says which rows, dead letters and alert
 * transitions follow. The same log gives the same outputs, byte for byte. No clock, no IO, no randomness: log time arrives with the records.
 */
import {
  type AlertTransition,
  type DeadLetter,
  type DeadLetterReason,
  decodeMoveReport,
  reportBytesMax,
  TERMINALS,
} from '@quaywatch/contracts';
import { type AlertingState, createAlerting } from '../alerting/alerting.ts';
import type { AlertRules } from '../alerting/rules.ts';
import { applyReport } from './apply-report.ts';
import { closeWindows, emitRevisions } from './close-windows.ts';
import type { RowBatch } from './row-batch.ts';
import { forgetCoverage, isOverdue, type SourceClock, watermarkDelayMs } from './source-clock.ts';
import { TerminalDay } from './terminal-day.ts';
import { dayMs, dayOf, dayStartMs } from './time.ts';
import { createLedger, type WindowLedger } from './window-ledger.ts';

/** A UTC+8 day settles when the watermark passes its end by this much. */
export const allowedLatenessMs = 48 * 3_600_000;
/** A recovery reads the log from the day this many days before the oldest unsettled one: an amendment there may reach into it. */
const rebuildDaysBack = 3;

export type LogRecord = {
  readonly offset: number;
  /** Kafka record timestamp, UTC ms. */
  readonly timestampMs: number;
  readonly value: Buffer | null;
  readonly isTick: boolean;
};

export type PartitionOptions = {
  readonly run: string;
  readonly partition: number;
  /** Terminals of this partition, as indices into TERMINALS. */
  readonly terminals: readonly number[];
  /** Stretch of event time, UTC+8 days, `toDay` excluded; a live run has neither. */
  readonly fromDay: number | null;
  readonly toDay: number | null;
  readonly withMinutes: boolean;
  readonly rules: AlertRules;
  /** Expected TEU hundredths of a terminal in the hour that begins at `hourMs`; null beyond the baseline. */
  readonly expectedHour: (terminalIndex: number, hourMs: number) => number | null;
};

export type Outputs = {
  readonly rows: RowBatch;
  readonly deadLetters: DeadLetter[];
  readonly transitions: AlertTransition[];
};

export type TerminalState = {
  readonly index: number;
  readonly days: Map<number, TerminalDay>;
  readonly ledgers: Map<number, WindowLedger>;
  readonly clocks: SourceClock[];
};

/** Totals of the run so far in this partition: entries, except `reports`. */
export type Counters = {
  reports: number;
  entries: number;
  /** Entries that were new when they came, inside the stretch. */
  moves: number;
  duplicates: number;
  late: number;
  /** Entries of a version that a higher sequence had already overtaken. */
  superseded: number;
  /** Entries taken back by a replace or cancel. */
  retracted: number;
  /** Entries outside the stretch of a replay. */
  outside: number;
  rows: number;
  transitions: number;
  deadLetters: Partial<Record<DeadLetterReason, number>>;
};

export type PartitionState = {
  readonly options: PartitionOptions;
  readonly terminals: Map<number, TerminalState>;
  /** Next offset. */
  position: number;
  logTimeMs: number;
  watermarkMs: number;
  closedThroughMs: number;
  settledThroughDay: number;
  /** When each recent day settled: by the record at `offset`. Recovery decides "too late" as it was decided then. */
  settlements: { day: number; offset: number }[];
  /** Where log time entered each recent day: the record and the log time before it. */
  dayStarts: { day: number; offset: number; logTimeMs: number }[];
  counters: Counters;
  alerting: AlertingState;
  /** Windows that a record changed after they had closed. */
  readonly touched: Map<TerminalState, Map<number, Set<number>>>;
  /** Terminals that reported since the shell last looked; for provisional rows. */
  readonly heard: Set<TerminalState>;
  /** True while a recovery re-reads the log: contents are rebuilt, nothing is decided or emitted. */
  isRebuilding: boolean;
};

export function emptyCounters(): Counters {
  return {
    reports: 0,
    entries: 0,
    moves: 0,
    duplicates: 0,
    late: 0,
    superseded: 0,
    retracted: 0,
    outside: 0,
    rows: 0,
    transitions: 0,
    deadLetters: {},
  };
}

export function createPartition(options: PartitionOptions): PartitionState {
  return {
    options,
    terminals: new Map(
      options.terminals.map((index) => [
        index,
        { index, days: new Map(), ledgers: new Map(), clocks: [] } satisfies TerminalState,
      ]),
    ),
    position: 0,
    logTimeMs: Number.NEGATIVE_INFINITY,
    watermarkMs: Number.NEGATIVE_INFINITY,
    closedThroughMs: Number.NEGATIVE_INFINITY,
    settledThroughDay: Number.NEGATIVE_INFINITY,
    settlements: [],
    dayStarts: [],
    counters: emptyCounters(),
    alerting: createAlerting(),
    touched: new Map(),
    heard: new Set(),
    isRebuilding: false,
  };
}

/** True when every day of a replay's stretch has settled: the rest of the log changes nothing. */
export function isFinished(state: PartitionState): boolean {
  return state.options.toDay !== null && state.settledThroughDay >= state.options.toDay - 1;
}

/** Takes one record. Outputs are appended to `out`. */
export function step(state: PartitionState, record: LogRecord, out: Outputs): void {
  advanceLogTime(state, record);
  state.position = record.offset + 1;
  if (!record.isTick) takeReport(state, record, out);
  if (state.touched.size > 0) emitRevisions(state, record.offset, out);
  advanceWatermark(state, record.offset, out);
}

/** Takes one record of a recovery: rebuilds windows without deciding or emitting anything. */
export function rebuildStep(state: PartitionState, record: LogRecord, out: Outputs): void {
  advanceLogTime(state, record);
  state.position = record.offset + 1;
  if (!record.isTick) takeReport(state, record, out);
  state.touched.clear();
}

function advanceLogTime(state: PartitionState, record: LogRecord): void {
  const before = state.logTimeMs;
  if (before === Number.NEGATIVE_INFINITY) begin(state, record.timestampMs);
  if (record.timestampMs <= before) return;
  state.logTimeMs = record.timestampMs;
  const day = dayOf(record.timestampMs);
  if (before === Number.NEGATIVE_INFINITY || day > dayOf(before)) {
    state.dayStarts.push({
      day,
      offset: record.offset,
      logTimeMs: before === Number.NEGATIVE_INFINITY ? record.timestampMs : before,
    });
  }
}

/** The first record says where a run's time begins: moves of the last 48 hours before it may still come. */
function begin(state: PartitionState, logTimeMs: number): void {
  if (state.settledThroughDay !== Number.NEGATIVE_INFINITY) return;
  const firstDay = state.options.fromDay ?? dayOf(logTimeMs - allowedLatenessMs);
  state.settledThroughDay = firstDay - 1;
  state.closedThroughMs = dayStartMs(firstDay);
}

function takeReport(state: PartitionState, record: LogRecord, out: Outputs): void {
  state.counters.reports++;
  if (record.value === null) return reject(state, out, record.offset, -1, 1, 'unreadable', 'the record is empty');
  if (record.value.length > reportBytesMax)
    return reject(state, out, record.offset, -1, 1, 'too_large', `${record.value.length} bytes`);
  const decoded = decodeMoveReport(record.value);
  if (!decoded.ok) return reject(state, out, record.offset, -1, 1, decoded.reason, decoded.detail);
  applyReport(state, decoded.report, record.offset, out);
}

/** Counts and emits a dead letter for `count` entries, the first of which is `entry` (−1: the whole record). */
export function reject(
  state: PartitionState,
  out: Outputs,
  offset: number,
  entry: number,
  count: number,
  reason: DeadLetterReason,
  detail: string,
  port = '',
  terminal = '',
): void {
  if (state.isRebuilding) return;
  state.counters.deadLetters[reason] = (state.counters.deadLetters[reason] ?? 0) + count;
  out.deadLetters.push({
    partition: state.options.partition,
    offset,
    entry,
    count,
    reason,
    atMs: state.logTimeMs,
    port,
    terminal,
    detail: detail.slice(0, 200),
  });
}

/** The terminal's day, made when it is first needed. */
export function dayIn(state: PartitionState, terminal: TerminalState, day: number): TerminalDay {
  const known = terminal.days.get(day);
  if (known !== undefined) return known;
  const made = new TerminalDay(day, state.options.withMinutes);
  terminal.days.set(day, made);
  return made;
}

export function ledgerIn(state: PartitionState, terminal: TerminalState, day: number): WindowLedger {
  const known = terminal.ledgers.get(day);
  if (known !== undefined) return known;
  const made = createLedger(state.options.withMinutes);
  terminal.ledgers.set(day, made);
  return made;
}

/** Greatest event time before which every source that is not overdue has sent everything; never goes back. */
function watermarkOf(state: PartitionState): number {
  let slowest = Number.POSITIVE_INFINITY;
  let sources = 0;
  for (const terminal of state.terminals.values()) {
    for (const clock of terminal.clocks) {
      sources++;
      if (!isOverdue(clock, state.logTimeMs)) slowest = Math.min(slowest, clock.completeThroughMs);
    }
  }
  if (sources === 0) return state.watermarkMs;
  return Math.max(state.watermarkMs, Math.min(slowest, state.logTimeMs) - watermarkDelayMs);
}

function advanceWatermark(state: PartitionState, offset: number, out: Outputs): void {
  const watermarkMs = watermarkOf(state);
  if (watermarkMs === state.watermarkMs) return;
  state.watermarkMs = watermarkMs;
  closeWindows(state, offset, out);
  while (watermarkMs >= dayStartMs(state.settledThroughDay + 2) + allowedLatenessMs) settleNextDay(state, offset);
}

function settleNextDay(state: PartitionState, offset: number): void {
  const day = ++state.settledThroughDay;
  state.settlements.push({ day, offset });
  forgetSettled(state);
  const needed = day + 1 - rebuildDaysBack;
  while (state.dayStarts.length > 1 && (state.dayStarts[1]?.day ?? 0) <= needed) state.dayStarts.shift();
  while (state.settlements.length > 0 && (state.settlements[0]?.day ?? 0) < needed - 1) state.settlements.shift();
  for (const terminal of state.terminals.values()) {
    for (const clock of terminal.clocks) forgetCoverage(clock, dayStartMs(day) - dayMs);
  }
}

/** Drops what can no longer change. */
export function forgetSettled(state: PartitionState): void {
  for (const terminal of state.terminals.values()) {
    for (const day of terminal.days.keys()) if (day <= state.settledThroughDay) terminal.days.delete(day);
    for (const day of terminal.ledgers.keys()) if (day <= state.settledThroughDay) terminal.ledgers.delete(day);
  }
}

/** Whether a day was settled when the record at `offset` was first taken. */
export function wasSettled(state: PartitionState, day: number, offset: number): boolean {
  if (day > state.settledThroughDay) return false;
  if (!state.isRebuilding) return true;
  const settlement = state.settlements.find((one) => one.day === day);
  return settlement === undefined || settlement.offset < offset;
}

export function terminalCode(index: number): string {
  return TERMINALS[index]?.code ?? '';
}
