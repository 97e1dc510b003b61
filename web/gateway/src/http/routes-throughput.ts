/**
 * Reading routes over windows: ports, throughput, year on year, dead letters, scenario.
 */
import { PORTS, type WindowPoint, type WindowSizeS } from '@quaywatch/contracts';
import { REFERENCE_2025H1 } from '@quaywatch/seeds';
import type { FastifyInstance } from 'fastify';
import type { Feed } from '../feed.ts';
import { HEADLINE_MEASURES, type History } from '../history.ts';
import { logTimeMs } from '../state/live-state.ts';
import { PORT_BY_CANONICAL_CODE } from '../state/places.ts';
import { portSummary } from '../state/summaries.ts';
import { comparatorsOf, festivalStretch, pathOf, pathSeries } from '../state/year-on-year.ts';
import { badRequest, notFound } from './errors.ts';
import { pointsOfRows } from './points.ts';
import { anything, deadLettersQuery, list, throughputQuery, yoyQuery } from './schemas.ts';
import { parseTimeMs } from './times.ts';

export const SIZE_OF: Readonly<Record<string, WindowSizeS>> = {
  '1m': 60,
  '5m': 300,
  '1h': 3600,
  '1d': 86400,
  '60': 60,
  '300': 300,
  '3600': 3600,
  '86400': 86400,
};
/** Rows of terminals that one answer is made of. */
const rowsMax = 120_000;
const defaultSpanMs: Readonly<Record<WindowSizeS, number>> = {
  60: 6 * 3_600_000,
  300: 24 * 3_600_000,
  3600: 14 * 86_400_000,
  86400: 200 * 86_400_000,
};

export type ThroughputQuery = {
  port: string;
  size: string;
  from?: string;
  to?: string;
  run: string;
  terminals: boolean;
  known_at?: string;
};

export function portOrThrow(code: string) {
  const port = PORT_BY_CANONICAL_CODE.get(code.toUpperCase());
  if (port === undefined) throw notFound(`There is no port ${code}. /api/v1/ports lists the ${PORTS.length}.`);
  return port;
}

const asOf = (feed: Feed): number | null => logTimeMs(feed.state) || null;

async function readThroughput(query: ThroughputQuery, feed: Feed, history: History, nowMs: number) {
  const port = portOrThrow(query.port);
  const sizeS = SIZE_OF[query.size] ?? 300;
  const toMs = query.to === undefined ? nowMs : parseTimeMs(query.to, 'to');
  const fromMs = query.from === undefined ? toMs - defaultSpanMs[sizeS] : parseTimeMs(query.from, 'from');
  if (fromMs >= toMs) throw badRequest('from must be before to.');
  const knownAt = query.known_at === undefined ? {} : { knownAtMs: parseTimeMs(query.known_at, 'known_at') };
  const rows = await history.windows({
    run: query.run,
    sizeS,
    fromMs,
    toMs,
    ports: [port.code],
    ...knownAt,
    measures: HEADLINE_MEASURES,
    rowsMax: rowsMax + 1,
  });
  if (rows.length > rowsMax)
    throw badRequest(`The stretch has more than ${rowsMax} rows. Ask for less, or for a larger size.`);
  const windows: WindowPoint[] = pointsOfRows(rows, port.index, sizeS, query.terminals);
  return {
    as_of: asOf(feed),
    run: query.run,
    port: port.code,
    size_s: sizeS,
    from_ms: fromMs,
    to_ms: toMs,
    ...(knownAt.knownAtMs === undefined ? {} : { known_at_ms: knownAt.knownAtMs }),
    windows,
  };
}

function readYoy(feed: Feed, portCode: string | undefined) {
  const ports = portCode === undefined ? PORTS.map((port) => port.index) : [portOrThrow(portCode).index];
  const nowMs = logTimeMs(feed.state);
  const festival = nowMs === 0 ? null : festivalStretch(nowMs);
  return {
    as_of: asOf(feed),
    scope: 'customs_ie',
    comparators: nowMs === 0 ? null : comparatorsOf(feed.state, ports, nowMs),
    path: nowMs === 0 ? null : pathOf(feed.state, ports, nowMs),
    path_series: nowMs === 0 ? [] : pathSeries(feed.state, ports, nowMs),
    spring_festival: festival === null ? null : { from_ms: festival.fromMs, to_ms: festival.toMs },
    finished: {
      period: REFERENCE_2025H1.id,
      count: REFERENCE_2025H1.teu,
      reference: REFERENCE_2025H1.teu,
      yoy_pct: REFERENCE_2025H1.growthPct,
      source: `${REFERENCE_2025H1.publisher}; ${REFERENCE_2025H1.source}`,
    },
  };
}

export function throughputRoutes(app: FastifyInstance, feed: Feed, history: History, nowMs: () => number): void {
  app.get(
    '/api/v1/ports',
    { schema: { summary: 'The 36 ports as they stand', response: { 200: list('ports') } } },
    () => ({
      as_of: asOf(feed),
      ports: PORTS.map((port) => ({
        ...portSummary(feed.state, port.index),
        name_en: port.nameEn,
        name_zh: port.nameZh,
        province: port.province,
        cluster: port.clusterGroup,
        lat: port.lat,
        lon: port.lon,
      })),
    }),
  );
  app.get<{ Querystring: ThroughputQuery }>(
    '/api/v1/throughput',
    {
      schema: {
        summary: 'Closed windows of a port, newest revision or as known at a time',
        querystring: throughputQuery,
        response: { 200: list('windows') },
      },
    },
    (request) => readThroughput(request.query, feed, history, nowMs()),
  );
  app.get<{ Querystring: { port?: string } }>(
    '/api/v1/yoy',
    {
      schema: {
        summary: 'Year on year by four comparators, and the pace',
        querystring: yoyQuery,
        response: { 200: anything },
      },
    },
    (request) => readYoy(feed, request.query.port),
  );
  app.get<{ Querystring: { limit: number; run: string } }>(
    '/api/v1/dead-letters',
    {
      schema: {
        summary: 'What was not counted, newest first, and why',
        querystring: deadLettersQuery,
        response: { 200: list('dead_letters') },
      },
    },
    async (request) => ({
      as_of: asOf(feed),
      dead_letters: await history.deadLetters(request.query.run, request.query.limit),
    }),
  );
  app.get(
    '/api/v1/scenario',
    { schema: { summary: 'What disturbs the simulated feeds: ground truth', response: { 200: list('scenario') } } },
    () => ({ as_of: asOf(feed), scenario: [...feed.scenario.values()].sort((a, b) => a.from_ms - b.from_ms) }),
  );
}
