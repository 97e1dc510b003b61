import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { type AlertTransition, MEASURES, type ThroughputRow } from '@quaywatch/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clickhouse, startClickhouse } from '../../../infra/src/clickhouse.ts';
import { provisionTables } from '../../../infra/src/provision.ts';
import { createHistory, HEADLINE_MEASURES, type History, HistoryError } from './history.ts';
import { loadSnapshot } from './snapshot.ts';
import { createLiveState } from './state/live-state.ts';
import { portPoint } from './state/windows.ts';
import { HOUR, NOW, rowOf, transitionOf } from './testing.ts';

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

const alertOf = (wish: Partial<AlertTransition>) => transitionOf({ run: 'replay-1', ...wish });
const ALERTS = [
  alertOf({ alert_id: 'a1', at_ms: NOW - HOUR, status: 'pending' }),
  alertOf({ alert_id: 'a1', transition: 1, severity: 'critical' }),
  alertOf({ alert_id: 'a2', at_ms: NOW - HOUR, port: 'CNNGB', level: 'terminal', severity: 'info' }),
  alertOf({ alert_id: 'a2', transition: 1, port: 'CNNGB', level: 'terminal', severity: 'info', status: 'resolved' }),
  alertOf({ alert_id: 'a3', at_ms: NOW - 2 * HOUR, kind: 'stall', status: 'pending' }),
  alertOf({ alert_id: 'a3', transition: 1, kind: 'stall', status: 'resolved' }),
  alertOf({ alert_id: 'a1', run: 'replay-2' }),
];

function storedAlert(one: AlertTransition) {
  const { run, alert_id, transition, kind, severity, status, port } = one;
  const key = { run, alert_id, transition, kind, severity, status, port };
  return { ...key, at: one.at_ms, known_at: one.known_at_ms, version: 1, body: JSON.stringify(one) };
}

const LEDGER = [
  { day: '2025-03-10', version: 5, counted: 7, reported: 9, missing: 2, sequence_gaps: null, settled: 0, rejected: {} },
  { day: '2025-03-10', version: 9, counted: 8, reported: 9, missing: 1, settled: 1, rejected: { too_late: 1 } },
  { day: '2025-03-12', version: 9, counted: 1, reported: null, missing: null, sequence_gaps: 3, rejected: {} },
  { day: '2025-03-01', version: 2, counted: 1 },
].map((row) => ({ run: 'live', port: 'CNSHA', terminal: 'CNSGH:SECT', source: 'urn:a', known_at: NOW, ...row }));

beforeAll(async () => {
  clickhouse = await startClickhouse({ dataDir: join(directory, 'data'), logFile: join(directory, 'log') });
  const { url, writer, reader } = clickhouse;
  await provisionTables({ url, writer, reader });
  const client = createClient({ url, username: writer.user, password: writer.password });
  await client.insert({ table: 'quaywatch.throughput', values: ROWS.map(stored), format: 'JSONEachRow' });
  await client.insert({ table: 'quaywatch.alert_transitions', values: ALERTS.map(storedAlert), format: 'JSONEachRow' });
  // Written again by a process that took over: until they are merged, rows are there twice.
  await client.insert({ table: 'quaywatch.alert_transitions', values: ALERTS.map(storedAlert), format: 'JSONEachRow' });
  for (const row of LEDGER) await client.insert({ table: 'quaywatch.ledger', values: [row], format: 'JSONEachRow' });
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

test('an alert of the same name in another run hides nothing', async () => {
  expect(await history.transitions('replay-2', 0, NOW + 1, 10)).toEqual([ALERTS.at(-1)]);
  expect(await history.transitions('replay-1', 0, NOW + 1, 10)).toHaveLength(6);
  expect(await history.transitionsOf('replay-1', 'a1')).toEqual(ALERTS.slice(0, 2));
  expect(await history.transitionsOf('live', 'a1')).toEqual([]);
});

const wanted = { run: 'replay-1', state: 'all', before: undefined, limit: 10 } as const;

test.each<[string, Partial<Parameters<History['alerts']>[0]>, readonly string[]]>([
  ['all, newest beginning first', {}, ['a2', 'a1', 'a3']],
  ['the first', { limit: 1 }, ['a2']],
  ['the next', { limit: 1, before: { firstAtMs: NOW - HOUR, alertId: 'a2' } }, ['a1']],
  ['the rest', { before: { firstAtMs: NOW - HOUR, alertId: 'a1' } }, ['a3']],
  ['open', { state: 'open' }, ['a1']],
  ['resolved', { state: 'resolved' }, ['a2', 'a3']],
  ['pending, which a1 no longer is', { state: 'pending' }, []],
  ['of a kind', { kind: 'stall' }, ['a3']],
  ['of the newest severity', { severity: 'critical' }, ['a1']],
  ['of a severity that was', { severity: 'warning' }, ['a3']],
  ['of a level', { level: 'terminal' }, ['a2']],
  ['of a port', { port: 'CNNGB' }, ['a2']],
  ['of another run', { run: 'replay-2' }, ['a1']],
  ['of nobody', { kind: "drop' OR 1 --" }, []],
])('stored alerts: %s', async (_what, wish, ids) => {
  const alerts = await history.alerts({ ...wanted, ...wish });
  expect(alerts.map(({ alert_id }) => alert_id)).toEqual(ids);
});

test('a stored alert is its newest transition, since its first', async () => {
  const [alert] = await history.alerts({ ...wanted, severity: 'critical' });
  expect(alert).toEqual({
    ...ALERTS[1],
    first_at_ms: NOW - HOUR,
    acknowledged: null,
    notes: [],
    silenced_until_ms: null,
    silenced_by: '',
  });
});

test('an alert that never fired is not one that fired', async () => {
  const fired = await history.firedAlerts('replay-1', 10);
  expect(fired.map(({ alert, endMs }) => [alert.alert_id, endMs])).toEqual([
    ['a1', Number.POSITIVE_INFINITY],
    ['a2', NOW],
  ]);
});

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

test('the ledger as it stands: the newest days, one day, one port', async () => {
  const said = async (day?: string, port?: string) =>
    (await history.ledger('live', day, port)).map((one) => [
      one.day,
      one.version,
      one.counted,
      one.missing,
      one.settled,
    ]);
  const whole = ['2025-03-10', 9, 8, 1, true];
  expect(await said()).toEqual([['2025-03-12', 9, 1, null, false], whole]);
  expect(await said('2025-03-10')).toEqual([whole]);
  expect(await said('2025-03-10', 'CNNGB')).toEqual([]);
  const [row] = await history.ledger('live', '2025-03-12', 'CNSHA');
  expect(row).toMatchObject({ reported: null, sequence_gaps: 3, rejected: {}, told: 0, source: 'urn:a' });
  expect((await history.ledger('live', '2025-03-10', undefined))[0]?.rejected).toEqual({ too_late: 1 });
});
