/**
 * The live run: follows quaywatch.moves.v1, stores what closes, and tells the gateway a few times a second. Wall clock decides only when to
 * write, publish and tick; what is counted is the log's alone.
 */
import {
  type CallMark,
  type ClosedThroughMark,
  MOVES_TOPIC,
  PORTS,
  type RuleSet,
  TERMINALS,
  type ThroughputRow,
  type WindowSizeS,
} from '@quaywatch/contracts';
import { createKafka } from '@quaywatch/kafka';
import { delay, Halt, type KafkaSettings, type Log } from '@quaywatch/runtime';
import type { Store } from './adapters/clickhouse-store.ts';
import { logEnds, readLog } from './adapters/kafka-log.ts';
import { createPublisher, type Publisher } from './adapters/kafka-publisher.ts';
import { followRules } from './adapters/kafka-rules.ts';
import { addRuleSet, createRuleTimeline } from './alerting/rule-timeline.ts';
import { appendOpenRows } from './core/open-windows.ts';
import type { LogRecord, PartitionState, TerminalState } from './core/partition-state.ts';
import { RowBatch } from './core/row-batch.ts';
import { stateOf } from './core/source-clock.ts';
import { dayOf } from './core/time.ts';
import { followLive } from './live-second-stage.ts';
import { partitionOptions } from './partition-options.ts';
import { Processor } from './processor.ts';
import { RejectWatch } from './reject-watch.ts';

export const liveRun = 'live';
/** Provisional rows and marks go out at most four times a second a partition. */
const publishEveryMs = 250;
const markEveryMs = 1_000;
const rowsPerWrite = 50_000;
const checkpointEveryMs = 10_000;
/** A partition whose records are older than this is catching up: its rows go to storage alone, and the gateway reloads afterwards. */
const catchingUpMs = 120_000;
const quietBeforeTickMs = 20_000;
/** Until feeds have had this long to send what was missed, nobody but them moves log time on. */
const feedsCatchUpMs = 90_000;
const callsPerTerminalMax = 8;
const callsWithinMs = 24 * 3_600_000;

export type LiveSettings = KafkaSettings & { readonly rejectShareMax: number; readonly feeds: string };

type Follow = {
  isCatchingUp: boolean;
  /** Rows were stored without being published since the last mark. */
  isRebuilt: boolean;
  endOffset: number;
  lastRecordAt: number;
  lastMarkAt: number;
  isChanged: boolean;
  deadLettersDay: number;
  deadLettersBefore: Record<string, number>;
  /** Why the processor stops itself. */
  halted?: string;
};

/** Runs until asked to stop. @throws when a write or the consumer fails for good; the supervisor starts it again. */
export async function runLive(
  settings: LiveSettings,
  store: Store,
  log: Log,
  stop: AbortSignal,
  onBegun: () => void,
): Promise<void> {
  const kafka = createKafka(settings, 'quaywatch-stream-processor', log);
  const publisher = await createPublisher(kafka);
  // Before the log: what was decided under which rules must not depend on how fast two topics are read.
  const rules = createRuleTimeline();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const takeRules = (set: RuleSet) => {
    const effectiveFrom = new Date(set.effective_from_ms).toISOString();
    if (addRuleSet(rules, set)) log.info('Rules were saved.', { version: set.version, effective_from: effectiveFrom });
  };
  const ruleReader = await followRules(kafka, log, takeRules, failed.reject);
  const ends = await logEnds(kafka, MOVES_TOPIC);
  const follows = new Map<number, Follow>();
  const startedAt = Date.now();
  const followOf = (partition: number): Follow => {
    const known = follows.get(partition);
    if (known !== undefined) return known;
    const made: Follow = {
      isCatchingUp: true,
      isRebuilt: true,
      endOffset: 0,
      lastRecordAt: Date.now(),
      lastMarkAt: 0,
      isChanged: false,
      deadLettersDay: 0,
      deadLettersBefore: {},
    };
    follows.set(partition, made);
    return made;
  };
  const isSimulated = settings.feeds === 'simulated';
  const watch = new RejectWatch(settings.rejectShareMax);
  const processor = new Processor(liveSink(store, publisher, followOf), {
    optionsOf: (partition) =>
      partitionOptions(liveRun, partition, rules, { fromDay: null, toDay: null, withMinutes: true, isSimulated }),
    firstOffsetOf: (partition) => ends.get(partition)?.low ?? 0,
    rowsPerWrite,
    checkpointEveryMs,
    tellsOpenDays: true,
    onTaken: (state, entries, letters) =>
      watch.note(state.sender || `partition ${state.options.partition}`, entries, letters),
    onStepped: (state, records, endOffset) => note(followOf(state.options.partition), state, records, endOffset),
  });
  const handlers = {
    take: async (partition: number, records: readonly LogRecord[], endOffset: number) => {
      // Halted: nothing more is taken, and the reader has nothing to begin anew for.
      if (watch.trouble() !== undefined) return { kind: 'finished' } as const;
      const taken = await processor.take(partition, records, endOffset).catch((error: unknown) => {
        failed.reject(error);
        throw error;
      });
      const trouble = watch.trouble();
      if (trouble !== undefined) failed.reject(new Halt(trouble));
      return taken;
    },
    assigned: () => {
      processor.forget();
      follows.clear();
    },
    failed: failed.reject,
  };
  const reader = await readLog(kafka, MOVES_TOPIC, 'quaywatch-stream-processor', new Map(), handlers, log);
  onBegun();
  log.info('Following the log.', { topic: MOVES_TOPIC });
  try {
    const secondStage = {
      ...{ run: liveRun, store, publisher, rules, isSimulated, log },
      isOwner: () => processor.states.has(0),
      partitions: async () =>
        [...(await logEnds(kafka, MOVES_TOPIC))].flatMap(([partition, { low, high }]) =>
          high > low ? [partition] : [],
        ),
    };
    const working = [keepPublishing(processor, publisher, follows, startedAt, stop), followLive(secondStage, stop)];
    await Promise.race([failed.promise, Promise.all(working)]);
    await reader.stop();
    await processor.close();
  } catch (error) {
    if (error instanceof Halt) await halt(error.message, processor, publisher, follows);
    throw error;
  } finally {
    await reader.stop();
    await ruleReader.stop();
    await publisher.close();
  }
}

/** What was rejected until now is stored, so that people can look at it; the page is told why nothing moves. */
async function halt(
  why: string,
  processor: Processor,
  publisher: Publisher,
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
  store: Store,
  publisher: Publisher,
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
  follow.lastRecordAt = Date.now();
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
  publisher: Publisher,
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

function toRow(rows: RowBatch, i: number, isProvisional: boolean): ThroughputRow {
  const terminal = TERMINALS[rows.terminalIndex[i] ?? 0];
  return {
    kind: 'row',
    run: liveRun,
    port: PORTS[terminal?.portIndex ?? 0]?.code ?? '',
    terminal: terminal?.code ?? '',
    size_s: (rows.sizeS[i] ?? 300) as WindowSizeS,
    start_ms: (rows.startS[i] ?? 0) * 1000,
    revision: rows.revision[i] ?? 0,
    version: rows.version[i] ?? 0,
    known_at_ms: rows.knownAtMs[i] ?? 0,
    completeness: Math.round((rows.completeness[i] ?? 0) * 10_000) / 10_000,
    backfilled: rows.backfilled[i] === 1,
    provisional: isProvisional,
    measures: rows.measures.map((column) => column[i] ?? 0),
  };
}

/** The publishing beat: stores and publishes what closed, then the open windows and a mark of each partition. */
async function keepPublishing(
  processor: Processor,
  publisher: Publisher,
  follows: ReadonlyMap<number, Follow>,
  startedAt: number,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const beat = Date.now();
    // A mark that says "reload" must come after the rows it speaks of: what caught up during this write has rows that are not stored yet.
    const caughtUp = new Set([...follows].filter(([, follow]) => !follow.isCatchingUp).map(([partition]) => partition));
    await processor.flush();
    for (const state of processor.states.values()) {
      const follow = follows.get(state.options.partition);
      if (follow !== undefined) await tickWhenQuiet(state, follow, publisher, startedAt, Date.now());
      if (follow?.isRebuilt === true && !caughtUp.has(state.options.partition)) continue;
      if (follow !== undefined) await publishPartition(state, follow, publisher);
    }
    await delay(Math.max(10, publishEveryMs - (Date.now() - beat)), stop);
  }
}

async function publishPartition(state: PartitionState, follow: Follow, publisher: Publisher): Promise<void> {
  const now = Date.now();
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
  state: PartitionState,
  follow: Follow,
  publisher: Publisher,
  startedAt: number,
  now: number,
): Promise<void> {
  if (now - follow.lastRecordAt < quietBeforeTickMs) return;
  // A tick now would make everything late that feeds still have to send; after a while there are no feeds, and silence must be told.
  if (now - state.logTimeMs > catchingUpMs && now - startedAt < feedsCatchUpMs) return;
  follow.lastRecordAt = now;
  await publisher.tick(state.options.partition);
}

function markOf(state: PartitionState, follow: Follow): ClosedThroughMark {
  const deadLetters: Record<string, number> = {};
  for (const [reason, count] of Object.entries(state.counters.deadLetters)) {
    const today = count - (follow.deadLettersBefore[reason] ?? 0);
    if (today > 0) deadLetters[reason] = today;
  }
  return {
    kind: 'mark',
    run: liveRun,
    partition: state.options.partition,
    position: state.position,
    lag_records: Math.max(0, follow.endOffset - state.position),
    log_time_ms: state.logTimeMs,
    watermark_ms: state.watermarkMs,
    closed_through_ms: state.closedThroughMs,
    rebuilt: follow.isRebuilt,
    ...(follow.halted === undefined ? {} : { halted: follow.halted }),
    sources: [...state.terminals.values()].flatMap((terminal) => sourceMarks(state, terminal)),
    dead_letters_today: deadLetters,
    calls: [...state.terminals.values()].flatMap((terminal) => callMarks(state, terminal)),
  };
}

function sourceMarks(state: PartitionState, terminal: TerminalState): ClosedThroughMark['sources'] {
  const known = TERMINALS[terminal.index];
  return terminal.clocks.map((clock) => ({
    port: PORTS[known?.portIndex ?? 0]?.code ?? '',
    terminal: known?.code ?? '',
    source: clock.source,
    state: stateOf(clock, state.logTimeMs),
    last_report_ms: clock.lastReportMs,
    complete_through_ms: clock.completeThroughMs,
    cadence_s: clock.cadenceMs / 1000,
  }));
}

/** Vessel calls at work lately. A call that spans midnight is in two days: its moves are added up. */
function callMarks(state: PartitionState, terminal: TerminalState): CallMark[] {
  const code = TERMINALS[terminal.index]?.code ?? '';
  const today = dayOf(state.logTimeMs);
  const calls = new Map<string, CallMark>();
  for (const day of [today - 1, today]) {
    for (const { call, firstS, lastS, moves } of terminal.days.get(day)?.calls.values() ?? []) {
      if (moves === 0 || lastS * 1000 < state.logTimeMs - callsWithinMs) continue;
      const before = calls.get(call.id);
      calls.set(call.id, {
        id: call.id,
        terminal: code,
        vessel: call.vessel,
        berth: call.berth,
        mixed_trade: call.mixedTrade,
        first_move_ms: Math.min(before?.first_move_ms ?? Number.POSITIVE_INFINITY, firstS * 1000),
        last_move_ms: lastS * 1000,
        moves: (before?.moves ?? 0) + moves,
      });
    }
  }
  return [...calls.values()].sort((a, b) => b.last_move_ms - a.last_move_ms).slice(0, callsPerTerminalMax);
}
