import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clickhouse, startClickhouse } from './clickhouse.ts';
import type { Account } from './clickhouse-settings.ts';
import { isAlive, temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
const options = { dataDir: join(directory.path, 'clickhouse'), logFile: join(directory.path, 'clickhouse.log') };
let clickhouse: Clickhouse;

async function as(account: Account, query: string): Promise<string> {
  const response = await fetch(clickhouse.url, {
    method: 'POST',
    body: query,
    headers: { 'X-ClickHouse-User': account.user, 'X-ClickHouse-Key': account.password, connection: 'close' },
  });
  const text = (await response.text()).trim();
  return response.ok ? text : (/\(([A-Z_]+)\)(?: \(version|$)/.exec(text)?.[1] ?? text);
}

beforeAll(async () => {
  clickhouse = await startClickhouse(options);
  await as(clickhouse.writer, 'CREATE DATABASE quaywatch');
  await as(
    clickhouse.writer,
    'CREATE TABLE quaywatch.rows (port String, teu UInt32) ENGINE = ReplacingMergeTree ORDER BY port',
  );
  const client = createClient({
    url: clickhouse.url,
    username: clickhouse.writer.user,
    password: clickhouse.writer.password,
  });
  await client.insert({
    table: 'quaywatch.rows',
    format: 'JSONEachRow',
    values: [
      { port: 'CNSHA', teu: 225 },
      { port: 'CNNGB', teu: 100 },
    ],
  });
  await client.close();
}, 60_000);

afterAll(async () => {
  await clickhouse?.stop();
  directory.remove();
});

describe('the embedded ClickHouse', () => {
  const denied = 'ACCESS_DENIED';
  const cases: readonly [who: 'writer' | 'reader' | 'default', query: string, answer: string][] = [
    ['writer', 'SELECT sum(teu) FROM quaywatch.rows', '325'],
    ['writer', 'ALTER TABLE quaywatch.rows ADD COLUMN IF NOT EXISTS moves UInt32', ''],
    ['writer', 'OPTIMIZE TABLE quaywatch.rows FINAL', ''],
    ['writer', 'SYSTEM STOP MERGES quaywatch.rows', ''],
    ['writer', 'SYSTEM START MERGES quaywatch.rows', ''],
    ['writer', 'CREATE TABLE default.rows (port String) ENGINE = Memory', denied],
    ['writer', "SELECT * FROM file('/etc/passwd', LineAsString)", denied],
    ['writer', "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)", denied],
    ['reader', 'SELECT sum(teu) FROM quaywatch.rows', '325'],
    ['reader', "INSERT INTO quaywatch.rows (port) VALUES ('CNTAO')", denied],
    ['reader', 'TRUNCATE TABLE quaywatch.rows', denied],
    ['reader', 'DROP TABLE quaywatch.rows', denied],
    ['reader', "SELECT * FROM file('/etc/passwd', LineAsString)", denied],
    ['reader', 'SELECT name FROM system.users', denied],
    ['reader', 'SELECT 1 SETTINGS max_execution_time = 0', 'SETTING_CONSTRAINT_VIOLATION'],
    ['reader', 'SELECT 1 SETTINGS max_memory_usage = 0', 'SETTING_CONSTRAINT_VIOLATION'],
    ['default', 'SELECT * FROM quaywatch.rows', denied],
    ['default', "SELECT * FROM file('/etc/passwd', LineAsString)", denied],
    ['default', 'CREATE DATABASE other', denied],
  ];
  it.each(cases)('%s: %s', async (who, query, answer) => {
    const account = who === 'default' ? { user: 'default', password: '' } : clickhouse[who];
    expect(await as(account, query)).toBe(answer);
  });

  it('refuses a wrong password', async () => {
    expect(await as({ user: 'quaywatch_reader', password: 'guess' }, 'SELECT 1')).toBe('AUTHENTICATION_FAILED');
  });

  it('keeps rows and passwords over a stop and over kill -9', { timeout: 60_000 }, async () => {
    for (const how of ['stop', 'kill'] as const) {
      const before = clickhouse;
      if (how === 'stop') await before.stop();
      else before.kill('SIGKILL');
      await before.exited;
      expect(isAlive(before.pid)).toBe(false);
      clickhouse = await startClickhouse({ ...options, port: before.port });
      expect(clickhouse.url).toBe(before.url);
      expect(await as(before.writer, 'SELECT sum(teu) FROM quaywatch.rows')).toBe('325');
    }
  });
});
