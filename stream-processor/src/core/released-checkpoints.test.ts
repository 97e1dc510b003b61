// Checkpoints as every released version wrote them, over a log that is kept with them: each goes on to the figures of a run that was never
// interrupted. Entries are never edited; a new CHECKPOINT_VERSION adds its own (released/checkpoints.json).
import { readFileSync } from 'node:fs';
import { MEASURES } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { plainOptions } from '../testing/plain-options.ts';
import {
  beginRebuild,
  CHECKPOINT_VERSION,
  type Checkpoint,
  checkpointOf,
  finishRebuild,
  upgraded,
} from './checkpoint.ts';
import { rebuildStep, step } from './partition.ts';
import { createPartition, type LogRecord, type Outputs, type PartitionState } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';

const read = (name: string) => JSON.parse(readFileSync(new URL(`released/${name}`, import.meta.url), 'utf8'));
/** A record is its log time and its bytes in base64; null is a tick. */
const kept: { partition: number; terminals: number[]; records: [number, string | null][] } = read('log.json');
const released: { writtenBy: string; body: Checkpoint }[] = read('checkpoints.json');

const log: LogRecord[] = kept.records.map(([timestampMs, base64], offset) => ({
  offset,
  timestampMs,
  value: base64 === null ? null : Buffer.from(base64, 'base64'),
  isTick: base64 === null,
}));
const options = plainOptions({ run: 'live', partition: kept.partition, terminals: kept.terminals });

const outputs = (): Outputs => ({ rows: new RowBatch(64), deadLetters: [], transitions: [] });

/** Every row with all of its columns, in the order in which they were emitted. */
function textsOf({ rows }: Outputs): string[] {
  return Array.from({ length: rows.count }, (_, i) => {
    const measures = MEASURES.map((name, at) => `${name} ${rows.measures[at]?.[i]}`).filter(
      (one) => !one.endsWith(' 0'),
    );
    const window = [rows.terminalIndex[i], rows.sizeS[i], rows.startS[i], rows.revision[i]].join('/');
    return `${window} by ${rows.version[i]}, ${rows.completeness[i]}, ${rows.backfilled[i]}: ${measures.join(', ')}`;
  });
}

/** Takes the log from `from` to its end. */
function goOn(state: PartitionState, from: number): Outputs {
  const out = outputs();
  for (const record of log.slice(from)) step(state, record, out);
  return out;
}

function restored(checkpoint: Checkpoint): PartitionState {
  const state = beginRebuild(options, checkpoint);
  for (const record of log.slice(checkpoint.rebuildFrom.offset, checkpoint.position))
    rebuildStep(state, record, outputs());
  finishRebuild(state, checkpoint);
  return state;
}

test.each(released.map((one) => [one.body.version, one] as const))(
  'version %i goes on to the same rows',
  (_, { body }) => {
    const whole = createPartition(options);
    const before = outputs();
    for (const record of log.slice(0, body.position)) step(whole, record, before);
    const undisturbed = goOn(whole, body.position);
    const state = restored(upgraded(body));
    const after = goOn(state, body.position);
    expect(before.rows.count, 'windows had closed before').toBeGreaterThan(100);
    expect(textsOf(after)).toEqual(textsOf(undisturbed));
    expect(after.deadLetters).toEqual(undisturbed.deadLetters);
    const { transitions: _alerts, ...counts } = state.counters;
    const { transitions: _before, ...expected } = whole.counters;
    expect(counts).toEqual(expected);
    expect(checkpointOf(state)?.version).toBe(CHECKPOINT_VERSION);
  },
);

test('there is one of every version', () => {
  expect(released.map((one) => one.body.version)).toEqual(Array.from({ length: CHECKPOINT_VERSION }, (_, i) => i + 1));
});

test('a newer version is refused, and it is said what to do', () => {
  const newest = released.at(-1)?.body as Checkpoint;
  const newer = { ...newest, version: CHECKPOINT_VERSION + 1 };
  expect(() => restored(upgraded(newer))).toThrow(
    `Checkpoint version ${CHECKPOINT_VERSION + 1} was written by a newer Quaywatch (this one writes ${CHECKPOINT_VERSION}): run that one, or delete the run live and replay.`,
  );
});

test('what was decided before anybody was heard comes back as it was', () => {
  const state = createPartition(options);
  step(state, { offset: 0, timestampMs: log[0]?.timestampMs ?? 0, value: null, isTick: true }, outputs());
  const checkpoint: Checkpoint = JSON.parse(JSON.stringify(checkpointOf(state)));
  const again = beginRebuild(options, checkpoint);
  rebuildStep(again, { offset: 0, timestampMs: log[0]?.timestampMs ?? 0, value: null, isTick: true }, outputs());
  finishRebuild(again, checkpoint);
  expect(state.watermarkMs).toBe(Number.NEGATIVE_INFINITY);
  expect([again.watermarkMs, again.logTimeMs, again.position]).toEqual([
    state.watermarkMs,
    state.logTimeMs,
    state.position,
  ]);
});
