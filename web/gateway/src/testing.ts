/** What the gateway's tests share: rows and marks, and a state that holds them. */
import {
  type AlertTransition,
  type ClosedThroughMark,
  MEASURE_COUNT,
  MEASURE_INDEX,
  type Measure,
  PARTITION_COUNT,
  PORTS,
  type SourceMark,
  TERMINALS,
  type ThroughputRow,
} from '@quaywatch/contracts';
import { createLiveState, type LiveState, step } from './state/live-state.ts';

export const HOUR = 3_600_000;
/** 10:00 UTC+8 on 20 November 2026. */
export const NOW = Date.UTC(2026, 10, 20, 2);

type RowWish = Partial<Omit<ThroughputRow, 'measures'>> & { readonly measures?: Partial<Record<Measure, number>> };

export function rowOf(wish: RowWish = {}): ThroughputRow {
  const measures = new Array<number>(MEASURE_COUNT).fill(0);
  for (const [name, value] of Object.entries(wish.measures ?? { teu: 165, moves: 1 }))
    measures[MEASURE_INDEX[name as Measure]] = value ?? 0;
  return {
    kind: 'row',
    run: 'live',
    port: 'CNRZH',
    terminal: 'CNRZH:XXXXX',
    size_s: 60,
    start_ms: NOW - HOUR,
    revision: 0,
    version: 1,
    known_at_ms: NOW,
    completeness: 1,
    backfilled: false,
    provisional: false,
    ...wish,
    measures,
  };
}

export function markOf(partition: number, wish: Partial<ClosedThroughMark> = {}): ClosedThroughMark {
  return {
    kind: 'mark',
    run: 'live',
    partition,
    position: 0,
    lag_records: 0,
    log_time_ms: NOW,
    watermark_ms: NOW,
    closed_through_ms: NOW,
    rebuilt: false,
    sources: sourcesOf(partition),
    dead_letters_today: {},
    calls: [],
    ...wish,
  };
}

export function sourcesOf(partition: number, state: SourceMark['state'] = 'live', nowMs = NOW): SourceMark[] {
  return TERMINALS.filter(({ portIndex }) => PORTS[portIndex]?.partition === partition).map((terminal) => ({
    port: PORTS[terminal.portIndex]?.code ?? '',
    terminal: terminal.code,
    source: 'sim',
    state,
    last_report_ms: nowMs - 5_000,
    complete_through_ms: nowMs,
    cadence_s: 5,
  }));
}

export function partitionOf(port: string): number {
  return PORTS.find(({ code }) => code === port)?.partition ?? -1;
}

/** A state with a mark of every partition at `NOW`, then the rows. */
export function stateWith(rows: readonly ThroughputRow[] = []): LiveState {
  const state = createLiveState('live');
  for (let partition = 0; partition < PARTITION_COUNT; partition++) step(state, markOf(partition), partition, 1);
  for (const row of rows) put(state, row);
  return state;
}

/** Next message of its partition. */
export function put(state: LiveState, message: ThroughputRow | ClosedThroughMark): void {
  const partition = message.kind === 'mark' ? message.partition : partitionOf(message.port);
  step(state, message, partition, (state.positions[partition] ?? 0) + 1);
}

/** A drop at Shanghai that fires. */
export function transitionOf(wish: Partial<AlertTransition> = {}): AlertTransition {
  return {
    run: 'live',
    alert_id: 'a1',
    transition: 0,
    kind: 'drop',
    level: 'port',
    severity: 'warning',
    status: 'firing',
    phase: 'closed',
    cluster: 'yangtze',
    port: 'CNSHA',
    terminals: ['CNSGH:SECT'],
    measure: '',
    at_ms: NOW,
    since_ms: NOW - HOUR,
    known_at_ms: NOW,
    value: 100,
    expected: 5_000,
    band: 400,
    deviation_pct: -98,
    z: -9,
    size_teu: -4_900,
    regained_teu: null,
    window_s: 3_600,
    watermark_ms: NOW,
    completeness: 1,
    rule: 'drop',
    rules_version: 0,
    contributors: [{ port: 'CNSHA', terminal: 'CNSGH:SECT', teu: -4_900, share_pct: 100 }],
    evidence: [],
    resolves: { within_pct: 20, hold_min: 30 },
    reason: 'threshold_held',
    simulated: true,
    ...wish,
  };
}
