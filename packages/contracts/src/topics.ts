/**
 * Kafka topics: names, partitions, settings. `infra/src/provision.ts` makes them so; nothing creates a topic by accident.
 */
import { PARTITION_COUNT } from './ports.ts';

export const MOVES_TOPIC = 'quaywatch.moves.v1';
export const THROUGHPUT_TOPIC = 'quaywatch.throughput.v1';
export const ALERTS_TOPIC = 'quaywatch.alerts.v1';
export const ACTIONS_TOPIC = 'quaywatch.actions.v1';
export const RULES_TOPIC = 'quaywatch.rules.v1';
export const NOTIFICATIONS_TOPIC = 'quaywatch.notifications.v1';
export const DEAD_LETTERS_TOPIC = 'quaywatch.dead-letters.v1';
export const SCENARIO_TOPIC = 'quaywatch.scenario.v1';

const RECORDING_NAME = /^[a-z0-9][a-z0-9._-]{0,79}$/;

/** @throws when the name is not 1–80 of a–z, 0–9, '.', '_' and '-'. */
export function recordingTopic(name: string): string {
  if (!RECORDING_NAME.test(name))
    throw new Error(`A recording's name is 1 to 80 of a–z, 0–9, ".", "_" and "-": ${JSON.stringify(name)} is not.`);
  return `quaywatch.recordings.${name}.v1`;
}

export function recordingName(topic: string): string | undefined {
  return /^quaywatch\.recordings\.(.+)\.v1$/.exec(topic)?.[1];
}

/** Header of the last record of every partition of a finished recording: its ledger as JSON. Without it the recording is not offered. */
export const RECORDING_COMPLETE_HEADER = 'quaywatch-recording-complete';

export const TICK_CONTENT_TYPE = 'application/vnd.quaywatch.tick';
export const REPORT_CONTENT_TYPE = 'application/x-protobuf; messageType=quaywatch.v1.MoveReport';

export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
};

const day = 86_400_000;
const movesLike = {
  'cleanup.policy': 'delete',
  'max.message.bytes': String(16 * 1024 * 1024),
  'message.timestamp.type': 'CreateTime',
};

/** Settings of a recording's topic: simulated arrival times lie anywhere in time. */
export const RECORDING_CONFIGS: Readonly<Record<string, string>> = {
  ...movesLike,
  'retention.ms': '-1',
  'message.timestamp.before.max.ms': '9223372036854775807',
  'message.timestamp.after.max.ms': '9223372036854775807',
};

export const TOPICS: readonly TopicSpec[] = [
  {
    name: MOVES_TOPIC,
    partitions: PARTITION_COUNT,
    // Arrival more than 5 minutes ahead is refused: log time is a running maximum, and one such record would drag it.
    configs: {
      ...movesLike,
      'retention.ms': String(400 * day),
      'retention.bytes': String(Math.floor((20 * 1024 ** 3) / PARTITION_COUNT)),
      'message.timestamp.after.max.ms': '300000',
    },
  },
  {
    name: THROUGHPUT_TOPIC,
    partitions: PARTITION_COUNT,
    configs: { 'cleanup.policy': 'compact,delete', 'retention.ms': String(2 * day), 'segment.ms': String(day / 4) },
  },
  { name: ALERTS_TOPIC, partitions: 1, configs: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * day) } },
  { name: ACTIONS_TOPIC, partitions: 1, configs: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * day) } },
  { name: RULES_TOPIC, partitions: 1, configs: { 'cleanup.policy': 'delete', 'retention.ms': '-1' } },
  {
    name: NOTIFICATIONS_TOPIC,
    partitions: 1,
    configs: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * day) },
  },
  {
    name: DEAD_LETTERS_TOPIC,
    partitions: 1,
    configs: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * day) },
  },
  { name: SCENARIO_TOPIC, partitions: 1, configs: { 'cleanup.policy': 'compact', 'retention.ms': '-1' } },
];

/** CloudEvents 1.0 in Kafka binary mode, for the low-volume topics. */
export function cloudEventHeaders(type: string, id: string, source: string, timeMs: number): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: `quaywatch.${type}`,
    ce_source: source,
    ce_time: new Date(timeMs).toISOString(),
    'content-type': 'application/json',
  };
}
