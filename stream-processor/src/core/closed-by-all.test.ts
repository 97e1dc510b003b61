/** How far the second stage of a live run and of a replay may decide. */
import { expect, test } from 'vitest';
import { simulatedOptions } from '../simulation/options.ts';
import { checkpointOf } from './checkpoint.ts';
import { closedByAll, type Progress, progressOf } from './closed-by-all.ts';
import { step } from './partition.ts';
import { createPartition, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';

const hourMs = 3_600_000;
const logTimeMs = Date.UTC(2025, 2, 10);
const told = (closedThroughMs: number): Progress => ({ sources: 1, closedThroughMs, logTimeMs });
const unheard: Progress = { sources: 0, closedThroughMs: 0, logTimeMs };

test.each<[string, readonly (Progress | undefined)[], number | undefined]>([
  ['through what the slowest has closed', [told(5 * hourMs), told(3 * hourMs)], 3 * hourMs],
  ['not before each of them is known', [told(5 * hourMs), undefined], undefined],
  ['one in which nobody was accepted is an hour behind its log time', [told(logTimeMs), unheard], logTimeMs - hourMs],
  ['and holds back nobody who is slower', [told(3 * hourMs), unheard], 3 * hourMs],
  ['no partition, nothing to decide', [], undefined],
])('%s', (_what, all, expected) => {
  const progress = new Map(all.flatMap((one, partition) => (one === undefined ? [] : [[partition, one] as const])));
  expect(closedByAll(progress, [...all.keys()])).toBe(expected);
});

test('a partition whose every record is refused has come as far by its state, for replays, as by its checkpoint, for the live run', () => {
  const state = createPartition(
    simulatedOptions({ partition: 0, terminals: [0, 1], fromDay: 20_000, toDay: 20_010, withMinutes: false }),
  );
  const out: Outputs = { rows: new RowBatch(8), deadLetters: [], transitions: [] };
  for (let i = 0; i < 48; i++)
    step(
      state,
      { offset: i, timestampMs: logTimeMs + i * hourMs, value: Buffer.from('no report'), isTick: false },
      out,
    );
  expect(out.deadLetters).toHaveLength(48);
  const checkpoint = checkpointOf(state);
  const stored: Progress = {
    sources: checkpoint?.clocks.length ?? -1,
    closedThroughMs: checkpoint?.closedThroughMs ?? 0,
    logTimeMs: checkpoint?.logTimeMs ?? 0,
  };
  expect(progressOf(state)).toEqual(stored);
  expect(closedByAll(new Map([[0, progressOf(state)]]), [0])).toBe(logTimeMs + 46 * hourMs);
});
