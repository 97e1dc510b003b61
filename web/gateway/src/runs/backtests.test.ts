import { DEFAULT_DETECTION, DEFAULT_ROUTING, type RunSummary } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { silentLog } from '../fakes.ts';
import { asState, type FiredAlert } from '../stored-alerts.ts';
import { HOUR, NOW, transitionOf } from '../testing.ts';
import { createBacktests } from './backtests.ts';
import { createRunManager } from './manager.ts';

const inForce = { detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING };
const edited = { ...inForce, detection: { ...DEFAULT_DETECTION, overrides: [{ ports: ['CNSHA'], kinds: [] }] } };
const FROM = Date.UTC(2024, 11, 31, 16);
const request = { from: '2025-01-01', to: '2025-01-02', fromMs: FROM, toMs: FROM + 24 * HOUR, inForce, edited };
const fired: FiredAlert = { alert: asState(transitionOf(), NOW), endMs: NOW + HOUR };

type Spawned = {
  readonly args: readonly string[];
  readonly say: (line: string) => void;
  readonly end: (code: number) => void;
};

function house(stored: RunSummary[] = []) {
  const spawned: Spawned[] = [];
  const kept: string[] = [];
  const runs = createRunManager({
    spawn: (script, args, say) => {
      const { promise, resolve } = Promise.withResolvers<number>();
      const runOf = args[args.indexOf('--run') + 1];
      const end = (code: number) => {
        if (code === 0 && args.includes('--run'))
          stored.push({ run: runOf, state: 'done', from_ms: FROM, to_ms: FROM + 24 * HOUR } as RunSummary);
        if (script.endsWith('runs-main.ts')) stored.splice(0);
        resolve(code);
      };
      spawned.push({ args, say, end });
      return { done: promise, kill: () => end(1) };
    },
    topics: async () => ['quaywatch.recordings.2025-01-01_2025-07-01.v1'],
    coversLive: async () => false,
    keepFile: async (text) => {
      kept.push(text);
      return { path: `/kept/${kept.length}`, remove: async () => void kept.push('removed') };
    },
    stored: async () => stored,
    log: silentLog,
    nowMs: () => NOW,
  });
  const firedAlerts = async (run: string) =>
    run === spawned[0]?.args[spawned[0].args.indexOf('--run') + 1] ? [] : [fired];
  const create = (version = '1') =>
    createBacktests({ runs, stored: async () => stored, firedAlerts, version, log: silentLog });
  const settle = async () => {
    for (let i = 0; i < 40; i++) await Promise.resolve();
  };
  const finish = async (code = 0) => {
    await settle();
    spawned.at(-1)?.end(code);
    await settle();
  };
  return { create, spawned, kept, settle, finish, stored, runs };
}

test('both sides are replayed, one after the other, with alerts alone and rules of their own, and compared', async () => {
  const { create, spawned, kept, finish, settle } = house();
  const backtests = create();
  const { id, run_before, run_after, state } = backtests.start(request);
  expect(state).toBe('running');
  await settle();
  expect(spawned).toHaveLength(1);
  expect(spawned[0]?.args).toEqual([
    ...['--from', '2025-01-01', '--to', '2025-01-02', '--speed', 'max', '--json', '--run', run_before],
    ...['--alerts-only', '--rules', '/kept/1'],
  ]);
  spawned[0]?.say('{"progress":0.5}');
  expect(await backtests.get(id)).toMatchObject({ state: 'running', progress: 0.25 });
  await finish();
  expect(spawned[1]?.args).toContain(run_after);
  await finish();
  expect(kept.filter((text) => text !== 'removed').map((text) => JSON.parse(text))).toEqual([inForce, edited]);
  expect(kept.filter((text) => text === 'removed')).toHaveLength(2);
  expect(await backtests.get(id)).toMatchObject({
    state: 'done',
    progress: 1,
    result: { before: 0, after: 1, both: 0, only_after: [{ alert_id: 'a1' }], run_before, run_after },
  });
});

test('behind another run it is queued, and says so until its side begins', async () => {
  const { create, spawned, finish, settle, runs } = house();
  const backtests = create();
  runs.start({ from: '2025-01-01', to: '2025-01-02', fromMs: FROM, toMs: FROM + 24 * HOUR, speed: 'max' });
  const { id } = backtests.start(request);
  await settle();
  expect(await backtests.get(id)).toMatchObject({ state: 'queued', progress: 0 });
  await finish();
  expect(spawned).toHaveLength(2);
  expect(await backtests.get(id)).toMatchObject({ state: 'running', progress: 0 });
});

test('what the rules in force made of a stretch is computed once', async () => {
  const { create, spawned, finish } = house();
  const backtests = create();
  backtests.start(request);
  await finish();
  await finish();
  const again = { ...request, edited: { ...inForce, detection: { ...DEFAULT_DETECTION, planned: [], overrides: [] } } };
  const same = backtests.start(again);
  expect(same.run_after).toBe(same.run_before);
  await finish();
  expect(spawned).toHaveLength(2);
  expect(await backtests.get(same.id)).toMatchObject({ state: 'done' });
});

test('a finished one is found again after a restart; another version of the product asks anew', async () => {
  const { create, finish } = house();
  const { id } = create().start(request);
  await finish();
  await finish();
  expect(await create().get(id)).toMatchObject({ state: 'done', from_ms: FROM, result: { after: 1 } });
  expect(create('2').start(request).id).not.toBe(id);
});

test.each([['no such thing'], ['20250101-20250102-0123456789-0123456789'], ['../../live']])(
  '%s is not found',
  async (id) => {
    await expect(house().create().get(id)).rejects.toMatchObject({ status: 404 });
  },
);

test('a side that fails says why, and can be asked for again', async () => {
  const { create, spawned, finish, settle } = house();
  const backtests = create();
  const { id } = backtests.start(request);
  await settle();
  spawned[0]?.say('the disk is full');
  await finish(1);
  expect(await backtests.get(id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('the disk is full'),
  });
  expect(backtests.start(request).id).toBe(id);
  await settle();
  expect(spawned).toHaveLength(2);
});

test('what an interrupted run left is deleted first', async () => {
  const stored: RunSummary[] = [];
  const { create, spawned, settle } = house(stored);
  const backtests = create();
  const probe = backtests.start(request);
  await settle();
  spawned[0]?.end(1);
  await settle();
  stored.push({ run: probe.run_before, state: 'failed' } as RunSummary);
  backtests.start(request);
  await settle();
  expect(spawned[1]?.args).toEqual(['delete', probe.run_before]);
});

test('four under way, then no more; the same one is not begun twice', () => {
  const backtests = house().create();
  const nth = (n: number) => ({
    ...request,
    edited: { ...edited, detection: { ...edited.detection, planned: [{ n }] as never } },
  });
  for (let n = 0; n < 4; n++) backtests.start(nth(n));
  expect(backtests.start(nth(3)).state).toBe('running');
  expect(() => backtests.start(nth(4))).toThrow(expect.objectContaining({ status: 429 }));
});
