// The core against the oracle, over random hostile logs; crashes at random records; orders of arrival shuffled. A failure prints its seed.
import { type AlertTransition, type DeadLetter, MEASURE_INDEX, TERMINALS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { oracleMoves, oracleWindows } from '../testing/oracle.ts';
import { plainOptions, plainTerminals } from '../testing/plain-options.ts';
import { type Draft, randomDrafts, startMs, toLog } from '../testing/random-log.ts';
import { beginRebuild, checkpointOf, finishRebuild } from './checkpoint.ts';
import { rebuildStep, step } from './partition.ts';
import { createPartition, type LogRecord, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';
import { dayMs } from './time.ts';

const days = 3;
const untilMs = startMs + (days + 3) * dayMs;
const seeds =
  process.env['SEED'] === undefined ? Array.from({ length: 25 }, (_, i) => i + 1) : [Number(process.env['SEED'])];

const options = plainOptions({ withMinutes: true });

function newOutputs(): Outputs {
  return { rows: new RowBatch(4096), deadLetters: [] as DeadLetter[], transitions: [] as AlertTransition[] };
}

/** Rows as lines, the newest emission of an identity last: what an idempotent store would hold. */
function rowLines(out: Outputs): Map<string, string> {
  const { rows } = out;
  const lines = new Map<string, string>();
  for (let i = 0; i < rows.count; i++) {
    const key = `${TERMINALS[rows.terminalIndex[i] ?? 0]?.code}|${rows.sizeS[i]}|${rows.startS[i]}|${rows.revision[i]}`;
    lines.set(
      key,
      `${rows.version[i]} ${rows.knownAtMs[i]} ${rows.completeness[i]} ${rows.backfilled[i]} ${rows.measures.map((column) => column[i]).join(',')}`,
    );
  }
  return lines;
}

/** TEU hundredths of the newest revision of each window of a size, windows without any left out. */
function finals(out: Outputs, sizeS: number): Map<string, number> {
  const newest = new Map<string, { revision: number; teu: number }>();
  const { rows } = out;
  for (let i = 0; i < rows.count; i++) {
    if (rows.sizeS[i] !== sizeS) continue;
    const key = `${TERMINALS[rows.terminalIndex[i] ?? 0]?.code}|${(rows.startS[i] ?? 0) * 1000}`;
    const known = newest.get(key);
    const revision = rows.revision[i] ?? 0;
    if (known === undefined || known.revision < revision)
      newest.set(key, { revision, teu: rows.measures[MEASURE_INDEX.teu]?.[i] ?? 0 });
  }
  return new Map([...newest].filter(([, one]) => one.teu > 0).map(([key, one]) => [key, one.teu]));
}

/** A few of the keys that differ: a whole map of rows tells nobody anything. */
function differences(got: Map<string, string>, want: Map<string, string>): string[] {
  const keys = [...new Set([...got.keys(), ...want.keys()])].filter((key) => got.get(key) !== want.get(key));
  return keys.slice(0, 5).map((key) => `${key}: got ${got.get(key)}, want ${want.get(key)}`);
}

function run(log: readonly LogRecord[]): Outputs {
  const out = newOutputs();
  const state = createPartition(options);
  for (const record of log) step(state, record, out);
  return out;
}

/** The same log with crashes: everything after the last checkpoint is forgotten and the log is read again. */
function runWithCrashes(log: readonly LogRecord[], seed: number): Outputs {
  const random = createRandom(seed * 7919);
  const out = newOutputs();
  let state = createPartition(options);
  let saved: string | undefined;
  let crashes = 0;
  for (let at = 0; at < log.length; at++) {
    const record = log[at];
    if (record !== undefined) step(state, record, out);
    if (random() < 0.02) saved = JSON.stringify(checkpointOf(state));
    if (random() > 0.01 || crashes >= 8) continue;
    crashes++;
    if (saved === undefined) {
      state = createPartition(options);
      at = -1;
      continue;
    }
    const checkpoint = JSON.parse(saved);
    state = beginRebuild(options, checkpoint);
    for (const again of log.slice(checkpoint.rebuildFrom.offset, checkpoint.position))
      rebuildStep(state, again, newOutputs());
    finishRebuild(state, checkpoint);
    at = checkpoint.position - 1;
  }
  return out;
}

test.each(seeds)('the core agrees with the oracle, SEED=%i', (seed) => {
  const log = toLog(randomDrafts(seed, plainTerminals, days), untilMs);
  const out = run(log);
  const moves = [...oracleMoves(log).values()];
  for (const sizeS of [60, 300, 3600, 86400]) expect(finals(out, sizeS)).toEqual(oracleWindows(moves, sizeS * 1000));
  expect(out.deadLetters.filter((letter) => letter.reason === 'too_late')).toEqual([]);
});

test.each(seeds)('crashes change nothing, SEED=%i', (seed) => {
  const log = toLog(randomDrafts(seed, plainTerminals, days), untilMs);
  const clean = run(log);
  const crashed = runWithCrashes(log, seed);
  expect(differences(rowLines(crashed), rowLines(clean))).toEqual([]);
  const last = (out: Outputs) => new Map(out.transitions.map((one) => [`${one.alert_id}/${one.transition}`, one]));
  expect(last(crashed)).toEqual(last(clean));
});

test.each(seeds)('any order of arrival inside the lateness gives the same totals, SEED=%i', (seed) => {
  const drafts = randomDrafts(seed, plainTerminals, days);
  const random = createRandom(seed + 1);
  const shuffled: Draft[] = drafts.map((draft) => ({
    ...draft,
    arrivalMs: draft.arrivalMs + random() * 8 * 3_600_000,
  }));
  const a = run(toLog(drafts, untilMs));
  const b = run(toLog(shuffled, untilMs));
  for (const sizeS of [300, 3600, 86400]) expect(finals(b, sizeS)).toEqual(finals(a, sizeS));
});
