/**
 * Records of the topics that the gateway reads, from bytes to messages: the only way in.
 * Checks the shape that the state relies on; the processor vouches for the rest.
 */
import {
  type Action,
  type AlertTransition,
  MEASURE_COUNT,
  type NotificationRecord,
  PARTITION_COUNT,
  type ScenarioEvent,
  SEVERITIES,
  type ThroughputMessage,
  WINDOW_SIZES_S,
} from '@quaywatch/contracts';
import { matcherSchema } from '@quaywatch/contracts/rules-schema';

type Shape = Readonly<Record<string, unknown>>;

/** Null: a tombstone, or not what the topic holds. */
function shapeOf(value: Buffer | string | null): Shape | null {
  if (value === null || value.length === 0) return null;
  try {
    const parsed: unknown = JSON.parse(value.toString());
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Shape) : null;
  } catch {
    return null;
  }
}

const areNumbers = (shape: Shape, names: readonly string[]): boolean =>
  names.every((name) => typeof shape[name] === 'number' && Number.isFinite(shape[name]));
const areTexts = (shape: Shape, names: readonly string[]): boolean =>
  names.every((name) => typeof shape[name] === 'string');

export function decodeThroughput(value: Buffer | null): ThroughputMessage | undefined {
  const shape = shapeOf(value);
  if (shape?.['kind'] === 'row') {
    const { measures, size_s } = shape;
    const isRow =
      areTexts(shape, ['run', 'port', 'terminal']) &&
      areNumbers(shape, ['start_ms', 'revision', 'version', 'known_at_ms', 'completeness']) &&
      WINDOW_SIZES_S.some((size) => size === size_s) &&
      Array.isArray(measures) &&
      measures.length === MEASURE_COUNT;
    return isRow ? (shape as unknown as ThroughputMessage) : undefined;
  }
  if (shape?.['kind'] !== 'mark') return undefined;
  const partition = shape['partition'];
  const isMark =
    areNumbers(shape, ['partition', 'log_time_ms', 'watermark_ms', 'closed_through_ms', 'lag_records']) &&
    Number.isInteger(partition) &&
    Number(partition) >= 0 &&
    Number(partition) < PARTITION_COUNT &&
    Array.isArray(shape['sources']) &&
    Array.isArray(shape['calls']);
  return isMark ? (shape as unknown as ThroughputMessage) : undefined;
}

/** What records from before these fields were there are taken to mean. */
const FIRST_CONTRACT = {
  level: 'port',
  cluster: '',
  terminals: [],
  measure: '',
  z: null,
  contributors: [],
  evidence: [],
  resolves: { within_pct: null, hold_min: 0 },
};

/** One transition out of JSON; undefined: it is none. */
function transitionOf(shape: Shape): AlertTransition | undefined {
  const whole = { ...FIRST_CONTRACT, ...shape };
  const isTransition =
    areTexts(whole, ['run', 'alert_id', 'kind', 'status', 'port', 'level', 'cluster']) &&
    areNumbers(whole, ['transition', 'at_ms', 'known_at_ms']) &&
    [whole.terminals, whole.contributors, whole.evidence].every(Array.isArray);
  return isTransition ? (whole as unknown as AlertTransition) : undefined;
}

export function decodeTransition(value: Buffer | string | null): AlertTransition | undefined {
  const shape = shapeOf(value);
  return shape === null ? undefined : transitionOf(shape);
}

/** By kind: a map, because a record may name its kind `constructor`. */
const ACTION_TEXTS: ReadonlyMap<unknown, readonly string[]> = new Map(
  Object.entries({
    acknowledge: ['alert_id', 'note'],
    note: ['alert_id', 'note'],
    silence: ['note'],
    unsilence: ['silence_id'],
    test_receiver: ['receiver'],
  }),
);

function areMatchers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => matcherSchema.safeParse(one).success);
}

export function decodeAction(value: Buffer | null): Action | undefined {
  const shape = shapeOf(value);
  const texts = ACTION_TEXTS.get(shape?.['kind']);
  if (shape === null || texts === undefined || !areTexts(shape, ['id', 'by', ...texts])) return undefined;
  const isSilence = shape['kind'] === 'silence';
  const isAction =
    areNumbers(shape, isSilence ? ['at_ms', 'from_ms', 'until_ms'] : ['at_ms']) &&
    (!isSilence || areMatchers(shape['matchers'])) &&
    (shape['severity'] === undefined || SEVERITIES.some((one) => one === shape['severity']));
  return isAction ? (shape as unknown as Action) : undefined;
}

const NOTIFICATION_TEXTS: ReadonlyMap<unknown, readonly string[]> = new Map(
  Object.entries({
    decision: ['id', 'receiver', 'reason'],
    held_back: ['key', 'alert_id', 'receiver', 'because', 'by'],
    attempt: ['id', 'receiver', 'outcome', 'detail'],
    receivers: [],
  }),
);
export function decodeNotification(value: Buffer | null): NotificationRecord | undefined {
  const shape = shapeOf(value);
  const kind = shape?.['kind'];
  const texts = NOTIFICATION_TEXTS.get(kind);
  if (shape === null || texts === undefined || !areTexts(shape, texts)) return undefined;
  const isDated = areNumbers(shape, [kind === 'decision' || kind === 'held_back' ? 'decided_at_ms' : 'at_ms']);
  const list = kind === 'decision' ? shape['items'] : kind === 'receivers' ? shape['receivers'] : [];
  return isDated && Array.isArray(list) ? (shape as unknown as NotificationRecord) : undefined;
}

export function decodeScenario(value: Buffer | null): ScenarioEvent | undefined {
  const shape = shapeOf(value);
  const isEvent = shape !== null && areTexts(shape, ['id', 'kind', 'port']) && areNumbers(shape, ['from_ms', 'to_ms']);
  return isEvent ? (shape as unknown as ScenarioEvent) : undefined;
}
