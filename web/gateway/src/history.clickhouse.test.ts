import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { MEASURES, type ThroughputRow } from '@quaywatch/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clickhouse, startClickhouse } from '../../../infra/src/clickhouse.ts';
import { provisionTables } from '../../../infra/src/provision.ts';
import { createHistory, HEADLINE_MEASURES, type History, HistoryError } from './history.ts';
import { loadSnapshot } from './snapshot.ts';
import { createLiveState } from './state/live-state.ts';
import { portPoint } from './state/windows.ts';
import { HOUR, NOW, rowOf } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'quaywatch-gateway-'));
let clickhouse: Clickhouse;
let history: History;
const START = NOW - HOUR;
const RIZHAO = 9;

const five = (wish: Partial<ThroughputRow>, teu: number) =>
  rowOf({ size_s: 300, start_ms: START, ...wish, measures: { teu, moves: 1 } });

const ROWS = [
  five({ known_at_ms: NOW - 50 * 60_000 }, 100),
  five({ known_at_ms: NOW - 10 * 60_000, revision: 1, version: 9 }, 300),
  five({ start_ms: START + 300_000, known_at_ms: NOW - 45 * 60_000 }, 200),
  five({ run: 'replay-1' }, 700),
];

function stored(row: ThroughputRow) {
  const measures = Object.fromEntries(MEASURES.map((name, place) => [name, row.measures[place]]));
  const { run, port, terminal, size_s, revision, version, completeness } = row;
  // DateTime in seconds, DateTime64(3) in milliseconds.
  const [start, known_at] = [row.start_ms / 1000, row.known_at_ms];
  return { run, port, terminal, size_s, revision, version, completeness, backfilled: 0, start, known_at, ...measures };
}

beforeAll(async () => {
  clickhouse = await startClickhouse({ dataDir: join(directory, 'data'), logFile: join(directory, 'log') });
  const { url, writer, reader } = clickhouse;
  await provisionTables({ url, writer, reader });
  const client = createClient({ url, username: writer.user, password: writer.password });
  await client.insert({ table: 'quaywatch.throughput', values: ROWS.map(stored), format: 'JSONEachRow' });
  const alert = {
    alert_id: 'a1',
    transition: 0,
    kind: 'drop',
    severity: 'info',
    status: 'firing',
    port: 'CNSHA',
    at: NOW,
    known_at: NOW,
    version: 1,
  };
  await client.insert({
    table: 'quaywatch.alert_transitions',
    values: ['replay-1', 'replay-2'].map((run) => ({ ...alert, run, body: JSON.stringify({ run }) })),
    format: 'JSONEachRow',
  });
  await client.close();
  history = createHistory({ clickhouseUrl: url, clickhouseUser: reader.user, clickhousePassword: reader.password });
}, 60_000);

afterAll(async () => {
  await history.close();
  await clickhouse.stop();
  rmSync(directory, { recursive: true, force: true });
});

const query = {
  run: 'live',
  sizeS: 300,
  fromMs: START,
  toMs: NOW,
  ports: ['CNRZH'],
  measures: HEADLINE_MEASURES,
  rowsMax: 100,
} as const;
const teuOf = (rows: readonly ThroughputRow[]) => rows.map((row) => (row.measures[1] ?? 0) / 100);

test('the newest revision of each window, and what it was', async () => {
  const rows = await history.windows(query);
  expect(teuOf(rows)).toEqual([3, 2]);
  expect(rows[0]).toMatchObject({
    revision: 1,
    version: 9,
    first_teu: 100,
    start_ms: START,
    known_at_ms: NOW - 10 * 60_000,
  });
});

test.each([
  [NOW - 55 * 60_000, []],
  [NOW - 50 * 60_000, [1]],
  [NOW - 20 * 60_000, [1, 2]],
  [NOW, [3, 2]],
])('what was known at %d', async (knownAtMs, teu) =>
  expect(teuOf(await history.windows({ ...query, knownAtMs }))).toEqual(teu),
);

test('revisions come in the order in which they became known', async () => {
  expect(teuOf(await history.revisions(query))).toEqual([1, 2, 3]);
  expect(teuOf(await history.revisions({ ...query, knownAfterMs: NOW - 45 * 60_000 }))).toEqual([3]);
});

test.each(["CNRZH' OR '1'='1", 'CNRZH\\', '{ports:Array(String)}', "') --"])(
  'a port named %s is no port',
  async (port) => expect(await history.windows({ ...query, ports: [port] })).toEqual([]),
);

test('a snapshot fills the live state', async () => {
  const state = createLiveState('live');
  await loadSnapshot(state, history, NOW);
  expect(portPoint(state, RIZHAO, 300, START)).toMatchObject({ teu: 3, was: 1, revision: 1 });
  expect(state.liveSinceMs[RIZHAO]).toBe(START);
});

test.each(['replay-1', 'replay-2'])('an alert of the same name in another run hides nothing: %s', async (run) =>
  expect(await history.transitions(run, 0, NOW + 1, 10)).toEqual([{ run }]),
);

test('runs, alerts and dead letters of nothing are empty', async () => {
  expect(await history.runs()).toEqual([]);
  expect(await history.transitions('live', 0, NOW, 10)).toEqual([]);
  expect(await history.deadLetters('live', 10)).toEqual([]);
});

test('a server that is not there is bad weather', async () => {
  const lost = createHistory({ clickhouseUrl: 'http://127.0.0.1:9', clickhouseUser: 'a', clickhousePassword: '' });
  await expect(lost.ping()).rejects.toBeInstanceOf(HistoryError);
  await lost.close();
});
