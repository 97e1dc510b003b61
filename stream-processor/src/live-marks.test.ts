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

/** Takes reports of the terminal one after another; the calls that the partition's mark then tells of. */
function begun(marks: unknown[] = []) {
  const stretch = { fromDay: null, toDay: null, withMinutes: false, isSimulated: true };
  const state = createPartition(partitionOptions('live', PARTITION, createRuleTimeline(), stretch));
  const told = { endOffset: 0, isRebuilt: false, deadLettersBefore: {} };
  let offset = 0;
  return (report: ReturnType<typeof makeReport>) => {
    const out = { rows: new RowBatch(8), deadLetters: [], transitions: [] };
    step(
      state,
      { offset, timestampMs: startMs + 60_000 + offset, value: encodeMoveReport(report), isTick: false },
      out,
    );
    offset++;
    const mark = markOf(state, told);
    marks.push(JSON.parse(JSON.stringify(mark)));
    return mark.calls;
  };
}

test('a call has the moves that count: what is replaced counts once, what is cancelled not at all', () => {
  const take = begun();
  const movesAfter = (report: ReturnType<typeof makeReport>) => take(report).map(({ id, moves }) => `${id} ${moves}`);
  const report = makeReport(terminal, 'a', 1, startMs, [1, 2, 3, 4]);
  expect(movesAfter(report).sort()).toEqual(['V1 2', 'V2 2']);
  expect(movesAfter(amend(report, 'b', 2, FUNCTIONS.replace, [1, 2, 3, 4])).sort()).toEqual(['V1 2', 'V2 2']);
  expect(movesAfter(amend(report, 'c', 3, FUNCTIONS.cancel, []))).toEqual([]);
});

test('a name of any length does not make the mark larger than a record may be', () => {
  const report = makeReport(terminal, 'a', 1, startMs, [1, 2]);
  const long = '长'.repeat(100_000);
  const calls = report.calls.map((call) => ({ ...call, vessel: long, berth: `${'b'.repeat(127)}😀` }));
  const [call] = begun()({ ...report, calls });
  expect(call).toMatchObject({ vessel: long.slice(0, 128), berth: `${'b'.repeat(127)}\ufffd` });
});

test('a partition in which everything was refused tells how far it has read and why, in numbers', () => {
  const marks: unknown[] = [];
  begun(marks)(makeReport(terminal, 'a', 1, startMs, [1, 2], { terminal: 'CNXXX:NONE' }));
  expect(marks).toMatchObject([{ position: 1, watermark_ms: 0, dead_letters_today: { unknown_terminal: 2 } }]);
});
