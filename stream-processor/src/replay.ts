/**
 * A replay: the core over a stretch of a recording, or of the live log's past, as a run of its own. It writes under its run id, notifies nobody
 * and publishes nothing.
 */
import { type AlertTransition, MOVES_TOPIC, PARTITION_COUNT, type RunSummary } from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import { createKafka, insist } from '@quaywatch/kafka';
import { delay, type KafkaSettings, type Log } from '@quaywatch/runtime';
import { dayStartMs } from '@quaywatch/seeds';
import type { Store } from './adapters/clickhouse-store.ts';
import { type LogHandlers, logEnds, offsetsAt, readLog } from './adapters/kafka-log.ts';
import { PortWindows } from './alerting/port-windows.ts';
import type { RuleTimeline } from './alerting/rule-timeline.ts';
import { createSecondStage, decideThrough } from './alerting/second-stage.ts';
import { closedByAll, progressOf } from './core/closed-by-all.ts';
import { isFinished } from './core/partition.ts';
import type { PartitionState } from './core/partition-state.ts';
import { hourlyExpectations, partitionOptions } from './partition-options.ts';
import { Processor, type Sink } from './processor.ts';
import { sourceOf } from './replay-source.ts';
import { type ReplaySummary, summarise } from './replay-summary.ts';
import { putClosed } from './stored-windows.ts';

/** The log is read from this much before the stretch, so that every source is known when it begins. */
const warmUpMs = 2 * 3_600_000;
const rowsPerWrite = 200_000;
/** A replay gives up when the log brings nothing for this long and its stretch has not settled: as long as it waits for storage. */
const stallAfterMs = 180_000;

export type ReplayOptions = {
  readonly run: string;
  /** UTC+8 days, `toDay` excluded. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Event-time seconds a second; Infinity for as fast as it can. */
  readonly speed: number;
  readonly withMinutes: boolean;
  readonly isResumed: boolean;
  /** Stores alerts and no rows: a back-test. */
  readonly isAlertsOnly: boolean;
  readonly rules: RuleTimeline;
  /** Whether the live log's reports are; a recording's always are. */
  readonly isSimulated: boolean;
  /** The recording to read; without it the first that covers the stretch, else the live log. */
  readonly recording?: string;
  readonly onProgress: (share: number) => void;
};

/** Runs one replay to its end and reads back what it stored. */
export async function replay(
  settings: KafkaSettings,
  store: Store,
  log: Log,
  options: ReplayOptions,
  stop: AbortSignal,
): Promise<ReplaySummary> {
  const kafka = createKafka(settings, `quaywatch-replay-${options.run}`, log);
  const source = await insist(() => sourceOf(kafka, log, options), { what: 'what is recorded', log, stop });
  const run: RunSummary = {
    run: options.run,
    kind: 'replay',
    state: 'running',
    from_ms: dayStartMs(options.fromDay),
    to_ms: dayStartMs(options.toDay),
    source: source.name,
    created_at_ms: Date.now(),
    progress: 0,
    teu: null,
    yoy_pct: null,
    alerts: null,
    digest: '',
    pinned: false,
    error: '',
  };
  await store.saveRun(run);
  try {
    const isSimulated = options.isSimulated || source.topic !== MOVES_TOPIC;
    const summary = await compute(kafka, store, log, { ...options, isSimulated }, source.topic, stop);
    await store.saveRun({
      ...run,
      state: 'done',
      progress: 1,
      teu: summary.teu,
      yoy_pct: summary.yoy_pct,
      alerts: summary.alerts,
      digest: summary.digest,
    });
    return summary;
  } catch (error) {
    const state = stop.aborted ? 'cancelled' : 'failed';
    await store.saveRun({ ...run, state, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function shareDone(states: ReadonlyMap<number, PartitionState>, options: ReplayOptions): number {
  const fromMs = dayStartMs(options.fromDay);
  const spanMs = dayStartMs(options.toDay) - fromMs;
  let sum = 0;
  for (const state of states.values()) sum += Math.min(1, Math.max(0, (state.closedThroughMs - fromMs) / spanMs));
  return sum / PARTITION_COUNT;
}

function replaySink(store: Store, options: ReplayOptions, topic: string): Sink {
  return {
    rows: (rows) => (options.isAlertsOnly ? Promise.resolve() : store.writeRows(options.run, rows)),
    deadLetters: (letters) =>
      store.writeDeadLetters(
        options.run,
        topic,
        letters.map((one) => one.letter),
      ),
    transitions: (transitions) => store.writeTransitions(transitions),
    ledger: (entries) => (options.isAlertsOnly ? Promise.resolve() : store.writeLedger(options.run, entries)),
    checkpoints: (checkpoints) => store.saveCheckpoints(options.run, checkpoints),
    loadCheckpoint: (partition) =>
      options.isResumed ? store.loadCheckpoint(options.run, partition) : Promise.resolve(undefined),
  };
}

async function compute(
  kafka: Kafka,
  store: Store,
  log: Log,
  options: ReplayOptions,
  topic: string,
  stop: AbortSignal,
): Promise<ReplaySummary> {
  const stretch = async () => ({
    ends: await logEnds(kafka, topic),
    from: await offsetsAt(kafka, topic, dayStartMs(options.fromDay) - warmUpMs),
  });
  const { ends, from } = await insist(stretch, { what: 'where the stretch lies', log, stop });
  const waiting = new Set(
    [...ends].filter(([partition, end]) => end.high > (from.get(partition) ?? 0)).map(([partition]) => partition),
  );
  const started = performance.now();
  const done = Promise.withResolvers<void>();
  const ended = new Map<number, PartitionState>();
  let lastTakenAt = performance.now();
  // False while records are being taken: then it is storage or the chosen speed that takes its time, not the log.
  let isWaiting = true;
  const areas = await openAreas(store, options, [...waiting]);
  const processor = new Processor(replaySink(store, options, topic), {
    optionsOf: (partition) => partitionOptions(options.run, partition, options.rules, options),
    firstOffsetOf: (partition) => from.get(partition) ?? 0,
    rowsPerWrite,
    checkpointEveryMs: 2_000,
    portWindows: areas.windows,
  });
  const known = (): ReadonlyMap<number, PartitionState> => new Map([...processor.states, ...ended]);
  const fail = (error: unknown) => done.reject(error);
  const take = async (...[partition, records, endOffset, fromOffset]: Parameters<LogHandlers['take']>) => {
    isWaiting = false;
    lastTakenAt = performance.now();
    if (!waiting.has(partition)) return { kind: 'finished' } as const;
    const taken = await processor.take(partition, records, endOffset, fromOffset);
    const state = processor.states.get(partition);
    await keepSpeed(state, options, started, stop);
    lastTakenAt = performance.now();
    areas.follow(known());
    const isAtEnd = state !== undefined && state.position >= (ends.get(partition)?.high ?? 0);
    // It stays so when the group forms anew, which makes the processor forget its partitions.
    if (state !== undefined && (isFinished(state) || isAtEnd)) ended.set(partition, state);
    if (ended.has(partition)) waiting.delete(partition);
    if (waiting.size === 0) done.resolve();
    return state !== undefined && !waiting.has(partition) ? ({ kind: 'finished' } as const) : taken;
  };
  const handlers: LogHandlers = {
    take: (...batch) =>
      take(...batch)
        .catch((error: unknown) => {
          fail(error);
          return { kind: 'finished' } as const;
        })
        .finally(() => {
          isWaiting = true;
        }),
    assigned: () => processor.forget(),
    failed: fail,
  };
  // A group of its own for each process: nothing is committed, and a killed member would keep its partitions for a session's length.
  const groupId = `quaywatch-replay-${options.run}-${process.pid}-${Date.now()}`;
  const open = () => readLog(kafka, topic, groupId, from, handlers, log);
  const reader = await insist(open, { what: topic, log, stop });
  lastTakenAt = performance.now();
  const timer = setInterval(() => {
    options.onProgress(shareDone(known(), options));
    if (isWaiting && performance.now() - lastTakenAt > stallAfterMs)
      fail(
        new Error(
          `The log brought nothing for ${stallAfterMs / 1000} s; partitions ${[...waiting].join(', ')} are not finished.`,
        ),
      );
  }, 1_000);
  const onStop = () => fail(new Error('The replay was stopped.'));
  stop.addEventListener('abort', onStop, { once: true });
  try {
    await done.promise;
    await processor.close();
    areas.follow(ended);
    await store.writeTransitions(
      areas.transitions.map((transition) => ({ transition, version: transition.transition })),
    );
    options.onProgress(1);
    return await summarise(store, options, ended, started);
  } finally {
    clearInterval(timer);
    stop.removeEventListener('abort', onStop);
    await reader.stop();
  }
}

type ReplayAreas = {
  readonly windows: PortWindows;
  readonly transitions: AlertTransition[];
  /** Decides what every partition has closed. */
  readonly follow: (states: ReadonlyMap<number, PartitionState>) => void;
};

/**
 * The second stage in the replay's process. It has no checkpoint: a resumed replay takes what was closed before from storage and decides it
 * again, to the same transitions.
 */
async function openAreas(store: Store, options: ReplayOptions, partitions: readonly number[]): Promise<ReplayAreas> {
  const windows = new PortWindows();
  const stage = createSecondStage(dayStartMs(options.fromDay));
  const transitions: AlertTransition[] = [];
  const decision = {
    run: options.run,
    rules: options.rules,
    isSimulated: options.isSimulated,
    ...hourlyExpectations(),
  };
  const endMs = dayStartMs(options.toDay);
  if (options.isResumed) {
    for (let day = options.fromDay; day < options.toDay; day++)
      putClosed(
        windows,
        await store.closedWindows(options.run, dayStartMs(day), dayStartMs(day + 1)),
        decision.expectedHour,
      );
  }
  const follow = (states: ReadonlyMap<number, PartitionState>): void => {
    const progress = new Map([...states].map(([partition, state]) => [partition, progressOf(state)]));
    const throughMs = closedByAll(progress, partitions);
    if (throughMs !== undefined) decideThrough(stage, windows, Math.min(endMs, throughMs), decision, transitions);
  };
  return { windows, transitions, follow };
}

/** At a given speed, waits until the wall clock has caught up with the log. */
async function keepSpeed(
  state: PartitionState | undefined,
  options: ReplayOptions,
  started: number,
  stop: AbortSignal,
): Promise<void> {
  if (options.speed === Number.POSITIVE_INFINITY || state === undefined) return;
  const dueMs = (state.logTimeMs - dayStartMs(options.fromDay)) / options.speed;
  const aheadMs = dueMs - (performance.now() - started);
  if (aheadMs > 0) await delay(aheadMs, stop);
}
