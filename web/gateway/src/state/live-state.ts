/**
 * What the gateway knows of one run: windows of every terminal, and what each partition last said of itself.
 * A state machine over the throughput topic: `step(message)` in, changed keys out. No clock: time is the marks' log time.
 */
import {
  type ClosedThroughMark,
  MEASURE_COUNT,
  PARTITION_COUNT,
  PORTS,
  TERMINALS,
  type ThroughputMessage,
  WINDOW_SIZES_S,
  type WindowSizeS,
} from '@quaywatch/contracts';
import { terminalByCode } from './places.ts';
import { createRing, dropOpen, putRow, type Ring, type StoredRow } from './ring.ts';

/** Day measures kept a terminal: today, and the days that may still be revised. */
const dayMeasuresMax = 4;

export type LiveState = {
  readonly run: string;
  /** By terminal index, then size. */
  readonly rings: readonly Readonly<Record<WindowSizeS, Ring>>[];
  /** By terminal index: day start → all measures of that day. */
  readonly days: readonly Map<number, readonly number[]>[];
  /** By port index: start of the first 5-minute window that came through the log; Infinity = none yet. */
  readonly liveSinceMs: Float64Array;
  /** By partition. */
  readonly marks: (ClosedThroughMark | undefined)[];
  /** By partition: next offset of the throughput topic. */
  readonly positions: Float64Array;
  /** By partition: position after the last `rebuilt` mark, −1 = none seen. */
  readonly rebuiltAt: Float64Array;
  /** `known_at` of the newest row. */
  newestKnownAtMs: number;
  /** 60 for live; a stored run may have no minutes, then its rates come from 300. */
  readonly rateSizeS: 60 | 300;
};

export function createLiveState(run: string, rateSizeS: 60 | 300 = 60): LiveState {
  return {
    run,
    rings: TERMINALS.map(() => ({
      60: createRing(60),
      300: createRing(300),
      3600: createRing(3600),
      86400: createRing(86400),
    })),
    days: TERMINALS.map(() => new Map()),
    liveSinceMs: new Float64Array(PORTS.length).fill(Number.POSITIVE_INFINITY),
    marks: Array.from({ length: PARTITION_COUNT }, () => undefined),
    positions: new Float64Array(PARTITION_COUNT),
    rebuiltAt: new Float64Array(PARTITION_COUNT).fill(-1),
    newestKnownAtMs: 0,
    rateSizeS,
  };
}

export type Changed =
  | {
      readonly kind: 'window';
      readonly portIndex: number;
      readonly terminalIndex: number;
      readonly sizeS: WindowSizeS;
      readonly startMs: number;
    }
  | { readonly kind: 'partition'; readonly partition: number; readonly rebuilt: boolean }
  | { readonly kind: 'nothing' };

const NOTHING: Changed = { kind: 'nothing' };

/**
 * Takes one message of the topic. Repeats and overlaps are harmless; another run's messages and unknown places change nothing but the position.
 * @param position offset after the message.
 */
export function step(state: LiveState, message: ThroughputMessage, partition: number, position: number): Changed {
  if (position > (state.positions[partition] ?? 0)) state.positions[partition] = position;
  if (message.run !== state.run) return NOTHING;
  if (message.kind === 'row') return putStoredRow(state, message, position);
  state.marks[message.partition] = message;
  if (message.rebuilt) {
    state.rebuiltAt[message.partition] = position;
    for (const [index, rings] of state.rings.entries()) {
      if (portPartition(index) !== message.partition) continue;
      for (const sizeS of WINDOW_SIZES_S) dropOpen(rings[sizeS]);
    }
  }
  return { kind: 'partition', partition: message.partition, rebuilt: message.rebuilt };
}

/** @param position 0 for rows out of storage: every cursor is beyond them. */
export function putStoredRow(state: LiveState, row: StoredRow, position = 0): Changed {
  const terminal = terminalByCode(row.terminal);
  const rings = terminal === undefined ? undefined : state.rings[terminal.index];
  if (terminal === undefined || rings === undefined || row.measures.length !== MEASURE_COUNT) return NOTHING;
  if (putRow(rings[row.size_s], row, position) < 0) return NOTHING;
  if (row.known_at_ms > state.newestKnownAtMs) state.newestKnownAtMs = row.known_at_ms;
  const portIndex = terminal.portIndex;
  if (row.size_s === 300 && row.start_ms < (state.liveSinceMs[portIndex] ?? 0))
    state.liveSinceMs[portIndex] = row.start_ms;
  if (row.size_s === 86400) rememberDay(state, terminal.index, row.start_ms, row.measures);
  return { kind: 'window', portIndex, terminalIndex: terminal.index, sizeS: row.size_s, startMs: row.start_ms };
}

function rememberDay(state: LiveState, terminalIndex: number, startMs: number, measures: readonly number[]): void {
  const days = state.days[terminalIndex];
  if (days === undefined) return;
  days.set(startMs, measures);
  if (days.size <= dayMeasuresMax) return;
  days.delete(Math.min(...days.keys()));
}

function portPartition(terminalIndex: number): number {
  return PORTS[TERMINALS[terminalIndex]?.portIndex ?? -1]?.partition ?? -1;
}

/** Log time of a partition (UTC ms); 0 before its first mark. */
export function logTimeOf(state: LiveState, partition: number): number {
  return state.marks[partition]?.log_time_ms ?? 0;
}

/** Newest log time of all partitions; 0 before the first mark. */
export function logTimeMs(state: LiveState): number {
  return state.marks.reduce((newest, mark) => Math.max(newest, mark?.log_time_ms ?? 0), 0);
}

/** Watermark of the slowest partition that has one; 0 before the first mark. */
export function watermarkMs(state: LiveState): number {
  let slowest = Number.POSITIVE_INFINITY;
  for (const mark of state.marks)
    if (mark !== undefined && mark.watermark_ms > 0) slowest = Math.min(slowest, mark.watermark_ms);
  return Number.isFinite(slowest) ? slowest : 0;
}

export function terminalRing(state: LiveState, terminalIndex: number, sizeS: WindowSizeS): Ring {
  const rings = state.rings[terminalIndex];
  if (rings === undefined) throw new RangeError(`No terminal has index ${terminalIndex}.`);
  return rings[sizeS];
}
