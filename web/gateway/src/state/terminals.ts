/**
 * One terminal as the port's page shows it: working, idle, stopped or silent, and since when.
 * "Stopped" needs moves to be expected: a small terminal without a ship is idle.
 */
import { type CallSummary, PORTS, TERMINALS, type TerminalSummary } from '@quaywatch/contracts';
import { midnightMs, terminalDay } from './counts.ts';
import { expectedTerminal, round2OrNull } from './expected.ts';
import { type LiveState, logTimeOf, terminalRing } from './live-state.ts';
import { closedEndOf, feedOf, rateOf } from './rates.ts';
import { readCell } from './ring.ts';

/** Without a move for so long it no longer works. */
const quietMs = 15 * 60_000;
const lookBackMs = 24 * 3_600_000;
/** A terminal is stopped when this many TEU were expected since the last move: chance alone would hardly leave them out. */
const stoppedAtTeu = 25;

/** Start of the newest window with a move, and how far back that is known. A replay keeps no rows of windows without moves. */
function lastMoveOf(
  state: LiveState,
  terminalIndex: number,
  endMs: number,
): { lastMs: number | null; knownFromMs: number } {
  const ring = terminalRing(state, terminalIndex, state.rateSizeS);
  let knownFromMs = endMs;
  for (let start = endMs; start > endMs - lookBackMs; start -= ring.sizeMs) {
    const cell = readCell(ring, start);
    if (cell !== undefined && cell.moves > 0) return { lastMs: start, knownFromMs: start };
    if (cell !== undefined || state.run !== 'live') knownFromMs = start;
  }
  return { lastMs: null, knownFromMs };
}

/** First move after the newest pause of `quietMs`; null when there was none within a day. */
function workingSinceMs(state: LiveState, terminalIndex: number, lastMs: number): number | null {
  const ring = terminalRing(state, terminalIndex, state.rateSizeS);
  let firstMs = lastMs;
  for (let start = lastMs; start > lastMs - lookBackMs; start -= ring.sizeMs) {
    const cell = readCell(ring, start);
    if (cell !== undefined && cell.moves > 0) firstMs = start;
    else if (firstMs - start >= quietMs) return firstMs;
  }
  return null;
}

function stateOf(
  state: LiveState,
  terminalIndex: number,
  feed: TerminalSummary['feed'],
  lastReportMs: number,
): Pick<TerminalSummary, 'state' | 'state_since_ms'> {
  if (feed === 'silent' || feed === 'none')
    return { state: 'silent', state_since_ms: lastReportMs > 0 ? lastReportMs : null };
  const endMs = closedEndOf(state, terminalIndex);
  const { lastMs, knownFromMs } = lastMoveOf(state, terminalIndex, endMs);
  if (lastMs !== null && endMs - lastMs <= quietMs)
    return { state: 'working', state_since_ms: workingSinceMs(state, terminalIndex, lastMs) };
  const missed = expectedTerminal(terminalIndex, knownFromMs, endMs) ?? 0;
  return { state: missed >= stoppedAtTeu ? 'stopped' : 'idle', state_since_ms: lastMs };
}

export function terminalSummary(state: LiveState, terminalIndex: number): TerminalSummary {
  const terminal = TERMINALS[terminalIndex];
  if (terminal === undefined) throw new RangeError(`No terminal has index ${terminalIndex}.`);
  const nowMs = logTimeOf(state, PORTS[terminal.portIndex]?.partition ?? -1);
  const rate = rateOf(state, terminalIndex);
  const today = nowMs === 0 ? null : terminalDay(state, terminalIndex, midnightMs(nowMs));
  const feed = feedOf(state, terminalIndex);
  return {
    terminal: terminal.code,
    rate: round2OrNull(rate.teu),
    expected: round2OrNull(rate.expected),
    today: round2OrNull(today?.teu ?? null),
    boxes_today: today?.moves ?? null,
    ...stateOf(state, terminalIndex, feed.state, feed.lastReportMs),
    feed: feed.state,
    feed_age_s: feed.ageS,
  };
}

/** Vessel calls of a port, newest last move first. */
export function callsOf(state: LiveState, portIndex: number): CallSummary[] {
  const mark = state.marks[PORTS[portIndex]?.partition ?? -1];
  const own = new Set(TERMINALS.filter((terminal) => terminal.portIndex === portIndex).map(({ code }) => code));
  return (mark?.calls ?? []).filter((call) => own.has(call.terminal)).map((call) => ({ ...call }));
}
