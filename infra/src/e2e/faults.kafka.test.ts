/** A replay while the broker and ClickHouse are killed under it: the figures are those of a quiet one. */
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engines } from '../engines.ts';
import { eventually, temporaryDirectory } from '../testing.ts';
import {
  checkpointedBy,
  clickhouseOf,
  figuresOf,
  inTheMiddle,
  killChildren,
  printedBy,
  progressOf,
  run,
  speed,
  startEngines,
  startReplay,
  stretch,
} from './bench.testing.ts';

const directory = temporaryDirectory();
let engines: Engines;
let client: ClickHouseClient;

beforeAll(async () => {
  engines = await startEngines(directory.path);
  client = clickhouseOf(engines);
  await printedBy(run('producers/src/record-main.ts', [...stretch, '--json'], engines.env));
});
afterAll(async () => {
  killChildren();
  await client?.close();
  await engines?.stop();
  directory.remove();
});

/** `pids` are of Kafka and ClickHouse, in this order. An engine that dies is started again at its old address. */
function killEngine(which: 'Kafka' | 'ClickHouse'): number {
  const pid = engines.pids()[which === 'Kafka' ? 0 : 1];
  if (pid === undefined) throw new Error(`There is no pid of ${which}.`);
  process.kill(pid, 'SIGKILL');
  return pid;
}

test('a replay under which the broker and then ClickHouse are killed ends with the same digests', async () => {
  const minutes = ['--minutes', '--speed', String(speed)];
  const calm = await printedBy(startReplay(engines, ['--minutes', '--run', 'calm']));
  const running = startReplay(engines, [...minutes, '--run', 'disturbed']);
  await inTheMiddle('the first progress above zero', running, () => progressOf(running) > 0);
  const broker = killEngine('Kafka');
  await eventually('the broker is started again', () => !engines.pids().includes(broker), 30_000);

  // Minute rows are enough for several writes: a checkpoint means that others are still to come.
  await inTheMiddle('the first checkpoint', running, async () => (await checkpointedBy(client, 'disturbed')) > 0);
  const storage = killEngine('ClickHouse');
  await eventually('ClickHouse is started again', () => !engines.pids().includes(storage), 30_000);
  expect(running.child.exitCode, 'the replay outlived both kills and was not done before').toBeNull();

  expect(figuresOf(await printedBy(running))).toEqual(figuresOf(calm));
});
