/**
 * How boxes are handled: windows of ports or terminals with every measure, for shares over time and for what a change is made of.
 * Computes no share and knows no usual level; the sum of a port is the sum of its terminals.
 */
import { MEASURES, type Measure, PORTS, type WindowSizeS } from '@quaywatch/contracts';
import type { FastifyInstance } from 'fastify';
import type { Feed } from '../feed.ts';
import { ALL_MEASURES, type History } from '../history.ts';
import { expectedTerminal } from '../state/expected.ts';
import { logTimeMs } from '../state/live-state.ts';
import { terminalByCode } from '../state/places.ts';
import type { StoredRow } from '../state/ring.ts';
import { badRequest } from './errors.ts';
import { portOrThrow, SIZE_OF, type ThroughputQuery } from './routes-throughput.ts';
import { list, measuresQuery } from './schemas.ts';
import { parseTimeMs } from './times.ts';

/** Rows of terminals that one answer is made of: 60 days of hours of all ports. */
const rowsMax = 160_000;
const defaultSpanMs: Readonly<Record<WindowSizeS, number>> = {
  60: 6 * 3_600_000,
  300: 24 * 3_600_000,
  3600: 7 * 86_400_000,
  86400: 200 * 86_400_000,
};

type MeasuresQuery = Omit<ThroughputQuery, 'port'> & { port?: string };

/** A window of a port (`terminal` = '') or of a terminal. `values` are in the order of `measures`: TEU, or counts of moves. */
type MeasureRow = { port: string; terminal: string; start_ms: number; completeness: number; values: number[] };

const isTeu = (measure: Measure) => measure.startsWith('teu') || measure.endsWith('_teu');

/** A terminal counts for as much as is expected of it: a silent one is missed all the same. */
function weightOf(row: StoredRow): number {
  const index = terminalByCode(row.terminal)?.index;
  const expected = index === undefined ? null : expectedTerminal(index, row.start_ms, row.start_ms + row.size_s * 1000);
  return Math.max(0.001, expected ?? 1);
}

function rowOf(parts: readonly StoredRow[], port: string, terminal: string): MeasureRow {
  const all = parts.reduce((sum, row) => sum + weightOf(row), 0);
  const covered = parts.reduce((sum, row) => sum + weightOf(row) * row.completeness, 0);
  const values = MEASURES.map((measure, place) => {
    const sum = parts.reduce((total, row) => total + (row.measures[place] ?? 0), 0);
    return isTeu(measure) ? sum / 100 : sum;
  });
  return {
    port,
    terminal,
    start_ms: parts[0]?.start_ms ?? 0,
    completeness: Math.round((covered / all) * 100) / 100,
    values,
  };
}

/** @param rows oldest first, of any ports; terminals of one port and window are summed unless they are asked for. */
function measureRows(rows: readonly StoredRow[], withTerminals: boolean): MeasureRow[] {
  if (withTerminals) return rows.map((row) => rowOf([row], row.port, row.terminal));
  const groups = Map.groupBy(rows, (row) => `${row.start_ms}/${row.port}`);
  return [...groups.values()].map((parts) => rowOf(parts, parts[0]?.port ?? '', ''));
}

async function readMeasures(query: MeasuresQuery, feed: Feed, history: History, nowMs: number) {
  const ports = query.port === undefined ? PORTS.map((port) => port.code) : [portOrThrow(query.port).code];
  const sizeS = SIZE_OF[query.size] ?? 3600;
  const toMs = query.to === undefined ? nowMs : parseTimeMs(query.to, 'to');
  const fromMs = query.from === undefined ? toMs - defaultSpanMs[sizeS] : parseTimeMs(query.from, 'from');
  if (fromMs >= toMs) throw badRequest('from must be before to.');
  const rows = await history.windows({
    run: query.run,
    sizeS,
    fromMs,
    toMs,
    ports,
    ...(query.known_at === undefined ? {} : { knownAtMs: parseTimeMs(query.known_at, 'known_at') }),
    measures: ALL_MEASURES,
    rowsMax: rowsMax + 1,
  });
  if (rows.length > rowsMax)
    throw badRequest(`The stretch has more than ${rowsMax} rows. Ask for less, or for a larger size.`);
  return {
    as_of: logTimeMs(feed.state) || null,
    run: query.run,
    size_s: sizeS,
    from_ms: fromMs,
    to_ms: toMs,
    measures: MEASURES,
    rows: measureRows(rows, query.terminals),
  };
}

export function measureRoutes(app: FastifyInstance, feed: Feed, history: History, nowMs: () => number): void {
  app.get<{ Querystring: MeasuresQuery }>(
    '/api/v1/measures',
    {
      schema: {
        summary: 'Closed windows with every measure, of one port or of all, or of their terminals',
        querystring: measuresQuery,
        response: { 200: list('rows') },
      },
    },
    (request) => readMeasures(request.query, feed, history, nowMs()),
  );
}
