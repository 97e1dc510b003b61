/**
 * What partitions say of themselves in a played run: how far they have closed and which feeds are silent. Nothing of this is stored; it
 * follows from the rows and alerts that have been played.
 */
import { type ClosedThroughMark, PARTITION_COUNT, PORTS, type SourceMark, TERMINALS } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/seeds';
import type { AlertLog } from '../state/alert-log.ts';
import { type LiveState, step } from '../state/live-state.ts';
import type { StoredRow } from '../state/ring.ts';

/** A partition of which no row has been played is taken to have closed up to here: it has no windows that could be read as zeros. */
const withoutRowsMs = 2 * HOUR_MS;
/** As long as any source may hold its partition back: half an hour and a cadence of a day at most. Beyond it nothing moved or nobody was heard. */
const heldBackMaxMs = 24.5 * HOUR_MS;

const PARTITION_OF_PORT = new Map(PORTS.map(({ code, partition }) => [code, partition]));

export const partitionOfPort = (port: string): number => PARTITION_OF_PORT.get(port) ?? 0;

/** By partition: end of the newest closed window that has been played, UTC ms. */
export type ClosedThrough = Float64Array;

export const createClosedThrough = (): ClosedThrough => new Float64Array(PARTITION_COUNT);

/** A closed row proves that its partition has closed so far. */
export function learnClosed(closed: ClosedThrough, row: StoredRow): void {
  if (row.provisional) return;
  const partition = partitionOfPort(row.port);
  closed[partition] = Math.max(closed[partition] ?? 0, row.start_ms + row.size_s * 1000);
}

/** A feed is silent in a played run when an alert says so; nothing else of it is stored. */
function silentTerminals(alerts: AlertLog): ReadonlySet<string> {
  const open = [...alerts.alerts.values()].filter(
    ({ state }) => state.kind === 'feed_silent' && (state.status === 'firing' || state.status === 'recovering'),
  );
  return new Set(open.flatMap(({ state }) => state.terminals));
}

export type Played = { readonly state: LiveState; readonly alerts: AlertLog; readonly closed: ClosedThrough };

/**
 * A mark of every partition as at `atMs`. Played with what is known today, a window is closed when it has ended; played as it was known,
 * when its row had been written: windows that were still open then are no zeros.
 */
export function putMarks({ state, alerts, closed }: Played, atMs: number, asKnown: boolean): void {
  const silent = silentTerminals(alerts);
  const timeMs = Math.floor(atMs);
  for (let partition = 0; partition < PARTITION_COUNT; partition++) {
    const toldMs = closed[partition] ?? 0;
    const provenMs = toldMs > 0 ? Math.max(toldMs, timeMs - heldBackMaxMs) : timeMs - withoutRowsMs;
    const closedMs = asKnown ? Math.min(timeMs, provenMs) : timeMs;
    const mark: ClosedThroughMark = {
      kind: 'mark',
      run: state.run,
      partition,
      position: 0,
      lag_records: 0,
      log_time_ms: timeMs,
      watermark_ms: closedMs,
      closed_through_ms: closedMs,
      rebuilt: false,
      sources: sourcesOf(partition, silent, timeMs),
      dead_letters_today: {},
      calls: [],
    };
    step(state, mark, partition, (state.positions[partition] ?? 0) + 1);
  }
}

function sourcesOf(partition: number, silent: ReadonlySet<string>, timeMs: number): SourceMark[] {
  const terminals = TERMINALS.filter(({ portIndex }) => PORTS[portIndex]?.partition === partition);
  return terminals.map((terminal) => ({
    port: PORTS[terminal.portIndex]?.code ?? '',
    terminal: terminal.code,
    source: 'played',
    state: silent.has(terminal.code) ? 'silent' : 'live',
    last_report_ms: timeMs,
    complete_through_ms: timeMs,
    cadence_s: 0,
  }));
}
