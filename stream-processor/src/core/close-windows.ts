/**
 * Emission: closes windows in the order of their ends as the watermark passes them, and emits revisions of closed windows that a record
 * changed. Decides nothing about moves.
 */
import { MEASURE_COUNT, MEASURE_INDEX, PORTS, TERMINALS, type WindowSizeS } from '@quaywatch/contracts';
import { decide, decideFeeds, isKnownSilent, type TerminalWindow } from '../alerting/alerting.ts';
import { sumWindows } from './measures.ts';
import { dayIn, ledgerIn, type Outputs, type PartitionState, type TerminalState } from './partition-state.ts';
import { coveredMs, isOverdue } from './source-clock.ts';
import type { TerminalDay } from './terminal-day.ts';
import { dayOf, dayStartMs } from './time.ts';
import { nextRevision, skip } from './window-ledger.ts';

const minuteMs = 60_000;
const fiveMs = 300_000;
const scratch = new Uint32Array(MEASURE_COUNT);

/** Closes every window that ends at or before the watermark. */
export function closeWindows(state: PartitionState, offset: number, out: Outputs): void {
  const endOfStretchMs = state.options.toDay === null ? Number.POSITIVE_INFINITY : dayStartMs(state.options.toDay);
  const throughMs = Math.min(endOfStretchMs, Math.floor(state.watermarkMs / minuteMs) * minuteMs);
  for (let endMs = state.closedThroughMs + minuteMs; endMs <= throughMs; endMs += minuteMs) {
    state.closedThroughMs = endMs;
    closeAt(state, endMs, offset, out);
  }
}

function closeAt(state: PartitionState, endMs: number, offset: number, out: Outputs): void {
  const day = dayOf(endMs - 1);
  const inDayMs = endMs - dayStartMs(day);
  for (const terminal of state.terminals.values()) {
    // A terminal that was never heard of has no windows: that is no data.
    if (terminal.clocks.length === 0 && !terminal.days.has(day)) continue;
    const contents = dayIn(state, terminal, day);
    if (state.options.withMinutes) close(state, terminal, contents, 60, inDayMs / 60_000 - 1, offset, out);
    if (inDayMs % fiveMs !== 0) continue;
    close(state, terminal, contents, 300, inDayMs / fiveMs - 1, offset, out);
    if (inDayMs % 3_600_000 === 0) close(state, terminal, contents, 3600, inDayMs / 3_600_000 - 1, offset, out);
    if (inDayMs === 86_400_000) close(state, terminal, contents, 86400, 0, offset, out);
  }
  // Silence is told by the minute, in every run alike; rates are judged by 5 minutes.
  decidePorts(state, day, endMs, inDayMs % fiveMs === 0, out);
}

function close(
  state: PartitionState,
  terminal: TerminalState,
  day: TerminalDay,
  sizeS: WindowSizeS,
  window: number,
  offset: number,
  out: Outputs,
): void {
  const completeness = completenessOf(terminal, day, sizeS, window);
  const { measures, at } = measuresOf(day, sizeS, window);
  if (completeness === 0 && isEmpty(measures, at)) return skip(ledgerIn(state, terminal, day.day), sizeS, window);
  emit(state, terminal, day, sizeS, window, completeness, measures, at, offset, out);
}

/** Share of the window that a source of the terminal covered, 0..1. */
export function completenessOf(terminal: TerminalState, day: TerminalDay, sizeS: number, window: number): number {
  const fromMs = (day.startS + window * sizeS) * 1000;
  let best = 0;
  for (const clock of terminal.clocks) best = Math.max(best, coveredMs(clock, fromMs, fromMs + sizeS * 1000));
  return best / (sizeS * 1000);
}

/** Where the measures of a window are: stored for minutes and 5 minutes, summed for hours and days. Valid until the next call. */
export function measuresOf(
  day: TerminalDay,
  sizeS: WindowSizeS,
  window: number,
): { measures: Uint32Array; at: number } {
  if (sizeS === 60) return { measures: day.minute ?? scratch, at: window * MEASURE_COUNT };
  if (sizeS === 300) return { measures: day.five, at: window * MEASURE_COUNT };
  const children = sizeS / 300;
  sumWindows(day.five, window * children, children, scratch);
  return { measures: scratch, at: 0 };
}

export function isEmpty(measures: Uint32Array, at: number): boolean {
  for (let i = 0; i < MEASURE_COUNT; i++) if (measures[at + i] !== 0) return false;
  return true;
}

function emit(
  state: PartitionState,
  terminal: TerminalState,
  day: TerminalDay,
  sizeS: WindowSizeS,
  window: number,
  completeness: number,
  measures: Uint32Array,
  at: number,
  offset: number,
  out: Outputs,
): void {
  const { revision, isBackfilled } = nextRevision(ledgerIn(state, terminal, day.day), sizeS, window);
  const rows = out.rows;
  const row = rows.next();
  rows.terminalIndex[row] = terminal.index;
  rows.sizeS[row] = sizeS;
  rows.startS[row] = day.startS + window * sizeS;
  rows.revision[row] = revision;
  rows.version[row] = offset;
  rows.knownAtMs[row] = state.logTimeMs;
  rows.completeness[row] = completeness;
  rows.backfilled[row] = isBackfilled ? 1 : 0;
  rows.setMeasures(row, measures, at);
  state.counters.rows++;
}

/** Gives detection the closed 5-minute windows of every port, in the order of the terminals. */
function decidePorts(state: PartitionState, day: number, endMs: number, isFive: boolean, out: Outputs): void {
  if (!isFive && !feedsChanged(state)) return;
  const windows: TerminalWindow[] = [];
  let portIndex = -1;
  const flush = () => {
    const port = PORTS[portIndex]?.code;
    if (port === undefined || windows.length === 0) return;
    const { run, rules } = state.options;
    const before = out.transitions.length;
    const decision = { run, rules, port, endMs, logTimeMs: state.logTimeMs, watermarkMs: state.watermarkMs };
    decideFeeds(state.alerting, decision, windows, out.transitions);
    if (isFive) decide(state.alerting, decision, windows, out.transitions);
    state.counters.transitions += out.transitions.length - before;
  };
  for (const terminal of state.terminals.values()) {
    const known = TERMINALS[terminal.index];
    if (known === undefined || terminal.clocks.length === 0) continue;
    if (known.portIndex !== portIndex) {
      flush();
      windows.length = 0;
      portIndex = known.portIndex;
    }
    windows.push(terminalWindow(state, terminal, day, endMs));
  }
  flush();
}

/** True when a feed became overdue or came back since detection last looked. */
function feedsChanged(state: PartitionState): boolean {
  for (const terminal of state.terminals.values()) {
    if (
      terminal.clocks.length > 0 &&
      isSilent(state, terminal) !== isKnownSilent(state.alerting, TERMINALS[terminal.index]?.code ?? '')
    )
      return true;
  }
  return false;
}

function isSilent(state: PartitionState, terminal: TerminalState): boolean {
  return terminal.clocks.every((clock) => isOverdue(clock, state.logTimeMs));
}

function terminalWindow(
  state: PartitionState,
  terminal: TerminalState,
  dayNumber: number,
  endMs: number,
): TerminalWindow {
  const day = dayIn(state, terminal, dayNumber);
  const window = Math.floor((endMs - 1 - day.startS * 1000) / fiveMs);
  const at = window * MEASURE_COUNT;
  const measure = (index: number) => day.five[at + index] ?? 0;
  const expectedHour = state.options.expectedHour(terminal.index, endMs - 1);
  return {
    terminal: TERMINALS[terminal.index]?.code ?? '',
    teu: measure(MEASURE_INDEX.teu) / 100,
    moves:
      measure(MEASURE_INDEX.moves) + measure(MEASURE_INDEX.domestic_moves) + measure(MEASURE_INDEX.transhipment_moves),
    expected: (expectedHour ?? 0) / 1200,
    completeness: completenessOf(terminal, day, 300, window),
    isOverdue: isSilent(state, terminal),
  };
}

/** Emits the next revision of every closed window that the record changed: at most one row a window. */
export function emitRevisions(state: PartitionState, offset: number, out: Outputs): void {
  const unitS = state.options.withMinutes ? 60 : 300;
  for (const [terminal, days] of state.touched) {
    for (const [dayNumber, units] of [...days].sort((a, b) => a[0] - b[0])) {
      const day = terminal.days.get(dayNumber);
      if (day === undefined) continue;
      const seconds = [...units].sort((a, b) => a - b).map((unit) => unit * unitS);
      for (const sizeS of [60, 300, 3600, 86400] as const) {
        if (sizeS < unitS) continue;
        for (const window of new Set(seconds.map((second) => Math.floor(second / sizeS))))
          revise(state, terminal, day, sizeS, window, offset, out);
      }
    }
  }
  state.touched.clear();
}

function revise(
  state: PartitionState,
  terminal: TerminalState,
  day: TerminalDay,
  sizeS: WindowSizeS,
  window: number,
  offset: number,
  out: Outputs,
): void {
  if ((day.startS + (window + 1) * sizeS) * 1000 > state.closedThroughMs) return;
  // A window that the watermark passed before its terminal was heard of is as silent as one that was skipped.
  const ledger = ledgerIn(state, terminal, day.day);
  if (ledger[sizeS][window] === 0) skip(ledger, sizeS, window);
  const { measures, at } = measuresOf(day, sizeS, window);
  emit(state, terminal, day, sizeS, window, completenessOf(terminal, day, sizeS, window), measures, at, offset, out);
}
