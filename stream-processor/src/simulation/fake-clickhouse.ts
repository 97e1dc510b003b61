/**
 * A ClickHouse that fails as the real one does, behind the store's interface: refuses, hangs, is slow, loses the answer, stores a part of a batch,
 * and applies what the client has given up on. What it holds is compared with the undisturbed run at once. Decides nothing about order.
 */
import { MEASURE_INDEX, type Measure, PORTS, TERMINALS } from '@quaywatch/contracts';
import { retry } from '@quaywatch/runtime';
import { type ClosedWindow, SECOND_STAGE_PARTITION } from '../adapters/clickhouse-store.ts';
import type { Checkpoint } from '../core/checkpoint.ts';
import type { Progress } from '../core/closed-by-all.ts';
import type { LedgerEntry } from '../core/ledger-rows.ts';
import { RowBatch } from '../core/row-batch.ts';
import type { LiveStore } from '../follow-live.ts';
import { firstDifference, ledgerKey, letterKey, normalised, type Reference, transitionKey } from './reference.ts';
import { isOfSecondStage, type SecondStageReference } from './second-stage-reference.ts';
import { newPlace, type Place, type World } from './world.ts';

/** Chances of a request to fail in one of these ways; all zero is fair weather. */
export type StoreWeather = {
  /** Too many parts, out of memory, no space: nothing is stored, try again. */
  readonly refuse: number;
  /** Nothing is stored and nothing is answered. */
  readonly timeOut: number;
  /** The client gives up, and some time later the request is carried out all the same. */
  readonly applyLate: number;
  readonly loseResponse: number;
  /** A part of a batch is stored, then an error. */
  readonly tear: number;
  readonly slow: number;
  /** An error that no repetition mends: the process ends. */
  readonly fatal: number;
};

export const fairStore: StoreWeather = {
  refuse: 0,
  timeOut: 0,
  applyLate: 0,
  loseResponse: 0,
  tear: 0,
  slow: 0,
  fatal: 0,
};

const faults = ['refuse', 'timeOut', 'applyLate', 'loseResponse', 'tear', 'slow', 'fatal'] as const;
const requestTimeoutMs = 2_000;

class StoreError extends Error {
  readonly isRetriable: boolean;
  constructor(message: string, isRetriable: boolean) {
    super(message);
    this.isRetriable = isRetriable;
  }
}

/** A statement: how many things it stores, how to store those in [from, to), and a copy of it for when it is carried out late. */
type Statement = { readonly count: number; apply(from: number, to: number): void; copy(): Statement };

const partitionOfTerminal = (index: number): number => PORTS[TERMINALS[index]?.portIndex ?? -1]?.partition ?? -1;

function copyOf(rows: RowBatch): RowBatch {
  const copy = new RowBatch(Math.max(1, rows.count));
  for (const name of ['terminalIndex', 'sizeS', 'startS', 'revision', 'version', 'knownAtMs'] as const)
    copy[name].set(rows[name].subarray(0, rows.count));
  copy.completeness.set(rows.completeness.subarray(0, rows.count));
  copy.backfilled.set(rows.backfilled.subarray(0, rows.count));
  copy.measures.forEach((column, i) => {
    column.set(rows.measures[i]?.subarray(0, rows.count) ?? []);
  });
  copy.count = rows.count;
  return copy;
}

export class FakeClickhouse {
  readonly #world: World;
  readonly #references: ReadonlyMap<number, Reference>;
  readonly #secondStage: SecondStageReference;
  readonly #server = newPlace('clickhouse');
  readonly #checkpoints = new Map<number, { position: number; body: string }>();
  /** The greatest position that was ever stored. */
  readonly #furthest = new Map<number, number>();
  /** The newest row of each day of the ledger. */
  readonly ledger = new Map<string, LedgerEntry>();
  weather: StoreWeather = fairStore;
  isDown = false;
  /** Called when a request has been carried out and its answer is not under way yet: the place may die here. */
  served: (place: Place) => void = () => {};
  rowsStored = 0;
  /** The most rows one insert may bring. */
  rowsPerInsertMax = Number.POSITIVE_INFINITY;

  constructor(world: World, references: ReadonlyMap<number, Reference>, secondStage: SecondStageReference) {
    this.#world = world;
    this.#secondStage = secondStage;
    this.#references = references;
  }

  checkpointOf(partition: number): { position: number; body: string } | undefined {
    return this.#checkpoints.get(partition);
  }

  /** One process's client. */
  store(place: Place, signal: AbortSignal): LiveStore {
    const attempt = <T>(statement: Statement, answer: () => T) =>
      retry(() => this.#request(place, statement, answer), {
        attemptsMax: Number.POSITIVE_INFINITY,
        firstDelayMs: 100,
        delayMsMax: 1_000,
        isRetriable: (error) => error instanceof StoreError && error.isRetriable,
        signal,
      });
    const inTurn = () => {
      let underWay = 0;
      return async (statement: Statement): Promise<void> => {
        if (statement.count === 0) return;
        underWay++;
        if (underWay > 1) this.#world.violate('two writes of a process at once', place.name);
        try {
          await attempt(statement, () => undefined);
        } finally {
          underWay--;
        }
      };
    };
    const write = inTurn();
    // The second stage writes beside the first.
    const writeAreas = inTurn();
    const load = (partition: number) => attempt(nothing, () => this.#loadCheckpoint(partition));
    return {
      writeRows: (_run, rows) => {
        if (rows.count > this.rowsPerInsertMax)
          this.#world.violate('a batch is over its bound', `${rows.count} rows, at most ${this.rowsPerInsertMax}`);
        return write(this.#rows(rows));
      },
      writeDeadLetters: (_run, _topic, letters) =>
        write(
          this.#list(letters, (one) =>
            this.#references.get(one.partition)?.storeText('letters', letterKey(one), one.offset, JSON.stringify(one)),
          ),
        ),
      writeTransitions: (transitions) => {
        const isOfAreas = transitions[0] !== undefined && isOfSecondStage(transitions[0].transition);
        return (isOfAreas ? writeAreas : write)(this.#list(transitions, (one) => this.#storeTransition(one)));
      },
      writeLedger: (_run, entries) => write(this.#list(entries, (one) => this.#storeLedger(one))),
      saveCheckpoints: (_run, checkpoints) => {
        const isOfAreas = checkpoints[0]?.partition === SECOND_STAGE_PARTITION;
        return (isOfAreas ? writeAreas : write)(this.#list(checkpoints, (one) => this.#saveCheckpoint(one)));
      },
      loadCheckpoint: async (_run, partition) => {
        const body = await load(partition);
        return body === undefined ? undefined : (JSON.parse(body) as Checkpoint);
      },
      loadCheckpointBody: (_run, partition) => load(partition),
      progress: () => attempt(nothing, () => this.#progress()),
      oldestWindow: () => attempt(nothing, () => this.#oldestWindow()),
      closedWindows: (_run, fromMs, toMs) => attempt(nothing, () => this.#closedWindows(fromMs, toMs)),
    };
  }

  #loadCheckpoint(partition: number): string | undefined {
    const saved = this.#checkpoints.get(partition);
    const furthest = this.#furthest.get(partition) ?? 0;
    if ((saved?.position ?? 0) < furthest)
      this.#world.violate('a checkpoint goes back', `${saved?.position} is read, ${furthest} was stored`);
    return saved?.body;
  }

  #progress(): Map<number, Progress> {
    const progress = new Map<number, Progress>();
    for (const [partition, { body }] of this.#checkpoints) {
      if (partition === SECOND_STAGE_PARTITION) continue;
      const { clocks, closedThroughMs, logTimeMs } = JSON.parse(body) as Checkpoint;
      progress.set(partition, { sources: clocks.length, closedThroughMs, logTimeMs });
    }
    return progress;
  }

  #oldestWindow(): number | undefined {
    const starts = [...this.#references.values()].flatMap((reference) =>
      reference.closedWindows().map((i) => (reference.rows.startS[i] as number) * 1000),
    );
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** What is stored, in no order. */
  #closedWindows(fromMs: number, toMs: number): ClosedWindow[] {
    const found: ClosedWindow[] = [];
    for (const reference of this.#references.values()) {
      const { rows } = reference;
      const measure = (name: Measure, i: number) => rows.measures[MEASURE_INDEX[name]]?.[i] ?? 0;
      for (const i of reference.closedWindows()) {
        const start = (rows.startS[i] as number) * 1000;
        if (start < fromMs || start >= toMs) continue;
        found.push({
          end_ms: start + 300_000,
          terminal: TERMINALS[rows.terminalIndex[i] as number]?.code ?? '',
          teu: measure('teu', i),
          moves: measure('moves', i) + measure('domestic_moves', i) + measure('transhipment_moves', i),
          completeness: Math.fround(rows.completeness[i] as number),
          known_at_ms: rows.knownAtMs[i] as number,
        });
      }
    }
    return found.sort(() => this.#world.random() - 0.5);
  }

  #storeTransition({ transition, version }: Parameters<LiveStore['writeTransitions']>[0][number]): void {
    if (isOfSecondStage(transition)) return this.#secondStage.store(transition, version);
    const reference = this.#references.get(this.#partitionOfPort(transition.port));
    reference?.storeText('transitions', transitionKey(transition), version, JSON.stringify(transition));
  }

  /** ReplacingMergeTree(version), by day and source. A row is a function of the log up to its version. */
  #storeLedger(entry: LedgerEntry): void {
    if (entry.settled)
      this.#referenceOf(entry)?.storeText('ledger', ledgerKey(entry), entry.version - 1, JSON.stringify(entry));
    const known = this.ledger.get(ledgerKey(entry));
    if (known !== undefined && known.version > entry.version) return;
    if (known?.version === entry.version && JSON.stringify(known) !== JSON.stringify(entry))
      this.#world.violate('a day of the ledger is overwritten by other content', JSON.stringify([known, entry]));
    this.ledger.set(ledgerKey(entry), entry);
  }

  /** What has no known source is booked with its partition. */
  #referenceOf({ port, source }: LedgerEntry): Reference | undefined {
    const partition = port === '' ? Number(source.split(':').at(-1)) : this.#partitionOfPort(port);
    return this.#references.get(partition);
  }

  #partitionOfPort(code: string): number {
    return PORTS.find((port) => port.code === code)?.partition ?? -1;
  }

  #rows(rows: RowBatch): Statement {
    return {
      count: rows.count,
      apply: (from, to) => {
        this.rowsStored += to - from;
        for (let i = from; i < to; i++)
          this.#references.get(partitionOfTerminal(rows.terminalIndex[i] as number))?.storeRow(rows, i);
      },
      copy: () => this.#rows(copyOf(rows)),
    };
  }

  #list<T>(list: readonly T[], put: (one: T) => void): Statement {
    return {
      count: list.length,
      apply: (from, to) => list.slice(from, to).forEach(put),
      copy: () => this.#list([...list], put),
    };
  }

  /** ReplacingMergeTree(position): the greatest position is what is read. */
  #saveCheckpoint(one: { partition: number; position: number; body: string }): void {
    if (one.partition === SECOND_STAGE_PARTITION) this.#secondStage.checkCheckpoint(one.position);
    else this.#references.get(one.partition)?.checkCheckpoint(one.position, one.body);
    this.#furthest.set(one.partition, Math.max(this.#furthest.get(one.partition) ?? 0, one.position));
    const known = this.#checkpoints.get(one.partition);
    if (known !== undefined && known.position > one.position) return;
    if (known !== undefined && known.position === one.position && known.body !== one.body) {
      const [got, want] = [normalised(one.body), normalised(known.body)];
      if (got !== want) this.#world.violate('two checkpoints of one position differ', firstDifference(got, want));
    }
    this.#checkpoints.set(one.partition, { position: one.position, body: one.body });
  }

  #faultNow(): (typeof faults)[number] | undefined {
    for (const fault of faults) if (this.#world.chance(this.weather[fault])) return fault;
    return undefined;
  }

  /** There, done, and back: each takes its time, and each may be where it fails. */
  #request<T>(place: Place, statement: Statement, answer: () => T): Promise<T> {
    const world = this.#world;
    const fault = this.#faultNow();
    const there = fault === 'slow' ? world.between(500, 5_000) : world.between(0, 20);
    const late = fault === 'applyLate' ? statement.copy() : undefined;
    return new Promise((resolve, reject) => {
      const fail = (message: string, afterMs: number, isRetriable = true) =>
        world.at(place, afterMs, () => reject(new StoreError(message, isRetriable)));
      world.at(this.#server, there, () => {
        if (this.isDown) return fail('connect ECONNREFUSED', world.between(0, 5));
        if (fault === 'refuse') return fail('Code: 252. Too many parts', 3);
        if (fault === 'fatal') return fail('Code: 60. Unknown table', 3, false);
        if (fault === 'timeOut') return fail('Timeout error.', requestTimeoutMs);
        if (late !== undefined) {
          world.at(this.#server, world.between(1, 8_000), () => late.apply(0, late.count));
          return fail('Timeout error.', requestTimeoutMs);
        }
        if (fault === 'tear') {
          statement.apply(0, world.between(0, statement.count));
          return fail('Code: 999. Keeper exception', 3);
        }
        statement.apply(0, statement.count);
        this.served(place);
        if (fault === 'loseResponse') return fail('socket hang up', world.between(0, 50));
        const result = answer();
        return world.at(place, world.between(0, 20), () => resolve(result));
      });
    });
  }
}

const nothing: Statement = { count: 0, apply: () => {}, copy: () => nothing };
