// Any order of arrival within the allowed lateness gives the same totals: duplicates, late reports, amendments before their originals, two sources.
import { encodeMoveReport, FUNCTIONS, MEASURES, PORTS, type ReportToEncode, TERMINALS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { step } from '../core/partition.ts';
import { createPartition, type LogRecord } from '../core/partition-state.ts';
import { RowBatch } from '../core/row-batch.ts';
import { amend, makeReport, startMs } from '../testing/random-log.ts';
import { simulatedOptions } from './options.ts';

const hourMs = 3_600_000;
const partition = 7;
const terminals = TERMINALS.filter((one) => PORTS[one.portIndex]?.partition === partition)
  .map((one) => one.index)
  .slice(0, 2);
const arrivals: readonly string[] = ['duplicates', 'late_moves'];
const counted = MEASURES.flatMap((name, index) => (arrivals.includes(name) ? [] : [index]));
const runs = process.env['SEED'] === undefined ? 150 : 1;

/** A dozen reports of six hours, with what goes wrong on the way. A move that comes twice says the same both times. */
function reportsOf(seed: number): ReportToEncode[] {
  const random = createRandom(seed);
  const reports: ReportToEncode[] = [];
  for (const terminal of terminals) {
    for (let slot = 0; slot < 6; slot++) {
      const offsets = [...new Set(Array.from({ length: 4 }, () => Math.floor(random() * 3600)))];
      const source = random() < 0.3 ? { source: 'urn:test:second' } : {};
      const report = makeReport(terminal, `r${slot}`, slot * 10, startMs + slot * hourMs, offsets, source);
      reports.push(report);
      const fate = random();
      const about = (kind: number, sequence: number, list: readonly number[]) => ({
        ...amend(report, `a${slot}.${sequence}`, slot * 10 + sequence, kind, list),
        source: report.source,
      });
      if (fate < 0.2) reports.push(report);
      else if (fate < 0.35) reports.push({ ...report, reportId: `again${slot}` });
      else if (fate < 0.5) reports.push(about(FUNCTIONS.cancel, 1, []));
      else if (fate < 0.65)
        reports.push(about(FUNCTIONS.replace, 1, offsets.slice(1)), about(FUNCTIONS.replace, 2, offsets.slice(0, 2)));
      else if (fate < 0.75) reports.push({ ...report, reportId: `again${slot}` }, about(FUNCTIONS.cancel, 3, []));
    }
  }
  return reports;
}

/** Arrivals spread over `spreadHours` after the last event, ticks between them and until everything has settled. */
function logOf(reports: readonly ReportToEncode[], spreadHours: number): LogRecord[] {
  const first = startMs + 7 * hourMs;
  const gap = (spreadHours * hourMs) / reports.length;
  const sent = reports.map((report, i) => ({
    timestampMs: Math.floor(first + i * gap),
    value: encodeMoveReport(report),
    isTick: false,
  }));
  const ticks = Array.from({ length: 80 }, (_, i) => ({ timestampMs: first + i * hourMs, value: null, isTick: true }));
  return [...sent, ...ticks].sort((a, b) => a.timestampMs - b.timestampMs).map((one, offset) => ({ ...one, offset }));
}

/** The newest revision of every window in which something moved, without the measures that tell how it came. */
function totalsOf(log: readonly LogRecord[]): Record<string, string> {
  const state = createPartition(
    simulatedOptions({ partition, terminals, fromDay: null, toDay: null, withMinutes: false }),
  );
  const rows = new RowBatch(2048);
  const deadLetters: { reason: string }[] = [];
  for (const record of log) step(state, record, { rows, deadLetters: deadLetters as never[], transitions: [] });
  expect(deadLetters).toEqual([]);
  const totals: Record<string, string> = {};
  for (let i = 0; i < rows.count; i++) {
    const measures = counted.map((measure) => rows.measures[measure]?.[i] ?? 0);
    // Rows come in the order of their revisions: the last one stays.
    const key = `${rows.terminalIndex[i]} ${rows.sizeS[i]} ${rows.startS[i]}`;
    if (measures.some((value) => value !== 0)) totals[key] = measures.join();
    else delete totals[key];
  }
  return totals;
}

test('duplicates, late and out-of-order reports in any permutation inside the lateness: the same totals', () => {
  const cases = fc.integer({ min: 1, max: 2 ** 31 }).chain((seed) => {
    const reports = reportsOf(seed);
    const indices = reports.map((_, i) => i);
    const size = { minLength: reports.length, maxLength: reports.length };
    return fc.record({
      seed: fc.constant(seed),
      order: fc.shuffledSubarray(indices, size),
      // Within 48 hours of the end of the day that the reports are of, from seven hours after its beginning.
      spreadHours: fc.integer({ min: 1, max: 60 }),
    });
  });
  fc.assert(
    fc.property(cases, ({ seed, order, spreadHours }) => {
      const reports = reportsOf(seed);
      const inOrder = totalsOf(logOf(reports, 1));
      expect(Object.keys(inOrder).length).toBeGreaterThan(0);
      const permuted = order.flatMap((i) => reports[i] ?? []);
      expect(totalsOf(logOf(permuted, spreadHours))).toEqual(inOrder);
    }),
    { numRuns: runs, ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }) },
  );
});

test('a source and a report id that read like another report id are told apart', () => {
  const first = makeReport(terminals[0] ?? 0, 'opening', 1, startMs, [1]);
  const named = makeReport(terminals[0] ?? 0, 'urn:test:second r1', 1, startMs, [400]);
  const other = makeReport(terminals[0] ?? 0, 'r1', 1, startMs, [800], { source: 'urn:test:second' });
  const moves = (reports: readonly ReportToEncode[]) =>
    Object.keys(totalsOf(logOf(reports, 1))).filter((key) => key.includes(' 300 ')).length;
  expect(moves([first, named, other])).toBe(3);
  expect(moves([first, other, named])).toBe(3);
});
