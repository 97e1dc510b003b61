/**
 * The ledger's books: for each source and unsettled day, what it says it moved against what came, what counts and what was refused. Decides
 * nothing, and is never read by what counts moves. A recovery books nothing: accounts are in the checkpoint.
 */
import type { DeadLetterReason } from '@quaywatch/contracts';
import type { PartitionState, TerminalState } from './partition-state.ts';
import { createSequences, type Sequences } from './sequences.ts';
import { dayOf } from './time.ts';

export type DayAccount = {
  readonly day: number;
  reports: number;
  /** The source's own greatest running total; 0 = unknown. */
  reported: number;
  told: number;
  /** Moves that count and that no source heard of earlier has told as well. */
  counted: number;
  /** Moves that count, and are counted with another source. */
  shared: number;
  duplicates: number;
  late: number;
  superseded: number;
  retracted: number;
  rejected: Partial<Record<DeadLetterReason, number>>;
  /** Position after the record that changed it last. */
  changedAt: number;
};

/** A day that settled before its total was reached. */
export type ShortDay = {
  readonly day: number;
  readonly missing: number;
  readonly reported: number;
  readonly settledMs: number;
};

export type SourceAccount = {
  /** −1: records of the partition that say nothing usable of their origin. */
  readonly terminalIndex: number;
  readonly source: string;
  /** Totals of days before this one cannot be compared: the source was not heard from their beginning. */
  readonly comparableFromDay: number;
  /** A ninth source of the terminal is booked here too: totals and sequences of two sources cannot be compared. */
  isMixed: boolean;
  readonly sequences: Sequences;
  days: DayAccount[];
  /** Kept for a day after they settled. */
  shorts: ShortDay[];
};

export function createAccount(terminalIndex: number, source: string, comparableFromDay: number): SourceAccount {
  return {
    terminalIndex,
    source,
    comparableFromDay,
    isMixed: false,
    sequences: createSequences(),
    days: [],
    shorts: [],
  };
}

/** The account of what has no source that is known. */
export function strayAccount(partition: number): SourceAccount {
  return createAccount(-1, `urn:quaywatch:partition:${partition}`, 0);
}

/** Accounts stand in the order of the terminal's clocks; a ninth source shares the first one's. */
export function sourceIndex(terminal: TerminalState, source: string): number {
  return Math.max(
    0,
    terminal.clocks.findIndex((one) => one.source === source),
  );
}

function isOpen(state: PartitionState, day: number): boolean {
  const { fromDay, toDay } = state.options;
  if ((fromDay !== null && day < fromDay) || (toDay !== null && day >= toDay)) return false;
  return day > state.settledThroughDay && day >= state.ledgerFromDay && day <= dayOf(state.logTimeMs) + 1;
}

/** The day of arrival, or the nearest one that is open: where things are booked whose own day is unknown or over. */
function dayOfArrival(state: PartitionState): number {
  const { toDay } = state.options;
  const day = Math.max(dayOf(state.logTimeMs), state.settledThroughDay + 1);
  return toDay === null ? day : Math.min(day, toDay - 1);
}

/** The books of a day; undefined when nothing is booked on it: in a recovery, outside of the stretch, and once it has settled. */
export function booksOf(state: PartitionState, account: SourceAccount, day: number): DayAccount | undefined {
  if (state.isRebuilding || !isOpen(state, day)) return undefined;
  let books = account.days.find((one) => one.day === day);
  if (books === undefined) {
    const none = { reports: 0, reported: 0, told: 0, counted: 0, shared: 0, duplicates: 0, late: 0 };
    books = { day, ...none, superseded: 0, retracted: 0, rejected: {}, changedAt: 0 };
    account.days.push(books);
  }
  books.changedAt = state.position;
  return books;
}

/** What is told of each of its open days has changed, though nothing was booked on them. */
export function changeOpenDays(state: PartitionState, account: SourceAccount): void {
  for (const books of account.days) books.changedAt = state.position;
}

export type Refusal = {
  readonly account: SourceAccount;
  readonly day: number;
  /** Entries that came with it; 0 when it is not known how many, or when they were booked before. */
  readonly told: number;
};

/** Books a dead letter for `count` entries, on its own day when that is open. */
export function bookRefusal(state: PartitionState, refusal: Refusal, reason: DeadLetterReason, count: number): void {
  const { account, day, told } = refusal;
  const books = booksOf(state, account, day) ?? booksOf(state, account, dayOfArrival(state));
  if (books === undefined) return;
  books.rejected[reason] = (books.rejected[reason] ?? 0) + count;
  books.told += told;
}

/** Moves of the day that the source says there are and that do not count; null where it gave no total that can be compared. */
export function missingOf(account: SourceAccount, books: DayAccount): number | null {
  if (books.reported === 0 || account.isMixed || books.day < account.comparableFromDay) return null;
  // What a source has taken back may or may not be in its total: either way it is not missing.
  return Math.max(0, books.reported - books.counted - books.shared - books.retracted);
}

/** Short days are remembered for so long after they settled. */
const shortsKeptMs = 86_400_000;

/** Closes the books of a day that has settled. Returns them, with the account. */
export function settleAccount(state: PartitionState, account: SourceAccount, day: number): DayAccount | undefined {
  account.shorts = account.shorts.filter((one) => state.logTimeMs - one.settledMs < shortsKeptMs);
  const books = account.days.find((one) => one.day === day);
  if (books === undefined) return undefined;
  account.days = account.days.filter((one) => one !== books);
  const missing = missingOf(account, books);
  if (missing !== null && missing > 0)
    account.shorts.push({ day, missing, reported: books.reported, settledMs: state.logTimeMs });
  return books;
}

export function accountsOf(state: PartitionState): SourceAccount[] {
  const accounts = [state.strays];
  for (const terminal of state.terminals.values()) accounts.push(...terminal.accounts);
  return accounts;
}
