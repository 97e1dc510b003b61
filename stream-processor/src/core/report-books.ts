/** One report in the ledger: what its header says, and what became of its entries. Booked a report and day at a time, not a move at a time. */
import { CONTRACT_MAJOR, FUNCTIONS, type MoveReport, terminalOf } from '@quaywatch/contracts';
import { TELLERS } from './measures.ts';
import type { PartitionState, TerminalState } from './partition-state.ts';
import { countsByOne, followSequence } from './sequences.ts';
import {
  booksOf,
  changeOpenDays,
  createAccount,
  type Refusal,
  type SourceAccount,
  sourceIndex,
} from './source-account.ts';
import { dayOf, dayStartMs } from './time.ts';

/** No terminal moves as much in a day: a greater total is none. */
const dayMovesMax = 1_000_000;
/** A first report that comes this much later than its cadence is a late one, and says nothing of when the source began. */
const firstReportLateMs = 600_000;

export class ReportBooks {
  readonly #state: PartitionState;
  readonly #terminal: TerminalState;
  readonly #report: MoveReport;
  #account: SourceAccount | undefined;
  /** The source among those of the terminal, as a bit of a move's payload. */
  bit = 0;
  /** By day, moves that an amendment took back and has not brought again. */
  #gone: Map<number, number> | null = null;
  #moves = 0;
  #late = 0;
  #duplicates = 0;

  constructor(state: PartitionState, terminal: TerminalState, report: MoveReport) {
    this.#state = state;
    this.#terminal = terminal;
    this.#report = report;
  }

  /** After the source was heard: its account stands where its clock does. In a recovery there are no accounts, and nothing is booked. */
  open(): void {
    const index = sourceIndex(this.#terminal, this.#report.source);
    this.bit = 1 << (TELLERS.shift + index);
    this.#account = this.#terminal.accounts[index];
    const account = this.#account;
    if (account === undefined || account.isMixed || account.source === this.#report.source) return;
    account.isMixed = true;
    changeOpenDays(this.#state, account);
  }

  /** The report itself, its sequence, and the running total that it gives. */
  header(): void {
    const { count, baseTimeS, completeThroughMs, dayMoves } = this.#report;
    const account = this.#account;
    if (account === undefined) return;
    const state = this.#state;
    // An empty report's base time is where it ends, and 24:00 is in the next day.
    const day = count > 0 ? dayOf(baseTimeS * 1000) : dayOf((completeThroughMs || baseTimeS * 1000) - 1);
    const books = booksOf(state, account, day) ?? booksOf(state, account, dayOf(state.logTimeMs));
    if (books === undefined) return;
    books.reports++;
    const isKnown = books.day === day && day <= dayOf(state.logTimeMs);
    if (isKnown && dayMoves <= dayMovesMax && dayMoves > books.reported) books.reported = dayMoves;
    const didCount = countsByOne(account.sequences);
    const changed = followSequence(account.sequences, this.#report.sequence, books.day, state.logTimeMs);
    if (changed !== null && changed !== books.day) booksOf(state, account, changed);
    if (countsByOne(account.sequences) !== didCount) changeOpenDays(state, account);
  }

  /** Entries that are held out as a whole: the same version again, or one that is overtaken. */
  heldOut(day: number, as: 'duplicates' | 'superseded'): void {
    const books = this.#booksOf(day);
    if (books === undefined) return;
    books.told += this.#report.count;
    books[as] += this.#report.count;
  }

  /** Where the counters stand before entries are added. */
  begin(duplicates: number): void {
    this.#moves = this.#state.counters.moves;
    this.#late = this.#state.counters.late;
    this.#duplicates = duplicates;
  }

  /** What became of the entries of one day since `begin`. */
  end(day: number, duplicates: number): void {
    const fresh = this.#state.counters.moves - this.#moves;
    const repeated = duplicates - this.#duplicates;
    if (fresh + repeated > 0) {
      const books = this.#booksOf(day);
      if (books !== undefined) {
        books.told += fresh + repeated;
        books.counted += fresh;
        books.duplicates += repeated;
        books.late += this.#state.counters.late - this.#late;
      }
      this.#comeBack(day, fresh);
    }
    this.begin(duplicates);
  }

  /** The source tells a move that others have told: `tellers`, before it. It is counted with the one that was heard of first. */
  joins(day: number, tellers: number): void {
    if ((tellers & this.bit) !== 0 || tellers === 0) return;
    const first = tellers & -tellers;
    const books = this.#booksOf(day);
    if (books !== undefined) {
      if (this.bit < first) {
        books.counted++;
        this.#shift(day, first, -1, 1);
      } else books.shared++;
    }
    this.#comeBack(day, 1);
  }

  /** A move has lost its last report: it counts for nobody any more. */
  leaves(day: number, tellers: number): void {
    const first = tellers & -tellers;
    for (let rest = tellers; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      this.#shift(day, bit, bit === first ? -1 : 0, bit === first ? 0 : -1);
    }
    if ((tellers & this.bit) === 0) return;
    this.#gone ??= new Map();
    this.#gone.set(day, (this.#gone.get(day) ?? 0) + 1);
  }

  /** What the report took back in all. */
  finish(): void {
    for (const [day, gone] of this.#gone ?? []) {
      const books = gone > 0 ? this.#booksOf(day) : undefined;
      if (books !== undefined) books.retracted += gone;
    }
  }

  /** @param told entries that are refused and were not booked otherwise. */
  refusal(day: number, told: number): Refusal {
    return { account: this.#account ?? this.#state.strays, day, told };
  }

  #booksOf(day: number) {
    return this.#account === undefined ? undefined : booksOf(this.#state, this.#account, day);
  }

  #comeBack(day: number, count: number): void {
    const gone = this.#gone?.get(day);
    if (gone !== undefined) this.#gone?.set(day, gone - count);
  }

  #shift(day: number, bit: number, counted: number, shared: number): void {
    const account = this.#terminal.accounts[31 - Math.clz32(bit) - TELLERS.shift];
    const books = account === undefined ? undefined : booksOf(this.#state, account, day);
    if (books === undefined) return;
    books.counted += counted;
    books.shared += shared;
  }
}

/** Opens the account of a source that is heard for the first time. */
export function openAccount(state: PartitionState, terminal: TerminalState, report: MoveReport): void {
  const sinceMs =
    Math.max(report.completeThroughMs, state.logTimeMs - firstReportLateMs) - Math.min(report.cadenceS, 86_400) * 1000;
  const day = dayOf(sinceMs);
  terminal.accounts.push(createAccount(terminal.index, report.source, sinceMs <= dayStartMs(day) ? day : day + 1));
}

/** Where a report is booked whose header is refused: with its source when that is known, else with the strays. */
export function refusedHeader(state: PartitionState, report: MoveReport): Refusal {
  const terminal = state.terminals.get(terminalOf(report.terminal)?.index ?? -1);
  const account = terminal?.accounts.find((one) => one.source === report.source) ?? state.strays;
  const isDated = report.contractMajor === CONTRACT_MAJOR && report.baseTimeS > 0;
  const day = dayOf(isDated ? report.baseTimeS * 1000 : state.logTimeMs);
  return { account, day, told: report.function === FUNCTIONS.cancel ? 0 : report.count };
}
