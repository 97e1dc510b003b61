/**
 * What one partition's state machine holds, and the few things that every part of it does with that: find a day, a ledger, reject an entry.
 * Takes no records and closes no windows.
 */
import type { AlertTransition, DeadLetter, DeadLetterReason } from '@quaywatch/contracts';
import { type AlertingState, createAlerting } from '../alerting/port-state.ts';
import type { PortWindows } from '../alerting/port-windows.ts';
import type { RuleTimeline } from '../alerting/rule-timeline.ts';
import type { LedgerEntry } from './ledger-rows.ts';
import type { RowBatch } from './row-batch.ts';
import { bookRefusal, type Refusal, type SourceAccount, strayAccount } from './source-account.ts';
import type { SourceClock } from './source-clock.ts';
import { TerminalDay } from './terminal-day.ts';
import { createLedger, type WindowLedger } from './window-ledger.ts';

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
  readonly rules: RuleTimeline;
  /** Whether what the log holds is simulated; alerts say so. */
  readonly isSimulated: boolean;
  /** Expected TEU hundredths of a terminal in the hour that begins at `hourMs`; null beyond the baseline. */
  readonly expectedHour: (terminalIndex: number, hourMs: number) => number | null;
  /** TEU hundredths of a port in the comparable hour a year before; null where there is none. */
  readonly lastYearHour: (portIndex: number, hourMs: number) => number | null;
  /** How little the expectation of a moment can be trusted: a standard deviation as a share, 0 on ordinary days. */
  readonly doubtAt: (timeMs: number) => number;
};

export type Outputs = {
  readonly rows: RowBatch;
  readonly deadLetters: DeadLetter[];
  readonly transitions: AlertTransition[];
  /** Where closed windows of whole ports go, in a run whose second stage is in the same process. */
  readonly portWindows?: PortWindows;
  /** Where the ledger's days go when they have settled. */
  readonly ledger?: LedgerEntry[];
};

export type TerminalState = {
  readonly index: number;
  readonly days: Map<number, TerminalDay>;
  readonly ledgers: Map<number, WindowLedger>;
  readonly clocks: SourceClock[];
  /** The ledger's, in the order of the clocks. */
  readonly accounts: SourceAccount[];
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
  /** Terminal that the last record named, '' when it could not be read; for whoever watches senders. */
  sender: string;
  /** The ledger's account of what has no known source. */
  strays: SourceAccount;
  /** The ledger begins with this day: one that was not booked from its beginning is not told. */
  ledgerFromDay: number;
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
        { index, days: new Map(), ledgers: new Map(), clocks: [], accounts: [] } satisfies TerminalState,
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
    sender: '',
    strays: strayAccount(options.partition),
    ledgerFromDay: 0,
    alerting: createAlerting(),
    touched: new Map(),
    heard: new Set(),
    isRebuilding: false,
  };
}

/** A dead letter keeps so much of what the record calls its port and terminal; the record itself is kept beside it. */
const namesMax = 128;
const detailMax = 200;

/** Storage refuses half a character, and would refuse it again for ever. */
function cut(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed();
}

/** Counts, books and emits a dead letter for `count` entries, the first of which is `entry` (−1: the whole record). */
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
  refusal: Refusal = { account: state.strays, day: Number.NEGATIVE_INFINITY, told: 0 },
): void {
  if (state.isRebuilding) return;
  bookRefusal(state, refusal, reason, count);
  state.counters.deadLetters[reason] = (state.counters.deadLetters[reason] ?? 0) + count;
  out.deadLetters.push({
    partition: state.options.partition,
    offset,
    entry,
    count,
    reason,
    atMs: state.logTimeMs,
    port: cut(port, namesMax),
    terminal: cut(terminal, namesMax),
    detail: cut(detail, detailMax),
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
