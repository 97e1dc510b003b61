/**
 * History out of ClickHouse, read only: windows, runs, alerts, dead letters. Every value of a query is a typed parameter.
 * It caches nothing and knows no HTTP.
 */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import {
  DATABASE,
  MEASURE_COUNT,
  MEASURE_INDEX,
  MEASURES,
  type Measure,
  type RunSummary,
  type StoredDeadLetter,
  type WindowSizeS,
} from '@quaywatch/contracts';
import type { ClickhouseSettings } from '@quaywatch/runtime';
import type { StoredRow } from './state/ring.ts';
import { storedAlerts } from './stored-alerts.ts';
import { storedLedger } from './stored-ledger.ts';

/** ClickHouse did not answer or refused: bad weather for the caller to report; `code` is stable. */
export class HistoryError extends Error {
  readonly code = 'history_unavailable';
}

export type WindowQuery = {
  readonly run: string;
  readonly sizeS: WindowSizeS;
  /** Half-open, UTC ms, of window starts. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Empty: all ports. */
  readonly ports: readonly string[];
  /** Only what was known at this log time; undefined: the newest. */
  readonly knownAtMs?: number;
  /** With `revisions`: only what became known after this log time. */
  readonly knownAfterMs?: number;
  readonly measures: readonly Measure[];
  readonly rowsMax: number;
};

export type History = ReturnType<typeof createHistory>;

type Params = Readonly<Record<string, unknown>>;
type Cell = string | number;

const queryTimeoutMs = 20_000;
const FAR_MS = 4_102_444_800_000;
/** Newest row of a window: highest revision, then highest version. */
const ORDER = '(revision, version)';

const inPorts = '(empty({ports:Array(String)}) OR port IN {ports:Array(String)})';
const inRange = `run = {run:String} AND size_s = {size:UInt32} AND start >= toDateTime({from:UInt32}, 'UTC') AND start < toDateTime({to:UInt32}, 'UTC') AND ${inPorts}`;

const seconds = (ms: number): number => Math.min(4_294_967_295, Math.max(0, Math.ceil(ms / 1000)));

function windowParams(query: WindowQuery): Params {
  return {
    run: query.run,
    size: query.sizeS,
    from: seconds(query.fromMs),
    to: seconds(query.toMs),
    ports: [...query.ports],
    known: Math.floor(query.knownAtMs ?? FAR_MS),
    after: Math.floor(query.knownAfterMs ?? 0),
    limit: query.rowsMax,
  };
}

function rowOf(cells: readonly Cell[], query: WindowQuery): StoredRow {
  const [
    port,
    terminal,
    start,
    revision,
    version,
    knownAt,
    completeness,
    backfilled,
    firstRevision,
    firstTeu,
    ...values
  ] = cells;
  const measures = new Array<number>(MEASURE_COUNT).fill(0);
  for (const [place, name] of query.measures.entries()) measures[MEASURE_INDEX[name]] = Number(values[place]);
  return {
    kind: 'row',
    run: query.run,
    port: String(port),
    terminal: String(terminal),
    size_s: query.sizeS,
    start_ms: Number(start) * 1000,
    revision: Number(revision),
    version: Number(version),
    known_at_ms: Number(knownAt),
    completeness: Number(completeness),
    backfilled: Number(backfilled) === 1,
    provisional: false,
    measures,
    ...(Number(firstRevision) === 0 ? { first_teu: Number(firstTeu) } : {}),
  };
}

export function createHistory(settings: ClickhouseSettings, connections = 6) {
  const client = createClient({
    url: settings.clickhouseUrl,
    username: settings.clickhouseUser,
    password: settings.clickhousePassword,
    request_timeout: queryTimeoutMs + 2_000,
    max_open_connections: connections,
    application: 'quaywatch-gateway',
    // What fails is thrown, with its reason.
    log: { level: ClickHouseLogLevel.OFF },
  });

  const ask = (query: string, params: Params) =>
    client.query({
      query,
      query_params: { ...params },
      format: 'JSONCompactEachRow',
      clickhouse_settings: {
        max_execution_time: queryTimeoutMs / 1000,
        output_format_json_quote_64bit_integers: 0,
        // Tables are partitioned by run and their keys do not name it: without this, FINAL takes rows of two runs for one.
        do_not_merge_across_partitions_select_final: 1,
      },
    });

  const rowsOf = async (query: string, params: Params): Promise<readonly (readonly Cell[])[]> => {
    try {
      const result = await ask(query, params);
      return await result.json<Cell[]>();
    } catch (error) {
      throw new HistoryError('ClickHouse did not answer the query.', { cause: error });
    }
  };

  const newestRows = (query: WindowQuery): string => {
    const measures = query.measures.map((name) => `, argMax(${name}, ${ORDER}) AS newest_${name}`).join('');
    return `SELECT any(port), terminal, toUnixTimestamp(start) AS start_s, max(revision), argMax(version, ${ORDER}),
        toUnixTimestamp64Milli(argMax(known_at, ${ORDER})), argMax(completeness, ${ORDER}), argMax(backfilled, ${ORDER}),
        min(revision), argMin(teu, ${ORDER})${measures}
      FROM ${DATABASE}.throughput
      WHERE ${inRange} AND known_at <= fromUnixTimestamp64Milli({known:Int64}, 'UTC')
      GROUP BY terminal, start ORDER BY start_s, terminal LIMIT {limit:UInt32}`;
  };

  /** Newest row of each window, oldest window first. @throws HistoryError */
  const windows = async (query: WindowQuery): Promise<StoredRow[]> => {
    const rows = await rowsOf(newestRows(query), windowParams(query));
    return rows.map((cells) => rowOf(cells, query));
  };

  /** The same, handed over one by one as they come, so that a long stretch is never in memory at once. @throws HistoryError */
  const eachWindow = async (query: WindowQuery, take: (row: StoredRow) => void): Promise<number> => {
    let count = 0;
    try {
      const result = await ask(newestRows(query), windowParams(query));
      for await (const chunk of result.stream<Cell[]>()) {
        for (const row of chunk) take(rowOf(row.json<Cell[]>(), query));
        count += chunk.length;
      }
    } catch (error) {
      throw new HistoryError('ClickHouse did not answer the query.', { cause: error });
    }
    return count;
  };

  return {
    windows,
    eachWindow,
    /** Every revision of each window, in the order in which they became known. @throws HistoryError */
    revisions: async (query: WindowQuery): Promise<StoredRow[]> => {
      const measures = query.measures.map((name) => `, ${name}`).join('');
      const rows = await rowsOf(
        `SELECT port, terminal, toUnixTimestamp(start) AS start_s, revision, version, toUnixTimestamp64Milli(known_at),
          completeness, backfilled, revision, teu${measures}
        FROM ${DATABASE}.throughput FINAL
        WHERE ${inRange} AND known_at <= fromUnixTimestamp64Milli({known:Int64}, 'UTC')
          AND known_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
        ORDER BY known_at, start_s, terminal, revision LIMIT {limit:UInt32}`,
        windowParams(query),
      );
      return rows.map((cells) => rowOf(cells, query));
    },
    /** Start of the first 5-minute window of each port of a run, UTC ms. @throws HistoryError */
    firstWindows: async (run: string): Promise<ReadonlyMap<string, number>> => {
      const rows = await rowsOf(
        `SELECT port, toUnixTimestamp(min(start)) FROM ${DATABASE}.throughput WHERE run = {run:String} AND size_s = 300 GROUP BY port`,
        { run },
      );
      return new Map(rows.map(([port, start]) => [String(port), Number(start) * 1000]));
    },
    /** Newest summary of every run that is not deleted, newest first. @throws HistoryError */
    runs: async (): Promise<RunSummary[]> => {
      const rows = await rowsOf(
        `SELECT body FROM ${DATABASE}.runs FINAL WHERE deleted = 0 ORDER BY updated_at DESC LIMIT 500`,
        {},
      );
      return rows.map(([body]) => JSON.parse(String(body)) as RunSummary);
    },
    ...storedAlerts(rowsOf),
    ...storedLedger(rowsOf),
    /** Newest dead letters of a run. @throws HistoryError */
    deadLetters: async (run: string, rowsMax: number): Promise<StoredDeadLetter[]> => {
      const rows = await rowsOf(
        `SELECT topic, partition, offset, entry, entries, reason, toUnixTimestamp64Milli(at), port, terminal, detail
        FROM ${DATABASE}.dead_letters FINAL WHERE run = {run:String} ORDER BY at DESC, offset DESC LIMIT {limit:UInt32}`,
        { run, limit: rowsMax },
      );
      return rows.map(([topic, partition, offset, entry, entries, reason, at, port, terminal, detail]) => ({
        topic: String(topic),
        partition: Number(partition),
        offset: Number(offset),
        entry: Number(entry),
        entries: Number(entries),
        reason: String(reason),
        at_ms: Number(at),
        port: String(port),
        terminal: String(terminal),
        detail: String(detail),
      }));
    },
    /** @throws HistoryError */
    ping: async (): Promise<void> => {
      await rowsOf('SELECT 1', {});
    },
    close: () => client.close(),
  };
}

/** All measures, for rows that shares are computed from. */
export const ALL_MEASURES: readonly Measure[] = MEASURES;
export const HEADLINE_MEASURES: readonly Measure[] = ['moves', 'teu'];
