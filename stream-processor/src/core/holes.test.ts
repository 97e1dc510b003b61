// Holes through the core: what a source has told of a window, whatever order its reports came in.
import { encodeMoveReport, PORTS, TERMINALS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createRuleTimeline } from '../alerting/rule-timeline.ts';
import { makeReport, startMs } from '../testing/random-log.ts';
import { step } from './partition.ts';
import { createPartition, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';

const PARTITION = 7;
const terminals = TERMINALS.filter((terminal) => PORTS[terminal.portIndex]?.partition === PARTITION).map(
  (terminal) => terminal.index,
);
const [watched = 0, slow = 0] = terminals;
const cadenceMs = 600_000;

/** An empty report: when it arrives and what it promises, in cadences after the start. */
type Beat = readonly [terminal: number, arrives: number, promises: number];

/** Completeness of the watched terminal's cadences (their first five minutes) by the newest row; those without a row are left out. */
function toldOf(beats: readonly Beat[]): Record<number, number> {
  const state = createPartition({
    ...{ run: 'test', partition: PARTITION, terminals, fromDay: null, toDay: null, withMinutes: false },
    ...{
      rules: createRuleTimeline(),
      isSimulated: true,
      expectedHour: () => 400,
      lastYearHour: () => 800,
      doubtAt: () => 0,
    },
  });
  const out: Outputs = { rows: new RowBatch(4096), deadLetters: [], transitions: [] };
  for (const [offset, [terminal, arrives, promises]] of beats.entries()) {
    const promiseMs = startMs + promises * cadenceMs;
    const report = makeReport(terminal, `r${offset}`, 1, promiseMs, [], {
      completeThroughMs: promiseMs,
      cadenceS: cadenceMs / 1000,
    });
    const timestampMs = startMs + arrives * cadenceMs + offset;
    step(state, { offset, timestampMs, value: encodeMoveReport(report), isTick: false }, out);
  }
  const { rows } = out;
  const told: Record<number, number> = {};
  for (let i = 0; i < rows.count; i++) {
    const cadence = ((rows.startS[i] ?? 0) * 1000 - startMs) / cadenceMs;
    const isFirst = rows.sizeS[i] === 300 && Number.isInteger(cadence) && cadence >= 1;
    if (rows.terminalIndex[i] === watched && isFirst) told[cadence] = rows.completeness[i] ?? 0;
  }
  return told;
}

const both = (at: number): Beat[] => [
  [watched, at, at],
  [slow, at, at],
];

test('ten minutes in which nothing moved are a zero, also when their report came after its successor’s', () => {
  const inOrder = toldOf([...both(0), ...both(1), [watched, 2, 2], [watched, 3, 3], [slow, 3, 3], ...both(4)]);
  const swapped = toldOf([...both(0), ...both(1), [watched, 3, 3], [watched, 3, 2], [slow, 3, 3], ...both(4)]);
  expect(inOrder).toMatchObject({ 1: 1, 2: 1 });
  expect(swapped).toEqual(inOrder);
});

test('what was never told has no row, and what was told after it closed has', () => {
  const lost = [...both(0), ...both(1), [watched, 3, 3], [slow, 3, 3]] satisfies Beat[];
  expect(toldOf([...lost, ...both(4)])).not.toHaveProperty('1');
  expect(toldOf([...lost, ...both(4), [watched, 4, 2], ...both(5)])).toMatchObject({ 1: 1, 2: 1 });
});
