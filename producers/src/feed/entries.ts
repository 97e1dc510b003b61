/**
 * The entries of simulated reports: moves out of day plans, and the ways in which they are falsified.
 * It makes no headers and no bytes; one set of columns is reused, as the contract's decoder does.
 */
import { type ContainerException, SIZE_TYPES, type VesselCall } from '@quaywatch/contracts';
import { dayNumberOf } from '@quaywatch/seeds';
import { numberText, OWNERS, phantomStart, serialAt, withCheckDigit } from './container-numbers.ts';
import type { DayPlan } from './day-plan.ts';
import { hash4, SALT } from './hash.ts';
import { type Dispatch, type HoldOut, heldOneIn, slotMs } from './imperfections.ts';

const slotS = slotMs / 1000;
/** Serials of boxes that never were: this many a slot. */
const phantomsPerSlot = 128;
/** Entries of one half-hour; the busiest quay has about 450, and a feed that was silent for hours speaks by half-hours. */
const capacity = 8192;

const offsetS = new Uint32Array(capacity);
const owner = new Uint32Array(capacity);
const serial = new Uint32Array(capacity);
const sizeType = new Uint32Array(capacity);
const flags = new Uint32Array(capacity);
const call = new Uint32Array(capacity);
const columns = [offsetS, owner, serial, sizeType, flags, call];
/** The columns of the entries taken last: one set of memory, encoded before the next entries are taken. */
export const COLUMNS = { offsetS, owner, serial, sizeType, flags, call } as const;

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
export function takeMoves(
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

export function ghostBaseS(dispatch: Dispatch, seed: number): number {
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

export function takeEntries(dispatch: Dispatch, plan: DayPlan, seed: number): Entries {
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
export function aheadS(dispatch: Dispatch, baseTimeS: number): number {
  const shifted = baseTimeS * 1000 + dispatch.clockAheadMs;
  const last = shifted + slotMs;
  const staysInDay = dayNumberOf(last) === dayNumberOf(baseTimeS * 1000);
  return staysInDay ? dispatch.clockAheadMs / 1000 : 0;
}

export function countAfter(entries: Entries, timeS: number): number {
  let count = 0;
  for (let i = 0; i < entries.count; i++) if (entries.baseTimeS + (offsetS[i] as number) > timeS) count++;
  return count;
}
