// What the processor keeps in memory, and what it takes for a gap in the log.
import { type DeadLetter, encodeMoveReport, PORTS, reportBytesMax, TERMINALS } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createRuleTimeline } from './alerting/rule-timeline.ts';
import type { LogRecord } from './core/partition-state.ts';
import { partitionOptions } from './partition-options.ts';
import { Processor, type Sink } from './processor.ts';
import { makeReport, startMs } from './testing/random-log.ts';

const PARTITION = 7;
const terminal = TERMINALS.find((one) => PORTS[one.portIndex]?.partition === PARTITION)?.index ?? 0;

/** A run of one partition from offset 0; how many bytes of dead letters each write brought, and how far it has come. */
async function begun() {
  const written: number[] = [];
  const letters: DeadLetter[] = [];
  const keep = () => Promise.resolve();
  const sink: Sink = {
    ...{ rows: keep, transitions: keep, checkpoints: keep, loadCheckpoint: () => Promise.resolve(undefined) },
    deadLetters: async (list) => {
      written.push(list.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0));
      letters.push(...list.map(({ letter }) => letter));
    },
  };
  const stretch = { fromDay: null, toDay: null, withMinutes: false, isSimulated: true };
  const processor = new Processor(sink, {
    optionsOf: (partition) => partitionOptions('live', partition, createRuleTimeline(), stretch),
    firstOffsetOf: () => 0,
    rowsPerWrite: 50_000,
    checkpointEveryMs: 0,
  });
  const take = (records: readonly LogRecord[], fromOffset: number) =>
    processor.take(PARTITION, records, 1_000, fromOffset);
  await take([recordAt(0)], 0);
  return { processor, take, written, letters, position: () => processor.states.get(PARTITION)?.position };
}

function recordAt(offset: number, value?: Buffer): LogRecord {
  const timestampMs = startMs + offset * 1_000;
  const report = makeReport(terminal, `r${offset}`, offset + 1, timestampMs, [1], { completeThroughMs: timestampMs });
  return { offset, timestampMs, value: value ?? encodeMoveReport(report), isTick: false };
}

test('rejected records wait for storage by their bytes too, not by their number alone', async () => {
  const { processor, take, written } = await begun();
  const tooLarge = Buffer.alloc(reportBytesMax + 1);
  await take(
    Array.from({ length: 100 }, (_, offset) => recordAt(offset, tooLarge)),
    0,
  );
  await processor.close();
  expect(written.reduce((sum, bytes) => sum + bytes, 0)).toBe(100 * tooLarge.length);
  expect(Math.max(...written)).toBeLessThanOrEqual(33 * tooLarge.length);
});

test('what a record calls its port and terminal is kept short in its dead letter', async () => {
  const report = makeReport(terminal, 'r', 1, startMs, [1], { port: 'P'.repeat(90_000), terminal: 'T'.repeat(90_000) });
  const { processor, take, letters } = await begun();
  await take([recordAt(0, encodeMoveReport(report))], 0);
  await processor.close();
  expect(letters).toMatchObject([{ reason: 'unknown_port', port: 'P'.repeat(128), terminal: 'T'.repeat(128) }]);
  expect(processor.states.get(PARTITION)?.sender).toBe('');
});

test('half a character at the end of a name that was cut does not reach storage, which would refuse it for ever', async () => {
  const { processor, take, letters } = await begun();
  const [port, name] = [`${'p'.repeat(127)}😀`, `${'t'.repeat(199)}😀`];
  await take([recordAt(0, encodeMoveReport(makeReport(terminal, 'r', 1, startMs, [1], { port, terminal: name })))], 0);
  await take([recordAt(1, encodeMoveReport(makeReport(terminal, 's', 2, startMs, [1], { port: name })))], 1);
  await processor.close();
  expect(letters).toHaveLength(2);
  for (const letter of letters)
    for (const text of [letter.port, letter.terminal, letter.detail]) expect(text.isWellFormed()).toBe(true);
});

test('offsets without a record are no gap, where the log was read from before them; records that were passed over are', async () => {
  const { take, position } = await begun();
  expect(await take([recordAt(0), recordAt(1)], 0)).toEqual({ kind: 'taken' });
  // The mark of a transaction at 2, another's marks and what it took back at 4 to 9.
  expect(await take([recordAt(3), recordAt(10)], 2)).toEqual({ kind: 'taken' });
  expect(position()).toBe(11);
  expect(await take([recordAt(13)], 13)).toEqual({ kind: 'seek', offset: 11 });
  expect(await take([recordAt(13)], 11)).toEqual({ kind: 'taken' });
  expect(await take([recordAt(16)], 16)).toEqual({ kind: 'seek', offset: 14 });
  await expect(take([recordAt(16)], 16)).rejects.toThrow('Partition 7: offsets 14 to 15 are gone from the log');
});
