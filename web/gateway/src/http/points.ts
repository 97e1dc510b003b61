/**
 * Rows out of storage as chart points, with the port's sum beside its terminals.
 * The live state does the same over its rings; here the rows are the whole of it.
 */
import { MEASURE_INDEX, PORTS, type WindowPoint, type WindowSizeS } from '@quaywatch/contracts';
import { expectedPort, expectedTerminal } from '../state/expected.ts';
import { TERMINALS_OF_PORT, terminalByCode } from '../state/places.ts';
import type { StoredRow } from '../state/ring.ts';
import { pointOf } from '../state/windows.ts';

function figuresOf(row: StoredRow) {
  const moves = row.measures[MEASURE_INDEX.moves] ?? 0;
  return {
    teu: row.completeness === 0 && moves === 0 ? null : (row.measures[MEASURE_INDEX.teu] ?? 0),
    moves,
    was: row.revision > 0 ? row.first_teu : undefined,
    revision: row.revision,
    completeness: row.completeness,
    isOpen: false,
    isBackfilled: row.backfilled,
  };
}

function sumOf(rows: readonly StoredRow[], portIndex: number) {
  const figures = rows.map(figuresOf);
  const known = figures.filter((one) => one.teu !== null);
  const weights = (TERMINALS_OF_PORT[portIndex] ?? []).map((terminal) => {
    const first = rows[0];
    const endMs = (first?.start_ms ?? 0) + (first?.size_s ?? 0) * 1000;
    return {
      code: terminal.code,
      weight: Math.max(0.001, expectedTerminal(terminal.index, first?.start_ms ?? 0, endMs) ?? 1),
    };
  });
  const all = weights.reduce((sum, { weight }) => sum + weight, 0);
  const covered = weights.reduce(
    (sum, { code, weight }) => sum + weight * (rows.find((row) => row.terminal === code)?.completeness ?? 0),
    0,
  );
  return {
    teu: known.length === 0 ? null : known.reduce((sum, one) => sum + (one.teu ?? 0), 0),
    moves: figures.reduce((sum, one) => sum + one.moves, 0),
    was: figures.some((one) => one.was !== undefined)
      ? known.reduce((sum, one) => sum + (one.was ?? one.teu ?? 0), 0)
      : undefined,
    revision: Math.max(...figures.map((one) => one.revision)),
    completeness: all === 0 ? 0 : covered / all,
    isOpen: false,
    isBackfilled: figures.some((one) => one.isBackfilled),
  };
}

/** @param rows of one port and size, oldest first. */
export function pointsOfRows(
  rows: readonly StoredRow[],
  portIndex: number,
  sizeS: WindowSizeS,
  withTerminals: boolean,
): WindowPoint[] {
  const port = PORTS[portIndex]?.code ?? '';
  const byStart = Map.groupBy(rows, (row) => row.start_ms);
  const points: WindowPoint[] = [];
  for (const [startMs, parts] of byStart) {
    points.push(
      pointOf({ port, terminal: '', sizeS, startMs }, sumOf(parts, portIndex), (from, to) =>
        expectedPort(portIndex, from, to),
      ),
    );
    for (const row of withTerminals ? parts : []) {
      const terminal = terminalByCode(row.terminal);
      if (terminal === undefined) continue;
      points.push(
        pointOf({ port, terminal: row.terminal, sizeS, startMs }, figuresOf(row), (from, to) =>
          expectedTerminal(terminal.index, from, to),
        ),
      );
    }
  }
  return points;
}
