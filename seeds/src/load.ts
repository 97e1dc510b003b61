/**
 * Loads the seed tables into ClickHouse, once for every version of their content.
 * It neither retries nor reads settings: its caller decides about both.
 */
import { Readable } from 'node:stream';
import type { createClient } from '@clickhouse/client';
import { BASELINE_ROWS, baselineChunks, portRows, referenceRows, type SeedRow, terminalRows } from './rows.ts';
import { SEED_TABLE_NAMES, SEED_VERSION, seedTables } from './tables.ts';

type Client = ReturnType<typeof createClient>;

/** `rows` counts `baseline_hourly`. */
export type LoadResult = { readonly kind: 'loaded' | 'current'; readonly version: string; readonly rows: number };

/**
 * Makes the seed tables of `database` (created when missing) hold this version. Safe to run again and after a crash:
 * the version is written last. While another version is loaded, readers see the tables empty or partly filled.
 * @throws what the client throws when ClickHouse is away or refuses.
 */
export async function loadSeeds(client: Client, database: string): Promise<LoadResult> {
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
  await createTables(client, database);
  if (await isCurrent(client, database)) return { kind: 'current', version: SEED_VERSION, rows: BASELINE_ROWS };
  // Dropped, not emptied, because the columns may have changed with the version.
  for (const table of SEED_TABLE_NAMES)
    await client.command({ query: `DROP TABLE IF EXISTS ${database}.${table} SYNC` });
  await createTables(client, database);
  await insertRows(client, `${database}.ports`, portRows());
  await insertRows(client, `${database}.terminals`, terminalRows());
  await insertRows(client, `${database}.reference`, referenceRows());
  await insertBaseline(client, `${database}.baseline_hourly`);
  await insertRows(client, `${database}.seed_versions`, [{ version: SEED_VERSION, rows: BASELINE_ROWS }]);
  return { kind: 'loaded', version: SEED_VERSION, rows: BASELINE_ROWS };
}

async function createTables(client: Client, database: string): Promise<void> {
  for (const query of seedTables(database)) await client.command({ query });
}

/** The count is asked too, because a version row outlives a table that somebody dropped. */
async function isCurrent(client: Client, database: string): Promise<boolean> {
  const result = await client.query({
    query: `SELECT
  (SELECT any(version) FROM ${database}.seed_versions) AS version,
  toString((SELECT count() FROM ${database}.baseline_hourly)) AS rows`,
    format: 'JSONEachRow',
  });
  const [row] = await result.json<{ version: string; rows: string }>();
  return row?.version === SEED_VERSION && row.rows === String(BASELINE_ROWS);
}

async function insertRows(client: Client, table: string, values: readonly SeedRow[]): Promise<void> {
  await client.insert({ table, values: [...values], format: 'JSONEachRow' });
}

async function insertBaseline(client: Client, table: string): Promise<void> {
  // `insert` does not take RowBinary; `exec` does, and its answer must be read or the socket stays taken.
  const { stream } = await client.exec({
    query: `INSERT INTO ${table} (port, hour, teu_hundredths, basis) FORMAT RowBinary`,
    values: Readable.from(baselineChunks(), { objectMode: false }),
  });
  await stream.resume().toArray();
}
