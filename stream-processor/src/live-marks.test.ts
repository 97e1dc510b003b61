// Vessel calls in a partition's mark: how many of their moves count.
import { encodeMoveReport, FUNCTIONS, PORTS, TERMINALS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createRuleTimeline } from './alerting/rule-timeline.ts';
import { step } from './core/partition.ts';
import { createPartition } from './core/partition-state.ts';
import { RowBatch } from './core/row-batch.ts';
import { markOf } from './live-marks.ts';
import { partitionOptions } from './partition-options.ts';
import { amend, makeReport, startMs } from './testing/random-log.ts';

const PARTITION = 7;
const terminal = TERMINALS.find((one) => PORTS[one.portIndex]?.partition === PARTITION)?.index ?? 0;

test('a call has the moves that count: what is replaced counts once, what is cancelled not at all', () => {
  const stretch = { fromDay: null, toDay: null, withMinutes: false, isSimulated: true };
  const state = createPartition(partitionOptions('live', PARTITION, createRuleTimeline(), stretch));
  const told = { endOffset: 0, isRebuilt: false, deadLettersBefore: {} };
  let offset = 0;
  const take = (report: ReturnType<typeof makeReport>) => {
    const out = { rows: new RowBatch(8), deadLetters: [], transitions: [] };
    step(
      state,
      { offset, timestampMs: startMs + 60_000 + offset, value: encodeMoveReport(report), isTick: false },
      out,
    );
    offset++;
    return Object.fromEntries(markOf(state, told).calls.map(({ id, moves }) => [id, moves]));
  };
  const report = makeReport(terminal, 'a', 1, startMs, [1, 2, 3, 4]);
  const counted = take(report);
  expect(Object.values(counted).reduce((sum, moves) => sum + moves, 0)).toBe(4);
  expect(take(amend(report, 'b', 2, FUNCTIONS.replace, [1, 2, 3, 4]))).toEqual(counted);
  expect(take(amend(report, 'c', 3, FUNCTIONS.cancel, []))).toEqual({});
});
