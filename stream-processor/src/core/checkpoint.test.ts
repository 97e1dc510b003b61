// A restart decides what was decided, in the cases that random logs meet once in thousands.
import { FUNCTIONS, MEASURE_INDEX, type ReportToEncode } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { plainOptions, plainTerminals } from '../testing/plain-options.ts';
import { amend, type Draft, makeReport, startMs, toLog } from '../testing/random-log.ts';
import { beginRebuild, type Checkpoint, checkpointOf, finishRebuild, upgraded } from './checkpoint.ts';
import { rebuildStep, step } from './partition.ts';
import { createPartition, type LogRecord, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';

const hourMs = 3_600_000;
const [watched = 0, slow = 0] = plainTerminals;
const options = plainOptions();

/** The revisions of the watched terminal's second hour. */
function revisionsOf(log: readonly LogRecord[], restartAfter: number | null): unknown[] {
  const out: Outputs = { rows: new RowBatch(4096), deadLetters: [], transitions: [] };
  let state = createPartition(options);
  for (const record of log) {
    step(state, record, out);
    if (record.offset !== restartAfter) continue;
    const checkpoint = JSON.parse(JSON.stringify(checkpointOf(state)));
    state = beginRebuild(options, checkpoint);
    for (const again of log.slice(checkpoint.rebuildFrom.offset, checkpoint.position))
      rebuildStep(state, again, { rows: new RowBatch(64), deadLetters: [], transitions: [] });
    finishRebuild(state, checkpoint);
  }
  const { rows } = out;
  return Array.from({ length: rows.count }, (_, i) => i).flatMap((i) =>
    rows.terminalIndex[i] === watched && rows.sizeS[i] === 3600 && (rows.startS[i] ?? 0) * 1000 === startMs + hourMs
      ? [
          {
            revision: rows.revision[i],
            isBackfilled: rows.backfilled[i] === 1,
            late: rows.measures[MEASURE_INDEX.late_moves]?.[i],
          },
        ]
      : [],
  );
}

test('an hour that nobody told in time, and whose only moves came late and were taken back, has closed with a row', () => {
  const at = (hours: number, report: ReportToEncode): Draft => ({
    arrivalMs: startMs + hours * hourMs,
    report: { ...report, cadenceS: 600 },
  });
  const promise = (terminal: number, id: string, sequence: number, hours: number): ReportToEncode =>
    makeReport(terminal, id, sequence, startMs, [], { completeThroughMs: startMs + hours * hourMs });
  // Of the hour after the first the watched terminal promises nothing, whatever it tells of it.
  const silent = { completeThroughMs: startMs + hourMs };
  const late = makeReport(watched, 'late', 2, startMs + hourMs, [2400], silent);
  const log = toLog(
    [
      at(1, promise(watched, 'w1', 1, 1)),
      at(1.01, promise(slow, 's1', 1, 1)),
      at(1.9, promise(slow, 's2', 2, 1.85)),
      at(1.91, late),
      at(1.92, { ...amend(late, 'back', 3, FUNCTIONS.cancel, []), ...silent }),
      at(2.2, promise(slow, 's3', 3, 2.1)),
      at(2.3, { ...amend(late, 'again', 4, FUNCTIONS.replace, [2700]), ...silent }),
    ],
    startMs + 3 * hourMs,
  );
  const clean = revisionsOf(log, null);
  expect(clean).toEqual([
    { revision: 0, isBackfilled: false, late: 1 },
    { revision: 1, isBackfilled: false, late: 2 },
  ]);
  for (const { offset } of log) expect(revisionsOf(log, offset), `restarted after record ${offset}`).toEqual(clean);
});

test('what version 4 had filled is a hole to the windows that had closed, and detection goes on', () => {
  const state = createPartition(options);
  const [first] = toLog([{ arrivalMs: startMs, report: makeReport(watched, 'a', 1, startMs, []) }], startMs);
  if (first !== undefined) step(state, first, { rows: new RowBatch(64), deadLetters: [], transitions: [] });
  const checkpoint = checkpointOf(state) as Checkpoint;
  const holes = [
    { fromMs: 1, toMs: 2, isFilled: true },
    { fromMs: 3, toMs: 4, isFilled: false },
  ];
  const clocks = checkpoint.clocks.map((clock) => ({ ...clock, holes })) as unknown as Checkpoint['clocks'];
  const now = upgraded({ ...checkpoint, version: 4, clocks });
  expect(now.clocks[0]?.holes).toEqual([
    { fromMs: 1, toMs: 2, filledAtMs: checkpoint.closedThroughMs },
    { fromMs: 3, toMs: 4, filledAtMs: null },
  ]);
  expect(now.alerting).toBe(checkpoint.alerting);
});
