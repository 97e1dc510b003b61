import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startClickhouse } from './clickhouse.ts';
import { temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

test.each([
  ['empty', ''],
  ['half written', '{"writer":"a'],
  ['without one of them', '{"writer":"a"}'],
])('a file of passwords that is %s is named, with what mends it', async (_what, text) => {
  const dataDir = join(directory.path, 'clickhouse');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'secrets.json'), text);
  await expect(startClickhouse({ dataDir, logFile: join(directory.path, 'log') })).rejects.toMatchObject({
    code: 'clickhouse_not_ready',
    message: expect.stringContaining('Delete it'),
  });
});
