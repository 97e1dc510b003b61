/** When the live run's second stage decides: after every partition, whenever it looks. */
import { PARTITION_COUNT } from '@quaywatch/contracts';
import { createLog } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { createRuleTimeline } from './alerting/rule-timeline.ts';
import type { SecondStage } from './alerting/second-stage.ts';
import type { Progress } from './core/closed-by-all.ts';
import { advance, type SecondStagePorts } from './live-second-stage.ts';
import { hourlyExpectations } from './partition-options.ts';

const startMs = Date.UTC(2025, 2, 1);
const hourMs = 3_600_000;
const all = Array.from({ length: PARTITION_COUNT }, (_, partition) => partition);

const progressOf = (partition: number): Progress => ({
  sources: 1,
  closedThroughMs: startMs + (2 + partition) * hourMs,
  logTimeMs: startMs + 9 * hourMs,
});

/** Looks once for each list of partitions that have a checkpoint. @returns how far it had decided after each look. */
async function looks(closed: readonly (readonly number[])[], withRecords: readonly number[]): Promise<number[]> {
  const decided: number[] = [];
  let have: readonly number[] = [];
  const ports = {
    run: 'live',
    rules: createRuleTimeline(),
    isSimulated: true,
    expectations: hourlyExpectations(),
    everyMs: 0,
    log: createLog('test', 'error'),
    isOwner: () => true,
    partitions: async () => withRecords,
    publisher: { transitions: async () => {} },
    store: {
      progress: async () => new Map(have.map((one) => [one, progressOf(one)])),
      loadCheckpointBody: async () => undefined,
      // The last partition holds the oldest window.
      oldestWindow: async () => startMs - (have.at(-1) ?? 0) * hourMs,
      closedWindows: async () => [],
      writeTransitions: async () => {},
      saveCheckpoints: async (_run: string, list: readonly { readonly position: number }[]) => {
        decided.push((list[0]?.position ?? 0) - startMs);
      },
    },
  } as unknown as SecondStagePorts;
  const stop = new AbortController().signal;
  let stage: SecondStage | undefined;
  for (have of closed) stage = await advance(ports, stage, stop);
  return decided;
}

test.each([
  ['every partition at once', [all], all, [2 * hourMs]],
  ['one partition after another', all.map((one) => all.slice(0, one + 1)), all, [2 * hourMs]],
  ['two of which the others have no records', [[], [0, 1]], [0, 1], [2 * hourMs]],
  ['two, and a third whose records nobody has taken yet', [[0, 1]], [0, 1, 2], []],
])('%s', async (_name, closed, withRecords, expected) => {
  expect(await looks(closed, withRecords)).toEqual(expected);
});

test('it begins when every partition has closed the oldest window, not with the oldest of the fastest', async () => {
  let oldest = startMs + 7 * hourMs;
  let slowest = startMs + 1 * hourMs;
  const begun: unknown[] = [];
  const ports = {
    run: 'live',
    rules: createRuleTimeline(),
    isSimulated: true,
    expectations: hourlyExpectations(),
    log: createLog('test', 'error'),
    partitions: async () => [0, 1],
    publisher: { transitions: async () => {} },
    store: {
      progress: async () =>
        new Map([0, 1].map((one) => [one, { ...progressOf(9), ...(one === 0 && { closedThroughMs: slowest }) }])),
      loadCheckpointBody: async () => undefined,
      oldestWindow: async () => oldest,
      closedWindows: async (_run: string, fromMs: number) => {
        begun.push(fromMs);
        return [];
      },
      writeTransitions: async () => {},
      saveCheckpoints: async () => {},
    },
  } as unknown as SecondStagePorts;
  const stop = new AbortController().signal;
  expect(await advance(ports, undefined, stop)).toBe(undefined);
  // The slow one closes its older windows.
  oldest = startMs + 2 * hourMs;
  slowest = startMs + 5 * hourMs;
  expect((await advance(ports, undefined, stop))?.decidedThroughMs).toBe(slowest);
  expect(begun).toEqual([oldest]);
});
