/**
 * Which vessel lies at which berth: calls on a per-berth grid with jitter, computable for any hour from the seed alone.
 * It holds no moves; how many cranes a call has is here, when they lift is not.
 */
import { PORTS, TERMINALS, type VesselCall } from '@quaywatch/contracts';
import { expectedTerminalBetween } from '@quaywatch/seeds';
import { hash4, SALT } from './hash.ts';

type Berth = {
  readonly name: string;
  /** Mean hours from one call to the next. */
  readonly periodHours: number;
  /** Cranes of an ordinary call; a call has one more or less. */
  readonly cranes: number;
  /** Per cent of calls that carry domestic and foreign boxes. */
  readonly mixedPercent: number;
  /** Idle hours between two calls, at most. A lone berth is never idle, so that every move has a call. */
  readonly idleHoursMax: number;
};

export type ActiveCall = {
  readonly berth: number;
  readonly number: number;
  /** Seconds into the hour before which the berth is still empty; 0 when the call is there all hour. */
  readonly fromS: number;
  readonly cranes: number;
  /** Share of the hour's lifts that are LOAD, 0..256: a vessel is first discharged, then loaded. */
  readonly loadShare: number;
  readonly mixedTrade: boolean;
};

/** Moves an hour of one crane in ordinary work (25–35; Qingdao's record is 60.9). */
const cranesMovesPerHour = 30;
const teuPerBox = 1.65;

function berthsOf(terminal: number): readonly Berth[] {
  // The size of a quay is what its busiest known half-year so far needs; it is fixed, so that berths never move.
  const hours = 181 * 24;
  const fromMs = Date.UTC(2024, 11, 31, 16);
  const boxesPerHour = expectedTerminalBetween(terminal, fromMs, fromMs + hours * 3_600_000) / 100 / teuPerBox / hours;
  const cranesNeeded = boxesPerHour / (cranesMovesPerHour * 0.9);
  const deep = Math.floor((cranesNeeded * 0.75) / 4);
  const feeder = Math.max(deep === 0 ? 1 : 0, Math.round((cranesNeeded - deep * 4) / 2));
  const isLone = deep + feeder === 1;
  const berths: Berth[] = [];
  for (let i = 0; i < deep; i++) {
    berths.push({ name: `B${i + 1}`, periodHours: 26, cranes: 4, mixedPercent: 10, idleHoursMax: 2 });
  }
  for (let i = 0; i < feeder; i++) {
    const mixedPercent = isLone ? 50 : i === feeder - 1 ? 90 : 25;
    const size = isLone
      ? { periodHours: 8, cranes: 1, idleHoursMax: 0 }
      : { periodHours: 12, cranes: 2, idleHoursMax: 1 };
    berths.push({ name: `F${i + 1}`, mixedPercent, ...size });
  }
  return berths;
}

const NAMES_FIRST =
  'EVER OCEAN PACIFIC EASTERN NORTHERN GOLDEN SILVER JADE LOTUS HARBOUR MORNING AUTUMN CORAL AMBER RIVER BRAVE'.split(
    ' ',
  );
const NAMES_LAST =
  'DAWN STAR HORIZON PIONEER BRIDGE LANTERN HERON COMPASS MERIDIAN TIDE ORCHID SUMMIT CRANE VOYAGE BEACON ANCHOR'.split(
    ' ',
  );

/** Seven digits whose last is the IMO check digit (Σ digit × 7..2, last digit of the sum). 10xxxxx is not used for ships. */
function imoOf(vessel: number): string {
  const six = 100_000 + vessel * 7;
  let sum = 0;
  String(six)
    .split('')
    .forEach((digit, i) => {
      sum += Number(digit) * (7 - i);
    });
  return `${six}${sum % 10}`;
}

const berthTable: (readonly Berth[])[] = [];

function berths(terminal: number): readonly Berth[] {
  const known = berthTable[terminal] ?? berthsOf(terminal);
  berthTable[terminal] = known;
  return known;
}

/** Hour (since 1970, UTC) in which call `number` of a berth begins. */
function callHour(seed: number, terminal: number, berth: number, period: number, number: number): number {
  const phase = hash4(seed ^ SALT.berth, terminal, berth, 0) % period;
  const jitter = hash4(seed ^ SALT.call, terminal * 64 + berth, number, 1) % (1 + Math.floor(period * 0.4));
  return phase + number * period + jitter;
}

/** The calls at a terminal in an hour (since 1970, UTC), at least one of them there all hour unless the terminal has one berth. */
export function callsAt(seed: number, terminal: number, hour: number): readonly ActiveCall[] {
  const active: ActiveCall[] = [];
  const all = berths(terminal);
  for (let b = 0; b < all.length; b++) {
    const berth = all[b];
    if (berth === undefined) continue;
    const place = terminal * 64 + b;
    const { periodHours } = berth;
    const guess = Math.floor(hour / periodHours);
    let number = guess;
    while (callHour(seed, terminal, b, periodHours, number) > hour) number--;
    const begins = callHour(seed, terminal, b, periodHours, number);
    const ends = callHour(seed, terminal, b, periodHours, number + 1);
    const idle = berth.idleHoursMax === 0 ? 0 : hash4(seed ^ SALT.call, place, number, 2) % (berth.idleHoursMax + 1);
    if (hour >= ends - idle && all.length > 1) continue;
    const progress = (hour - begins) / Math.max(1, ends - idle - begins);
    const bits = hash4(seed ^ SALT.call, place, number, 3);
    active.push({
      berth: b,
      number,
      fromS: hour === begins && all.length > 1 ? bits % 3000 : 0,
      cranes: Math.max(1, berth.cranes - 1 + ((bits >>> 12) % 3)),
      loadShare: progress < 0.4 ? 48 : progress > 0.6 ? 208 : 128,
      mixedTrade: (bits >>> 16) % 100 < berth.mixedPercent,
    });
  }
  if (active.length > 0) return active;
  // All berths between two calls at once: the first berth's last vessel stays.
  return callsAt(seed, terminal, hour - 1)
    .slice(0, 1)
    .map((call) => ({ ...call, fromS: 0 }));
}

/** What reports say of a call. The id is unique within the terminal. */
export function describeCall(seed: number, terminal: number, call: ActiveCall): VesselCall {
  const berth = berths(terminal)[call.berth];
  const portIndex = TERMINALS[terminal]?.portIndex ?? 0;
  const vessel = hash4(seed ^ SALT.call, terminal * 64 + call.berth, call.number, 4) % 2_000;
  const trade = PORTS[portIndex]?.code.slice(2) ?? '';
  const numeral = Math.floor(vessel / 256) + 1;
  return {
    id: `${trade}-${berth?.name ?? ''}-${call.number}`,
    vessel: `QW ${NAMES_FIRST[vessel % 16]} ${NAMES_LAST[(vessel >>> 4) % 16]} ${numeral}`,
    imo: imoOf(vessel),
    berth: berth?.name ?? '',
    mixedTrade: call.mixedTrade,
  };
}
