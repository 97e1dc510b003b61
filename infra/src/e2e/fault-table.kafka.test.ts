/** The quicker faults of `npm run faults`, on a short recording: what docs/reliability.md promises is seen. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../faults/fault.ts';
import { type OpenBench, openBench } from '../faults/open-bench.ts';
import { FAULTS } from '../faults/registry.ts';
import { eventually, jarsDir, temporaryDirectory } from '../testing.ts';
import { killChildren, run } from './bench.testing.ts';

const directory = temporaryDirectory();
let opened: OpenBench;

beforeAll(async () => {
  opened = openBench({
    dataDir: directory.path,
    jarsDir,
    days: 3,
    replaySeconds: 4,
    tell: () => {},
    stop: new AbortController().signal,
  });
  await (await opened.bench.site()).calm();
});
afterAll(async () => {
  killChildren();
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

test('npm run faults that is asked to end does not wait for its fault, and leaves nothing', async () => {
  const parent = temporaryDirectory();
  try {
    const env = { TMPDIR: parent.path, QUAYWATCH_KAFKA_JARS: jarsDir };
    const { child, lines, ended } = run('infra/src/commands/faults.ts', ['start-order', '--days', '2'], env);
    const isBroker = () => enginesUnder(parent.path).length > 0;
    await eventually(
      'it has begun, with a broker',
      () => lines.some((one) => one.includes('start-order')) && isBroker(),
    );
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 130, stdout: '' });
    const verdicts = lines.filter((line) => /start-order: (kept|skipped|BROKEN)/.test(line));
    expect(verdicts, 'the fault at hand is not waited for').toEqual([]);
    expect(readdirSync(parent.path)).toEqual([]);
    await eventually('its engines are gone', () => !isBroker());
  } finally {
    parent.remove();
  }
});

/** Processes whose command line names the directory. */
function enginesUnder(path: string): string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(path));
}
