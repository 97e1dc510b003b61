/**
 * Makes the bytes of simulated reports: true ones, repeated ones, false ones and what amends them.
 * It does not decide which are sent, nor when.
 */
import {
  CONTRACT_MAJOR,
  CONTRACT_MINOR,
  encodeMoveReport,
  FUNCTIONS,
  PORTS,
  type ReportToEncode,
  TERMINALS,
} from '@quaywatch/contracts';
import type { DayPlan } from './day-plan.ts';
import { aheadS, COLUMNS, countAfter, type Entries, ghostBaseS, slotInDay, takeEntries, takeMoves } from './entries.ts';
import { hash4, SALT } from './hash.ts';
import { type Dispatch, type DispatchKind, slotMs } from './imperfections.ts';
import { headlineTeuHundredths } from './move-mix.ts';

export type BuiltReport = {
  readonly bytes: Buffer;
  readonly entries: number;
  /** Entries that a receiver must refuse although the report is good. */
  readonly badEntries: number;
  /** Entries dated beyond the arrival by more than five minutes. */
  readonly inFutureEntries: number;
};

export const cadenceS = 1800;

/** Sequence numbers count milliseconds from here, so that they rise with the time of making in every mode. */
const sequenceEpochMs = Date.UTC(2020, 0, 1);
const sequenceOf = (createdMs: number): number => createdMs - sequenceEpochMs;
const sourceOf = (terminal: number): string => `urn:quaywatch:sim:${TERMINALS[terminal]?.code ?? ''}`;

const ID_LETTER: Readonly<Record<DispatchKind, string>> = {
  on_time: '',
  held: 'L',
  resend: '',
  repeat: 'D',
  wrong: 'W',
  replace: 'R',
  ghost: 'G',
  cancel: 'C',
  malformed: '',
  stranger: 'S',
};
const reportIdOf = (kind: DispatchKind, slot: number): string => `${slot}${ID_LETTER[kind]}`;

type Head = {
  readonly terminal: number;
  readonly kind: DispatchKind | 'live';
  readonly reportId: string;
  readonly createdMs: number;
  readonly clockAheadMs: number;
  readonly completeThroughMs: number;
  readonly cadenceS: number;
  readonly dayMoves: number;
  readonly amends?: { readonly reportId: string; readonly baseTimeS: number };
};

function reportOf(head: Head, entries: Entries): ReportToEncode {
  const terminal = TERMINALS[head.terminal];
  const amending =
    head.kind === 'replace' ? FUNCTIONS.replace : head.kind === 'cancel' ? FUNCTIONS.cancel : FUNCTIONS.original;
  return {
    contractMajor: CONTRACT_MAJOR,
    contractMinor: CONTRACT_MINOR,
    reportId: head.reportId,
    source: sourceOf(head.terminal),
    port: PORTS[terminal?.portIndex ?? 0]?.code ?? '',
    terminal: terminal?.code ?? '',
    sequence: sequenceOf(head.createdMs),
    function: amending,
    amendsReportId: head.amends?.reportId ?? '',
    amendsBaseTimeS: head.amends?.baseTimeS ?? 0,
    createdAtMs: head.createdMs + head.clockAheadMs,
    completeThroughMs: head.completeThroughMs + head.clockAheadMs,
    cadenceS: head.cadenceS,
    dayMoves: head.dayMoves,
    baseTimeS: entries.baseTimeS,
    calls: entries.calls,
    owners: entries.owners,
    exceptions: entries.exceptions,
    count: entries.count,
    ...COLUMNS,
  };
}

function built(bytes: Buffer, entries: number, badEntries = 0, inFutureEntries = 0): BuiltReport {
  return { bytes, entries, badEntries, inFutureEntries };
}

/** An empty report that says "everything up to then has been sent". Times in UTC ms. */
export function buildHeartbeat(
  terminal: number,
  createdMs: number,
  completeThroughMs: number,
  cadence: number,
): BuiltReport {
  const head = {
    terminal,
    kind: 'live' as const,
    reportId: `H${createdMs}`,
    createdMs,
    clockAheadMs: 0,
    completeThroughMs,
    dayMoves: 0,
  };
  const entries = { count: 0, baseTimeS: Math.floor(completeThroughMs / 1000), owners: [], calls: [], exceptions: [] };
  return built(encodeMoveReport(reportOf({ ...head, cadenceS: cadence }, entries)), 0);
}

/** A report of a live feed: moves [from, to) of a plan but those held out. */
export function buildLive(
  plan: DayPlan,
  range: { readonly from: number; readonly to: number; readonly keep?: (index: number) => boolean },
  times: { readonly createdMs: number; readonly completeThroughMs: number; readonly cadenceS: number },
): BuiltReport {
  const entries = takeMoves(plan, range.from, range.to, Math.floor(times.completeThroughMs / 1000), range.keep);
  const head = {
    terminal: plan.terminal,
    kind: 'live' as const,
    reportId: `V${times.createdMs}`,
    clockAheadMs: 0,
    dayMoves: range.to,
  };
  return built(encodeMoveReport(reportOf({ ...head, ...times }, entries)), entries.count);
}

/** A report that is well made and means nothing to the receiver: an unknown terminal, port, function or version, in turn. */
function estrange(report: ReportToEncode, which: number): ReportToEncode {
  switch (which % 4) {
    case 0:
      return { ...report, terminal: 'CNQQQ:NONE' };
    case 1:
      return { ...report, port: 'QQQQQ' };
    case 2:
      return { ...report, function: 9 };
    default:
      return { ...report, contractMajor: 2 };
  }
}

/** Cut off inside its last column, or noise that begins with a wire type that there is not: never readable. */
function spoil(bytes: Buffer, entries: number, bits: number): Buffer {
  if (entries > 0 && (bits & 1) === 0) return bytes.subarray(0, bytes.length - 1);
  return Buffer.from(
    Array.from({ length: 40 + (bits % 200) }, (_, i) => (i === 0 ? 0x07 : (bits >>> (i % 24)) & 0xff)),
  );
}

function amendmentOf(
  dispatch: Dispatch,
  entries: Entries,
  seed: number,
): { reportId: string; baseTimeS: number } | undefined {
  const { slot, kind } = dispatch;
  if (kind === 'cancel') return { reportId: reportIdOf('ghost', slot), baseTimeS: ghostBaseS(dispatch, seed) };
  if (kind !== 'replace') return undefined;
  const ahead =
    dispatch.originalAheadMs > 0
      ? aheadS({ ...dispatch, clockAheadMs: dispatch.originalAheadMs }, entries.baseTimeS)
      : 0;
  return { reportId: reportIdOf('wrong', slot), baseTimeS: entries.baseTimeS + ahead };
}

/** Kinds that are nothing when nothing moved. */
const NEEDS_MOVES: ReadonlySet<DispatchKind> = new Set(['held', 'resend', 'repeat', 'wrong', 'replace']);

/** The record of a dispatch; undefined when there is nothing to send (a late report of a half-hour in which nothing moved). */
export function buildReport(
  dispatch: Dispatch,
  plan: DayPlan,
  seed: number,
  cadence = cadenceS,
): BuiltReport | undefined {
  const { terminal, slot, kind } = dispatch;
  if (plan.calls.length === 0 && (kind === 'ghost' || kind === 'cancel' || kind === 'stranger')) return undefined;
  const entries = takeEntries(dispatch, plan, seed);
  if (entries.count === 0 && NEEDS_MOVES.has(kind)) return undefined;
  const amends = amendmentOf(dispatch, entries, seed);
  const head = {
    terminal,
    kind,
    reportId: reportIdOf(kind, slot),
    createdMs: dispatch.createdMs,
    clockAheadMs: dispatch.clockAheadMs,
    completeThroughMs: (slot + 1) * slotMs,
    cadenceS: cadence,
    dayMoves: plan.slotStart[slotInDay(slot) + 1] ?? 0,
    ...(amends === undefined ? {} : { amends }),
  };
  const report = reportOf(head, entries);
  const bits = hash4(seed ^ SALT.detail, terminal, slot, 90);
  if (kind === 'stranger') return built(encodeMoveReport(estrange(report, bits)), entries.count);
  const bytes = encodeMoveReport(report);
  if (kind === 'malformed') return built(spoil(bytes, entries.count, bits), 0);
  const badEntries = dispatch.oddity === 'bad_entry' && entries.count > 1 ? 1 : 0;
  const inFuture = kind === 'wrong' ? countAfter(entries, (dispatch.arrivalMs + 300_000) / 1000) : 0;
  return built(bytes, entries.count, badEntries, inFuture);
}

/** Headline TEU hundredths of moves [from, to) of a plan. */
export function headlineBetween(plan: DayPlan, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += headlineTeuHundredths(plan.sizeType[i] as number, plan.flags[i] as number);
  return sum;
}
