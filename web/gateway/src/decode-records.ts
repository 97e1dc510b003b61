/**
 * Records of the topics that the gateway reads, from bytes to messages: the only way in.
 * Checks the shape that the state relies on; the processor vouches for the rest.
 */
import {
  type Action,
  type AlertTransition,
  MEASURE_COUNT,
  PARTITION_COUNT,
  type ScenarioEvent,
  type ThroughputMessage,
  WINDOW_SIZES_S,
} from '@quaywatch/contracts';

type Shape = Readonly<Record<string, unknown>>;

/** Null: a tombstone, or not what the topic holds. */
function shapeOf(value: Buffer | null): Shape | null {
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

export function decodeTransition(value: Buffer | null): AlertTransition | undefined {
  const shape = shapeOf(value);
  const isTransition =
    shape !== null &&
    areTexts(shape, ['run', 'alert_id', 'kind', 'status', 'port']) &&
    areNumbers(shape, ['transition', 'at_ms', 'known_at_ms']);
  return isTransition ? (shape as unknown as AlertTransition) : undefined;
}

const ACTION_TEXTS: Readonly<Record<string, readonly string[]>> = {
  acknowledge: ['alert_id', 'note'],
  note: ['alert_id', 'note'],
  silence: ['port', 'note'],
  unsilence: ['silence_id'],
};

export function decodeAction(value: Buffer | null): Action | undefined {
  const shape = shapeOf(value);
  const texts = ACTION_TEXTS[String(shape?.['kind'])];
  if (shape === null || texts === undefined || !areTexts(shape, ['id', 'by', ...texts])) return undefined;
  const isAction = areNumbers(shape, shape['kind'] === 'silence' ? ['at_ms', 'until_ms'] : ['at_ms']);
  return isAction ? (shape as unknown as Action) : undefined;
}

export function decodeScenario(value: Buffer | null): ScenarioEvent | undefined {
  const shape = shapeOf(value);
  const isEvent = shape !== null && areTexts(shape, ['id', 'kind', 'port']) && areNumbers(shape, ['from_ms', 'to_ms']);
  return isEvent ? (shape as unknown as ScenarioEvent) : undefined;
}
