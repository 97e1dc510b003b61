/**
 * The live run's one loop over the log: counts, stores what closes, and tells the gateway a few times a second. Wall clock decides only when to
 * write, publish and tick; what is counted is the log's alone. It knows no engine: `live.ts` gives it real ones, the simulation fakes.
 */
import { MOVES_TOPIC, PORTS, type RuleSet, TERMINALS, type ThroughputRow } from '@quaywatch/contracts';
import { delay, Halt, type Log } from '@quaywatch/runtime';
import type { Store } from './adapters/clickhouse-store.ts';
import type { LogHandlers, LogReader, PartitionEnds } from './adapters/kafka-log.ts';
import type { Publisher } from './adapters/kafka-publisher.ts';
import { addRuleSet, createRuleTimeline, type RuleTimeline } from './alerting/rule-timeline.ts';
import { appendOpenRows } from './core/open-windows.ts';
import type { LogRecord, PartitionOptions, PartitionState } from './core/partition-state.ts';
import { RowBatch } from './core/row-batch.ts';
import { dayOf } from './core/time.ts';
import { liveRun, markOf, type Told, toRow } from './live-marks.ts';
import { followSecondStage, type SecondStagePorts } from './live-second-stage.ts';
import { Processor } from './processor.ts';
import { RejectWatch } from './reject-watch.ts';

// Durations are measured by a clock that nobody sets: a wall clock that is put back must not hold a beat up.

/** Provisional rows and marks go out at most four times a second a partition. */
const publishEveryMs = 250;
const markEveryMs = 1_000;
/** A partition whose records are older than this is catching up: its rows go to storage alone, and the gateway reloads afterwards. */
const catchingUpMs = 120_000;
/** Until feeds have had this long to send what was missed, nobody but them moves log time on. */
const feedsCatchUpMs = 90_000;

export type LiveStore = SecondStagePorts['store'] &
  Pick<Store, 'writeRows' | 'writeDeadLetters' | 'writeLedger' | 'loadCheckpoint'>;
export type LivePublisher = Pick<Publisher, 'rows' | 'transitions' | 'deadLetters' | 'tick'>;

export type LivePorts = {
  readonly log: Log;
  readonly store: LiveStore;
  readonly publisher: LivePublisher;
  /** Resolves when every rule set that is there has been taken; later ones are taken as they come. */
  readonly followRules: (take: (set: RuleSet) => void, failed: (error: Error) => void) => Promise<LogReader>;
  /** Ends of the log of moves, by partition. */
  readonly ends: () => Promise<PartitionEnds>;
  readonly read: (handlers: LogHandlers) => Promise<LogReader>;
  readonly optionsOf: (partition: number, rules: RuleTimeline) => PartitionOptions;
  readonly expectations: SecondStagePorts['expectations'];
  readonly secondStageEveryMs: number;
  readonly isSimulated: boolean;
  readonly rejectShareMax: number;
  readonly rowsPerWrite: number;
  readonly checkpointEveryMs: number;
  /** A partition in which nothing arrives for so long gets a tick. */
  readonly quietBeforeTickMs: number;
  /** Looks at a state after every batch that was stepped. */
  readonly onStepped?: (state: PartitionState) => void;
};

type Follow = {
  -readonly [Name in keyof Told]: Told[Name];
} & {
  isCatchingUp: boolean;
  lastRecordAt: number;
  lastMarkAt: number;
  isChanged: boolean;
  deadLettersDay: number;
};

/** What is known of the partitions that this member follows. `assigned`: also those in which nothing was ever sent. */
type Follows = {
  readonly of: (partition: number) => Follow;
  readonly all: Map<number, Follow>;
  assigned: ReadonlySet<number>;
};

function createFollows(): Follows {
  const all = new Map<number, Follow>();
  return {
    all,
    assigned: new Set(),
    of: (partition) => {
      const known = all.get(partition);
      if (known !== undefined) return known;
      const made: Follow = {
        isCatchingUp: true,
        isRebuilt: true,
        endOffset: 0,
        lastRecordAt: performance.now(),
        lastMarkAt: Number.NEGATIVE_INFINITY,
        isChanged: false,
        deadLettersDay: 0,
        deadLettersBefore: {},
      };
      all.set(partition, made);
      return made;
    },
  };
}

/** Runs until asked to stop. @throws when a write or the reader fails for good; the supervisor starts it again. */
export async function followLive(ports: LivePorts, stop: AbortSignal, onBegun: () => void): Promise<void> {
  const { log, store, publisher } = ports;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  // Before the log: what was decided under which rules must not depend on how fast two topics are read.
  const rules = createRuleTimeline();
  const ruleReader = await ports.followRules((set) => {
    const effectiveFrom = new Date(set.effective_from_ms).toISOString();
    if (addRuleSet(rules, set)) log.info('Rules were saved.', { version: set.version, effective_from: effectiveFrom });
  }, failed.reject);
  const ends = await ports.ends();
  const follows = createFollows();
  const watch = new RejectWatch(ports.rejectShareMax);
  const processor = processorOf(ports, rules, ends, follows, watch);
  const reader = await ports.read(handlersOf(processor, follows, watch, failed.reject));
  onBegun();
  log.info('Following the log.', { topic: MOVES_TOPIC });
  try {
    const secondStage = {
      ...{
        run: liveRun,
        store,
        publisher,
        rules,
        log,
        expectations: ports.expectations,
        isSimulated: ports.isSimulated,
        everyMs: ports.secondStageEveryMs,
      },
      isOwner: () => follows.assigned.has(0),
      partitions: async () =>
        [...(await ports.ends())].flatMap(([partition, { low, high }]) => (high > low ? [partition] : [])),
    };
    const working = [keepPublishing(ports, processor, follows.all, stop), followSecondStage(secondStage, stop)];
    await Promise.race([failed.promise, Promise.all(working)]);
    await reader.stop();
    await processor.close();
  } catch (error) {
    if (error instanceof Halt) await halt(error.message, processor, publisher, follows.all);
    throw error;
  } finally {
    await reader.stop();
    await ruleReader.stop();
  }
}

function processorOf(
  ports: LivePorts,
  rules: RuleTimeline,
  ends: PartitionEnds,
  follows: Follows,
  watch: RejectWatch,
): Processor {
  return new Processor(liveSink(ports.store, ports.publisher, follows.of), {
    optionsOf: (partition) => ports.optionsOf(partition, rules),
    firstOffsetOf: (partition) => ends.get(partition)?.low ?? 0,
    rowsPerWrite: ports.rowsPerWrite,
    checkpointEveryMs: ports.checkpointEveryMs,
    tellsOpenDays: true,
    onTaken: (state, entries, letters) =>
      watch.note(state.sender || `partition ${state.options.partition}`, entries, letters),
    onStepped: (state, records, endOffset) => {
      note(follows.of(state.options.partition), state, records, endOffset);
      ports.onStepped?.(state);
    },
  });
}

function handlersOf(
  processor: Processor,
  follows: Follows,
  watch: RejectWatch,
  failed: (error: Error) => void,
): LogHandlers {
  return {
    take: async (...batch) => {
      // Halted: nothing more is taken, and the reader has nothing to begin anew for.
      if (watch.trouble() !== undefined) return { kind: 'finished' };
      const taken = await processor.take(...batch).catch((error: Error) => {
        failed(error);
        throw error;
      });
      const trouble = watch.trouble();
      if (trouble !== undefined) failed(new Halt(trouble));
      return taken;
    },
    assigned: (partitions) => {
      processor.forget();
      follows.all.clear();
      follows.assigned = new Set(partitions);
    },
    failed,
  };
}

/** What was rejected until now is stored, so that people can look at it; the page is told why nothing moves. */
async function halt(
  why: string,
  processor: Processor,
  publisher: LivePublisher,
  follows: ReadonlyMap<number, Follow>,
): Promise<void> {
  for (const follow of follows.values()) follow.halted = why;
  await processor.close();
  for (const state of processor.states.values()) {
    const follow = follows.get(state.options.partition);
    if (follow !== undefined) await publisher.rows(state.options.partition, [], markOf(state, follow));
  }
}

function liveSink(
  store: LiveStore,
  publisher: LivePublisher,
  followOf: (partition: number) => Follow,
): ConstructorParameters<typeof Processor>[0] {
  return {
    async rows(rows) {
      await store.writeRows(liveRun, rows);
      await publishClosed(publisher, rows, followOf);
    },
    async deadLetters(letters) {
      await store.writeDeadLetters(
        liveRun,
        MOVES_TOPIC,
        letters.map((one) => one.letter),
      );
      await publisher.deadLetters(MOVES_TOPIC, letters);
    },
    async transitions(transitions) {
      await store.writeTransitions(transitions);
      await publisher.transitions(transitions.map((one) => one.transition));
    },
    ledger: (entries) => store.writeLedger(liveRun, entries),
    checkpoints: (checkpoints) => store.saveCheckpoints(liveRun, checkpoints),
    loadCheckpoint: (partition) => store.loadCheckpoint(liveRun, partition),
  };
}

/** Takes note of a batch; a partition that has caught up says so with its next mark. */
function note(follow: Follow, state: PartitionState, records: readonly LogRecord[], endOffset: number): void {
  follow.endOffset = endOffset;
  follow.lastRecordAt = performance.now();
  follow.isChanged = true;
  const last = records.at(-1);
  follow.isCatchingUp = last !== undefined && Date.now() - last.timestampMs > catchingUpMs;
  if (follow.isCatchingUp) follow.isRebuilt = true;
  const day = dayOf(state.logTimeMs);
  if (day === follow.deadLettersDay) return;
  // The state counts since the run began; the page wants today's.
  follow.deadLettersBefore = follow.deadLettersDay === 0 ? {} : { ...state.counters.deadLetters };
  follow.deadLettersDay = day;
}

async function publishClosed(
  publisher: LivePublisher,
  rows: RowBatch,
  followOf: (partition: number) => Follow,
): Promise<void> {
  const byPartition = new Map<number, ThroughputRow[]>();
  for (let i = 0; i < rows.count; i++) {
    const partition = PORTS[TERMINALS[rows.terminalIndex[i] ?? 0]?.portIndex ?? 0]?.partition ?? 0;
    const follow = followOf(partition);
    if (follow.isCatchingUp || follow.isRebuilt) continue;
    const row = toRow(rows, i, false);
    const list = byPartition.get(partition) ?? [];
    byPartition.set(partition, list);
    list.push(row);
  }
  for (const [partition, list] of byPartition) await publisher.rows(partition, list);
}

/** The publishing beat: stores and publishes what closed, then the open windows and a mark of each partition. */
async function keepPublishing(
  ports: LivePorts,
  processor: Processor,
  follows: ReadonlyMap<number, Follow>,
  stop: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  while (!stop.aborted) {
    const beat = performance.now();
    // A mark that says "reload" must come after the rows it speaks of: what caught up during this write has rows that are not stored yet.
    const caughtUp = new Set([...follows].filter(([, follow]) => !follow.isCatchingUp).map(([partition]) => partition));
    await processor.flush();
    for (const state of processor.states.values()) {
      const follow = follows.get(state.options.partition);
      if (follow !== undefined) await tickWhenQuiet(ports, state, follow, startedAt);
      if (follow?.isRebuilt === true && !caughtUp.has(state.options.partition)) continue;
      if (follow !== undefined) await publishPartition(state, follow, ports.publisher);
    }
    await delay(Math.max(10, publishEveryMs - (performance.now() - beat)), stop);
  }
}

async function publishPartition(state: PartitionState, follow: Follow, publisher: LivePublisher): Promise<void> {
  const now = performance.now();
  const isDue = now - follow.lastMarkAt >= markEveryMs;
  if (follow.isCatchingUp || !(follow.isChanged || isDue)) return;
  const rows = new RowBatch(256);
  for (const terminal of state.heard) appendOpenRows(state, terminal, rows);
  state.heard.clear();
  follow.isChanged = false;
  const open = Array.from({ length: rows.count }, (_, i) => toRow(rows, i, true));
  const isRebuilt = follow.isRebuilt;
  follow.lastMarkAt = now;
  await publisher.rows(state.options.partition, open, markOf(state, follow));
  if (isRebuilt) follow.isRebuilt = false;
}

async function tickWhenQuiet(
  { publisher, quietBeforeTickMs }: LivePorts,
  state: PartitionState,
  follow: Follow,
  startedAt: number,
): Promise<void> {
  const now = performance.now();
  if (now - follow.lastRecordAt < quietBeforeTickMs) return;
  // A tick now would make everything late that feeds still have to send; after a while there are no feeds, and silence must be told.
  if (Date.now() - state.logTimeMs > catchingUpMs && now - startedAt < feedsCatchUpMs) return;
  follow.lastRecordAt = now;
  await publisher.tick(state.options.partition);
}
