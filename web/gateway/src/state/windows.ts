/**
 * Windows as points of a chart: of a terminal, and of a port as the sum of its terminals.
 * A port's window is as old as its newest part and as complete as its parts, weighted by what was expected of them.
 */
import { PORTS, TERMINALS, type WindowPoint, type WindowSizeS } from '@quaywatch/contracts';
import { bandOf, expectedPort, expectedTerminal, round2, round2OrNull, varianceOf } from './expected.ts';
import { type LiveState, terminalRing } from './live-state.ts';
import { TERMINALS_OF_PORT } from './places.ts';
import { type Cell, type Ring, readCell } from './ring.ts';

const YEAR_SHIFT_MS = 364 * 86_400_000;

type Figures = {
  teu: number | null;
  moves: number;
  was: number | undefined;
  revision: number;
  completeness: number;
  isOpen: boolean;
  isBackfilled: boolean;
};

type Expected = (fromMs: number, toMs: number) => number | null;

/** Shape of a point from figures in hundredths and the baseline in TEU. */
export function pointOf(
  place: { port: string; terminal: string; sizeS: WindowSizeS; startMs: number },
  figures: Figures,
  expectedOver: Expected,
): WindowPoint {
  const endMs = place.startMs + place.sizeS * 1000;
  const expected = expectedOver(place.startMs, endMs);
  const lastYear = expectedOver(place.startMs - YEAR_SHIFT_MS, endMs - YEAR_SHIFT_MS);
  const wasDifferent = figures.was !== undefined && figures.teu !== null;
  return {
    port: place.port,
    terminal: place.terminal,
    size_s: place.sizeS,
    start_ms: place.startMs,
    teu: figures.teu === null ? null : figures.teu / 100,
    moves: figures.moves,
    expected: round2OrNull(expected),
    band: expected === null ? null : round2(bandOf(varianceOf(expected))),
    last_year: round2OrNull(lastYear),
    revision: figures.revision,
    ...(wasDifferent ? { was: (figures.was ?? 0) / 100 } : {}),
    completeness: round2(figures.completeness),
    ...(figures.isBackfilled ? { backfilled: true } : {}),
    ...(figures.isOpen ? { open: true } : {}),
  };
}

export function terminalPoint(
  state: LiveState,
  terminalIndex: number,
  sizeS: WindowSizeS,
  startMs: number,
): WindowPoint | undefined {
  const terminal = TERMINALS[terminalIndex];
  const port = PORTS[terminal?.portIndex ?? -1];
  const cell = readCell(terminalRing(state, terminalIndex, sizeS), startMs);
  if (terminal === undefined || port === undefined || cell === undefined) return undefined;
  return pointOf({ port: port.code, terminal: terminal.code, sizeS, startMs }, cell, (fromMs, toMs) =>
    expectedTerminal(terminalIndex, fromMs, toMs),
  );
}

/** Sum of a port's terminals; undefined when none has a row. */
export function portPoint(
  state: LiveState,
  portIndex: number,
  sizeS: WindowSizeS,
  startMs: number,
): WindowPoint | undefined {
  const port = PORTS[portIndex];
  const parts: { cell: Cell | undefined; weight: number }[] = [];
  for (const terminal of TERMINALS_OF_PORT[portIndex] ?? []) {
    const cell = readCell(terminalRing(state, terminal.index, sizeS), startMs);
    const weight = expectedTerminal(terminal.index, startMs, startMs + sizeS * 1000) ?? 1;
    parts.push({ cell, weight: Math.max(weight, 0.001) });
  }
  const cells = parts.flatMap(({ cell }) => (cell === undefined ? [] : [cell]));
  if (port === undefined || cells.length === 0) return undefined;
  const isOpen = cells.some((cell) => cell.isOpen);
  const known = cells.filter((cell) => cell.teu !== null);
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const figures: Figures = {
    teu: known.length === 0 ? null : known.reduce((sum, cell) => sum + (cell.teu ?? 0), 0),
    moves: cells.reduce((sum, cell) => sum + cell.moves, 0),
    was: cells.some((cell) => cell.was !== undefined)
      ? known.reduce((sum, cell) => sum + (cell.was ?? cell.teu ?? 0), 0)
      : undefined,
    revision: Math.max(...cells.map((cell) => cell.revision)),
    completeness: parts.reduce((sum, part) => sum + (part.cell?.completeness ?? 0) * part.weight, 0) / weight,
    isOpen,
    isBackfilled: cells.some((cell) => cell.isBackfilled),
  };
  return pointOf({ port: port.code, terminal: '', sizeS, startMs }, figures, (fromMs, toMs) =>
    expectedPort(portIndex, fromMs, toMs),
  );
}

/** Starts (UTC ms) of a ring's windows that begin at or after `fromMs` and changed after position `after` (−1: any). */
export function changedStarts(ring: Ring, fromMs: number, after: number): number[] {
  const starts: number[] = [];
  for (let slot = 0; slot < ring.slots; slot++) {
    const startMs = ring.startMs[slot] ?? -1;
    if (startMs >= fromMs && startMs >= 0 && (ring.changedAt[slot] ?? 0) > after) starts.push(startMs);
  }
  return starts;
}
