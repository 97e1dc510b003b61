import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { DATABASE } from '@quaywatch/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clickhouse, startClickhouse } from '../../infra/src/clickhouse.ts';
import { loadSeeds } from './load.ts';
import { BASELINE_ROWS } from './rows.ts';
import { SEED_VERSION } from './tables.ts';

const directory = mkdtempSync(join(tmpdir(), 'quaywatch-seeds-'));
const database = DATABASE;
let clickhouse: Clickhouse;
let client: ClickHouseClient;

beforeAll(async () => {
  clickhouse = await startClickhouse({ dataDir: join(directory, 'data'), logFile: join(directory, 'log') });
  const { user, password } = clickhouse.writer;
  client = createClient({ url: clickhouse.url, username: user, password });
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
});

afterAll(async () => {
  await client.close();
  await clickhouse.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe('loading into ClickHouse', () => {
  const command = (query: string) => client.command({ query });
  const ask = async (query: string) => (await client.query({ query, format: 'JSONCompactEachRow' })).json();

  const totals = () =>
    ask(`SELECT toString(toYear(hour, 'Asia/Shanghai')) AS year, basis, toString(sum(teu_hundredths))
FROM ${database}.baseline_hourly WHERE toMonth(hour, 'Asia/Shanghai') <= 6 GROUP BY year, basis ORDER BY year LIMIT 2`);
  const expectedTotals = [
    ['2024', 'official', '6056603800'],
    ['2025', 'official', '6741000000'],
  ];
  const loaded = { kind: 'loaded', version: SEED_VERSION, rows: BASELINE_ROWS };

  test('the first load fills the tables exactly, the second does nothing', async () => {
    expect(await loadSeeds(client, database)).toEqual(loaded);
    expect(await totals()).toEqual(expectedTotals);
    expect(
      await ask(
        `SELECT toUInt32(count()), toUInt32(countIf(is_ours)), toUInt32(uniq(port)) FROM ${database}.terminals`,
      ),
    ).toEqual([[85, 4, 36]]);
    expect(await loadSeeds(client, database)).toEqual({ ...loaded, kind: 'current' });
  });

  test.each([
    ['a load that did not finish', [`TRUNCATE TABLE ${database}.seed_versions`]],
    ['a table that somebody dropped', [`DROP TABLE ${database}.baseline_hourly SYNC`]],
    [
      'another version',
      [
        `TRUNCATE TABLE ${database}.seed_versions`,
        `INSERT INTO ${database}.seed_versions (version, rows) VALUES ('other', ${BASELINE_ROWS})`,
      ],
    ],
  ])('%s is loaded again, without doubles', async (_, statements) => {
    for (const statement of statements) await command(statement);
    expect(await loadSeeds(client, database)).toEqual(loaded);
    expect(await totals()).toEqual(expectedTotals);
    expect(await ask(`SELECT version FROM ${database}.seed_versions`)).toEqual([[SEED_VERSION]]);
  });
});
