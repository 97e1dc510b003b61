/**
 * One terminal's UTC+8 day while it is unsettled: the moves that were accepted (to tell duplicates), the reports that brought them (to take them
 * back), and the measures of its windows. Knows nothing of watermarks or of what has been emitted.
 */
import { MEASURE_COUNT, MEASURE_INDEX, type VesselCall } from '@quaywatch/contracts';
import { countMove, type MovePayload, TELLERS } from './measures.ts';
import { dayStartMs } from './time.ts';

/** A report as it counts now: the newest version of it that has come. Entries are references into the terminal's days. */
export type Document = {
  readonly sequence: number;
  readonly entries: Int32Array;
  /** Day of each entry; null while all lie in the report's home day, as nearly always. */
  days: Int32Array | null;
  count: number;
};

/** Of reports without entries that count, cancelled ones above all. */
export const noEntries = new Int32Array(0);

export type CallStats = {
  readonly call: VesselCall;
  readonly index: number;
  /** Of all moves that came, also of those that were taken back. */
  firstS: number;
  lastS: number;
  /** Those that count. */
  moves: number;
};

const windowsOf = { minute: 1440, five: 288, hour: 24, day: 1 } as const;
export const fiveS = 300;

/** Calls of one terminal and day: 19 bits of the identity. */
const callsMax = 1 << 19;
/** What is shown of a call is kept for days and told every second: so much of it. */
const shownMax = 128;
/** Later than any event time, and still a small integer to the engine. */
const beforeAnyMoveS = 0x7fffffff;
/** An owner code that is none of AAAA–ZZZZ: the number is interned as text. */
const internedOwner = (1 << 19) - 1;

/**
 * Accepted moves are four words each, in order of arrival, found through an open-addressing index:
 * serial (24 bits) | call, low 8 · owner (19) | kind (2) | call, high 11 · second of the day (17) | reports that hold it (15) · payload.
 */
export class TerminalDay {
  readonly day: number;
  readonly startS: number;
  readonly five = new Uint32Array(windowsOf.five * MEASURE_COUNT);
  /** Absent when the run writes no minutes. */
  readonly minute: Uint32Array | undefined;
  readonly documents = new Map<string, Document>();
  readonly calls = new Map<string, CallStats>();
  #words = new Uint32Array(4 * 64);
  #count = 0;
  #index = new Int32Array(128);
  #mask = 127;
  #interned: Map<string, number> | undefined;
  /** Calls by their index, as in the words of a move. */
  readonly #byIndex: CallStats[] = [];

  constructor(day: number, withMinutes: boolean) {
    this.day = day;
    this.startS = dayStartMs(day) / 1000;
    this.minute = withMinutes ? new Uint32Array(windowsOf.minute * MEASURE_COUNT) : undefined;
  }

  /** The call's statistics, made at its first report of the day; undefined past `callsMax`. */
  callOf(call: VesselCall): CallStats | undefined {
    const known = this.calls.get(call.id);
    if (known !== undefined) return known;
    if (this.calls.size >= callsMax) return undefined;
    const { id, mixedTrade } = call;
    const kept = { id, mixedTrade, vessel: shown(call.vessel), imo: shown(call.imo), berth: shown(call.berth) };
    const made: CallStats = { call: kept, index: this.calls.size, firstS: beforeAnyMoveS, lastS: 0, moves: 0 };
    this.calls.set(call.id, made);
    this.#byIndex.push(made);
    return made;
  }

  /** A container number that is not four letters and seven digits, as owner and serial of its own. */
  intern(number: string): { owner: number; serial: number } {
    this.#interned ??= new Map();
    const serial = this.#interned.get(number) ?? this.#interned.size;
    this.#interned.set(number, serial);
    return { owner: internedOwner, serial };
  }

  /**
   * Adds one report's claim on a move. Returns the entry's reference, and whether the move was there already (`isNew` false: a duplicate).
   * The reference of a duplicate is returned too, because the second report keeps the move alive when the first is cancelled.
   */
  add(owner: number, serial: number, kind: number, call: CallStats, secondOfDay: number, payload: MovePayload): number {
    const word0 = (serial | (call.index << 24)) >>> 0;
    const word1 = (owner | (kind << 19) | ((call.index >>> 8) << 21)) >>> 0;
    let slot = hash(word0, word1, secondOfDay) & this.#mask;
    const words = this.#words;
    for (;;) {
      const reference = (this.#index[slot] as number) - 1;
      if (reference < 0) return this.#append(slot, word0, word1, secondOfDay, payload, call);
      const at = reference * 4;
      if (words[at] === word0 && words[at + 1] === word1 && ((words[at + 2] as number) & 0x1ffff) === secondOfDay) {
        return this.#claim(reference, payload, call);
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  #claim(reference: number, payload: MovePayload, call: CallStats): number {
    const at = reference * 4;
    const word2 = this.#words[at + 2] as number;
    const claims = word2 >>> 17;
    if (claims === 0) {
      this.#words[at + 3] = payload;
      this.#count1(word2 & 0x1ffff, payload, 1);
      note(call, this.startS + (word2 & 0x1ffff));
    }
    if (claims < 0x7fff) this.#words[at + 2] = word2 + (1 << 17);
    return claims === 0 ? reference : -1 - reference;
  }

  #append(
    slot: number,
    word0: number,
    word1: number,
    secondOfDay: number,
    payload: MovePayload,
    call: CallStats,
  ): number {
    const reference = this.#count++;
    if (reference * 4 >= this.#words.length) this.#words = grown(this.#words);
    const at = reference * 4;
    this.#words[at] = word0;
    this.#words[at + 1] = word1;
    this.#words[at + 2] = secondOfDay | (1 << 17);
    this.#words[at + 3] = payload;
    this.#index[slot] = reference + 1;
    if (this.#count * 2 > this.#mask) this.#rehash();
    this.#count1(secondOfDay, payload, 1);
    note(call, this.startS + secondOfDay);
    return reference;
  }

  /** Takes back one report's claim; the move stops counting with the last. Returns its second of the day when it stopped, else −1. */
  release(reference: number): number {
    const at = reference * 4 + 2;
    const word2 = this.#words[at] as number;
    this.#words[at] = word2 - (1 << 17);
    if (word2 >>> 17 !== 1) return -1;
    this.#count1(word2 & 0x1ffff, this.#words[at + 1] as number, -1);
    const call =
      this.#byIndex[((this.#words[at - 2] as number) >>> 24) | (((this.#words[at - 1] as number) >>> 21) << 8)];
    if (call !== undefined) call.moves--;
    return word2 & 0x1ffff;
  }

  /** Adds a source to those that have told the move. Returns who had told it before. */
  tell(reference: number, bit: number): number {
    const at = reference * 4 + 3;
    const payload = this.#words[at] as number;
    this.#words[at] = payload | bit;
    return payload & TELLERS.mask;
  }

  tellersOf(reference: number): number {
    return (this.#words[reference * 4 + 3] as number) & TELLERS.mask;
  }

  #count1(secondOfDay: number, payload: MovePayload, sign: 1 | -1): void {
    countMove(this.five, ((secondOfDay / fiveS) | 0) * MEASURE_COUNT, payload, sign);
    if (this.minute !== undefined) countMove(this.minute, ((secondOfDay / 60) | 0) * MEASURE_COUNT, payload, sign);
  }

  /** Counts duplicates where they arrive: in the windows of log time. */
  countDuplicates(secondOfDay: number, count: number): void {
    raise(this.five, (secondOfDay / fiveS) | 0, MEASURE_INDEX.duplicates, count);
    if (this.minute !== undefined) raise(this.minute, (secondOfDay / 60) | 0, MEASURE_INDEX.duplicates, count);
  }

  /** Counts a move that came after its window had closed; a minute may have closed while its 5 minutes are open. Never taken back. */
  countLate(sizeS: 60 | 300, secondOfDay: number): void {
    if (sizeS === 300) raise(this.five, (secondOfDay / fiveS) | 0, MEASURE_INDEX.late_moves, 1);
    else if (this.minute !== undefined) raise(this.minute, (secondOfDay / 60) | 0, MEASURE_INDEX.late_moves, 1);
  }

  #rehash(): void {
    this.#mask = this.#mask * 4 + 3;
    this.#index = new Int32Array(this.#mask + 1);
    for (let reference = 0; reference < this.#count; reference++) {
      const at = reference * 4;
      let slot =
        hash(this.#words[at] as number, this.#words[at + 1] as number, (this.#words[at + 2] as number) & 0x1ffff) &
        this.#mask;
      while (this.#index[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#index[slot] = reference + 1;
    }
  }
}

/** A copy: a part of a text keeps all of it in memory. */
function shown(text: string): string {
  return text.length <= shownMax ? text : Buffer.from(text.slice(0, shownMax)).toString();
}

function raise(measures: Uint32Array, window: number, measure: number, by: number): void {
  const at = window * MEASURE_COUNT + measure;
  measures[at] = (measures[at] as number) + by;
}

function note(call: CallStats, eventTimeS: number): void {
  call.moves++;
  if (eventTimeS < call.firstS) call.firstS = eventTimeS;
  if (eventTimeS > call.lastS) call.lastS = eventTimeS;
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(words.length * 2);
  larger.set(words);
  return larger;
}
