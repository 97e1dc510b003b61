/**
 * The undisturbed run of one partition, beside the disturbed one: what every stored row, dead letter, transition and checkpoint must be. It takes the
 * log as it grows and notes what of its outputs has been stored. Writes nothing itself.
 */
import {
  type AlertTransition,
  type ClosedThroughMark,
  type DeadLetter,
  decodeMoveReport,
  FUNCTIONS,
  TERMINALS,
  type ThroughputRow,
  terminalOf,
} from '@quaywatch/contracts';
import type { PortWindows } from '../alerting/port-windows.ts';
import { type Checkpoint, checkpointOf } from '../core/checkpoint.ts';
import { type LedgerEntry, openLedger } from '../core/ledger-rows.ts';
import { isFinished, step } from '../core/partition.ts';
import {
  type Counters,
  createPartition,
  type LogRecord,
  type PartitionOptions,
  type PartitionState,
} from '../core/partition-state.ts';
import { RowBatch } from '../core/row-batch.ts';
import { toRow } from '../live-marks.ts';
import { startMs } from '../testing/random-log.ts';
import type { World } from './world.ts';

/** Rows begin within this of each other, so that an identity is one exact number. */
const epochS = startMs / 1000 - 30 * 86_400;
const SIZE_INDEX: Readonly<Record<number, number>> = { 60: 0, 300: 1, 3600: 2, 86400: 3 };

function keyOf(terminalIndex: number, sizeS: number, startS: number, revision: number): number {
  const place = terminalIndex * 4 + (SIZE_INDEX[sizeS] ?? 0);
  return (place * 0x800000 + startS - epochS) * 0x8000 + revision;
}

function rowKey({ terminalIndex, sizeS, startS, revision }: RowBatch, i: number): number {
  return keyOf(terminalIndex[i] as number, sizeS[i] as number, startS[i] as number, revision[i] as number);
}

function describeRow(rows: RowBatch, i: number): string {
  const terminal = TERMINALS[rows.terminalIndex[i] ?? 0]?.code;
  const measures = rows.measures.map((column) => column[i]).join(',');
  const start = new Date((rows.startS[i] ?? 0) * 1000).toISOString();
  return `${terminal} ${rows.sizeS[i]} s from ${start} revision ${rows.revision[i]} version ${rows.version[i]} known ${rows.knownAtMs[i]} complete ${rows.completeness[i]} backfilled ${rows.backfilled[i]} [${measures}]`;
}

function isSameRow(a: RowBatch, i: number, b: RowBatch, j: number): boolean {
  if (a.version[i] !== b.version[j] || a.knownAtMs[i] !== b.knownAtMs[j]) return false;
  if (a.completeness[i] !== b.completeness[j] || a.backfilled[i] !== b.backfilled[j]) return false;
  for (let m = 0; m < a.measures.length; m++) if (a.measures[m]?.[i] !== b.measures[m]?.[j]) return false;
  return true;
}

/** Outputs of one kind in the order in which they were emitted, and which of them are stored. */
export class Expected {
  readonly what: string;
  readonly versions: number[] = [];
  readonly #keys = new Map<string | number, number>();
  readonly #contents: string[] = [];
  #stored = new Uint8Array(1024);
  /** All before this one are stored. */
  #through = 0;

  constructor(what: string) {
    this.what = what;
  }

  get count(): number {
    return this.versions.length;
  }

  get isAllStored(): boolean {
    return this.#through === this.versions.length;
  }

  get storedThrough(): number {
    return this.#through;
  }

  add(key: string | number, version: number, content?: string): void {
    this.#keys.set(key, this.versions.length);
    this.versions.push(version);
    if (content !== undefined) this.#contents.push(content);
  }

  find(key: string | number): number | undefined {
    return this.#keys.get(key);
  }

  contentOf(index: number): string {
    return this.#contents[index] ?? '';
  }

  isStored(index: number): boolean {
    return this.#stored[index] === 1;
  }

  markStored(index: number): void {
    if (index >= this.#stored.length) {
      const larger = new Uint8Array(Math.max(index + 1, this.#stored.length * 2));
      larger.set(this.#stored);
      this.#stored = larger;
    }
    this.#stored[index] = 1;
    while (this.#through < this.versions.length && this.#stored[this.#through] === 1) this.#through++;
  }

  /** The first output that a record before `position` emitted and that is not stored; undefined when there is none. */
  missingBefore(position: number): number | undefined {
    const version = this.versions[this.#through];
    return version !== undefined && version < position ? this.#through : undefined;
  }
}

export const letterKey = (letter: DeadLetter) => `${letter.offset} ${letter.entry} ${letter.reason}`;
export const ledgerKey = (one: LedgerEntry) => `${one.terminal} ${one.source} ${one.day}`;
export const transitionKey = (one: AlertTransition) => `${one.alert_id} ${one.transition}`;

function isCancel(value: Buffer | null): boolean {
  const decoded = value === null ? undefined : decodeMoveReport(value);
  return decoded?.ok === true && decoded.report.function === FUNCTIONS.cancel;
}

/** Guards: its state has taken every record of the log exactly once, in order. */
export class Reference {
  readonly state: PartitionState;
  readonly rows = new RowBatch(1024);
  readonly letters: DeadLetter[] = [];
  readonly transitions: AlertTransition[] = [];
  readonly expected = {
    rows: new Expected('row'),
    letters: new Expected('dead letter'),
    transitions: new Expected('transition'),
    ledger: new Expected('settled day of the ledger'),
  };
  readonly #ledger: LedgerEntry[] = [];
  readonly #portWindows: PortWindows;
  readonly #world: World;
  /** What was decided by each record, for checkpoints at any position. */
  readonly #decided: string[] = [];
  /** Log time of the first record. */
  firstMs = 0;
  /** The most rows that one record emitted. */
  rowsOfARecordMax = 0;
  /** Start of the oldest 5-minute window. */
  oldestWindowMs = Number.POSITIVE_INFINITY;

  constructor(options: PartitionOptions, world: World, portWindows: PortWindows) {
    this.#portWindows = portWindows;
    this.state = createPartition(options);
    this.#world = world;
  }

  advance(log: readonly LogRecord[]): void {
    const { letters, transitions, ledger } = this.expected;
    if (this.state.position === 0) this.firstMs = log[0]?.timestampMs ?? 0;
    const emitted: AlertTransition[] = [];
    for (let offset = this.state.position; offset < log.length; offset++) {
      if (isFinished(this.state)) return;
      const lettersBefore = this.letters.length;
      const before = { ...this.state.counters };
      const rowsBefore = this.rows.count;
      const settled: LedgerEntry[] = [];
      const { rows: allRows, letters: deadLetters } = this;
      const out = { rows: allRows, deadLetters, transitions: emitted, ledger: settled, portWindows: this.#portWindows };
      step(this.state, log[offset] as LogRecord, out);
      for (let i = rowsBefore; i < this.rows.count; i++) this.#expectRow(i, offset);
      for (const one of settled) ledger.add(ledgerKey(one), offset, JSON.stringify(one));
      this.#ledger.push(...settled);
      for (const letter of this.letters.slice(lettersBefore))
        letters.add(letterKey(letter), offset, JSON.stringify(letter));
      this.#checkAccounted(log[offset] as LogRecord, before, this.letters.slice(lettersBefore));
      for (const one of emitted) transitions.add(transitionKey(one), offset, JSON.stringify(one));
      this.transitions.push(...emitted);
      emitted.length = 0;
      this.#decided[offset] = decidedBy(this.state);
      this.rowsOfARecordMax = Math.max(this.rowsOfARecordMax, this.rows.count - rowsBefore);
    }
  }

  #expectRow(i: number, offset: number): void {
    this.expected.rows.add(rowKey(this.rows, i), offset);
    if (this.rows.sizeS[i] !== 300 || this.rows.revision[i] !== 0) return;
    this.oldestWindowMs = Math.min(this.oldestWindowMs, (this.rows.startS[i] as number) * 1000);
  }

  /** Through when its windows are closed, as the second stage asks storage: a partition that no source was heard in holds nobody up. */
  get closedThroughMs(): number {
    const { terminals, closedThroughMs, logTimeMs } = this.state;
    const isHeard = [...terminals.values()].some((terminal) => terminal.clocks.length > 0);
    return isHeard ? closedThroughMs : logTimeMs - 3_600_000;
  }

  /** 5-minute windows as they closed, of those that are stored: their places in `rows`. */
  closedWindows(): number[] {
    const { sizeS, revision, count } = this.rows;
    const isIn = (i: number) => sizeS[i] === 300 && revision[i] === 0 && this.expected.rows.isStored(i);
    return Array.from({ length: count }, (_, i) => i).filter(isIn);
  }

  /** Nothing is dropped in silence: every entry of the record counted, was held out with a number, or is a dead letter with a reason. */
  #checkAccounted(record: LogRecord, before: Counters, letters: readonly DeadLetter[]): void {
    if (record.isTick) return;
    const after = this.state.counters;
    const since = (name: 'entries' | 'moves' | 'duplicates' | 'superseded' | 'outside') => after[name] - before[name];
    const ofThisRecord = letters.filter((letter) => letter.detail !== 'entries of a settled day');
    const rejected = ofThisRecord.reduce((sum, letter) => sum + letter.count, 0);
    const missing =
      since('entries') - since('moves') - since('duplicates') - since('superseded') - since('outside') - rejected;
    const isEmptyAndRejected = missing === -1 && since('entries') === 0 && rejected === 1;
    if (missing === 0 || isEmptyAndRejected || isCancel(record.value)) return;
    this.#world.violate('entries are dropped in silence', `offset ${record.offset}: ${missing} of ${since('entries')}`);
  }

  storeRow(rows: RowBatch, i: number): void {
    const expected = this.expected.rows;
    const index = expected.find(rowKey(rows, i));
    if (index !== undefined && isSameRow(rows, i, this.rows, index)) return expected.markStored(index);
    if (index === undefined) return this.#world.violate('a row of no undisturbed run', describeRow(rows, i));
    const detail = `${describeRow(rows, i)}; undisturbed: ${describeRow(this.rows, index)}`;
    if (expected.isStored(index)) this.#world.violate('a revision is overwritten by other content', detail);
    else this.#world.violate('a row differs from the undisturbed run', detail);
  }

  /** A row is stored, then published, and is the same in both. */
  checkPublished(row: ThroughputRow): void {
    const index = this.expected.rows.find(
      keyOf(terminalOf(row.terminal)?.index ?? -1, row.size_s, row.start_ms / 1000, row.revision),
    );
    const want = index === undefined ? 'none' : JSON.stringify(toRow(this.rows, index, false));
    const got = JSON.stringify(row);
    if (got !== want)
      this.#world.violate('a published row differs from the undisturbed run', firstDifference(got, want));
    else if (index !== undefined && !this.expected.rows.isStored(index))
      this.#world.violate('a row is published before it is stored', got);
  }

  checkMark(mark: ClosedThroughMark): void {
    const watermarkMs = mark.watermark_ms === 0 ? Number.NEGATIVE_INFINITY : mark.watermark_ms;
    const got = `${mark.log_time_ms},${watermarkMs},${mark.closed_through_ms},`;
    const want = this.#decided[mark.position - 1] ?? 'nothing';
    if (mark.position > 0 && !want.startsWith(got))
      this.#world.violate('a mark differs from the undisturbed run', `position ${mark.position}: ${got}, not ${want}`);
  }

  /** The newest row of each day: settled ones as they settled, open ones as they stand. */
  ledger(): Map<string, LedgerEntry> {
    return new Map([...this.#ledger, ...openLedger(this.state, 0)].map((one) => [ledgerKey(one), one]));
  }

  storeText(kind: 'letters' | 'transitions' | 'ledger', key: string, version: number, content: string): void {
    const expected = this.expected[kind];
    const index = expected.find(key);
    if (index === undefined) return this.#world.violate(`a ${expected.what} of no undisturbed run`, content);
    if (expected.contentOf(index) !== content || expected.versions[index] !== version)
      return this.#world.violate(
        `a ${expected.what} differs from the undisturbed run`,
        `${version} ${content}; undisturbed: ${expected.versions[index]} ${expected.contentOf(index)}`,
      );
    expected.markStored(index);
  }

  /** A checkpoint says that everything before its position is stored. */
  checkCheckpoint(position: number, body: string): void {
    const got = decidedBy(JSON.parse(body) as Checkpoint);
    const want = this.#decided[position - 1];
    if (got !== want)
      return this.#world.violate(
        'a checkpoint differs from the undisturbed run',
        `position ${position}: ${got}, undisturbed: ${want}`,
      );
    for (const expected of Object.values(this.expected)) {
      const missing = expected.missingBefore(position);
      if (missing === undefined) continue;
      const detail = `position ${position}, but ${expected.what} ${missing} of offset ${expected.versions[missing]} is not stored`;
      return this.#world.violate('a checkpoint is ahead of what it covers', detail);
    }
  }

  get isAllStored(): boolean {
    return Object.values(this.expected).every((expected) => expected.isAllStored);
  }

  /** What a restart would begin from when all has been taken. */
  checkpoint(): string {
    return normalised(JSON.stringify(checkpointOf(this.state) ?? null));
  }
}

type Decided = Pick<Checkpoint, 'logTimeMs' | 'watermarkMs' | 'closedThroughMs' | 'settledThroughDay' | 'counters'>;

/** The small part of a checkpoint that says what had been decided. JSON has no infinity. */
function decidedBy({ logTimeMs, watermarkMs, closedThroughMs, settledThroughDay, counters }: Decided): string {
  const { reports, entries, moves, duplicates, late, superseded, retracted, outside, rows, transitions } = counters;
  const times = [logTimeMs, watermarkMs ?? Number.NEGATIVE_INFINITY, closedThroughMs, settledThroughDay];
  return [
    ...times,
    reports,
    entries,
    moves,
    duplicates,
    late,
    superseded,
    retracted,
    outside,
    rows,
    transitions,
  ].join();
}

/** A rebuilt state lists its revised windows in another order. */
export function normalised(body: string): string {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed === 'object' && parsed !== null && 'revised' in parsed && Array.isArray(parsed.revised))
    parsed.revised.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify(parsed);
}

/** Where two texts part, with what is around it. */
export function firstDifference(got: string, want: string): string {
  let at = 0;
  while (at < got.length && got[at] === want[at]) at++;
  const from = Math.max(0, at - 80);
  return `got …${got.slice(from, at + 120)}… want …${want.slice(from, at + 120)}…`;
}
