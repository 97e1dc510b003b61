// The second stage's windows out of storage against those of the process that wrote it, over random hostile logs: the same to the last bit.
import { MEASURE_INDEX, PORTS, TERMINALS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import type { ClosedWindow } from './adapters/clickhouse-store.ts';
import { PortWindows } from './alerting/port-windows.ts';
import { createRuleTimeline } from './alerting/rule-timeline.ts';
import { step } from './core/partition.ts';
import { createPartition, type Outputs } from './core/partition-state.ts';
import { RowBatch } from './core/row-batch.ts';
import { expectedHour, partitionOptions } from './partition-options.ts';
import { putClosed } from './stored-windows.ts';
import { randomDrafts, startMs, toLog } from './testing/random-log.ts';

const PARTITION = 7;
const days = 3;
const windowMs = 300_000;
const terminals = TERMINALS.filter((one) => PORTS[one.portIndex]?.partition === PARTITION).map(({ index }) => index);
const seeds = process.env['SEED'] === undefined ? [1, 2, 3] : [Number(process.env['SEED'])];

/** What `closedWindows` reads back of rows, with completeness as storage keeps it. */
function stored({ rows }: Outputs): ClosedWindow[] {
  const measure = (name: keyof typeof MEASURE_INDEX, i: number) => rows.measures[MEASURE_INDEX[name]]?.[i] ?? 0;
  return Array.from({ length: rows.count }, (_, i) => i)
    .filter((i) => rows.sizeS[i] === 300 && rows.revision[i] === 0)
    .map((i) => ({
      terminal: TERMINALS[rows.terminalIndex[i] ?? 0]?.code ?? '',
      end_ms: (rows.startS[i] ?? 0) * 1000 + windowMs,
      teu: measure('teu', i),
      moves: measure('moves', i) + measure('domestic_moves', i) + measure('transhipment_moves', i),
      completeness: Math.fround(rows.completeness[i] ?? 0),
      known_at_ms: rows.knownAtMs[i] ?? 0,
    }));
}

test.each(seeds)('storage and the process agree, SEED=%i', (seed) => {
  const stretch = { fromDay: null, toDay: null, withMinutes: false, isSimulated: true };
  const state = createPartition(partitionOptions('r', PARTITION, createRuleTimeline(), stretch));
  const own = new PortWindows();
  const out: Outputs = { rows: new RowBatch(4096), deadLetters: [], transitions: [], portWindows: own };
  const untilMs = startMs + (days + 3) * 86_400_000;
  for (const record of toLog(randomDrafts(seed, terminals, days), untilMs)) step(state, record, out);
  const read = new PortWindows();
  putClosed(read, stored(out), expectedHour);
  let compared = 0;
  for (let endMs = startMs + windowMs; endMs <= untilMs; endMs += windowMs) {
    expect(read.at(endMs)).toEqual(own.at(endMs));
    compared += own.at(endMs).length;
  }
  expect(compared).toBeGreaterThan(100);
});
