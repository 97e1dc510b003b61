/**
 * The last closed hour of a terminal: what was handled, what was expected, and how much of it had a feed.
 * TEU per hour; knows no port table.
 */
import { type FeedState, PORTS, type SourceMark, TERMINALS } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/seeds';
import { closedEndMs } from './counts.ts';
import { expectedTerminal, varianceOf } from './expected.ts';
import { type LiveState, terminalRing } from './live-state.ts';
import { readCell } from './ring.ts';

export type TerminalRate = {
  /** TEU in the hour; null: no feed covered it. */
  readonly teu: number | null;
  readonly expected: number | null;
  readonly variance: number;
  /** 0..1 */
  readonly completeness: number;
};

function partitionOf(terminalIndex: number): number {
  return PORTS[TERMINALS[terminalIndex]?.portIndex ?? -1]?.partition ?? -1;
}

/** End of the last closed window of a terminal's partition; 0 before its first mark. */
export function closedEndOf(state: LiveState, terminalIndex: number): number {
  const mark = state.marks[partitionOf(terminalIndex)];
  return mark === undefined ? 0 : closedEndMs(mark.closed_through_ms, state.rateSizeS);
}

export function rateOf(state: LiveState, terminalIndex: number): TerminalRate {
  const endMs = closedEndOf(state, terminalIndex);
  if (endMs === 0) return { teu: null, expected: null, variance: 0, completeness: 0 };
  const ring = terminalRing(state, terminalIndex, state.rateSizeS);
  let teu = 0;
  let moves = 0;
  let covered = 0;
  for (let start = endMs - HOUR_MS; start < endMs; start += ring.sizeMs) {
    const cell = readCell(ring, start);
    if (cell === undefined || cell.isOpen) continue;
    teu += cell.teu ?? 0;
    moves += cell.moves;
    covered += cell.completeness;
  }
  const expected = expectedTerminal(terminalIndex, endMs - HOUR_MS, endMs);
  // A replay keeps no rows of windows in which nothing moved: there, a feed that is not known to be silent was there.
  const isSilent = feedOf(state, terminalIndex).state === 'silent';
  const completeness = state.run === 'live' ? covered / (HOUR_MS / ring.sizeMs) : isSilent ? 0 : 1;
  return {
    teu: completeness === 0 && moves === 0 ? null : teu / 100,
    expected,
    variance: expected === null ? 0 : varianceOf(expected),
    completeness: Math.min(1, completeness),
  };
}

export type TerminalFeed = { readonly state: FeedState; readonly ageS: number | null; readonly lastReportMs: number };

const FEED_ORDER: readonly FeedState[] = ['none', 'silent', 'late', 'live'];

/** A terminal is as alive as its best source. Age in seconds of log time since its newest report. */
export function feedOf(state: LiveState, terminalIndex: number): TerminalFeed {
  const mark = state.marks[partitionOf(terminalIndex)];
  const code = TERMINALS[terminalIndex]?.code;
  const sources = mark?.sources.filter((source) => source.terminal === code) ?? [];
  if (mark === undefined || sources.length === 0) return { state: 'none', ageS: null, lastReportMs: 0 };
  const best = sources.reduce<FeedState>((known, source) => betterOf(known, source), 'none');
  const lastReportMs = Math.max(...sources.map((source) => source.last_report_ms));
  return { state: best, ageS: Math.max(0, Math.round((mark.log_time_ms - lastReportMs) / 1000)), lastReportMs };
}

function betterOf(known: FeedState, source: SourceMark): FeedState {
  return FEED_ORDER.indexOf(source.state) > FEED_ORDER.indexOf(known) ? source.state : known;
}
