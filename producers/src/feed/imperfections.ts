/**
 * How badly a simulated feed tells what happened: for each half-hour of a terminal, which records are sent and when they arrive.
 * Imperfections are extra or late, never instead: every real move is told, within `latenessMsMax` of its time.
 * It makes no bytes; `reports.ts` does.
 */
import { dayNumberOf, dayStartMs } from '@quaywatch/seeds';
import type { Disturbances } from './disturbances.ts';
import { hash4, SALT, uniform } from './hash.ts';

export const slotMs = 1_800_000;
/** A UTC+8 day settles 48 h after its end; 8 h are left for clocks, queues and the watermark. */
export const latenessMsMax = 40 * 3_600_000;

/**
 * `on_time` the slot's moves (without those held out); `held` the moves held out; `resend` the on-time bytes again; `repeat` the same moves
 * under a new id; `wrong` a falsified original and `replace` what puts it right; `ghost` moves that never happened and `cancel` their
 * withdrawal; `malformed` bytes that are no report; `stranger` a report of something unknown.
 */
export type DispatchKind =
  | 'on_time'
  | 'held'
  | 'resend'
  | 'repeat'
  | 'wrong'
  | 'replace'
  | 'ghost'
  | 'cancel'
  | 'malformed'
  | 'stranger';

/** Which of the slot's moves are not in the on-time report. */
export type HoldOut = 'none' | 'all' | 'some' | 'third';
/** Oddities of the on-time report that cost nothing: order of entries, text exceptions, one bad entry too many. */
type Oddity = 'none' | 'shuffled' | 'exception' | 'bad_entry';

export type Dispatch = {
  readonly terminal: number;
  /** Half-hours since 1970, UTC. */
  readonly slot: number;
  readonly kind: DispatchKind;
  readonly holdOut: HoldOut;
  readonly oddity: Oddity;
  /** Milliseconds by which the sender's clock runs ahead when it makes this report. */
  readonly clockAheadMs: number;
  /** Of a replace: the clock error of the report that it replaces. */
  readonly originalAheadMs: number;
  /** True time of making, UTC ms: the sequence number rises with it. */
  readonly createdMs: number;
  readonly arrivalMs: number;
};

export type Imperfections = {
  /** Records of a slot, in no order. */
  readonly dispatchesOf: (terminal: number, slot: number) => readonly Dispatch[];
  readonly fateOf: (terminal: number, slot: number) => Fate;
  /** The arrival that an outage or a silence leaves of a wanted one, UTC ms. */
  readonly arrivalOf: (terminal: number, wantedMs: number) => number;
};

type Fate =
  | 'plain'
  | 'late'
  | 'late_some'
  | 'resend'
  | 'repeat'
  | 'replace'
  | 'cancel'
  | 'ahead'
  | 'overtaken'
  | 'shuffled'
  | 'exception'
  | 'bad_entry';

/** Share of slots. Moves follow, since fate does not look at them: 2 % duplicated, about 1 % late. */
const FATES: readonly (readonly [Fate, number])[] = [
  ['late', 0.0092],
  ['late_some', 0.016],
  ['resend', 0.012],
  ['repeat', 0.008],
  ['replace', 0.006],
  ['cancel', 0.002],
  ['ahead', 0.001],
  ['overtaken', 0.005],
  ['shuffled', 0.05],
  ['exception', 0.003],
  ['bad_entry', 0.001],
];
/** Of all records. */
const malformedShare = 0.0001;
const strangerShare = 0.0001;
const outageDayShare = 1 / 60;
/** Held-out entries of `late_some`: one in twenty. */
export const heldOneIn = 20;

const minute = 60_000;

export type ImperfectionOptions = {
  readonly seed: number;
  readonly disturbances: Disturbances;
  /** False: every feed is perfect but for the disturbances. */
  readonly isImperfect: boolean;
};

type Draw = {
  readonly terminal: number;
  readonly slot: number;
  readonly endMs: number;
  readonly part: (n: number) => number;
};

/** Minutes to days: most are soon there. Never so late that an outage on top would pass `latenessMsMax`. */
function lateDelayMs(part: (n: number) => number): number {
  const choice = part(1);
  const share = part(2);
  if (choice < 0.6) return (8 + share * 80) * minute;
  return choice < 0.85 ? (90 + share * 390) * minute : (8 + share * 25) * 60 * minute;
}

function fateAt(seed: number, terminal: number, slot: number): Fate {
  let rest = uniform(seed ^ SALT.imperfection, terminal, slot, 0);
  for (const [fate, share] of FATES) {
    rest -= share;
    if (rest < 0) return fate;
  }
  return 'plain';
}

const HOLD_OUT: Partial<Readonly<Record<Fate, HoldOut>>> = {
  late: 'all',
  late_some: 'some',
  replace: 'third',
  ahead: 'third',
};
const ODDITY: Partial<Readonly<Record<Fate, Oddity>>> = {
  shuffled: 'shuffled',
  exception: 'exception',
  bad_entry: 'bad_entry',
};

type Wanted = Pick<Dispatch, 'kind' | 'createdMs' | 'arrivalMs'> & Partial<Dispatch>;

function pair(draw: Draw, first: DispatchKind, second: DispatchKind, atMs: number): Wanted[] {
  const { part } = draw;
  const secondMs = atMs + (10 + part(3) * (part(4) < 0.7 ? 110 : 700)) * minute;
  // Now and then the amendment overtakes what it amends.
  const firstMs = part(5) < 0.1 ? secondMs + (1 + part(6) * 20) * minute : atMs;
  return [
    { kind: first, createdMs: atMs - 500, arrivalMs: firstMs },
    { kind: second, createdMs: secondMs - 700, arrivalMs: secondMs },
  ];
}

/** What the fate of a slot sends, before outages. `onTimeMs` is when a plain report arrives. */
function wantedOf(fate: Fate, draw: Draw, onTimeMs: number): Wanted[] {
  const { endMs, part } = draw;
  const onTime = { kind: 'on_time' as const, createdMs: endMs + Math.floor(part(9) * 900), arrivalMs: onTimeMs };
  const laterMs = onTimeMs + (3 + part(1) * (part(2) < 0.8 ? 60 : 420)) * minute;
  switch (fate) {
    case 'late':
    case 'late_some': {
      const arrivalMs = onTimeMs + lateDelayMs(part);
      return [onTime, { kind: 'held', createdMs: arrivalMs - 1_500, arrivalMs }];
    }
    case 'resend':
      return [onTime, { ...onTime, kind: 'resend', arrivalMs: laterMs }];
    case 'repeat':
      return [onTime, { kind: 'repeat', createdMs: laterMs - 900, arrivalMs: laterMs }];
    case 'replace':
      // A third of the moves goes into the falsified original, so that a live feed, which streams the others, can do the same.
      return [onTime, ...pair(draw, 'wrong', 'replace', onTimeMs + 1_000)];
    case 'cancel':
      return [onTime, ...pair(draw, 'ghost', 'cancel', onTimeMs + (1 + part(7) * 20) * minute)];
    case 'ahead': {
      const clockAheadMs = Math.round((1 + part(7) * 4) * 3600) * 1000;
      const [wrong, replace] = pair(
        { ...draw, part: (n) => (n === 5 ? 1 : part(n)) },
        'wrong',
        'replace',
        onTimeMs + 1_000,
      );
      return [
        { ...onTime, clockAheadMs },
        ...(wrong === undefined ? [] : [{ ...wrong, clockAheadMs }]),
        ...(replace === undefined ? [] : [{ ...replace, originalAheadMs: clockAheadMs }]),
      ];
    }
    case 'overtaken':
      return [{ ...onTime, arrivalMs: onTimeMs + (31 + part(1) * 15) * minute }];
    default:
      return [onTime];
  }
}

function outageOf(seed: number, terminal: number, day: number): { fromMs: number; toMs: number } | undefined {
  if (uniform(seed ^ SALT.outage, terminal, day, 0) >= outageDayShare) return undefined;
  const fromMs = dayStartMs(day) + Math.floor(uniform(seed ^ SALT.outage, terminal, day, 1) * 18 * 60) * minute;
  return { fromMs, toMs: fromMs + Math.floor(65 + uniform(seed ^ SALT.outage, terminal, day, 2) * 235) * minute };
}

export function createImperfections({ seed, disturbances, isImperfect }: ImperfectionOptions): Imperfections {
  function arrivalOf(terminal: number, wantedMs: number): number {
    let arrivalMs = wantedMs;
    const outage = isImperfect ? outageOf(seed, terminal, dayNumberOf(wantedMs)) : undefined;
    for (const quiet of [outage, disturbances.silenceAt(terminal, wantedMs)]) {
      if (quiet === undefined || arrivalMs < quiet.fromMs || arrivalMs >= quiet.toMs) continue;
      // What was held up comes in the order in which it was made, within a minute.
      arrivalMs = quiet.toMs + 1_000 + Math.floor(((arrivalMs - quiet.fromMs) / (quiet.toMs - quiet.fromMs)) * 59_000);
    }
    return arrivalMs;
  }

  function extrasOf(draw: Draw, onTimeMs: number, fate: Fate): Wanted[] {
    const { terminal, slot, part } = draw;
    const extras: Wanted[] = [];
    const at = (kind: DispatchKind, n: number): Wanted => {
      const arrivalMs = onTimeMs + (1 + part(n) * 28) * minute;
      return { kind, createdMs: arrivalMs - 300, arrivalMs };
    };
    if (isImperfect && part(10) < malformedShare) extras.push(at('malformed', 11));
    if (isImperfect && part(12) < strangerShare) extras.push(at('stranger', 13));
    const isDoubled = disturbances.isDoubled(terminal, (slot * slotMs) / 1000);
    if (isDoubled && fate !== 'repeat' && fate !== 'replace' && fate !== 'ahead') extras.push(at('repeat', 14));
    return extras;
  }

  function fateOf(terminal: number, slot: number): Fate {
    return isImperfect ? fateAt(seed, terminal, slot) : 'plain';
  }

  return {
    arrivalOf,
    fateOf,
    dispatchesOf: (terminal, slot) => {
      const fate = fateOf(terminal, slot);
      const part = (n: number) => uniform(seed ^ SALT.detail, terminal, slot, n);
      const endMs = (slot + 1) * slotMs;
      const draw = { terminal, slot, endMs, part };
      const onTimeMs = endMs + 1_000 + (hash4(seed ^ SALT.arrival, terminal, slot, 0) % 59_000);
      const wanted = [...wantedOf(fate, draw, onTimeMs), ...extrasOf(draw, onTimeMs, fate)];
      return wanted.map((one) => ({
        terminal,
        slot,
        holdOut: HOLD_OUT[fate] ?? 'none',
        oddity: one.kind === 'on_time' || one.kind === 'resend' ? (ODDITY[fate] ?? 'none') : 'none',
        clockAheadMs: 0,
        originalAheadMs: 0,
        ...one,
        createdMs: Math.floor(one.createdMs),
        arrivalMs: arrivalOf(terminal, Math.floor(one.arrivalMs)),
      }));
    },
  };
}
