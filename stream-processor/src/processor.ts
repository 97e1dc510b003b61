/**
 * The only place that decides order: take records → step → write rows, dead letters and transitions → publish → checkpoint.
 * One run over some partitions of one topic. Holds no knowledge of Kafka or ClickHouse beyond the ports it is given.
 */
import type { AlertTransition, DeadLetter } from '@quaywatch/contracts';
import type { Taken } from './adapters/kafka-log.ts';
import type { PortWindows } from './alerting/port-windows.ts';
import { beginRebuild, type Checkpoint, checkpointOf, finishRebuild, upgraded } from './core/checkpoint.ts';
import { type LedgerEntry, openLedger } from './core/ledger-rows.ts';
import { isFinished, rebuildStep, step } from './core/partition.ts';
import {
  createPartition,
  type LogRecord,
  type Outputs,
  type PartitionOptions,
  type PartitionState,
} from './core/partition-state.ts';
import { RowBatch } from './core/row-batch.ts';

/** What a run writes to. Each promise resolves only when the thing is durable. */
export type Sink = {
  rows(rows: RowBatch): Promise<void>;
  deadLetters(letters: readonly { readonly letter: DeadLetter; readonly bytes: Buffer | null }[]): Promise<void>;
  transitions(
    transitions: readonly { readonly transition: AlertTransition; readonly version: number }[],
  ): Promise<void>;
  /** Days of the ledger; absent where nobody reads it. */
  ledger?(entries: readonly LedgerEntry[]): Promise<void>;
  checkpoints(
    checkpoints: readonly { readonly partition: number; readonly position: number; readonly body: string }[],
  ): Promise<void>;
  loadCheckpoint(partition: number): Promise<Checkpoint | undefined>;
};

export type ProcessorOptions = {
  readonly optionsOf: (partition: number) => PartitionOptions;
  /** Where a partition without a checkpoint begins. */
  readonly firstOffsetOf: (partition: number) => number;
  /** Rows gathered before a write is begun. */
  readonly rowsPerWrite: number;
  /** A partition's checkpoint is written at most this often; a recovery reads that much more of the log. */
  readonly checkpointEveryMs: number;
  /** Writes the ledger's open days with every checkpoint, not at the end alone. */
  readonly tellsOpenDays?: boolean;
  /** Where closed windows of ports go when this process holds the second stage too. */
  readonly portWindows?: PortWindows;
  /** Called after every record that was stepped, with the entries that it brought and what of it was rejected. */
  readonly onTaken?: (state: PartitionState, entries: number, letters: readonly DeadLetter[]) => void;
  /** Called after every batch that was stepped. */
  readonly onStepped?: (state: PartitionState, records: readonly LogRecord[], endOffset: number) => void;
};

/** Rows closed by one record may exceed `rowsPerWrite`; the batch grows. Dead letters beyond this, or with more bytes, start a write too. */
const lettersMax = 20_000;
const letterBytesMax = 32 * 1024 * 1024;
/** Where open days of the ledger are told, they are written after so long without anything else. */
const quietBeforeLedgerMs = 15_000;

type Pending = {
  rows: RowBatch;
  letters: { letter: DeadLetter; bytes: Buffer | null }[];
  letterBytes: number;
  transitions: { transition: AlertTransition; version: number }[];
  ledger: LedgerEntry[];
};

type Recovery = { readonly state: PartitionState; readonly checkpoint: Checkpoint };

function newPending(capacity: number): Pending {
  return { rows: new RowBatch(capacity), letters: [], letterBytes: 0, transitions: [], ledger: [] };
}

/** One run. Guards: at most one write is under way; a checkpoint is written after the rows that it covers. */
export class Processor {
  readonly #sink: Sink;
  readonly #options: ProcessorOptions;
  readonly #states = new Map<number, PartitionState>();
  readonly #recoveries = new Map<number, Recovery>();
  readonly #dirty = new Set<number>();
  readonly #gaps = new Map<number, number>();
  readonly #checkpointedAt = new Map<number, number>();
  /** Position of the last checkpoint: days of the ledger that have not changed since are stored. */
  readonly #checkpointedTo = new Map<number, number>();
  #pending: Pending;
  #spare: Pending;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(sink: Sink, options: ProcessorOptions) {
    this.#sink = sink;
    this.#options = options;
    const capacity = Math.ceil(options.rowsPerWrite * 1.25);
    this.#pending = newPending(capacity);
    this.#spare = newPending(capacity);
  }

  get states(): ReadonlyMap<number, PartitionState> {
    return this.#states;
  }

  /** Forgets partitions that now belong to somebody else, and those that came back: both are recovered from the log. */
  forget(): void {
    this.#states.clear();
    this.#recoveries.clear();
    this.#dirty.clear();
    this.#gaps.clear();
    this.#checkpointedTo.clear();
  }

  /**
   * Takes records of one partition. Records before the position are skipped: they were taken before.
   * @param fromOffset where the batch begins: what lies between it and the first record is no record.
   */
  async take(partition: number, records: readonly LogRecord[], endOffset: number, fromOffset: number): Promise<Taken> {
    if (records.length === 0) return { kind: 'taken' };
    const recovery = this.#recoveries.get(partition);
    if (recovery !== undefined) return this.#rebuild(partition, recovery, records, fromOffset);
    const state = this.#states.get(partition);
    if (state === undefined) return this.#open(partition);
    if (fromOffset > state.position) return this.#mendGap(partition, state, fromOffset);
    await this.#step(state, records, endOffset);
    return isFinished(state) ? { kind: 'finished' } : { kind: 'taken' };
  }

  /** Records were passed over: read them, unless the log no longer has them. */
  #mendGap(partition: number, state: PartitionState, offset: number): Taken {
    const wanted = state.position;
    if (this.#gaps.get(partition) === wanted) {
      // What retention took away before a run's first record was never its own: it begins with the oldest there is.
      if (state.logTimeMs === Number.NEGATIVE_INFINITY) {
        state.position = offset;
        return { kind: 'seek', offset };
      }
      throw new Error(
        `Partition ${partition}: offsets ${wanted} to ${offset - 1} are gone from the log before they were counted. Retention is too short for this pause.`,
      );
    }
    this.#gaps.set(partition, wanted);
    return { kind: 'seek', offset: wanted };
  }

  async #open(partition: number): Promise<Taken> {
    const options = this.#options.optionsOf(partition);
    const stored = await this.#sink.loadCheckpoint(partition);
    const checkpoint = stored === undefined ? undefined : upgraded(stored);
    if (checkpoint !== undefined) {
      this.#recoveries.set(partition, { state: beginRebuild(options, checkpoint), checkpoint });
      return { kind: 'seek', offset: checkpoint.rebuildFrom.offset };
    }
    const state = createPartition(options);
    // Not with the batch at hand: it may have been fetched for somebody who stood further on.
    state.position = this.#options.firstOffsetOf(partition);
    this.#states.set(partition, state);
    return { kind: 'seek', offset: state.position };
  }

  #rebuild(
    partition: number,
    { state, checkpoint }: Recovery,
    records: readonly LogRecord[],
    fromOffset: number,
  ): Taken {
    if (fromOffset > state.position) return this.#mendGap(partition, state, fromOffset);
    const nowhere: Outputs = { rows: new RowBatch(1), deadLetters: [], transitions: [] };
    for (const record of records) {
      if (record.offset >= checkpoint.position) break;
      if (record.offset >= state.position) rebuildStep(state, record, nowhere);
    }
    const last = records.at(-1)?.offset ?? -1;
    if (last < checkpoint.position - 1) return { kind: 'taken' };
    finishRebuild(state, checkpoint);
    this.#recoveries.delete(partition);
    this.#states.set(partition, state);
    return isFinished(state) ? { kind: 'finished' } : { kind: 'seek', offset: checkpoint.position };
  }

  async #step(state: PartitionState, records: readonly LogRecord[], endOffset: number): Promise<void> {
    const deadLetters: DeadLetter[] = [];
    const transitions: AlertTransition[] = [];
    const { portWindows } = this.#options;
    const rest = portWindows === undefined ? { deadLetters, transitions } : { deadLetters, transitions, portWindows };
    const next = (): Outputs => ({ rows: this.#pending.rows, ledger: this.#pending.ledger, ...rest });
    let out = next();
    for (const record of records) {
      if (record.offset < state.position) continue;
      const entries = state.counters.entries;
      step(state, record, out);
      if (!record.isTick) this.#options.onTaken?.(state, state.counters.entries - entries, deadLetters);
      if (deadLetters.length > 0) this.#keepLetters(deadLetters, record.value);
      if (transitions.length > 0) this.#keepTransitions(transitions, record.offset);
      if (!this.#isFull()) {
        if (isFinished(state)) break;
        continue;
      }
      this.#dirty.add(state.options.partition);
      await this.#beginWrite();
      out = next();
      if (isFinished(state)) break;
    }
    this.#dirty.add(state.options.partition);
    this.#options.onStepped?.(state, records, endOffset);
  }

  #keepLetters(letters: DeadLetter[], bytes: Buffer | null): void {
    for (const letter of letters) this.#pending.letters.push({ letter, bytes });
    this.#pending.letterBytes += bytes?.length ?? 0;
    letters.length = 0;
  }

  #isFull(): boolean {
    const { rows, letters, letterBytes } = this.#pending;
    return rows.count >= this.#options.rowsPerWrite || letters.length >= lettersMax || letterBytes >= letterBytesMax;
  }

  #keepTransitions(transitions: AlertTransition[], version: number): void {
    for (const transition of transitions) this.#pending.transitions.push({ transition, version });
    transitions.length = 0;
  }

  /** Waits for the write before, then begins to write what is pending. Bounded: two batches at most are in memory. */
  async #beginWrite(isLast = false): Promise<void> {
    // The publishing beat and a full batch may both want to write: whoever comes second waits for the first one's write as well.
    for (let awaited: Promise<void> | undefined; awaited !== this.#writing; ) {
      awaited = this.#writing;
      await awaited;
    }
    this.#throwIfFailed();
    const written = this.#pending;
    this.#wroteAt = performance.now();
    const checkpoints = this.#takeCheckpoints(isLast, written.ledger);
    this.#pending = this.#spare;
    this.#spare = written;
    this.#writing = this.#write(written, checkpoints).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Checkpoints that are due; all of them when `isLast`. The ledger's open days go with them, where somebody looks at them as they are. */
  #takeCheckpoints(isLast: boolean, ledger: LedgerEntry[]): { partition: number; position: number; body: string }[] {
    const checkpoints = [];
    const now = performance.now();
    for (const partition of this.#dirty) {
      const before = this.#checkpointedAt.get(partition) ?? Number.NEGATIVE_INFINITY;
      if (!isLast && now - before < this.#options.checkpointEveryMs) continue;
      const state = this.#states.get(partition);
      const checkpoint = state === undefined ? undefined : checkpointOf(state);
      if (state !== undefined && checkpoint !== undefined) {
        checkpoints.push({ partition, position: checkpoint.position, body: JSON.stringify(checkpoint) });
        if (isLast || this.#options.tellsOpenDays === true)
          ledger.push(...openLedger(state, this.#checkpointedTo.get(partition) ?? 0));
        this.#checkpointedTo.set(partition, checkpoint.position);
      }
      this.#checkpointedAt.set(partition, now);
      this.#dirty.delete(partition);
    }
    return checkpoints;
  }

  async #write(
    written: Pending,
    checkpoints: readonly { partition: number; position: number; body: string }[],
  ): Promise<void> {
    await this.#sink.rows(written.rows);
    await this.#sink.deadLetters(written.letters);
    await this.#sink.transitions(written.transitions);
    if (written.ledger.length > 0) await this.#sink.ledger?.(written.ledger);
    await this.#sink.checkpoints(checkpoints);
    written.rows.clear();
    written.letters.length = 0;
    written.letterBytes = 0;
    written.transitions.length = 0;
    written.ledger.length = 0;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined)
      throw new Error('A write failed for good; the log will be read again.', { cause: this.#failure });
  }

  /** Moves that close nothing are in the ledger too: it does not wait for a window for ever. */
  #isLedgerDue(): boolean {
    const isQuiet = performance.now() - this.#wroteAt >= quietBeforeLedgerMs;
    return this.#options.tellsOpenDays === true && this.#dirty.size > 0 && isQuiet;
  }

  /** Writes what is pending and waits until it is durable. */
  async flush(): Promise<void> {
    const { rows, letters, transitions, ledger } = this.#pending;
    const hasMore = letters.length > 0 || transitions.length > 0 || ledger.length > 0;
    if (rows.count > 0 || hasMore || this.#isLedgerDue()) await this.#beginWrite();
    await this.#writing;
    this.#throwIfFailed();
  }

  /** As `flush`, with a checkpoint of every partition: a restart then has nothing to take again. */
  async close(): Promise<void> {
    await this.#beginWrite(true);
    await this.#writing;
    this.#throwIfFailed();
  }
}
