/** The live run with its engines: Kafka's topics, ClickHouse, the baseline. What it does with them is `follow-live.ts`. */
import { MOVES_TOPIC, type RuleSet } from '@quaywatch/contracts';
import { createKafka } from '@quaywatch/kafka';
import type { KafkaSettings, Log } from '@quaywatch/runtime';
import type { Store } from './adapters/clickhouse-store.ts';
import { type LogHandlers, logEnds, readLog } from './adapters/kafka-log.ts';
import { createPublisher } from './adapters/kafka-publisher.ts';
import { followRules } from './adapters/kafka-rules.ts';
import type { RuleTimeline } from './alerting/rule-timeline.ts';
import { followLive } from './follow-live.ts';
import { liveRun } from './live-marks.ts';
import { hourlyExpectations, partitionOptions } from './partition-options.ts';

const groupId = 'quaywatch-stream-processor';
const rowsPerWrite = 50_000;
const checkpointEveryMs = 10_000;
const quietBeforeTickMs = 20_000;
/** Checkpoints, which say what is closed, are written half as often. */
const secondStageEveryMs = 5_000;

export type LiveSettings = KafkaSettings & { readonly rejectShareMax: number; readonly feeds: string };

/** Runs until asked to stop. @throws when a write or the consumer fails for good; the supervisor starts it again. */
export async function runLive(
  settings: LiveSettings,
  store: Store,
  log: Log,
  stop: AbortSignal,
  onBegun: () => void,
): Promise<void> {
  const kafka = createKafka(settings, groupId, log);
  const publisher = await createPublisher(kafka);
  const isSimulated = settings.feeds === 'simulated';
  const stretch = { fromDay: null, toDay: null, withMinutes: true, isSimulated };
  const ports = {
    ...{ log, store, publisher, rowsPerWrite, checkpointEveryMs, quietBeforeTickMs, secondStageEveryMs },
    rejectShareMax: settings.rejectShareMax,
    isSimulated,
    expectations: hourlyExpectations(),
    optionsOf: (partition: number, rules: RuleTimeline) => partitionOptions(liveRun, partition, rules, stretch),
    followRules: (take: (set: RuleSet) => void, failed: (error: Error) => void) =>
      followRules(kafka, log, take, failed),
    ends: () => logEnds(kafka, MOVES_TOPIC),
    read: (handlers: LogHandlers) => readLog(kafka, MOVES_TOPIC, groupId, new Map(), handlers, log),
  };
  try {
    await followLive(ports, stop, onBegun);
  } finally {
    await publisher.close();
  }
}
