/**
 * `node seeds/src/main.ts`: makes ClickHouse hold the seed tables, says so in one line on standard error, and ends.
 * The work is in `load.ts`.
 */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { DATABASE } from '@quaywatch/contracts';
import { CLICKHOUSE_FIELDS, createLog, readConfig, runProcess } from '@quaywatch/runtime';
import { loadSeeds } from './load.ts';

const log = createLog('seeds');

await runProcess(log, async () => {
  const config = readConfig(CLICKHOUSE_FIELDS);
  const startedMs = performance.now();
  const client = createClient({
    url: config.clickhouseUrl,
    username: config.clickhouseUser,
    password: config.clickhousePassword,
    // Its own lines are not JSON, and what it logs it also throws.
    log: { level: ClickHouseLogLevel.OFF },
  });
  const { kind, version, rows } = await loadSeeds(client, DATABASE);
  await client.close();
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  log.info(kind === 'loaded' ? 'Seeds are loaded.' : 'Seeds are up to date.', { version, rows, seconds });
});
