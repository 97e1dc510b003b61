/** The quicker faults of `npm run faults`, on a short recording: what docs/reliability.md promises is seen. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../faults/fault.ts';
import { type OpenBench, openBench } from '../faults/open-bench.ts';
import { FAULTS } from '../faults/registry.ts';
import { jarsDir, temporaryDirectory } from '../testing.ts';

const directory = temporaryDirectory();
const stop = new AbortController();
let opened: OpenBench;

beforeAll(async () => {
  opened = openBench({
    dataDir: directory.path,
    jarsDir,
    days: 3,
    replaySeconds: 4,
    tell: () => {},
    stop: stop.signal,
  });
  await (await opened.bench.site()).calm();
});
afterAll(async () => {
  stop.abort();
  await opened?.close();
});

const quick = [
  'broker-reset',
  'group-forms-anew',
  'clickhouse-answer-lost',
  'clickhouse-too-many-parts',
  'replay-stopped',
  'out-of-memory',
  'broker-disk-full',
  'stop-while-waiting',
];

test.each(quick)('%s', async (name) => {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault === undefined) throw new Error(`There is no fault ${name}.`);
  const line = await inject(fault, opened.bench);
  // What a machine cannot inject is no failure here; the table of npm run faults says why.
  expect(line.verdict, line.seen).not.toBe('BROKEN');
});
