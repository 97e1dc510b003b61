// Who decides on clusters and the nation: the member that was given partition 0, whether or not anything was ever sent there.
import { createLog, delay } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import type { LogHandlers } from './adapters/kafka-log.ts';
import { followLive, type LivePorts } from './follow-live.ts';
import { hourlyExpectations } from './partition-options.ts';

const startMs = Date.UTC(2025, 2, 1);
const hourMs = 3_600_000;

/** A member that is given some partitions. Resolves with how far the second stage has decided when `until` has passed, or as soon as it has. */
async function decidedBy(given: readonly number[], until: Promise<void>): Promise<number> {
  const stop = new AbortController();
  const decided = Promise.withResolvers<number>();
  const nothing = async () => {};
  const reader = { stop: nothing };
  const ports = {
    log: createLog('test', 'error'),
    ...{ secondStageEveryMs: 0, rejectShareMax: 1, rowsPerWrite: 10, checkpointEveryMs: 0, quietBeforeTickMs: 1 },
    isSimulated: true,
    expectations: hourlyExpectations(),
    followRules: async () => reader,
    ends: async () => new Map([[7, { low: 0, high: 9 }]]),
    read: async (handlers: LogHandlers) => {
      handlers.assigned(given);
      return reader;
    },
    publisher: { transitions: nothing, rows: nothing, deadLetters: nothing },
    store: {
      ...{ writeRows: nothing, writeDeadLetters: nothing, writeLedger: nothing, writeTransitions: nothing },
      progress: async () =>
        new Map([[7, { sources: 1, closedThroughMs: startMs + 2 * hourMs, logTimeMs: startMs + 3 * hourMs }]]),
      loadCheckpointBody: async () => undefined,
      oldestWindow: async () => startMs,
      closedWindows: async () => [],
      saveCheckpoints: async (_run: string, [first]: readonly { readonly position: number }[]) => {
        if (first !== undefined) decided.resolve(first.position);
      },
    },
  } as unknown as LivePorts;
  const following = followLive(ports, stop.signal, () => {});
  const through = await Promise.race([decided.promise, until.then(() => 0)]);
  stop.abort();
  await following;
  return through;
}

test('with partition 0, in which nobody reports, it decides what the others have closed', async () => {
  expect(await decidedBy([0, 7], new Promise(() => {}))).toBe(startMs + 2 * hourMs);
});

test('without it, it leaves that to whoever has it', async () => {
  expect(await decidedBy([7], delay(30))).toBe(0);
});
