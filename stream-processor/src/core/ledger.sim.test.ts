// The ledger against figures that are added up the slow way from the whole log, over random hostile logs; with crashes it is the same, row by row.
import { type AlertTransition, CONTRACT_MAJOR, decodeMoveReport, FUNCTIONS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { oracleMoves } from '../testing/oracle.ts';
import { plainOptions, plainTerminals } from '../testing/plain-options.ts';
import { type Draft, makeReport, randomDrafts, startMs, toLog } from '../testing/random-log.ts';
import { beginRebuild, type Checkpoint, checkpointOf, finishRebuild, upgraded } from './checkpoint.ts';
import { type LedgerEntry, openLedger } from './ledger-rows.ts';
import { rebuildStep, step } from './partition.ts';
import { createPartition, type LogRecord, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';
import { dayMs, dayOf } from './time.ts';

const days = 3;
const untilMs = startMs + (days + 3) * dayMs;
const seeds =
  process.env['SEED'] === undefined ? Array.from({ length: 6 }, (_, i) => i + 1) : [Number(process.env['SEED'])];

const options = plainOptions();

type Told = {
  rows: RowBatch;
  deadLetters: Outputs['deadLetters'];
  transitions: AlertTransition[];
  ledger: LedgerEntry[];
};
const newTold = (): Told => ({ rows: new RowBatch(4096), deadLetters: [], transitions: [], ledger: [] });

/** Random reports with running totals, bad entries, other versions; `copies` of them come from a second source as well. */
function hostileDrafts(seed: number, copies: number): Draft[] {
  const random = createRandom(seed * 31);
  return randomDrafts(seed, plainTerminals, days).flatMap((draft): Draft[] => {
    const { report } = draft;
    if (report === null) return [draft];
    const isBad = random() < 0.1;
    const made = {
      ...report,
      dayMoves: random() < 0.3 ? 0 : Math.floor(random() * 60),
      contractMajor: random() < 0.03 ? 9 : CONTRACT_MAJOR,
      serial: Array.from(report.serial, (serial, i) => (isBad && i === 0 ? 10_000_001 : serial)),
    };
    const all = [{ ...draft, report: made }];
    if (random() < copies)
      all.push({ arrivalMs: draft.arrivalMs + random() * 600_000, report: { ...made, source: `${made.source}/b` } });
    return all;
  });
}

/** Ten sources of one terminal, of which each counts its reports by one, skips some, and sometimes begins a new numbering. */
function countingDrafts(random: () => number): Draft[] {
  const terminal = plainTerminals[0] ?? 0;
  return Array.from({ length: 10 }, (_, source) => source).flatMap((source) => {
    let sequence = 1;
    return Array.from({ length: days * 24 - source * 6 }, (_, at): Draft => {
      sequence += random() < 0.03 ? 20_000 : random() < 0.05 ? 3 : 1;
      const baseMs = startMs + (source * 6 + at) * 3_600_000;
      const report = makeReport(terminal, `n${source}/${at}`, sequence, baseMs, [at % 60, 60 + source]);
      return { arrivalMs: baseMs + 3_700_000, report: { ...report, source: `urn:test:counting/${source}` } };
    });
  });
}

function run(log: readonly LogRecord[]): { out: Told; checkpoint: Checkpoint | undefined } {
  const out = newTold();
  const state = createPartition(options);
  for (const record of log) step(state, record, out);
  out.ledger.push(...openLedger(state, 0));
  return { out, checkpoint: checkpointOf(state) };
}

type Figures = {
  reports: number;
  reported: number;
  told: number;
  superseded: number;
  rejected: Record<string, number>;
};
const none = (): Figures => ({ reports: 0, reported: 0, told: 0, superseded: 0, rejected: {} });

/** Header figures by `terminal|source|day`, one record after the other. */
function slowFigures(log: readonly LogRecord[]): Map<string, Figures> {
  const figures = new Map<string, Figures>();
  const at = (terminal: string, source: string, day: number) => {
    const key = `${terminal}|${source}|${day}`;
    const known = figures.get(key) ?? none();
    figures.set(key, known);
    return known;
  };
  const heard = new Set<string>();
  const versions = new Map<string, number>();
  let logTimeMs = 0;
  for (const { timestampMs, value, isTick } of log) {
    logTimeMs = Math.max(logTimeMs, timestampMs);
    if (isTick || value === null) continue;
    const strays = at('', `urn:quaywatch:partition:${options.partition}`, dayOf(logTimeMs));
    const decoded = decodeMoveReport(value);
    if (!decoded.ok) {
      strays.rejected[decoded.reason] = (strays.rejected[decoded.reason] ?? 0) + 1;
      continue;
    }
    const { report } = decoded;
    const name = `${report.terminal}|${report.source}`;
    const isCancel = report.function === FUNCTIONS.cancel;
    if (report.contractMajor !== CONTRACT_MAJOR) {
      const to = heard.has(name) ? at(report.terminal, report.source, dayOf(logTimeMs)) : strays;
      to.rejected['unknown_version'] = (to.rejected['unknown_version'] ?? 0) + Math.max(1, report.count);
      to.told += isCancel ? 0 : report.count;
      continue;
    }
    heard.add(name);
    const day = dayOf(report.count > 0 ? report.baseTimeS * 1000 : report.completeThroughMs - 1);
    const to = at(report.terminal, report.source, day);
    to.reports++;
    to.reported = Math.max(to.reported, report.dayMoves);
    if (isCancel) {
      versions.set(
        `${name}|${report.amendsReportId}`,
        Math.max(report.sequence, versions.get(`${name}|${report.amendsReportId}`) ?? -1),
      );
      continue;
    }
    to.told += report.count;
    if (report.function === FUNCTIONS.original && report.count === 0) continue;
    const id = `${name}|${report.function === FUNCTIONS.original ? report.reportId : report.amendsReportId}`;
    const known = versions.get(id) ?? -1;
    if (report.sequence < known) to.superseded += report.count;
    if (report.sequence <= known) continue;
    versions.set(id, report.sequence);
    for (let i = 0; i < report.count; i++)
      if ((report.serial[i] ?? 0) > 9_999_999) to.rejected['bad_quantity'] = (to.rejected['bad_quantity'] ?? 0) + 1;
  }
  return figures;
}

function byDay(entries: Iterable<{ terminal: string; day: number; counted: number }>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { terminal, day, counted } of entries)
    if (terminal !== '') sums.set(`${terminal}|${day}`, (sums.get(`${terminal}|${day}`) ?? 0) + counted);
  return new Map([...sums].filter(([, sum]) => sum !== 0).sort());
}

test.each(seeds)('what counts in the ledger is what counts, by terminal and day, SEED=%i', (seed) => {
  const log = toLog(hostileDrafts(seed, seed % 2 === 0 ? 0 : 0.4), untilMs);
  const moves = oracleMoves(log, options.partition);
  const slow = byDay([...moves.values()].map((move) => ({ ...move, day: dayOf(move.eventMs), counted: 1 })));
  expect(byDay(run(log).out.ledger)).toEqual(slow);
});

test.each(seeds)('reports, totals, told and refused are what came, SEED=%i', (seed) => {
  const log = toLog(hostileDrafts(seed, 0.4), untilMs);
  const { ledger, deadLetters } = run(log).out;
  const slow = slowFigures(log);
  const got = new Map(ledger.map((one) => [`${one.terminal}|${one.source}|${one.day}`, one]));
  for (const [key, want] of slow) {
    const one = got.get(key);
    if (one === undefined) {
      expect(want, key).toEqual(none());
      continue;
    }
    const { reports, told, superseded, rejected } = one;
    expect({ key, reports, told, superseded, rejected }).toEqual({
      key,
      reports: want.reports,
      told: want.told,
      superseded: want.superseded,
      rejected: want.rejected,
    });
    if (one.reported !== null) expect(one.reported).toBe(want.reported);
    if (one.missing !== null)
      expect(one.missing).toBe(Math.max(0, want.reported - one.counted - one.shared - one.retracted));
  }
  const booked = ledger.flatMap((one) => Object.values(one.rejected)).reduce((sum, count) => sum + count, 0);
  expect(booked).toBe(deadLetters.reduce((sum, letter) => sum + letter.count, 0));
  expect(ledger.some((one) => one.missing !== null && one.missing > 0)).toBe(true);
});

test.each(seeds)('a move that two sources tell is counted with the one that was heard of first, SEED=%i', (seed) => {
  const originals = hostileDrafts(seed, 0.5).filter((one) => one.report?.function === FUNCTIONS.original);
  const log = toLog(originals, untilMs);
  const order = new Map<string, string[]>();
  const tellers = new Map<string, Set<string>>();
  const taken = new Set<string>();
  for (const { value, isTick } of log) {
    const decoded = isTick || value === null ? undefined : decodeMoveReport(value);
    if (decoded?.ok !== true || decoded.report.contractMajor !== CONTRACT_MAJOR) continue;
    const { report } = decoded;
    const sources = order.get(report.terminal) ?? [];
    order.set(report.terminal, sources);
    if (!sources.includes(report.source)) sources.push(report.source);
    // The same version again is not looked at, whatever it says.
    const id = `${report.terminal}|${report.source}|${report.reportId}`;
    if (taken.has(id)) continue;
    if (report.count > 0) taken.add(id);
    for (let i = 0; i < report.count; i++) {
      if ((report.serial[i] ?? 0) > 9_999_999) continue;
      const eventS = report.baseTimeS + (report.offsetS[i] ?? 0);
      const move = `${report.terminal}|${dayOf(eventS * 1000)}|${report.serial[i]}|${eventS}`;
      tellers.set(move, (tellers.get(move) ?? new Set()).add(report.source));
    }
  }
  const slow = new Map<string, { counted: number; shared: number }>();
  for (const [move, sources] of tellers) {
    const [terminal = '', day = ''] = move.split('|');
    const inOrder = (order.get(terminal) ?? []).filter((source) => sources.has(source));
    for (const [i, source] of inOrder.entries()) {
      const key = `${terminal}|${source}|${day}`;
      const sum = slow.get(key) ?? { counted: 0, shared: 0 };
      slow.set(key, { counted: sum.counted + (i === 0 ? 1 : 0), shared: sum.shared + (i === 0 ? 0 : 1) });
    }
  }
  const got = run(log)
    .out.ledger.filter((one) => one.counted + one.shared > 0)
    .map(({ terminal, source, day, counted, shared }): [string, object] => [
      `${terminal}|${source}|${day}`,
      { counted, shared },
    ]);
  expect(new Map(got.sort())).toEqual(new Map([...slow].sort()));
});

test.each(seeds)('crashes change nothing, SEED=%i', (seed) => {
  const log = toLog(hostileDrafts(seed, 0.3), untilMs);
  const clean = run(log);
  const random = createRandom(seed * 7919);
  const out = newTold();
  let state = createPartition(options);
  let saved: string | undefined;
  for (let at = 0; at < log.length; at++) {
    const record = log[at];
    if (record !== undefined) step(state, record, out);
    if (random() < 0.02) saved = JSON.stringify(checkpointOf(state));
    if (random() > 0.005 || saved === undefined) continue;
    const checkpoint = JSON.parse(saved) as Checkpoint;
    state = beginRebuild(options, checkpoint);
    for (const again of log.slice(checkpoint.rebuildFrom.offset, checkpoint.position))
      rebuildStep(state, again, newTold());
    finishRebuild(state, checkpoint);
    at = checkpoint.position - 1;
  }
  out.ledger.push(...openLedger(state, 0));
  const newest = (entries: readonly LedgerEntry[]) =>
    new Map(entries.map((one) => [`${one.terminal}|${one.source}|${one.day}|${one.settled}`, one]));
  expect(newest(out.ledger)).toEqual(newest(clean.out.ledger));
  expect(checkpointOf(state)?.ledger).toEqual(clean.checkpoint?.ledger);
});

test.each(seeds)('what is told of open days where they changed is how they stand, SEED=%i', (seed) => {
  const random = createRandom(seed * 104_729);
  const log = toLog([...hostileDrafts(seed, 0.3), ...countingDrafts(random)], untilMs);
  const state = createPartition(options);
  const key = (one: LedgerEntry) => `${one.terminal}|${one.source}|${one.day}`;
  const asOf = ({ version: _, known_at_ms: __, ...rest }: LedgerEntry) => rest;
  const told = new Map<string, object>();
  let toldAt = 0;
  for (const record of log) {
    step(state, record, newTold());
    if (random() > 0.2) continue;
    for (const one of openLedger(state, toldAt)) told.set(key(one), asOf(one));
    toldAt = state.position;
    for (const one of openLedger(state, 0)) expect(told.get(key(one))).toEqual(asOf(one));
  }
});

test('a checkpoint without a ledger is taken: the ledger begins with the next day, and nothing in it is negative', () => {
  const log = toLog(hostileDrafts(3, 0.3), untilMs);
  const half = Math.floor(log.length / 3);
  let state = createPartition(options);
  for (const record of log.slice(0, half)) step(state, record, newTold());
  const today = dayOf(state.logTimeMs);
  const { ledger: _ledger, ...old } = JSON.parse(JSON.stringify(checkpointOf(state))) as Checkpoint;
  const checkpoint = upgraded({ ...old, version: 2 } as Checkpoint);
  state = beginRebuild(options, checkpoint);
  for (const again of log.slice(checkpoint.rebuildFrom.offset, checkpoint.position))
    rebuildStep(state, again, newTold());
  finishRebuild(state, checkpoint);
  const out = newTold();
  for (const record of log.slice(half)) step(state, record, out);
  expect(out.ledger.length).toBeGreaterThan(0);
  expect(out.ledger.filter((one) => one.day <= today)).toEqual([]);
  expect(out.ledger.filter((one) => Math.min(one.told, one.counted, one.shared, one.retracted) < 0)).toEqual([]);
  const whole = run(log).out.ledger.filter((one) => one.day > today);
  expect(byDay(out.ledger)).toEqual(byDay(whole));
});
