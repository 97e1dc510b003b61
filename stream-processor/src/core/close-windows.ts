/**
 * Emission: closes windows in the order of their ends as the watermark passes them, and emits revisions of closed windows that a record
 * changed. Decides nothing about moves.
 */
import { MEASURE_COUNT, MEASURE_INDEX, PORTS, TERMINALS, type WindowSizeS } from '@quaywatch/contracts';
import { decide } from '../alerting/alerting.ts';
import type { TerminalLedger } from '../alerting/ledger-gap.ts';
import { decideFeeds, decideLedger } from '../alerting/port-feeds.ts';
import { feedState, type PortContext, type TerminalWindow } from '../alerting/port-state.ts';
import { isCovered, portWindowOf, type TerminalPart } from '../alerting/port-windows.ts';
import { terminalLedger } from './ledger-sight.ts';
import { sumWindows } from './measures.ts';
import { dayIn, ledgerIn, type Outputs, type PartitionState, type TerminalState } from './partition-state.ts';
import { closeThrough, coveredMs, stateOf } from './source-clock.ts';
import type { TerminalDay } from './terminal-day.ts';
import { dayOf, dayStartMs } from './time.ts';
import { hasRow, nextRevision, skip } from './window-ledger.ts';

const minuteMs = 60_000;
const fiveMs = 300_000;
/** What is missing in the ledger is judged in hours: once an hour is often enough. */
const ledgerEveryMs = 3_600_000;
const scratch = new Uint32Array(MEASURE_COUNT);

/** Closes every window that ends at or before the watermark. */
export function closeWindows(state: PartitionState, offset: number, out: Outputs): void {
  const endOfStretchMs = state.options.toDay === null ? Number.POSITIVE_INFINITY : dayStartMs(state.options.toDay);
  const throughMs = Math.min(endOfStretchMs, Math.floor(state.watermarkMs / minuteMs) * minuteMs);
  if (throughMs <= state.closedThroughMs) return;
  for (const terminal of state.terminals.values())
    for (const clock of terminal.clocks) closeThrough(clock, state.closedThroughMs, throughMs);
  // The state of feeds follows log time, which stands still here: one look is enough.
  let mayHaveChanged = feedsChanged(state);
  for (let endMs = state.closedThroughMs + minuteMs; endMs <= throughMs; endMs += minuteMs) {
    state.closedThroughMs = endMs;
    closeAt(state, endMs, mayHaveChanged, offset, out);
    mayHaveChanged = false;
  }
}

function closeAt(state: PartitionState, endMs: number, hasNewFeeds: boolean, offset: number, out: Outputs): void {
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
  const isFive = inDayMs % fiveMs === 0;
  if (isFive || hasNewFeeds) decidePorts(state, day, endMs, isFive, out);
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
  if (isSilent(terminal, day, sizeS, window, measures, at))
    return skip(ledgerIn(state, terminal, day.day), sizeS, window);
  emit(state, terminal, day, sizeS, window, completeness, measures, at, offset, out);
}

/** Share of the window that a source of the terminal covered, 0..1. */
export function completenessOf(
  terminal: TerminalState,
  day: TerminalDay,
  sizeS: number,
  window: number,
  filledBeforeMs = Number.POSITIVE_INFINITY,
): number {
  const fromMs = (day.startS + window * sizeS) * 1000;
  let best = 0;
  for (const clock of terminal.clocks)
    best = Math.max(best, coveredMs(clock, fromMs, fromMs + sizeS * 1000, filledBeforeMs));
  return best / (sizeS * 1000);
}

/** Neither feed nor moves: the window gets no row when it closes. A recovery must decide the same, whatever has been filled since. */
export function isSilent(
  terminal: TerminalState,
  day: TerminalDay,
  sizeS: WindowSizeS,
  window: number,
  measures: Uint32Array,
  at: number,
): boolean {
  const endMs = (day.startS + (window + 1) * sizeS) * 1000;
  return isEmpty(measures, at) && completenessOf(terminal, day, sizeS, window, endMs) === 0;
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

function isEmpty(measures: Uint32Array, at: number): boolean {
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
  const windows: TerminalWindow[] = [];
  const parts: TerminalPart[] = [];
  const ledgers: TerminalLedger[] = [];
  let portIndex = -1;
  const flush = () => {
    const port = PORTS[portIndex]?.code;
    if (port === undefined || windows.length === 0) return;
    const { run, rules, isSimulated } = state.options;
    const before = out.transitions.length;
    const { logTimeMs, watermarkMs } = state;
    const decision = { run, rules, isSimulated, port, endMs, logTimeMs, watermarkMs };
    decideFeeds(state.alerting, decision, windows, isFive, out.transitions);
    if (ledgers.length > 0) decideLedger(state.alerting, decision, windows, ledgers, out.transitions);
    if (isFive) {
      decide(state.alerting, decision, windows, contextOf(state, portIndex, endMs), out.transitions);
      // The second stage reads storage: what got no row is not there.
      if (isCovered(parts)) out.portWindows?.put(portWindowOf(portIndex, endMs, state.logTimeMs, parts));
    }
    state.counters.transitions += out.transitions.length - before;
  };
  for (const terminal of state.terminals.values()) {
    const known = TERMINALS[terminal.index];
    if (known === undefined || terminal.clocks.length === 0) continue;
    if (known.portIndex !== portIndex) {
      flush();
      windows.length = 0;
      parts.length = 0;
      ledgers.length = 0;
      portIndex = known.portIndex;
    }
    const window = terminalWindow(state, terminal, day, endMs);
    windows.push(window);
    if (hasRow(ledgerIn(state, terminal, day), 300, slotOf(day, endMs))) parts.push(partOf(window));
    if (endMs % ledgerEveryMs === 0) ledgers.push(terminalLedger(terminal));
  }
  flush();
}

function contextOf(state: PartitionState, portIndex: number, endMs: number): PortContext {
  const { lastYearHour, doubtAt } = state.options;
  const hour = lastYearHour(portIndex, endMs - 1);
  return { lastYear: hour === null ? null : hour / 1200, doubt: doubtAt(endMs - 1) };
}

/** The day's 5-minute window that ends at `endMs`, or is open then. */
function slotOf(day: number, endMs: number): number {
  return Math.floor((endMs - 1 - dayStartMs(day)) / fiveMs);
}

/** In the units of storage, which the second stage reads as well. */
function partOf(window: TerminalWindow): TerminalPart {
  const { teu, moves, completeness, expected } = window;
  return { teu: Math.round(teu * 100), moves, completeness, baseline: expected * 100 };
}

/** True when a feed's state has changed since detection last looked. */
function feedsChanged(state: PartitionState): boolean {
  for (const terminal of state.terminals.values()) {
    if (terminal.clocks.length === 0) continue;
    if (freshest(state, terminal).feed !== feedState(state.alerting, TERMINALS[terminal.index]?.code ?? ''))
      return true;
  }
  return false;
}

const FEED_ORDER = ['live', 'late', 'silent'] as const;

/** A terminal is as well as the best of its sources. */
function freshest(
  state: PartitionState,
  terminal: TerminalState,
): Pick<TerminalWindow, 'feed' | 'overdueSinceMs' | 'cadenceMs'> {
  let best = { feed: 'silent' as TerminalWindow['feed'], overdueSinceMs: 0, cadenceMs: 0 };
  for (const clock of terminal.clocks) {
    const feed = stateOf(clock, state.logTimeMs);
    const isBetter = FEED_ORDER.indexOf(feed) < FEED_ORDER.indexOf(best.feed);
    if (best.cadenceMs === 0 || isBetter || (feed === best.feed && clock.dueMs > best.overdueSinceMs))
      best = { feed, overdueSinceMs: clock.dueMs, cadenceMs: clock.cadenceMs };
  }
  return best;
}

function terminalWindow(
  state: PartitionState,
  terminal: TerminalState,
  dayNumber: number,
  endMs: number,
): TerminalWindow {
  const day = dayIn(state, terminal, dayNumber);
  const window = slotOf(dayNumber, endMs);
  const at = window * MEASURE_COUNT;
  const measure = (index: number) => day.five[at + index] ?? 0;
  const expectedHour = state.options.expectedHour(terminal.index, endMs - 1);
  const { feed, overdueSinceMs, cadenceMs } = freshest(state, terminal);
  return {
    terminal: TERMINALS[terminal.index]?.code ?? '',
    teu: measure(MEASURE_INDEX.teu) / 100,
    moves:
      measure(MEASURE_INDEX.moves) + measure(MEASURE_INDEX.domestic_moves) + measure(MEASURE_INDEX.transhipment_moves),
    expected: (expectedHour ?? 0) / 1200,
    completeness: completenessOf(terminal, day, 300, window),
    duplicates: measure(MEASURE_INDEX.duplicates),
    mix: [
      measure(MEASURE_INDEX.direct_pick_up_teu) / 100,
      measure(MEASURE_INDEX.direct_loading_teu) / 100,
      (measure(MEASURE_INDEX.rail_single_waybill_teu) + measure(MEASURE_INDEX.rail_single_container_teu)) / 100,
    ],
    feed,
    overdueSinceMs,
    cadenceMs,
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
