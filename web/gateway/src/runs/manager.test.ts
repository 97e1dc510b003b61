import { DEFAULT_DETECTION, DEFAULT_ROUTING, type RunSummary } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { silentLog } from '../fakes.ts';
import { createRunManager, progressOf, queuedRunsMax, type RunManagerPorts } from './manager.ts';
import { coveringRecording } from './recordings.ts';

const DAY = 86_400_000;
const FROM = Date.UTC(2024, 11, 31, 16);
const REQUEST = { from: '2025-01-01', to: '2025-01-03', fromMs: FROM, toMs: FROM + 2 * DAY, speed: 'max' };

function manager(recordings: string[] = [], more: Partial<RunManagerPorts> = {}) {
  const spawned: {
    script: string;
    args: readonly string[];
    say: (line: string) => void;
    end: (code: number) => void;
    killed: boolean;
  }[] = [];
  const runs = createRunManager({
    spawn: (script, args, say) => {
      const { promise, resolve: end } = Promise.withResolvers<number>();
      const child = { script, args, say, end, killed: false };
      spawned.push(child);
      const kill = () => {
        child.killed = true;
        end(1);
      };
      return { done: promise, kill };
    },
    topics: async () => recordings.map((name) => `quaywatch.recordings.${name}.v1`),
    coversLive: async () => false,
    keepFile: async (text) => ({ path: `kept:${text}`, remove: async () => {} }),
    stored: async () => [],
    log: silentLog,
    nowMs: () => 0,
    ...more,
  });
  const settle = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  const stateOf = async (run: string) => (await runs.list()).find((one) => one.run === run);
  return { runs, spawned, settle, stateOf };
}

test('what nothing covers is recorded first, then replayed, and progress is told', async () => {
  const { runs, spawned, settle, stateOf } = manager();
  const { run } = runs.start(REQUEST);
  await settle();
  expect((await stateOf(run))?.state).toBe('recording');
  expect(spawned[0]).toMatchObject({
    script: 'producers/src/record-main.ts',
    args: ['--from', '2025-01-01', '--to', '2025-01-03'],
  });
  spawned[0]?.end(0);
  await settle();
  expect(spawned[1]?.args).toEqual([...(spawned[0]?.args ?? []), '--speed', 'max', '--json', '--run', run]);
  spawned[1]?.say('{"progress":0.5}');
  expect(await stateOf(run)).toMatchObject({ state: 'running', progress: 0.5 });
  spawned[1]?.end(0);
  await settle();
  expect(await stateOf(run)).toMatchObject({ state: 'done', progress: 1 });
});

test('one at a time, a short queue, then no more', async () => {
  const { runs, spawned, settle, stateOf } = manager(['2025-01-01_2025-07-01']);
  const first = runs.start(REQUEST);
  const waiting = Array.from({ length: queuedRunsMax }, () => runs.start(REQUEST));
  expect(() => runs.start(REQUEST)).toThrow(expect.objectContaining({ status: 429 }));
  await settle();
  expect(spawned).toHaveLength(1);
  expect([first, ...waiting].map(({ state }) => state)).toEqual(['running', ...waiting.map(() => 'queued')]);
  await runs.remove(first.run);
  await settle();
  expect(spawned[0]?.killed).toBe(true);
  expect((await stateOf(first.run))?.state).toBe('cancelled');
  expect(spawned).toHaveLength(2);
  const [second, third] = waiting.map(({ run }) => run);
  expect((await stateOf(second ?? ''))?.state).toBe('running');
  expect((await stateOf(third ?? ''))?.state).toBe('queued');
  expect(await runs.remove(third ?? '')).toMatchObject({ state: 'cancelled' });
  expect((await stateOf(third ?? ''))?.state).toBe('cancelled');
});

test('one that is done can be pinned, and a pinned one is deleted only when it was let go', async () => {
  const { runs, spawned, settle, stateOf } = manager(['2025-01-01_2025-07-01']);
  const { run, ...figures } = runs.start(REQUEST);
  const inTable: RunSummary[] = [];
  const table = manager([], { stored: async () => inTable });
  await expect(runs.pin(run, true)).rejects.toMatchObject({ status: 409, code: 'not_done' });
  await expect(runs.pin('live', true)).rejects.toMatchObject({ status: 404 });
  await settle();
  spawned[0]?.end(0);
  await settle();
  expect((await stateOf(run))?.state).toBe('done');

  inTable.push({ ...figures, run, state: 'done' });
  const pinning = table.runs.pin(run, true);
  await table.settle();
  expect(table.spawned[0]).toMatchObject({ script: 'stream-processor/src/runs-main.ts', args: ['pin', run] });
  table.spawned[0]?.end(0);
  expect(await pinning).toEqual({ run, pinned: true });
  inTable.splice(0, 1, { ...figures, run, state: 'done', pinned: true });
  await expect(table.runs.remove(run)).rejects.toMatchObject({ status: 409, code: 'pinned' });
  const letGo = table.runs.pin(run, false);
  await table.settle();
  expect(table.spawned[1]?.args).toEqual(['unpin', run]);
  table.spawned[1]?.say('ClickHouse does not answer');
  table.spawned[1]?.end(1);
  await expect(letGo).rejects.toMatchObject({ status: 503, message: expect.stringContaining('does not answer') });
});

test('a failure says why', async () => {
  const { runs, spawned, settle, stateOf } = manager(['2025-01-01_2025-07-01']);
  const { run } = runs.start(REQUEST);
  await settle();
  spawned[0]?.say('the disk is full');
  spawned[0]?.end(1);
  await settle();
  expect(await stateOf(run)).toMatchObject({ state: 'failed', error: expect.stringContaining('the disk is full') });
});

test('what the live log covers is not recorded, and rules go along in a file that is let go', async () => {
  const kept: string[] = [];
  const { runs, spawned, settle } = manager([], {
    coversLive: async () => true,
    keepFile: async (text) => ({ path: `/kept/${kept.push(text)}`, remove: async () => void kept.push('removed') }),
  });
  runs.start({ ...REQUEST, rules: { detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING } });
  await settle();
  expect(spawned[0]?.args.slice(-2)).toEqual(['--rules', '/kept/1']);
  spawned[0]?.say('--rules has problems:');
  spawned[0]?.say('Usage: …');
  spawned[0]?.end(2);
  await settle();
  expect(kept).toHaveLength(2);
  expect(JSON.parse(kept[0] ?? '')).toEqual({ detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING });
  expect((await runs.list())[0]).toMatchObject({ state: 'failed', error: expect.stringContaining('has problems') });
});

test.each([
  [['2025-01-01_2025-07-01'], '2025-01-01_2025-07-01'],
  [['2025-01-02_2025-07-01', 'mine'], undefined],
  [['2024-01-01_2024-07-01', '2025-01-01_2025-01-03'], '2025-01-01_2025-01-03'],
])('of %j, %s covers the stretch', (names, name) =>
  expect(coveringRecording(names, REQUEST.fromMs, REQUEST.toMs)).toBe(name),
);

test.each([
  ['{"progress":0.25}', 0.25],
  ['{"progress":7}', 1],
  ['{"progress":"x"}', undefined],
  ['progress', undefined],
  ['{', undefined],
])('%s is progress %s', (line, progress) => expect(progressOf(line)).toBe(progress));
