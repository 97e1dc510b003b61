/**
 * The expected ("normal") TEU of every port and terminal, hour by hour, adding up exactly to the half-year totals.
 * It holds no noise and no disruptions: those belong to the simulated feeds.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { DAY_MS, dayNumberOf, dayStartMs, HOUR_MS } from './calendar.ts';
import {
  type Basis,
  type HalfYear,
  type HalfYearId,
  halfYearOf,
  halfYearOfId,
  portHalfYearTarget,
} from './half-years.ts';
import { dayWeights, hourFactors } from './season.ts';
import { TERMINAL_SHARES_PERMILLE } from './volumes.ts';

/** The terminals of each port are next to each other in `TERMINALS`: [first, last exclusive]. */
const TERMINAL_RANGES: readonly (readonly [number, number])[] = PORTS.map((port) => {
  const first = TERMINALS.findIndex((terminal) => terminal.portIndex === port.index);
  return [first, first + TERMINALS.filter((terminal) => terminal.portIndex === port.index).length];
});

/**
 * Running totals in TEU hundredths: entry `h` is what was handled before hour `h` of the half-year. Running totals, not
 * hours, because rounding them keeps every sum exact, and because any stretch of time is then one subtraction.
 */
type HalfYearTable = {
  readonly firstHour: number;
  readonly hours: number;
  readonly ports: readonly Uint32Array[];
  readonly terminals: readonly Uint32Array[];
};

/** Bounded by the calendar: 14 half-years of about 2 MB. */
const tables = new Map<HalfYearId, HalfYearTable>();

function tableOf(half: HalfYear): HalfYearTable {
  const known = tables.get(half.id);
  if (known !== undefined) return known;
  const table = buildTable(half);
  tables.set(half.id, table);
  return table;
}

function buildTable(half: HalfYear): HalfYearTable {
  const ports: Uint32Array[] = [];
  const terminals: Uint32Array[] = [];
  for (const [portIndex, [first, last]] of TERMINAL_RANGES.entries()) {
    const port = portTotals(portIndex, half);
    ports.push(port);
    terminals.push(...splitOverTerminals(port, terminalTargets(portIndex, first, last, half.id)));
  }
  return {
    firstHour: dayStartMs(half.firstDay) / HOUR_MS,
    hours: (half.lastDayExclusive - half.firstDay) * 24,
    ports,
    terminals,
  };
}

function portTotals(portIndex: number, half: HalfYear): Uint32Array {
  const days = dayWeights(portIndex, half);
  const hours = hourFactors(portIndex);
  const running = new Float64Array(days.length * 24 + 1);
  let sum = 0;
  for (const [day, dayWeight] of days.entries()) {
    for (const [hour, factor] of hours.entries()) {
      sum += dayWeight * factor;
      running[day * 24 + hour + 1] = sum;
    }
  }
  const targetHundredths = portHalfYearTarget(portIndex, half.id) * 100;
  return Uint32Array.from(running, (weight) => Math.round((weight / sum) * targetHundredths));
}

/** Whole TEU a terminal of the port, adding up to the port's target: the running total of the shares is rounded. */
function terminalTargets(portIndex: number, first: number, last: number, id: HalfYearId): readonly number[] {
  const target = portHalfYearTarget(portIndex, id);
  let permille = 0;
  let before = 0;
  return TERMINAL_SHARES_PERMILLE.slice(first, last).map((share) => {
    permille += share;
    const upTo = Math.round((target * permille) / 1000);
    const own = upTo - before;
    before = upTo;
    return own;
  });
}

/**
 * Splits a port's running total so that in every hour the terminals add up to the port, and over the half-year each to
 * its own target: terminals one to k together have the rounded share of the port's running total, and a terminal is the
 * difference to the terminals before it. An hour of a terminal is thus up to 0.02 TEU off its exact share, not more.
 */
function splitOverTerminals(port: Uint32Array, targets: readonly number[]): Uint32Array[] {
  const target = targets.reduce((sum, teu) => sum + teu, 0);
  let before = new Uint32Array(port.length);
  let targetUpTo = 0;
  return targets.map((own) => {
    targetUpTo += own;
    const share = targetUpTo / target;
    const upTo = share === 1 ? port : port.map((total) => Math.round(total * share));
    const terminal = upTo.map((total, hour) => total - (before[hour] ?? 0));
    before = Uint32Array.from(upTo);
    return terminal;
  });
}

function entry(totals: Uint32Array | undefined, hour: number): number {
  const value = totals?.[hour];
  if (value === undefined) throw new RangeError('No such port or terminal index.');
  return value;
}

type Kind = 'ports' | 'terminals';

function hourOf(kind: Kind, index: number, timeMs: number): number {
  const table = tableOf(halfYearOf(dayNumberOf(timeMs)));
  const hour = Math.floor(timeMs / HOUR_MS) - table.firstHour;
  return entry(table[kind][index], hour + 1) - entry(table[kind][index], hour);
}

/** Running total at any moment of the half-year, straight between full hours. */
function totalAt(table: HalfYearTable, kind: Kind, index: number, timeMs: number): number {
  const position = timeMs / HOUR_MS - table.firstHour;
  const hour = Math.min(Math.floor(position), table.hours);
  const before = entry(table[kind][index], hour);
  return hour === position ? before : before + (entry(table[kind][index], hour + 1) - before) * (position - hour);
}

function between(kind: Kind, index: number, fromMs: number, toMs: number): number {
  let sum = 0;
  let from = fromMs;
  while (from < toMs) {
    const half = halfYearOf(dayNumberOf(from));
    const to = Math.min(toMs, dayStartMs(half.lastDayExclusive));
    const table = tableOf(half);
    sum += totalAt(table, kind, index, to) - totalAt(table, kind, index, from);
    from = to;
  }
  return sum;
}

/** What the expected figures of a moment (UTC ms) rest on. @throws SeedRangeError before 2024 or after the calendar. */
export function basisAt(timeMs: number): Basis {
  return halfYearOf(dayNumberOf(timeMs)).basis;
}

/** Expected TEU hundredths (integer) of a port in the UTC hour that holds `timeMs`. @throws SeedRangeError */
export function expectedPortHour(portIndex: number, timeMs: number): number {
  return hourOf('ports', portIndex, timeMs);
}

/** Expected TEU hundredths (integer) of a terminal in the UTC hour that holds `timeMs`. @throws SeedRangeError */
export function expectedTerminalHour(terminalIndex: number, timeMs: number): number {
  return hourOf('terminals', terminalIndex, timeMs);
}

/** Expected TEU hundredths (integer) of a terminal on a UTC+8 day. @throws SeedRangeError */
export function expectedTerminalDay(terminalIndex: number, dayNumber: number): number {
  const startMs = dayStartMs(dayNumber);
  return between('terminals', terminalIndex, startMs, startMs + DAY_MS);
}

/**
 * Expected TEU hundredths of a port from `fromMs` to before `toMs` (UTC ms), part hours linearly, so not always whole;
 * 0 when the stretch is empty. @throws SeedRangeError
 */
export function expectedPortBetween(portIndex: number, fromMs: number, toMs: number): number {
  return between('ports', portIndex, fromMs, toMs);
}

/** The same for a terminal. @throws SeedRangeError */
export function expectedTerminalBetween(terminalIndex: number, fromMs: number, toMs: number): number {
  return between('terminals', terminalIndex, fromMs, toMs);
}

/** Whole TEU of a terminal in a half-year; the terminals of a port add up to its target exactly. @throws SeedRangeError */
export function terminalHalfYearTarget(terminalIndex: number, id: HalfYearId): number {
  return entry(tableOf(halfYearOfId(id)).terminals[terminalIndex], tableOf(halfYearOfId(id)).hours) / 100;
}
