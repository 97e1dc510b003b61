/**
 * What the live run tells the gateway of a partition: rows, and the mark that says how far it is and what its feeds and vessel calls do.
 * A function of the partition's state; when it goes out is decided in `follow-live.ts`.
 */
import {
  type CallMark,
  type ClosedThroughMark,
  PORTS,
  TERMINALS,
  type ThroughputRow,
  type WindowSizeS,
} from '@quaywatch/contracts';
import type { PartitionState, TerminalState } from './core/partition-state.ts';
import type { RowBatch } from './core/row-batch.ts';
import { stateOf } from './core/source-clock.ts';
import { dayOf } from './core/time.ts';

export const liveRun = 'live';
const callsPerTerminalMax = 8;
const callsWithinMs = 24 * 3_600_000;

/** What a partition's mark says beside its state. */
export type Told = {
  readonly endOffset: number;
  /** Rows were stored without being published since the last mark. */
  readonly isRebuilt: boolean;
  readonly deadLettersBefore: Readonly<Record<string, number>>;
  /** Why the processor stops itself. */
  readonly halted?: string;
};

export function toRow(rows: RowBatch, i: number, isProvisional: boolean): ThroughputRow {
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

export function markOf(state: PartitionState, told: Told): ClosedThroughMark {
  const deadLetters: Record<string, number> = {};
  for (const [reason, count] of Object.entries(state.counters.deadLetters)) {
    const today = count - (told.deadLettersBefore[reason] ?? 0);
    if (today > 0) deadLetters[reason] = today;
  }
  return {
    kind: 'mark',
    run: liveRun,
    partition: state.options.partition,
    position: state.position,
    lag_records: Math.max(0, told.endOffset - state.position),
    log_time_ms: state.logTimeMs,
    // JSON has no -Infinity, and a partition whose every report is refused has marks too: they say why.
    watermark_ms: Math.max(0, state.watermarkMs),
    closed_through_ms: state.closedThroughMs,
    rebuilt: told.isRebuilt,
    ...(told.halted === undefined ? {} : { halted: told.halted }),
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
