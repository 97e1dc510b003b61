/**
 * The live run's second stage: follows what every partition has stored and closed, decides clusters and the nation, stores and publishes the
 * transitions, and then its checkpoint. Only the member that holds partition 0 does it, so there is one; a zombie would write the same.
 */
import { type AlertTransition, PARTITION_COUNT } from '@quaywatch/contracts';
import { delay, type Log } from '@quaywatch/runtime';
import { SECOND_STAGE_PARTITION, type Store } from './adapters/clickhouse-store.ts';
import type { Publisher } from './adapters/kafka-publisher.ts';
import { PortWindows, windowMs } from './alerting/port-windows.ts';
import type { RuleTimeline } from './alerting/rule-timeline.ts';
import {
  createSecondStage,
  decideThrough,
  SECOND_STAGE_VERSION,
  type SecondStage,
  upgradedStage,
} from './alerting/second-stage.ts';
import { closedByAll } from './core/closed-by-all.ts';
import type { Expectations } from './partition-options.ts';
import { putClosed } from './stored-windows.ts';

/** So much is read from storage at a time. */
const stretchMs = 86_400_000;

export type SecondStagePorts = {
  readonly run: string;
  readonly store: Pick<
    Store,
    'progress' | 'closedWindows' | 'loadCheckpointBody' | 'oldestWindow' | 'saveCheckpoints' | 'writeTransitions'
  >;
  readonly publisher: Pick<Publisher, 'transitions'>;
  readonly rules: RuleTimeline;
  readonly isSimulated: boolean;
  readonly expectations: Expectations;
  readonly log: Log;
  /** Between looks at what has closed since. */
  readonly everyMs: number;
  readonly isOwner: () => boolean;
  /** Partitions whose log holds records. */
  readonly partitions: () => Promise<readonly number[]>;
};

/** Runs until asked to stop. @throws when storage or Kafka fails for good. */
export async function followSecondStage(ports: SecondStagePorts, stop: AbortSignal): Promise<void> {
  let stage: SecondStage | undefined;
  while (!stop.aborted) {
    // Another member goes on from its checkpoint; when this one is the owner again, it does too.
    stage = ports.isOwner() ? await advance(ports, stage, stop) : undefined;
    await delay(ports.everyMs, stop);
  }
}

/**
 * undefined before a window is stored that every partition has closed: while one of them is behind, it may still close an older one than the
 * oldest that is stored, and where it all begins must not depend on who was faster.
 */
async function load({ run, store, log }: SecondStagePorts, throughMs: number): Promise<SecondStage | undefined> {
  const body = await store.loadCheckpointBody(run, SECOND_STAGE_PARTITION);
  const saved = body === undefined ? undefined : (JSON.parse(body) as SecondStage);
  if (saved?.version === SECOND_STAGE_VERSION) return saved;
  if (saved !== undefined) {
    log.warn('The second stage begins anew: its checkpoint is of another version.');
    return upgradedStage(saved);
  }
  const oldest = await store.oldestWindow(run);
  return oldest === undefined || oldest >= throughMs ? undefined : createSecondStage(oldest);
}

/** Event time through which every partition has closed and stored its windows; undefined while one of them has no checkpoint yet. */
async function closedThrough({ run, store, partitions }: SecondStagePorts): Promise<number | undefined> {
  const progress = await store.progress(run);
  const others = progress.size < PARTITION_COUNT ? await partitions() : [];
  const throughMs = closedByAll(progress, [...new Set([...progress.keys(), ...others])]);
  return throughMs === undefined ? undefined : Math.floor(throughMs / windowMs) * windowMs;
}

/** Decides what every partition has closed since; `stage` is loaded when there is none. */
export async function advance(
  ports: SecondStagePorts,
  known: SecondStage | undefined,
  stop: AbortSignal,
): Promise<SecondStage | undefined> {
  const { run, store, publisher, rules, isSimulated, expectations } = ports;
  const throughMs = await closedThrough(ports);
  if (throughMs === undefined) return known;
  const stage = known ?? (await load(ports, throughMs));
  while (stage !== undefined && stage.decidedThroughMs < throughMs && !stop.aborted) {
    const toMs = Math.min(throughMs, stage.decidedThroughMs + stretchMs);
    const windows = new PortWindows();
    putClosed(windows, await store.closedWindows(run, stage.decidedThroughMs, toMs), expectations.expectedHour);
    const out: AlertTransition[] = [];
    decideThrough(stage, windows, toMs, { run, rules, isSimulated, ...expectations }, out);
    await store.writeTransitions(out.map((transition) => ({ transition, version: transition.transition })));
    await publisher.transitions(out);
    const checkpoint = { partition: SECOND_STAGE_PARTITION, position: toMs, body: JSON.stringify(stage) };
    await store.saveCheckpoints(run, [checkpoint]);
  }
  return stage;
}
