/**
 * Everything the processor keeps in ClickHouse: rows, dead letters, alert transitions, checkpoints, runs. Retries bad weather for ever (the
 * caller waits, so Kafka pauses); decides nothing about order.
 */
import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type AlertTransition, DATABASE, type DeadLetter, MEASURES, type RunSummary } from '@quaywatch/contracts';
import { type ClickhouseSettings, type Log, retry } from '@quaywatch/runtime';
import type { Checkpoint } from '../core/checkpoint.ts';
import type { Progress } from '../core/closed-by-all.ts';
import type { LedgerEntry } from '../core/ledger-rows.ts';
import type { RowBatch } from '../core/row-batch.ts';
import { nativeBlock, ROW_COLUMNS } from './native-block.ts';
import { storedLetters } from './stored-letters.ts';

/** Errors that say "not now": too many parts, memory, no space, timeouts, shutting down. Others are bugs and escape. */
const RETRIABLE_CODES = new Set([
  '252',
  '241',
  '243',
  '159',
  '160',
  '202',
  '210',
  '209',
  '236',
  '243',
  '999',
  '1000',
  '745',
]);

function isRetriable(error: unknown): boolean {
  return !(error instanceof ClickHouseError) || RETRIABLE_CODES.has(error.code);
}

export type Totals = { teuHundredths: number; rows: number; alerts: number; digest: string; totalsDigest: string };
export type Store = ReturnType<typeof createStore>;

/** Where the second stage's checkpoint stands among those of the partitions. */
export const SECOND_STAGE_PARTITION = 65_535;

/** TEU in hundredths. */
export type ClosedWindow = {
  end_ms: number;
  terminal: string;
  teu: number;
  moves: number;
  completeness: number;
  known_at_ms: number;
};

const PROGRESS = `SELECT partition, toUInt32(argMax(JSONLength(body, 'clocks'), position)) AS sources,
    toFloat64(argMax(JSONExtractInt(body, 'closedThroughMs'), position)) AS closed_through,
    toFloat64(argMax(JSONExtractInt(body, 'logTimeMs'), position)) AS log_time
  FROM ${DATABASE}.checkpoints WHERE run = {run:String} AND partition < {stages:UInt16} GROUP BY partition`;

const OLDEST_WINDOW = `SELECT toUnixTimestamp(min(start)) * 1000 AS oldest, toFloat64(count()) AS count
  FROM ${DATABASE}.throughput WHERE run = {run:String} AND size_s = 300 AND revision = 0`;

/** Measures that say how something came, not what was handled: left out of the totals digest. */
const ARRIVAL_MEASURES = ['duplicates', 'late_moves'];

/** Attempts of a command that somebody waits for: about three minutes. The live process tries for ever. */
export const commandAttemptsMax = 40;

function clientOf(settings: ClickhouseSettings) {
  return createClient({
    url: settings.clickhouseUrl,
    username: settings.clickhouseUser,
    password: settings.clickhousePassword,
    database: DATABASE,
    request_timeout: 30_000,
    max_open_connections: 8,
    application: 'quaywatch-stream-processor',
    // Errors reach us as errors; the client's own lines would tell them twice.
    log: { level: ClickHouseLogLevel.OFF },
    // Batches are made here; waiting for the server to gather more would only add latency.
    clickhouse_settings: { wait_end_of_query: 1, async_insert: 0 },
  });
}

/** @param signal ends waiting for a database that does not come back: what was not stored is thrown, and the log is read again. */
export function createStore(
  settings: ClickhouseSettings,
  log: Log,
  signal?: AbortSignal,
  attemptsMax = Number.POSITIVE_INFINITY,
) {
  const client = clientOf(settings);
  let isDown = false;
  const insist = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const result = await retry(work, {
      attemptsMax,
      firstDelayMs: 100,
      delayMsMax: 5_000,
      isRetriable,
      ...(signal === undefined ? {} : { signal }),
      onRetry: (error, attempt, delayMs) => {
        if (!isDown)
          log.warn('ClickHouse does not take writes; Kafka is paused until it does.', {
            what,
            attempt,
            delay_ms: delayMs,
            error,
          });
        isDown = true;
      },
    });
    if (isDown) log.info('ClickHouse takes writes again.', { what });
    isDown = false;
    return result;
  };
  const insertJson = (table: string, values: readonly Readonly<Record<string, unknown>>[]) =>
    insist(table, () =>
      client.insert({
        table: `${DATABASE}.${table}`,
        values,
        format: 'JSONEachRow',
        clickhouse_settings: { date_time_input_format: 'best_effort' },
      }),
    );
  const select = async <T>(query: string, params: Record<string, unknown>): Promise<T[]> =>
    insist('read', async () => {
      const result = await client.query({
        query,
        query_params: params,
        format: 'JSONEachRow',
        // Not kept until it is whole: the server does that on its disk, and on a full one it answers 200 with nothing, which reads as "no rows".
        clickhouse_settings: {
          max_execution_time: 120,
          output_format_json_quote_64bit_integers: 0,
          wait_end_of_query: 0,
        },
      });
      return result.json<T>();
    });
  return {
    close: () => client.close(),

    /** `rows` must not change until this resolves. */
    async writeRows(run: string, rows: RowBatch): Promise<void> {
      if (rows.count === 0) return;
      await insist('throughput', async () => {
        const { stream } = await client.exec({
          query: `INSERT INTO ${DATABASE}.throughput (${ROW_COLUMNS.join(', ')}) FORMAT Native`,
          values: Readable.from(nativeBlock(run, rows), { objectMode: false }),
          clickhouse_settings: { optimize_on_insert: 0, max_insert_block_size: '1000000' },
        });
        stream.resume();
        await new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
      });
    },

    async writeDeadLetters(run: string, topic: string, letters: readonly DeadLetter[]): Promise<void> {
      if (letters.length === 0) return;
      await insertJson(
        'dead_letters',
        letters.map(({ atMs, count, ...letter }) => ({
          run,
          topic,
          ...letter,
          entries: count,
          at: new Date(atMs).toISOString(),
        })),
      );
    },

    async writeTransitions(
      transitions: readonly { readonly transition: AlertTransition; readonly version: number }[],
    ): Promise<void> {
      if (transitions.length === 0) return;
      await insertJson(
        'alert_transitions',
        transitions.map(({ transition: one, version }) => ({
          run: one.run,
          alert_id: one.alert_id,
          transition: one.transition,
          kind: one.kind,
          severity: one.severity,
          status: one.status,
          port: one.port,
          at: new Date(one.at_ms).toISOString(),
          known_at: new Date(one.known_at_ms).toISOString(),
          version,
          body: JSON.stringify(one),
        })),
      );
    },

    /** A run's transitions, in the order of alerts. */
    async transitions(run: string): Promise<AlertTransition[]> {
      const rows = await select<{ body: string }>(
        `SELECT body FROM ${DATABASE}.alert_transitions FINAL WHERE run = {run:String} ORDER BY alert_id, transition`,
        { run },
      );
      return rows.map((row) => JSON.parse(row.body) as AlertTransition);
    },

    ...storedLetters(select),

    async writeLedger(run: string, entries: readonly LedgerEntry[]): Promise<void> {
      if (entries.length === 0) return;
      await insertJson(
        'ledger',
        entries.map(({ day, known_at_ms, settled, ...entry }) => ({
          run,
          day: new Date(day * 86_400_000).toISOString().slice(0, 10),
          known_at: new Date(known_at_ms).toISOString(),
          settled: settled ? 1 : 0,
          ...entry,
        })),
      );
    },

    /** After the rows that they cover, never before. */
    async saveCheckpoints(
      run: string,
      checkpoints: readonly { readonly partition: number; readonly position: number; readonly body: string }[],
    ): Promise<void> {
      if (checkpoints.length > 0)
        await insertJson(
          'checkpoints',
          checkpoints.map((one) => ({ run, ...one })),
        );
    },

    async loadCheckpoint(run: string, partition: number): Promise<Checkpoint | undefined> {
      const body = await this.loadCheckpointBody(run, partition);
      return body === undefined ? undefined : (JSON.parse(body) as Checkpoint);
    },

    async loadCheckpointBody(run: string, partition: number): Promise<string | undefined> {
      // An aggregate gives one row always: none is no word of a missing checkpoint, after which a run would begin anew.
      const rows = await select<{ body: string; stored: number }>(
        `SELECT argMax(body, position) AS body, toFloat64(count()) AS stored
         FROM ${DATABASE}.checkpoints WHERE run = {run:String} AND partition = {partition:UInt16}`,
        { run, partition },
      );
      const row = rows[0];
      if (row === undefined) throw new Error('The query of a checkpoint gave no row.');
      return row.stored === 0 ? undefined : row.body;
    },

    /** How far each partition has come, by its newest checkpoint: what it has closed by then is stored. */
    async progress(run: string): Promise<Map<number, Progress>> {
      type Row = { partition: number; sources: number; closed_through: number; log_time: number };
      const rows = await select<Row>(PROGRESS, { run, stages: SECOND_STAGE_PARTITION });
      return new Map(
        rows.map(({ partition, sources, closed_through, log_time }) => [
          partition,
          { sources, closedThroughMs: closed_through, logTimeMs: log_time },
        ]),
      );
    },

    /** Terminals' 5-minute windows as they were when they closed, for windows that start in [fromMs, toMs). */
    async closedWindows(run: string, fromMs: number, toMs: number): Promise<ClosedWindow[]> {
      return select<ClosedWindow>(
        `SELECT toUnixTimestamp(start) * 1000 + 300000 AS end_ms, terminal, toFloat64(argMax(teu, version)) AS teu,
           toFloat64(argMax(moves + domestic_moves + transhipment_moves, version)) AS moves,
           argMax(throughput.completeness, version) AS completeness,
           toUnixTimestamp64Milli(argMax(throughput.known_at, version)) AS known_at_ms
         FROM ${DATABASE}.throughput
         WHERE run = {run:String} AND size_s = 300 AND revision = 0
           AND start >= fromUnixTimestamp64Milli({fromMs:Int64}) AND start < fromUnixTimestamp64Milli({toMs:Int64})
         GROUP BY end_ms, terminal`,
        { run, fromMs, toMs },
      );
    },

    /** Start of the oldest 5-minute window of a run as it closed, UTC ms; undefined before there is one. What came later changes nothing. */
    async oldestWindow(run: string): Promise<number | undefined> {
      const rows = await select<{ oldest: number; count: number }>(OLDEST_WINDOW, { run });
      return rows[0] === undefined || rows[0].count === 0 ? undefined : rows[0].oldest;
    },

    async saveRun(summary: RunSummary): Promise<void> {
      await insertJson('runs', [
        { run: summary.run, updated_at: new Date().toISOString(), deleted: 0, body: JSON.stringify(summary) },
      ]);
    },

    async listRuns(): Promise<RunSummary[]> {
      const rows = await select<{ body: string }>(
        `SELECT body FROM (SELECT run, argMax(body, updated_at) AS body, argMax(deleted, updated_at) AS gone FROM ${DATABASE}.runs GROUP BY run) WHERE gone = 0`,
        {},
      );
      return rows.map((row) => JSON.parse(row.body) as RunSummary).sort((a, b) => b.created_at_ms - a.created_at_ms);
    },

    async deleteRun(run: string): Promise<void> {
      for (const table of ['throughput', 'alert_transitions', 'checkpoints', 'dead_letters', 'ledger']) {
        await insist(table, () =>
          client.command({
            query: `ALTER TABLE ${DATABASE}.${table} DROP PARTITION {run:String}`,
            query_params: { run },
          }),
        );
      }
      await insertJson('runs', [{ run, updated_at: new Date().toISOString(), deleted: 1, body: '{}' }]);
    },

    /** What a run adds up to, read back from what is stored. */
    async totals(run: string): Promise<Totals> {
      const identity = 'port, terminal, size_s, start';
      const all = `${identity}, revision, ${MEASURES.join(', ')}`;
      const counted = `${identity}, ${MEASURES.filter((name) => !ARRIVAL_MEASURES.includes(name)).join(', ')}`;
      const isZero = 'moves + domestic_moves + transhipment_moves + gate_moves + restow_moves = 0';
      // A row is final when no row of the next revision stands beside it; DISTINCT, because a recovery may have written a row twice.
      // Two quick hashes, one summed and one XORed: sipHash64 over the same columns took 30 times as long, and nobody forges a digest here.
      const rows = await select<{ headline: number; row_count: number; a: string; b: string; c: string; d: string }>(
        `SELECT toFloat64(sumIf(teu, size_s = 86400)) AS headline, toFloat64(count()) AS row_count,
           hex(groupBitXor(a1)) AS a, hex(sum(b1)) AS b, hex(groupBitXorIf(c1, NOT z)) AS c, hex(sumIf(d1, NOT z)) AS d
         FROM (
           SELECT DISTINCT size_s, teu, ${isZero} AS z, cityHash64(${all}) AS a1, xxh3(${all}) AS b1, cityHash64(${counted}) AS c1, xxh3(${counted}) AS d1
           FROM ${DATABASE}.throughput
           WHERE run = {run:String} AND (size_s, terminal, start, revision + 1) NOT IN (
             SELECT size_s, terminal, start, toUInt32(revision) FROM ${DATABASE}.throughput WHERE run = {run:String} AND revision > 0)
         )`,
        { run },
      );
      // Without the run's own name, so that two runs of the same stretch can be compared.
      const alerts = await select<{ alerts: number; transitions: string }>(
        `SELECT toFloat64(uniqExact(alert_id)) AS alerts, hex(groupBitXor(cityHash64(alert_id, transition, replaceOne(body, concat('"run":"', run, '"'), '')))) AS transitions
         FROM (SELECT * FROM ${DATABASE}.alert_transitions FINAL WHERE run = {run:String})`,
        { run },
      );
      const row = rows[0];
      if (row === undefined) throw new Error('The totals query gave no row.');
      return {
        teuHundredths: row.headline,
        rows: row.row_count,
        alerts: alerts[0]?.alerts ?? 0,
        digest: `${row.a}${row.b}${alerts[0]?.transitions ?? ''}`.toLowerCase(),
        totalsDigest: `${row.c}${row.d}`.toLowerCase(),
      };
    },
  };
}
