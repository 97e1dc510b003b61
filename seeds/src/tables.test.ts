import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { BASELINE_ROWS, baselineChunks, portRows, referenceRows, terminalRows } from './rows.ts';
import { SEED_TABLE_NAMES, SEED_TABLES, SEED_VERSION, seedTables } from './tables.ts';

test('the version is the digest of the content, on every machine', () => {
  const digest = createHash('sha256');
  digest.update(JSON.stringify([seedTables('any'), portRows(), terminalRows(), referenceRows()]));
  for (const chunk of baselineChunks()) digest.update(chunk);
  expect(digest.digest('hex').slice(0, 16), 'write this into SEED_VERSION in seeds/src/tables.ts').toBe(SEED_VERSION);
});

test('one row a port and hour from 2024 to 2027', () => {
  expect(BASELINE_ROWS).toBe(36 * (366 + 365 + 365 + 365) * 24);
  expect([...baselineChunks()]).toHaveLength(36);
});

test('the statements create the tables that the loader names, in our database', () => {
  const created = SEED_TABLES.map((statement) => /^CREATE TABLE IF NOT EXISTS quaywatch\.(\w+) /.exec(statement)?.[1]);
  expect(created).toEqual([...SEED_TABLE_NAMES]);
});
