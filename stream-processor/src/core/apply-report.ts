/**
 * Counts one report: checks its header and every entry, tells duplicates, applies replace and cancel. What it changes in closed windows it
 * leaves in `state.touched`; it emits nothing but dead letters.
 */
import {
  CONTRACT_MAJOR,
  CONTRACT_MINOR,
  checkDigit,
  type DeadLetterReason,
  FLAGS,
  FUNCTIONS,
  HANDLINGS,
  type MoveReport,
  ownerSum,
  portOf,
  SIZE_TYPES,
  terminalOf,
  teuOfSizeTypeText,
} from '@quaywatch/contracts';
import { PAYLOAD } from './measures.ts';
import { dayIn, type Outputs, type PartitionState, reject, type TerminalState, wasSettled } from './partition-state.ts';
import { openAccount, ReportBooks, refusedHeader } from './report-books.ts';
import { hear } from './source-clock.ts';
import { type CallStats, type Document, fiveS, noEntries, type TerminalDay } from './terminal-day.ts';
import { dayMs, dayOf, dayStartMs } from './time.ts';

/** An event time further ahead of log time than this is `in_future`. */
const aheadMsMax = 5 * 60_000;
const offsetSMax = 86_400;
const serialMax = 9_999_999;
const textMax = 128;
const clocksMax = 8;

export function applyReport(state: PartitionState, report: MoveReport, offset: number, out: Outputs): void {
  state.counters.entries += report.count;
  const entries = Math.max(1, report.count);
  const terminal = terminalOf(report.terminal);
  const problem = headerProblem(state, report);
  if (problem !== null)
    return reject(
      state,
      out,
      offset,
      -1,
      entries,
      problem.reason,
      problem.detail,
      report.port,
      report.terminal,
      refusedHeader(state, report),
    );
  const terminalState = state.terminals.get(terminal?.index ?? -1);
  if (terminalState === undefined) return;
  const application = new Application(state, terminalState, report, offset, out);
  if (!state.isRebuilding) application.hearSource();
  application.openBooks();
  state.heard.add(terminalState);
  if (report.function === FUNCTIONS.original) application.original();
  else application.amendment(report.function === FUNCTIONS.cancel);
}

function headerProblem(state: PartitionState, report: MoveReport): { reason: DeadLetterReason; detail: string } | null {
  if (report.contractMajor !== CONTRACT_MAJOR)
    return { reason: 'unknown_version', detail: `contract ${report.contractMajor}.${report.contractMinor}` };
  const port = portOf(report.port);
  if (port === undefined) return { reason: 'unknown_port', detail: report.port };
  const terminal = terminalOf(report.terminal);
  if (terminal === undefined || terminal.portIndex !== port.index)
    return { reason: 'unknown_terminal', detail: `${report.terminal} of ${report.port}` };
  if (port.partition !== state.options.partition)
    return { reason: 'wrong_partition', detail: `${port.code} belongs to partition ${port.partition}` };
  if (report.function < FUNCTIONS.original || report.function > FUNCTIONS.cancel)
    return { reason: 'unknown_function', detail: String(report.function) };
  const isAmendment = report.function !== FUNCTIONS.original;
  const names = [report.reportId, report.source, ...(isAmendment ? [report.amendsReportId] : [])];
  if (names.some((name) => name === '' || name.length > textMax))
    return { reason: 'bad_header', detail: 'report_id, source or amends_report_id is missing or over 128 characters' };
  if (isAmendment && report.amendsBaseTimeS === 0)
    return { reason: 'bad_header', detail: 'amends_base_time_s is missing' };
  if (report.calls.some((call) => call.id === '' || call.id.length > textMax))
    return { reason: 'bad_header', detail: 'a vessel call has no id, or one over 128 characters' };
  return null;
}

/** Rejections of one report, gathered so that a report with a thousand bad entries is a few letters, not a thousand. */
type Rejections = Map<DeadLetterReason, { first: number; count: number; detail: string }>;

/** One report being counted: the scratch that its entries share. */
class Application {
  readonly #state: PartitionState;
  readonly #terminal: TerminalState;
  readonly #report: MoveReport;
  readonly #offset: number;
  readonly #out: Outputs;
  readonly #rejections: Rejections = new Map();
  readonly #books: ReportBooks;
  /** Of a later minor version: what it adds to the flags is not known here, and does not matter to the count. */
  readonly #isNewer: boolean;
  #calls: (CallStats | null | undefined)[] = [];
  #duplicates = 0;
  #homeDay = 0;

  constructor(state: PartitionState, terminal: TerminalState, report: MoveReport, offset: number, out: Outputs) {
    this.#state = state;
    this.#terminal = terminal;
    this.#report = report;
    this.#offset = offset;
    this.#out = out;
    this.#books = new ReportBooks(state, terminal, report);
    this.#isNewer = report.contractMinor > CONTRACT_MINOR;
  }

  openBooks(): void {
    this.#books.open();
    this.#books.header();
  }

  hearSource(): void {
    const report = this.#report;
    const state = this.#state;
    let clock = this.#terminal.clocks.find((one) => one.source === report.source);
    if (clock === undefined) {
      // A ninth source of one terminal shares the first one's clock: counted, and bounded.
      if (this.#terminal.clocks.length >= clocksMax) clock = this.#terminal.clocks[0];
      else {
        clock = {
          terminalIndex: this.#terminal.index,
          source: report.source,
          completeThroughMs: Number.NEGATIVE_INFINITY,
          lastReportMs: 0,
          cadenceMs: 0,
          dueMs: Number.NEGATIVE_INFINITY,
          covered: [],
          holes: [],
          total: { throughMs: 0, dayMoves: 0, told: 0 },
        };
        this.#terminal.clocks.push(clock);
        openAccount(state, this.#terminal, report);
      }
    }
    if (clock === undefined) return;
    const filled = hear(clock, {
      logTimeMs: state.logTimeMs,
      completeThroughMs: report.completeThroughMs > 0 ? report.completeThroughMs : this.#latestEventMs(),
      cadenceS: report.cadenceS,
      firstMs: report.count === 0 ? null : report.baseTimeS * 1000,
      told: report.function === FUNCTIONS.original ? report.count : 0,
      dayMoves: report.dayMoves,
      closedThroughMs: state.closedThroughMs,
    });
    for (const { fromMs, toMs } of filled) this.#touchBetween(fromMs, toMs);
  }

  /** What was unknown is known now: every closed window of the stretch is told again, zeros too. */
  #touchBetween(fromMs: number, toMs: number): void {
    for (let ms = Math.floor(fromMs / 60_000) * 60_000; ms < toMs; ms += 60_000) {
      const day = dayOf(ms);
      if (day <= this.#state.settledThroughDay) continue;
      dayIn(this.#state, this.#terminal, day);
      this.#touchUnit(day, (ms - dayStartMs(day)) / 1000);
    }
  }

  /** False when the window is still open: nothing was said about it yet. */
  #touchUnit(day: number, secondOfDay: number): boolean {
    const state = this.#state;
    const unitS = state.options.withMinutes ? 60 : fiveS;
    const unit = (secondOfDay / unitS) | 0;
    if (dayStartMs(day) + (unit + 1) * unitS * 1000 > state.closedThroughMs) return false;
    const days = state.touched.get(this.#terminal) ?? new Map<number, Set<number>>();
    state.touched.set(this.#terminal, days);
    const units = days.get(day) ?? new Set<number>();
    days.set(day, units);
    units.add(unit);
    return true;
  }

  #latestEventMs(): number {
    let offsetS = 0;
    for (let i = 0; i < this.#report.count; i++) offsetS = Math.max(offsetS, this.#report.offsetS[i] as number);
    return (this.#report.baseTimeS + offsetS) * 1000;
  }

  original(): void {
    const report = this.#report;
    if (report.count === 0) return;
    const homeDay = dayOf(report.baseTimeS * 1000);
    // A home that is closed can't be amended any more, and entries of later days still count; one in the future has no entries that count, and
    // a day made for it would stay for ever.
    if (homeDay > dayOf(this.#state.logTimeMs) + 1 || wasSettled(this.#state, homeDay, this.#offset)) {
      this.#addEntries(null);
      return this.#finish();
    }
    this.#applyVersion(dayIn(this.#state, this.#terminal, homeDay), report.reportId, false);
  }

  amendment(isCancel: boolean): void {
    const report = this.#report;
    const homeDay = dayOf(report.amendsBaseTimeS * 1000);
    const told = isCancel ? 0 : report.count;
    if (homeDay > dayOf(this.#state.logTimeMs) + 1)
      return this.#reject('in_future', -1, Math.max(1, report.count), 'the report it amends lies in the future', told);
    if (wasSettled(this.#state, homeDay, this.#offset))
      return this.#reject('amends_settled', -1, Math.max(1, report.count), report.amendsReportId, told);
    this.#applyVersion(dayIn(this.#state, this.#terminal, homeDay), report.amendsReportId, isCancel);
  }

  /** @param told entries that the ledger does not know of otherwise. */
  #reject(reason: DeadLetterReason, entry: number, count: number, detail: string, told: number): void {
    const { port, terminal, baseTimeS } = this.#report;
    const refusal = this.#books.refusal(dayOf(baseTimeS * 1000), told);
    reject(this.#state, this.#out, this.#offset, entry, count, reason, detail, port, terminal, refusal);
  }

  /** The highest sequence wins, whatever came first. */
  #applyVersion(home: TerminalDay, reportId: string, isCancel: boolean): void {
    const { sequence, source, count } = this.#report;
    const key = source === this.#terminal.clocks[0]?.source ? reportId : keyOfOther(source, reportId);
    const known = home.documents.get(key);
    if (known !== undefined && sequence < known.sequence) {
      this.#state.counters.superseded += count;
      if (!isCancel) this.#books.heldOut(home.day, 'superseded');
      return;
    }
    if (known !== undefined && sequence === known.sequence) {
      this.#duplicates = count;
      if (!isCancel) this.#books.heldOut(home.day, 'duplicates');
      return this.#finish();
    }
    if (known !== undefined) this.#retract(known, home.day);
    const version: Document = {
      sequence,
      entries: isCancel || count === 0 ? noEntries : new Int32Array(count),
      days: null,
      count: 0,
    };
    home.documents.set(key, version);
    this.#homeDay = home.day;
    if (!isCancel) this.#addEntries(version);
    this.#finish();
  }

  #retract(version: Document, homeDay: number): void {
    let settled = 0;
    for (let i = 0; i < version.count; i++) {
      const dayNumber = version.days === null ? homeDay : (version.days[i] as number);
      const day = this.#terminal.days.get(dayNumber);
      if (day === undefined || wasSettled(this.#state, dayNumber, this.#offset)) {
        settled++;
        continue;
      }
      const second = day.release(version.entries[i] as number);
      if (second >= 0) {
        this.#state.counters.retracted++;
        this.#books.leaves(dayNumber, day.tellersOf(version.entries[i] as number));
        this.#touch(dayNumber, second, false);
      }
    }
    if (settled > 0) this.#reject('amends_settled', -1, settled, 'entries of a settled day', 0);
  }

  #addEntries(version: Document | null): void {
    const report = this.#report;
    const state = this.#state;
    const owners = report.owners.map((code) => ({ id: ownerId(code), sum: ownerSum(code) ?? -1 }));
    const exceptions =
      report.exceptions.length === 0 ? null : new Map(report.exceptions.map((one) => [one.entry, one]));
    const latestS = Math.floor((state.logTimeMs + aheadMsMax) / 1000);
    let day: TerminalDay | null = null;
    let dayNumber = Number.NEGATIVE_INFINITY;
    let dayStartS = Number.POSITIVE_INFINITY;
    this.#books.begin(this.#duplicates);
    for (let i = 0; i < report.count; i++) {
      const eventS = report.baseTimeS + (report.offsetS[i] as number);
      const problem = this.#entryProblem(i, eventS, latestS);
      if (problem !== null) {
        this.#rejectEntry(i, problem);
        continue;
      }
      if (eventS < dayStartS || eventS >= dayStartS + dayMs / 1000) {
        this.#books.end(dayNumber, this.#duplicates);
        dayNumber = dayOf(eventS * 1000);
        dayStartS = dayStartMs(dayNumber) / 1000;
        day = this.#openDay(dayNumber);
        this.#calls = [];
      }
      if (day === null) {
        if (this.#isOutside(dayNumber)) state.counters.outside++;
        else this.#rejectEntry(i, 'too_late');
        continue;
      }
      this.#addEntry(day, eventS - dayStartS, i, owners, exceptions, version);
    }
    this.#books.end(dayNumber, this.#duplicates);
  }

  #isOutside(day: number): boolean {
    const { fromDay, toDay } = this.#state.options;
    return (fromDay !== null && day < fromDay) || (toDay !== null && day >= toDay);
  }

  /** The day, or null when it takes no more moves (settled, or outside the stretch). */
  #openDay(day: number): TerminalDay | null {
    if (this.#isOutside(day) || wasSettled(this.#state, day, this.#offset)) return null;
    return dayIn(this.#state, this.#terminal, day);
  }

  #entryProblem(i: number, eventS: number, latestS: number): DeadLetterReason | null {
    const report = this.#report;
    const flags = report.flags[i] as number;
    if ((report.offsetS[i] as number) > offsetSMax || (report.serial[i] as number) > serialMax) return 'bad_quantity';
    if (eventS > latestS) return 'in_future';
    const isUnknown =
      (flags & FLAGS.reserved) !== 0 || (flags & FLAGS.handlingMask) >> FLAGS.handlingShift >= HANDLINGS.length;
    if (isUnknown && !this.#isNewer) return 'unknown_code';
    if ((report.sizeType[i] as number) >= SIZE_TYPES.length) return 'unknown_code';
    if ((report.owner[i] as number) >= report.owners.length || (report.call[i] as number) >= report.calls.length)
      return 'unknown_code';
    return null;
  }

  /** Without what a later minor version may have added: a handling that is not known here counts as through the yard. */
  #flagsOf(i: number): number {
    const flags = this.#report.flags[i] as number;
    if (!this.#isNewer) return flags;
    const isKnown = (flags & FLAGS.handlingMask) >> FLAGS.handlingShift < HANDLINGS.length;
    return flags & ~FLAGS.reserved & (isKnown ? ~0 : ~FLAGS.handlingMask);
  }

  #rejectEntry(entry: number, reason: DeadLetterReason): void {
    const known = this.#rejections.get(reason);
    if (known !== undefined) known.count++;
    else
      this.#rejections.set(reason, {
        first: entry,
        count: 1,
        detail: `entry ${entry}: base ${this.#report.baseTimeS} s + ${this.#report.offsetS[entry]} s`,
      });
  }

  #addEntry(
    day: TerminalDay,
    secondOfDay: number,
    i: number,
    owners: readonly { id: number; sum: number }[],
    exceptions: ReadonlyMap<number, { number: string; sizeType: string }> | null,
    version: Document | null,
  ): void {
    const report = this.#report;
    const owner = owners[report.owner[i] as number];
    const call = this.#callAt(day, report.call[i] as number);
    const exception = exceptions?.get(i);
    if (exception !== undefined) return this.#addException(day, secondOfDay, i, exception, call, version);
    if (owner === undefined || owner.id < 0) return this.#rejectEntry(i, 'bad_container_number');
    if (call === null) return this.#rejectEntry(i, 'bad_quantity');
    const serial = report.serial[i] as number;
    const sixDigits = (serial / 10) | 0;
    let payload =
      this.#flagsOf(i) | ((SIZE_TYPES[report.sizeType[i] as number]?.teuHundredths ?? 0) << PAYLOAD.teuShift);
    if (checkDigit(owner.sum, sixDigits) !== serial - sixDigits * 10) payload |= PAYLOAD.badCheckDigit;
    if (report.sizeType[i] === 0) payload |= PAYLOAD.estimatedSize;
    if (call.call.mixedTrade) payload |= PAYLOAD.mixedTrade;
    payload |= this.#books.bit;
    this.#claim(
      day,
      day.add(owner.id, serial, payload & FLAGS.kindMask, call, secondOfDay, payload),
      secondOfDay,
      version,
    );
  }

  /** A container number or size-type that came as text. */
  #addException(
    day: TerminalDay,
    secondOfDay: number,
    i: number,
    exception: { number: string; sizeType: string },
    call: CallStats | null,
    version: Document | null,
  ): void {
    const report = this.#report;
    if (call === null) return this.#rejectEntry(i, 'bad_quantity');
    const number = exception.number === '' ? packedNumber(report, i) : exception.number.trim().toUpperCase();
    if (!/^[A-Z0-9 -]{1,20}$/.test(number)) return this.#rejectEntry(i, 'bad_container_number');
    const isIso = /^[A-Z]{4}\d{7}$/.test(number);
    const packed = isIso ? { owner: ownerId(number.slice(0, 4)), serial: Number(number.slice(4)) } : day.intern(number);
    const size =
      exception.sizeType === ''
        ? {
            teuHundredths: SIZE_TYPES[report.sizeType[i] as number]?.teuHundredths ?? 200,
            isEstimated: report.sizeType[i] === 0,
          }
        : teuOfSizeTypeText(exception.sizeType);
    let payload = this.#flagsOf(i) | (size.teuHundredths << PAYLOAD.teuShift);
    const isGood =
      isIso && checkDigit(ownerSum(number.slice(0, 4)) ?? 0, Number(number.slice(4, 10))) === Number(number[10]);
    if (!isGood) payload |= PAYLOAD.badCheckDigit;
    if (size.isEstimated) payload |= PAYLOAD.estimatedSize;
    if (call.call.mixedTrade) payload |= PAYLOAD.mixedTrade;
    payload |= this.#books.bit;
    this.#claim(
      day,
      day.add(packed.owner, packed.serial, payload & FLAGS.kindMask, call, secondOfDay, payload),
      secondOfDay,
      version,
    );
  }

  /** `claimed` is the entry's reference, or −1 − reference when another report had brought the move already. */
  #claim(day: TerminalDay, claimed: number, secondOfDay: number, version: Document | null): void {
    if (version !== null) {
      if (day.day !== this.#homeDay && version.days === null)
        version.days = new Int32Array(version.entries.length).fill(this.#homeDay);
      if (version.days !== null) version.days[version.count] = day.day;
      version.entries[version.count++] = claimed < 0 ? -1 - claimed : claimed;
    }
    if (claimed < 0) {
      this.#duplicates++;
      this.#books.joins(day.day, day.tell(-1 - claimed, this.#books.bit));
      return;
    }
    this.#state.counters.moves++;
    this.#touch(day.day, secondOfDay, true);
  }

  #callAt(day: TerminalDay, index: number): CallStats | null {
    const known = this.#calls[index];
    if (known !== undefined) return known;
    const call = this.#report.calls[index];
    const made = call === undefined ? null : (day.callOf(call) ?? null);
    this.#calls[index] = made;
    return made;
  }

  /** Remembers a change in a window that has closed; `isArrival` counts it as late. */
  #touch(day: number, secondOfDay: number, isArrival: boolean): void {
    const state = this.#state;
    if (!this.#touchUnit(day, secondOfDay) || !isArrival) return;
    const contents = this.#terminal.days.get(day);
    contents?.countLate(60, secondOfDay);
    const fiveEndMs = dayStartMs(day) + (Math.floor(secondOfDay / fiveS) + 1) * fiveS * 1000;
    if (fiveEndMs > state.closedThroughMs) return;
    contents?.countLate(300, secondOfDay);
    state.counters.late++;
  }

  /** Duplicates are counted when they arrive, in the window of log time: that one is always open, so no closed window changes for them. */
  #finish(): void {
    const state = this.#state;
    for (const [reason, { first, count, detail }] of this.#rejections) {
      this.#reject(reason, first, count, detail, count);
    }
    this.#books.finish();
    if (this.#duplicates === 0) return;
    state.counters.duplicates += this.#duplicates;
    const day = dayOf(state.logTimeMs);
    if (this.#isOutside(day) || day <= state.settledThroughDay) return;
    dayIn(state, this.#terminal, day).countDuplicates(
      Math.floor((state.logTimeMs - dayStartMs(day)) / 1000),
      this.#duplicates,
    );
  }
}

/** Longer than any report id, and of a fixed width up to it: no name of the first source reads like it, and no two pairs do. */
function keyOfOther(source: string, reportId: string): string {
  return `${source.length}:${source.padEnd(textMax)}${reportId}`;
}

function packedNumber(report: MoveReport, i: number): string {
  return `${report.owners[report.owner[i] as number] ?? ''}${String(report.serial[i]).padStart(7, '0')}`;
}

/** Four letters A–Z as one number below 26⁴, or −1. */
function ownerId(code: string): number {
  if (code.length !== 4) return -1;
  let id = 0;
  for (let i = 0; i < 4; i++) {
    const letter = code.charCodeAt(i) - 65;
    if (letter < 0 || letter > 25) return -1;
    id = id * 26 + letter;
  }
  return id;
}
