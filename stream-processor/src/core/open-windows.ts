/** Provisional rows: what the open windows of a terminal hold now. For the page only; never stored, never in a digest. */
import type { WindowSizeS } from '@quaywatch/contracts';
import { completenessOf, measuresOf } from './close-windows.ts';
import { dayIn, type PartitionState, type TerminalState } from './partition-state.ts';
import type { RowBatch } from './row-batch.ts';
import { dayOf } from './time.ts';

/** Open minutes shown at most; a watermark that hangs further back is shown as lag, not as hundreds of rows. */
const openMinutesMax = 5;

/** Appends one row for each window of the terminal that is open at log time and may hold something. */
export function appendOpenRows(state: PartitionState, terminal: TerminalState, rows: RowBatch): void {
  for (const sizeS of [60, 300, 3600, 86400] as const) {
    const sizeMs = sizeS * 1000;
    const fromMs = Math.max(state.closedThroughMs, state.logTimeMs - openMinutesMax * 60_000);
    for (
      let endMs = Math.floor(fromMs / sizeMs) * sizeMs + sizeMs;
      endMs - sizeMs <= state.logTimeMs;
      endMs += sizeMs
    ) {
      // Days are cut at 24:00 UTC+8; the smaller sizes fall on the same instants in both zones.
      if (sizeS !== 86400) append(state, terminal, sizeS, endMs - sizeMs, rows);
    }
    if (sizeS === 86400)
      append(state, terminal, sizeS, dayIn(state, terminal, dayOf(state.logTimeMs)).startS * 1000, rows);
  }
}

function append(
  state: PartitionState,
  terminal: TerminalState,
  sizeS: WindowSizeS,
  startMs: number,
  rows: RowBatch,
): void {
  if (startMs + sizeS * 1000 <= state.closedThroughMs) return;
  const day = dayIn(state, terminal, dayOf(startMs));
  const window = Math.floor((startMs / 1000 - day.startS) / sizeS);
  const { measures, at } = measuresOf(day, sizeS, window);
  const row = rows.next();
  rows.terminalIndex[row] = terminal.index;
  rows.sizeS[row] = sizeS;
  rows.startS[row] = startMs / 1000;
  rows.revision[row] = 0;
  rows.version[row] = state.position;
  rows.knownAtMs[row] = state.logTimeMs;
  rows.completeness[row] = completenessOf(terminal, day, sizeS, window);
  rows.backfilled[row] = 0;
  rows.setMeasures(row, measures, at);
}
