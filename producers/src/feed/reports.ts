/**
 * Makes the bytes of simulated reports out of day plans: true ones, repeated ones, false ones and what amends them.
 * It does not decide which are sent, nor when.
 */
import {
  CONTRACT_MAJOR,
  CONTRACT_MINOR,
  type ContainerException,
  encodeMoveReport,
  FUNCTIONS,
  PORTS,
  type ReportToEncode,
  SIZE_TYPES,
  TERMINALS,
  type VesselCall,
} from '@quaywatch/contracts';
import { dayNumberOf } from '@quaywatch/seeds';
import { numberText, OWNERS, phantomStart, serialAt, withCheckDigit } from './container-numbers.ts';
import type { DayPlan } from './day-plan.ts';
import { hash4, SALT } from './hash.ts';
import { type Dispatch, type DispatchKind, type HoldOut, heldOneIn, slotMs } from './imperfections.ts';
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
const slotS = slotMs / 1000;
/** Serials of boxes that never were: this many a slot. */
const phantomsPerSlot = 128;
const capacity = 8192;

/** Sequence numbers count milliseconds from here, so that they rise with the time of making in every mode. */
const sequenceEpochMs = Date.UTC(2020, 0, 1);
export const sequenceOf = (createdMs: number): number => createdMs - sequenceEpochMs;
export const sourceOf = (terminal: number): string => `urn:quaywatch:sim:${TERMINALS[terminal]?.code ?? ''}`;

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

const offsetS = new Uint32Array(capacity);
const owner = new Uint32Array(capacity);
const serial = new Uint32Array(capacity);
const sizeType = new Uint32Array(capacity);
const flags = new Uint32Array(capacity);
const call = new Uint32Array(capacity);
const columns = [offsetS, owner, serial, sizeType, flags, call];

// Tables of a report are local to it: these hold each owner's and call's place in the report being made, valid when the stamp matches.
const ownerPlace = new Uint8Array(OWNERS.length);
const ownerStamp = new Uint32Array(OWNERS.length);
const callPlace = new Uint16Array(1024);
const callStamp = new Uint32Array(1024);
let stamp = 0;

export type Entries = {
  count: number;
  baseTimeS: number;
  owners: string[];
  calls: VesselCall[];
  exceptions: ContainerException[];
};

/** Whether a move of the slot is held out of the on-time report. */
export function isHeld(holdOut: HoldOut, index: number, slot: number): boolean {
  switch (holdOut) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'some':
      return index % heldOneIn === slot % heldOneIn;
    case 'third':
      return index % 3 === 0;
  }
}

function placeOwner(entries: Entries, index: number): number {
  if (ownerStamp[index] !== stamp) {
    ownerStamp[index] = stamp;
    ownerPlace[index] = entries.owners.length;
    entries.owners.push(OWNERS[index] ?? '');
  }
  return ownerPlace[index] as number;
}

function placeCall(entries: Entries, plan: DayPlan, index: number): number {
  if (callStamp[index] !== stamp) {
    callStamp[index] = stamp;
    callPlace[index] = entries.calls.length;
    const described = plan.calls[index];
    if (described !== undefined) entries.calls.push(described);
  }
  return callPlace[index] as number;
}

/** Moves [from, to) of a plan into the columns. The hot loop of encoding. */
function takeMoves(
  plan: DayPlan,
  from: number,
  to: number,
  emptyBaseS: number,
  keep?: (index: number) => boolean,
): Entries {
  stamp++;
  const entries: Entries = { count: 0, baseTimeS: emptyBaseS, owners: [], calls: [], exceptions: [] };
  let baseS = -1;
  let count = 0;
  for (let i = from; i < to; i++) {
    if (keep !== undefined && !keep(i)) continue;
    const timeS = plan.timeS[i] as number;
    if (baseS < 0) baseS = timeS;
    offsetS[count] = timeS - baseS;
    owner[count] = placeOwner(entries, plan.owner[i] as number);
    serial[count] = plan.serial[i] as number;
    sizeType[count] = plan.sizeType[i] as number;
    flags[count] = plan.flags[i] as number;
    call[count] = placeCall(entries, plan, plan.call[i] as number);
    count++;
  }
  entries.count = count;
  if (baseS >= 0) entries.baseTimeS = plan.startS + baseS;
  return entries;
}

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
    offsetS,
    owner,
    serial,
    sizeType,
    flags,
    call,
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

function shuffle(count: number, dispatch: Dispatch, seed: number): void {
  for (let i = count - 1; i > 0; i--) {
    const j = hash4(seed ^ SALT.detail, dispatch.terminal, dispatch.slot, 1000 + i) % (i + 1);
    for (const column of columns) {
      const held = column[i] as number;
      column[i] = column[j] as number;
      column[j] = held;
    }
  }
}

/** The first entry as text, as senders do that know neither our tables nor bare numbers. */
function spellOut(entries: Entries): void {
  const hundredths = SIZE_TYPES[sizeType[0] as number]?.teuHundredths ?? 200;
  const code = hundredths === 100 ? '22K2' : hundredths === 225 ? 'L5K2' : '45K2';
  const ownerIndex = OWNERS.indexOf(entries.owners[owner[0] as number] ?? '');
  entries.exceptions.push({ entry: 0, number: numberText(ownerIndex, serial[0] as number), sizeType: code });
  serial[0] = 0;
  sizeType[0] = 0;
}

function phantomSerial(plan: DayPlan, slot: number, place: number, ownerIndex: number): number {
  const at = phantomStart + slotInDay(slot) * phantomsPerSlot + place;
  return withCheckDigit(ownerIndex, serialAt(plan.firstSerial, at));
}

/** One entry more, of a handling and bits that no contract knows. */
function addBadEntry(entries: Entries, plan: DayPlan, slot: number): void {
  const last = entries.count - 1;
  for (const column of columns) column[last + 1] = column[last] as number;
  const ownerIndex = OWNERS.indexOf(entries.owners[owner[last] as number] ?? '');
  serial[last + 1] = phantomSerial(plan, slot, 100, ownerIndex);
  flags[last + 1] = (flags[last] as number) | (0b111 << 5) | (1 << 11);
  entries.count++;
}

/** Wrong sizes, and a box that was another one. */
function falsify(entries: Entries, plan: DayPlan, slot: number): void {
  for (let i = 0; i < entries.count; i += 3) {
    const hundredths = SIZE_TYPES[sizeType[i] as number]?.teuHundredths ?? 200;
    sizeType[i] = SIZE_TYPES.findIndex((one) => one.code === (hundredths === 100 ? '45G1' : '22G1'));
  }
  const ownerIndex = OWNERS.indexOf(entries.owners[owner[0] as number] ?? '');
  serial[0] = phantomSerial(plan, slot, 0, ownerIndex);
}

function ghostBaseS(dispatch: Dispatch, seed: number): number {
  return dispatch.slot * slotS + (hash4(seed ^ SALT.detail, dispatch.terminal, dispatch.slot, 20) % 600);
}

function takeGhosts(dispatch: Dispatch, plan: DayPlan, seed: number): Entries {
  stamp++;
  const entries: Entries = { count: 0, baseTimeS: ghostBaseS(dispatch, seed), owners: [], calls: [], exceptions: [] };
  const count = 3 + (hash4(seed ^ SALT.detail, dispatch.terminal, dispatch.slot, 21) % 22);
  for (let i = 0; i < count; i++) {
    const bits = hash4(seed ^ SALT.detail, dispatch.terminal, dispatch.slot, 22 + i);
    const ownerIndex = bits % OWNERS.length;
    offsetS[i] = i * 45;
    owner[i] = placeOwner(entries, ownerIndex);
    serial[i] = phantomSerial(plan, dispatch.slot, 1 + i, ownerIndex);
    sizeType[i] = (bits >>> 8) % 2 === 0 ? 1 : 7;
    // LOAD for export or DISC for import, laden, yard.
    flags[i] = (bits >>> 9) % 2 === 0 ? 0b01000 : 0b00001;
    call[i] = placeCall(entries, plan, 0);
  }
  entries.count = count;
  return entries;
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

function takeEntries(dispatch: Dispatch, plan: DayPlan, seed: number): Entries {
  const { slot, kind, holdOut, oddity } = dispatch;
  const from = plan.slotStart[slotInDay(slot)] as number;
  const to = plan.slotStart[slotInDay(slot) + 1] as number;
  const endS = (slot + 1) * slotS;
  switch (kind) {
    case 'on_time':
    case 'resend': {
      const entries = takeMoves(
        plan,
        from,
        to,
        endS,
        holdOut === 'none' ? undefined : (i) => !isHeld(holdOut, i, slot),
      );
      if (entries.count === 0) return entries;
      if (oddity === 'shuffled') shuffle(entries.count, dispatch, seed);
      if (oddity === 'exception') spellOut(entries);
      if (oddity === 'bad_entry') addBadEntry(entries, plan, slot);
      return entries;
    }
    case 'held':
    case 'replace':
      return takeMoves(plan, from, to, endS, (i) => isHeld(holdOut, i, slot));
    case 'wrong': {
      const entries = takeMoves(plan, from, to, endS, (i) => isHeld(holdOut, i, slot));
      if (dispatch.clockAheadMs > 0) entries.baseTimeS += aheadS(dispatch, entries.baseTimeS);
      else if (entries.count > 0) falsify(entries, plan, slot);
      return entries;
    }
    case 'ghost':
    case 'stranger':
      return takeGhosts(dispatch, plan, seed);
    case 'cancel':
      return { count: 0, baseTimeS: ghostBaseS(dispatch, seed), owners: [], calls: [], exceptions: [] };
    case 'repeat':
    case 'malformed':
      return takeMoves(plan, from, to, endS);
  }
}

/** Half-hour of the UTC+8 day, 0..47: that day begins at 16:00 UTC. */
export function slotInDay(slot: number): number {
  return (slot + 16) % 48;
}

/** How far a fast clock dates moves ahead: not over midnight, because a report and its amendment share their day. */
function aheadS(dispatch: Dispatch, baseTimeS: number): number {
  const shifted = baseTimeS * 1000 + dispatch.clockAheadMs;
  const last = shifted + slotMs;
  const staysInDay = dayNumberOf(last) === dayNumberOf(baseTimeS * 1000);
  return staysInDay ? dispatch.clockAheadMs / 1000 : 0;
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

function countAfter(entries: Entries, timeS: number): number {
  let count = 0;
  for (let i = 0; i < entries.count; i++) if (entries.baseTimeS + (offsetS[i] as number) > timeS) count++;
  return count;
}

/** Headline TEU hundredths of moves [from, to) of a plan. */
export function headlineBetween(plan: DayPlan, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += headlineTeuHundredths(plan.sizeType[i] as number, plan.flags[i] as number);
  return sum;
}
