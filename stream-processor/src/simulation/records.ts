/**
 * What the feeds of one partition send, by seed: the random logs of testing/random-log.ts with clocks that run ahead and behind, sources that come
 * and go, reports that come after their day, and hostile records. Decides nothing about when a broker shows them.
 */
import { CONTRACT_MAJOR, encodeMoveReport, FUNCTIONS, type ReportToEncode, reportBytesMax } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';
import { dayMs } from '../core/time.ts';
import { amend, type Draft, makeReport, randomDrafts, startMs } from '../testing/random-log.ts';

export type SentRecord = { readonly timestampMs: number; readonly value: Buffer | null; readonly isTick: boolean };

export type RecordPlan = {
  readonly partition: number;
  readonly terminals: readonly number[];
  /** Days of moves. */
  readonly days: number;
  /** Until when the log goes on, in log time. */
  readonly untilMs: number;
  readonly tickEveryMs: number;
  /** Share of all records that is hostile. */
  readonly hostileShare: number;
  /** Share of reports whose clock or promise is wrong. */
  readonly skewShare: number;
  /** Share of reports that come after their day has settled. */
  readonly tooLateShare: number;
  /** Share of terminals that fall silent for the second half. */
  readonly silentShare: number;
};

const hourMs = 3_600_000;
const twinShare = 0.03;
const tooLarge = Buffer.alloc(reportBytesMax + 1, 10);

type Random = () => number;

const pick = <T>(random: Random, list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];

/** Bytes that are nearly a report: some flipped, cut off, or doubled. */
export function fuzzed(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const kind = random();
  if (kind < 0.25) return copy.subarray(0, Math.floor(random() * copy.length));
  if (kind < 0.35) return Buffer.concat([copy, copy.subarray(0, Math.floor(random() * copy.length))]);
  if (kind < 0.5) return Buffer.from(Array.from({ length: 1 + Math.floor(random() * 200) }, () => random() * 256));
  for (let i = 0; i < 1 + random() * 4; i++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}

const uint32Max = 4_294_967_295;

/** A report with a header or a column that means nothing, or that means harm. */
export function absurd(report: ReportToEncode, random: Random): ReportToEncode {
  const column = (value: number) => Array.from({ length: report.count }, (_, i) => (i % 2 === 0 ? value : 1));
  const far = 4_102_444_800 + Math.floor(random() * 10_000) * 86_400;
  return pick<() => ReportToEncode>(random, [
    () => ({ ...report, contractMajor: pick(random, [0, CONTRACT_MAJOR + 1, 2 ** 40]) }),
    () => ({ ...report, contractMinor: 99 }),
    () => ({ ...report, port: pick(random, ['', 'XXXXX', '<script>', '__proto__', 'constructor']) }),
    () => ({ ...report, terminal: pick(random, ['', 'NOWHERE', "'; DROP TABLE throughput; --"]) }),
    () => ({ ...report, function: pick(random, [0, 4, 255, uint32Max]) }),
    () => ({ ...report, reportId: pick(random, ['', 'x'.repeat(129), '\u0000', '\u202Egnp.exe']) }),
    () => ({ ...report, source: pick(random, ['', 'y'.repeat(1000)]) }),
    () => ({ ...report, source: `urn:test:other${Math.floor(random() * 20)}`, completeThroughMs: 0, cadenceS: 0 }),
    () => ({ ...report, reportId: `${report.source} ${report.reportId}` }),
    () => ({ ...report, calls: [{ id: '', vessel: '', imo: '', berth: '', mixedTrade: false }] }),
    () => ({ ...report, calls: [] }),
    () => ({ ...report, owners: [pick(random, ['', 'abc', 'TST1', 'TSTUU'])] }),
    () => ({ ...report, baseTimeS: pick(random, [0, far, uint32Max, 2 ** 52]) }),
    () => ({ ...report, function: FUNCTIONS.cancel, amendsReportId: '', amendsBaseTimeS: 0 }),
    () => ({ ...report, function: FUNCTIONS.replace, amendsReportId: 'r1', amendsBaseTimeS: far }),
    () => ({ ...report, offsetS: column(pick(random, [86_400, 86_401, uint32Max])) }),
    () => ({ ...report, serial: column(pick(random, [10_000_000, uint32Max])) }),
    () => ({ ...report, sizeType: column(pick(random, [0, 21, uint32Max])) }),
    () => ({ ...report, flags: column(pick(random, [0x400, 0xe0, uint32Max])) }),
    () => ({ ...report, call: column(7) }),
    () => ({ ...report, owner: column(7) }),
    () => ({ ...report, sequence: pick(random, [0, 2 ** 52]) }),
    () => ({ ...report, completeThroughMs: 2 ** 52, cadenceS: uint32Max }),
    () => ({
      ...report,
      exceptions: [
        { entry: 0, number: pick(random, ['TSTU1234567', 'odd box 7', 'wrong,number', '']), sizeType: '' },
        { entry: 1, number: '', sizeType: pick(random, ['2EG1', 'L5G1', '??', '9']) },
        { entry: 99, number: 'NONE', sizeType: 'NONE' },
      ],
    }),
  ])();
}

function hostile(plan: RecordPlan, atMs: number, slot: number, random: Random): Draft {
  const terminal = plan.terminals[Math.floor(random() * plan.terminals.length)] ?? 0;
  const report = makeReport(terminal, `h${slot}`, 100_000 + slot, atMs - hourMs, [5, 70, 1200, 3000]);
  const kind = random();
  const arrivalMs = atMs;
  if (kind < 0.3) return { arrivalMs, report: null, bytes: fuzzed(encodeMoveReport(report), random) };
  if (kind < 0.35) return { arrivalMs, report: null, bytes: tooLarge };
  if (kind < 0.4) return { arrivalMs, report: null, bytes: Buffer.alloc(0) };
  if (kind < 0.5) {
    // Days that no clock has reached: each would be a day's worth of memory.
    const baseTimeS = 4_102_444_800 + slot * 86_400;
    return { arrivalMs, report: { ...report, baseTimeS } };
  }
  if (kind < 0.55) return { arrivalMs, report: makeReport(plan.partition === 0 ? 60 : 0, 'stray', 1, atMs, [1]) };
  return { arrivalMs, report: absurd(report, random) };
}

/** A clock that is wrong, or a promise that is. */
function skew(draft: Draft, random: Random): Draft {
  const { report } = draft;
  if (report === null) return draft;
  return pick<() => Draft>(random, [
    () => ({ ...draft, report: { ...report, completeThroughMs: 0 } }),
    () => ({ ...draft, report: { ...report, completeThroughMs: report.completeThroughMs + 5 * hourMs } }),
    () => ({ ...draft, report: { ...report, completeThroughMs: report.completeThroughMs - 5 * hourMs } }),
    () => ({ ...draft, report: { ...report, baseTimeS: report.baseTimeS + 7_200 } }),
    () => ({ ...draft, arrivalMs: draft.arrivalMs - 2 * hourMs }),
    () => ({ ...draft, report: { ...report, cadenceS: pick(random, [0, 5, 60, 86_400]) } }),
    () => ({ ...draft, report: { ...report, source: `${report.source}:2` } }),
  ])();
}

/** Days after its event: the day may have settled when it comes. */
function delayed(draft: Draft, random: Random): Draft {
  return { ...draft, arrivalMs: draft.arrivalMs + (1.5 + random() * 2) * dayMs };
}

/** An amendment that comes when the original's day has settled, or is about to. */
function lateAmendment(draft: Draft, slot: number, random: Random): Draft {
  if (draft.report === null) return draft;
  const kind = random() < 0.5 ? FUNCTIONS.cancel : FUNCTIONS.replace;
  const report = amend(draft.report, `z${slot}`, 50_000 + slot, kind, kind === FUNCTIONS.cancel ? [] : [3]);
  return { arrivalMs: draft.arrivalMs + (1 + random() * 2.5) * dayMs, report };
}

function draftsOf(plan: RecordPlan, seed: number): Draft[] {
  const random = createRandom(seedOf('records', seed, plan.partition));
  const drafts: Draft[] = [];
  const silent = new Set(plan.terminals.filter(() => random() < plan.silentShare));
  for (const terminal of plan.terminals) {
    const until = silent.has(terminal) ? startMs + (plan.days * dayMs) / 2 : Number.POSITIVE_INFINITY;
    for (const draft of randomDrafts(seedOf(seed, plan.partition, terminal), [terminal], plan.days))
      if (draft.arrivalMs < until) drafts.push(draft);
  }
  const count = drafts.length;
  for (let i = 0; i < count; i++) {
    const draft = drafts[i] as Draft;
    if (random() < plan.skewShare) drafts[i] = skew(draft, random);
    else if (random() < plan.tooLateShare)
      drafts[i] = random() < 0.5 ? delayed(draft, random) : lateAmendment(draft, i, random);
    if (random() < twinShare) drafts.push(...takenBack(draft, i, random));
    if (random() < plan.hostileShare / (1 - plan.hostileShare))
      drafts.push(hostile(plan, draft.arrivalMs + random() * hourMs, i, random));
  }
  return drafts;
}

/** The same moves under another report's name, and that report taken back: the moves stay. */
function takenBack(draft: Draft, slot: number, random: Random): Draft[] {
  if (draft.report === null || draft.report.count === 0) return [];
  const again = { ...draft.report, reportId: `twin${slot}`, sequence: 60_000 + slot };
  const cancel = amend(again, `untwin${slot}`, 80_000 + slot, FUNCTIONS.cancel, []);
  const later = () => draft.arrivalMs + random() * 3 * hourMs;
  return [
    { arrivalMs: later(), report: again },
    { arrivalMs: later(), report: cancel },
  ];
}

/** Everything that is sent to the partition, in order of arrival. */
export function recordsOf(plan: RecordPlan, seed: number): SentRecord[] {
  const sent: SentRecord[] = [];
  for (const { arrivalMs, report, bytes } of draftsOf(plan, seed)) {
    const value = bytes ?? (report === null ? null : encodeMoveReport(report));
    if (arrivalMs <= plan.untilMs) sent.push({ timestampMs: Math.round(arrivalMs), value, isTick: false });
  }
  for (let at = startMs; at <= plan.untilMs; at += plan.tickEveryMs)
    sent.push({ timestampMs: at, value: null, isTick: true });
  return sent.sort((a, b) => a.timestampMs - b.timestampMs);
}
