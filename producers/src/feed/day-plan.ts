/**
 * Every move of a terminal's UTC+8 day, made from (seed, terminal, day) alone, in columns sorted by time.
 * This is what really happened; how a feed tells it, and how badly, is for the reports.
 */
import type { VesselCall } from '@quaywatch/contracts';
import { dayStartMs } from '@quaywatch/seeds';
import { firstSerial, nextSerial, OWNERS, withCheckDigit } from './container-numbers.ts';
import type { Disturbances } from './disturbances.ts';
import { hash4, nearlyNormal, SALT } from './hash.ts';
import {
  FORTY_FIVE_FOOT,
  FORTY_FOOT,
  flagTablesOf,
  OTHER_TRADE_FLAGS,
  otherTradeShare,
  RESTOW_FLAGS,
  restowShare,
  TWENTY_FOOT,
  teuPerFortyFiveGroup,
  twentyFootShare,
} from './move-mix.ts';
import { type ActiveCall, callsAt, describeCall } from './vessel-calls.ts';
import type { VolumePlan } from './volume-plan.ts';

export type DayPlan = {
  readonly terminal: number;
  readonly day: number;
  /** UTC seconds. */
  readonly startS: number;
  readonly count: number;
  /** Seconds since `startS`, rising. */
  readonly timeS: Uint32Array;
  /** Index into OWNERS. */
  readonly owner: Uint8Array;
  /** Six digits and the check digit. */
  readonly serial: Uint32Array;
  readonly sizeType: Uint8Array;
  readonly flags: Uint16Array;
  /** Index into `calls`. */
  readonly call: Uint16Array;
  readonly calls: readonly VesselCall[];
  /** 49 entries: first move of each half-hour. */
  readonly slotStart: Uint32Array;
  readonly headlineTeu: number;
  readonly firstSerial: number;
};

/** Boxes of one hour, by class. */
type HourBoxes = { twenty: number; forty: number; fortyFive: number; other: number; restow: number };

export type DayPlanOptions = {
  readonly seed: number;
  readonly volume: VolumePlan;
  readonly disturbances: Disturbances;
};

const pickLength = 64;

function boxesOf(seed: number, terminal: number, hour: number, teu: number): HourBoxes {
  if (teu === 0) return { twenty: 0, forty: 0, fortyFive: 0, other: 0, restow: 0 };
  const bits = hash4(seed ^ SALT.boxes, terminal, hour, 0);
  const chance = (bits & 0xffff) / 65_536;
  const groups = Math.min(Math.floor(teu / 9), Math.floor(teu / teuPerFortyFiveGroup + chance));
  const rest = teu - groups * 9;
  const share = twentyFootShare * (1 + 0.08 * nearlyNormal(seed ^ SALT.boxes, terminal, hour, 1));
  // n boxes with a share s of 20-foot ones are n·(2 − s) TEU.
  const wanted = Math.round((rest * share) / (2 - share));
  const twenty = Math.min(rest, wanted + ((rest - wanted) & 1));
  const forty = (rest - twenty) / 2;
  const boxes = twenty + forty + groups * 4;
  const other = Math.floor(boxes * otherTradeShare + ((bits >>> 16) & 0xff) / 256);
  const restow = Math.floor(boxes * restowShare + (bits >>> 24) / 256);
  return { twenty, forty, fortyFive: groups * 4, other, restow };
}

/** How the work of an hour runs: 61 running weights, one a minute, 1 on average. Cranes slow down and speed up by the five minutes. */
function minuteWeights(options: DayPlanOptions, terminal: number, hourStartS: number, running: Float64Array): void {
  const { seed, disturbances } = options;
  const isDisturbed = disturbances.isDisturbed(terminal, hourStartS, hourStartS + 3600);
  let sum = 0;
  let pace = 1;
  running[0] = 0;
  for (let minute = 0; minute < 60; minute++) {
    if (minute % 5 === 0) {
      pace = Math.max(0.3, 1 + 0.18 * nearlyNormal(seed ^ SALT.minute, terminal, hourStartS / 300 + minute / 5, 0));
    }
    sum += isDisturbed ? pace * disturbances.factorAt(terminal, hourStartS + minute * 60 + 30) : pace;
    running[minute + 1] = sum;
  }
}

/** Calls of the day, found once an hour; the same call keeps its index. */
class CallTable {
  readonly calls: VesselCall[] = [];
  readonly #indexes = new Map<number, number>();

  indexOf(seed: number, terminal: number, call: ActiveCall): number {
    const key = call.berth * 0x1_0000_0000 + call.number;
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.calls.push(describeCall(seed, terminal, call));
    this.#indexes.set(key, this.calls.length - 1);
    return this.calls.length - 1;
  }
}

/** Fills `pick` so that a random entry is a call in proportion to its cranes. */
function fillPick(active: readonly ActiveCall[], pick: Uint8Array): void {
  let cranes = 0;
  for (const call of active) cranes += call.cranes;
  let filled = 0;
  let reached = 0;
  active.forEach((call, i) => {
    reached += call.cranes;
    const upTo = Math.round((pickLength * reached) / cranes);
    pick.fill(i, filled, upTo);
    filled = upTo;
  });
}

type Columns = Pick<DayPlan, 'timeS' | 'owner' | 'serial' | 'sizeType' | 'flags' | 'call'>;

const running = new Float64Array(61);
const pick = new Uint8Array(pickLength);

type Hour = { readonly startS: number; readonly offsetS: number; readonly boxes: HourBoxes };

/** What the hour's moves draw from: pace into `running`, calls in proportion to cranes into `pick`. */
function setUpHour(options: DayPlanOptions, terminal: number, hour: Hour, table: CallTable) {
  const { seed } = options;
  minuteWeights(options, terminal, hour.startS, running);
  const active = callsAt(seed, terminal, hour.startS / 3600);
  fillPick(active, pick);
  return {
    active,
    callIndexes: active.map((one) => table.indexOf(seed, terminal, one)),
    /** A call that is there all hour, for moves that are earlier than the one they drew. */
    whole: Math.max(
      0,
      active.findIndex((one) => one.fromS === 0),
    ),
    state: hash4(seed ^ SALT.moves, terminal, hour.startS / 3600, 0) | 1,
    ...flagTablesOf(terminal),
  };
}

/** Where the moves go, and how far they have come: the next index and the next serial. */
type Layout = { readonly columns: Columns; readonly table: CallTable; at: number; serial: number };

/** Marsaglia's xorshift32: short, and good enough for boxes. */
function xorshift(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  return next ^ (next << 5);
}

/** Lays out one hour's moves. The hot loop. */
function layHour(options: DayPlanOptions, terminal: number, hour: Hour, layout: Layout): void {
  const { at, table } = layout;
  const { timeS, owner, serial, sizeType, flags, call } = layout.columns;
  let { twenty, forty, fortyFive, other, restow } = hour.boxes;
  const count = twenty + forty + fortyFive + other + restow;
  if (count === 0) return;
  const { active, callIndexes, whole, load, disc, ...random } = setUpHour(options, terminal, hour, table);
  // A hair less than the whole hour, so that rounding never reaches past the last minute that works.
  const step = ((running[60] as number) / count) * (1 - 1e-9);
  let state = random.state;
  let minute = 0;
  let six = layout.serial;
  let left = count;
  for (let i = 0; i < count; i++) {
    // One draw says when and which call, the next says what.
    state = xorshift(state);
    const when = (i + ((state >>> 8) & 0xffff) / 65_536) * step;
    while ((running[minute + 1] as number) <= when && minute < 59) minute++;
    const before = running[minute] as number;
    const second = ((minute + (when - before) / ((running[minute + 1] as number) - before)) * 60) | 0;
    let which = pick[state & 63] as number;
    let lying = active[which] as ActiveCall;
    if (second < lying.fromS) {
      which = whole;
      lying = active[which] as ActiveCall;
    }
    const kindBits = (state >>> 24) & 0xff;
    state = xorshift(state);
    const bits = state >>> 0;
    // Sampling without replacement: each class comes out exactly as often as planned.
    const draw = ((bits >>> 8) * left) / 16_777_216;
    left--;
    const isLoad = kindBits < lying.loadShare;
    const place = at + i;
    if (draw < forty) {
      forty--;
      sizeType[place] = FORTY_FOOT[bits & 31] as number;
      flags[place] = (isLoad ? load : disc)[(bits * 5 + kindBits) & 1023] as number;
    } else if (draw < forty + twenty) {
      twenty--;
      sizeType[place] = TWENTY_FOOT[bits & 31] as number;
      flags[place] = (isLoad ? load : disc)[(bits * 5 + kindBits) & 1023] as number;
    } else if (draw < forty + twenty + other) {
      other--;
      sizeType[place] = ((bits & 0x60) === 0 ? TWENTY_FOOT : FORTY_FOOT)[bits & 31] as number;
      const isDomestic = lying.mixedTrade && (bits & 0x80) !== 0;
      flags[place] = OTHER_TRADE_FLAGS[
        (isDomestic ? 4 : 0) + (isLoad ? 2 : 0) + (kindBits % 5 === 0 ? 1 : 0)
      ] as number;
    } else if (draw < forty + twenty + other + fortyFive) {
      fortyFive--;
      sizeType[place] = FORTY_FIVE_FOOT[bits & 31] as number;
      flags[place] = (isLoad ? load : disc)[(bits * 5 + kindBits) & 1023] as number;
    } else {
      restow--;
      sizeType[place] = FORTY_FOOT[bits & 31] as number;
      flags[place] = RESTOW_FLAGS[isLoad ? 1 : 0] as number;
    }
    const ownerIndex = (bits >>> 5) % OWNERS.length;
    timeS[place] = hour.offsetS + second;
    owner[place] = ownerIndex;
    serial[place] = withCheckDigit(ownerIndex, six);
    six = nextSerial(six);
    call[place] = callIndexes[which] as number;
  }
  layout.at = at + count;
  layout.serial = six;
}

function slotStarts(timeS: Uint32Array, count: number): Uint32Array {
  const starts = new Uint32Array(49).fill(count);
  let slot = 0;
  for (let i = 0; i < count; i++) {
    const of = Math.floor((timeS[i] as number) / 1800);
    while (slot <= of) starts[slot++] = i;
  }
  return starts;
}

/** @throws SeedRangeError outside the baseline. */
export function createDayPlan(options: DayPlanOptions, terminal: number, day: number): DayPlan {
  const startS = dayStartMs(day) / 1000;
  const teu = options.volume.hourTeu(terminal, day);
  const hours = Array.from(teu, (hourTeu, i) => ({
    startS: startS + i * 3600,
    offsetS: i * 3600,
    boxes: boxesOf(options.seed, terminal, startS / 3600 + i, hourTeu),
  }));
  const count = hours.reduce((n, { boxes: b }) => n + b.twenty + b.forty + b.fortyFive + b.other + b.restow, 0);
  const columns = {
    timeS: new Uint32Array(count),
    owner: new Uint8Array(count),
    serial: new Uint32Array(count),
    sizeType: new Uint8Array(count),
    flags: new Uint16Array(count),
    call: new Uint16Array(count),
  };
  const table = new CallTable();
  const first = firstSerial(options.seed, terminal, day);
  const layout = { columns, table, at: 0, serial: first };
  for (const hour of hours) layHour(options, terminal, hour, layout);
  return {
    ...columns,
    terminal,
    day,
    startS,
    count,
    calls: table.calls,
    slotStart: slotStarts(columns.timeS, count),
    headlineTeu: teu.reduce((sum, one) => sum + one, 0),
    firstSerial: first,
  };
}
