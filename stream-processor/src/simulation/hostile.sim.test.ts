// One record in a hundred is hostile: each is a dead letter with a reason or counts as what it says, nothing throws, and what is kept stays bounded.
import { DEAD_LETTER_REASONS, type DeadLetter, encodeMoveReport, PORTS, TERMINALS } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { PortWindows } from '../alerting/port-windows.ts';
import type { PartitionState } from '../core/partition-state.ts';
import { dayMs, dayOf } from '../core/time.ts';
import { Processor } from '../processor.ts';
import { makeReport, startMs } from '../testing/random-log.ts';
import { simulatedOptions } from './options.ts';
import { absurd, fuzzed, recordsOf, type SentRecord } from './records.ts';
import { Reference } from './reference.ts';
import { World } from './world.ts';

const partition = 7;
const terminals = TERMINALS.filter((one) => PORTS[one.portIndex]?.partition === partition).map((one) => one.index);
const seeds = process.env['SEED'] === undefined ? [1, 2, 3, 4] : [Number(process.env['SEED'])];

/** Records that no reader of the contract can take for anything else. */
function surelyHostile(seed: number, count: number): SentRecord[] {
  const random = createRandom(seedOf('hostile', seed));
  return Array.from({ length: count }, (_, i) => {
    const atMs = startMs + random() * 2 * dayMs;
    const report = makeReport(terminals[0] ?? 0, `x${i}`, 1, atMs, [1, 2, 3]);
    const makers = [
      () => Buffer.alloc(10 * 1024 * 1024, i),
      () => encodeMoveReport({ ...report, contractMajor: 2 }),
      () => encodeMoveReport({ ...report, baseTimeS: 4_102_444_800 + i * 86_400 }),
      () => encodeMoveReport({ ...report, offsetS: [90_000, 4_294_967_295, 86_401] }),
      () => encodeMoveReport({ ...report, function: 9 }),
      () => encodeMoveReport({ ...report, port: '__proto__' }),
      () => Buffer.from([0xff, ...Buffer.from(`<img src=x onerror=alert(${i})>`)]),
    ];
    return { timestampMs: Math.round(atMs), value: makers[i % makers.length]?.() ?? null, isTick: false };
  });
}

function logOf(seed: number): { log: readonly SentRecord[]; hostile: ReadonlySet<SentRecord> } {
  const plan = { partition, terminals, days: 2, untilMs: startMs + 4.2 * dayMs, tickEveryMs: 1_800_000 };
  const shares = { hostileShare: 0.01, skewShare: 0, tooLateShare: 0, silentShare: 0 };
  const usual = recordsOf({ ...plan, ...shares }, seed);
  const hostile = surelyHostile(seed, Math.ceil(usual.length * 0.01) * 7);
  return { log: [...usual, ...hostile].sort((a, b) => a.timestampMs - b.timestampMs), hostile: new Set(hostile) };
}

const options = simulatedOptions({ partition, terminals, fromDay: null, toDay: null, withMinutes: true });

test.each(seeds)('every hostile record is a dead letter with a reason, SEED=%i', async (seed) => {
  const { log, hostile } = logOf(seed);
  const letters: { letter: DeadLetter; bytes: Buffer | null }[] = [];
  const states: PartitionState[] = [];
  const keep = () => Promise.resolve();
  const sink = { rows: keep, transitions: keep, checkpoints: keep, loadCheckpoint: () => Promise.resolve(undefined) };
  const deadLetters = async (list: readonly { letter: DeadLetter; bytes: Buffer | null }[]) => {
    letters.push(...list);
  };
  const processor = new Processor(
    { ...sink, deadLetters },
    {
      optionsOf: () => options,
      firstOffsetOf: () => 0,
      rowsPerWrite: 5_000,
      checkpointEveryMs: 0,
      onStepped: (state) => states.push(state),
    },
  );
  const records = log.map((one, offset) => ({ ...one, offset }));
  expect(await processor.take(partition, records.slice(0, 1), records.length, 0)).toEqual({ kind: 'seek', offset: 0 });
  for (let at = 0; at < records.length; at += 50) {
    await processor.take(partition, records.slice(at, at + 50), records.length, at);
    const state = states.at(-1);
    const today = dayOf(state?.logTimeMs ?? 0);
    for (const terminal of state?.terminals.values() ?? []) {
      // Unsettled days and the next one, whatever a report claims.
      expect([...terminal.days.keys()].every((day) => day <= today + 1)).toBe(true);
      expect(terminal.days.size).toBeLessThanOrEqual(today + 1 - (state?.settledThroughDay ?? 0));
      expect(terminal.clocks.length).toBeLessThanOrEqual(8);
    }
  }
  await processor.close();
  const told = new Set(letters.map((one) => one.letter.offset));
  const reasons: readonly string[] = DEAD_LETTER_REASONS;
  expect(letters.filter(({ letter }) => !reasons.includes(letter.reason) || letter.detail.length > 200)).toEqual([]);
  expect(records.filter((_, i) => hostile.has(log[i] as SentRecord) && !told.has(i)).map((one) => one.offset)).toEqual(
    [],
  );
});

test.each(seeds)(
  'a thousand fuzzed and absurd reports: nothing throws, and every entry is accounted for, SEED=%i',
  (seed) => {
    const random = createRandom(seedOf('fuzz', seed));
    const world = new World(seed, startMs);
    const reference = new Reference(options, world, new PortWindows());
    const log = Array.from({ length: 1_000 }, (_, offset) => {
      const timestampMs = startMs + offset * 60_000;
      const terminal = terminals[offset % terminals.length] ?? 0;
      const report = makeReport(terminal, `f${offset}`, offset + 1, timestampMs, [5, 65, 600, 1_200, 2_400, 3_599]);
      const wild = absurd(report, random);
      const bytes =
        random() < 0.5 ? fuzzed(encodeMoveReport(random() < 0.5 ? report : wild), random) : encodeMoveReport(wild);
      return { offset, timestampMs, value: bytes, isTick: false };
    });
    reference.advance(log);
    expect(world.violation).toBeUndefined();
    expect(reference.state.position).toBe(log.length);
    expect(reference.letters.length).toBeGreaterThan(200);
  },
);
