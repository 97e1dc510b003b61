/**
 * How much was handled over a stretch: hourly baseline before a port's live log begins, live windows after.
 * In TEU; compares nothing.
 */
import { MEASURE_COUNT, MEASURE_INDEX, type Measure, PORTS } from '@quaywatch/contracts';
import { DAY_MS, dayNumberOf, dayStartMs, HOUR_MS } from '@quaywatch/seeds';
import { expectedPort } from './expected.ts';
import { type LiveState, terminalRing } from './live-state.ts';
import { TERMINALS_OF_PORT } from './places.ts';
import { readCell } from './ring.ts';

const FIVE_MINUTES_MS = 300_000;

/** Midnight UTC+8 at or before a moment. */
export function midnightMs(timeMs: number): number {
  return dayStartMs(dayNumberOf(timeMs));
}

type Sum = { teu: number; moves: number; known: boolean };

function addWindows(
  sum: Sum,
  state: LiveState,
  terminal: number,
  sizeS: 300 | 3600,
  fromMs: number,
  toMs: number,
): void {
  const ring = terminalRing(state, terminal, sizeS);
  // A year is asked of every terminal with every frame, and the ring holds three days.
  if (fromMs > ring.newestMs || toMs <= ring.oldestMs) return;
  for (let start = fromMs; start < toMs; start += ring.sizeMs) {
    const cell = readCell(ring, start);
    if (cell === undefined || cell.teu === null) continue;
    sum.teu += cell.teu;
    sum.moves += cell.moves;
    sum.known = true;
  }
}

/** A terminal's UTC+8 day so far: its day window, or else its 5-minute windows. Null = no data. TEU and moves. */
export function terminalDay(
  state: LiveState,
  terminal: number,
  dayStart: number,
): { teu: number; moves: number } | null {
  const day = readCell(terminalRing(state, terminal, 86400), dayStart);
  if (day !== undefined && day.teu !== null) return { teu: day.teu / 100, moves: day.moves };
  const sum: Sum = { teu: 0, moves: 0, known: false };
  addWindows(sum, state, terminal, 300, dayStart, dayStart + DAY_MS);
  return sum.known ? { teu: sum.teu / 100, moves: sum.moves } : null;
}

/** A port's UTC+8 day; null = no data at any terminal. */
export function portDay(state: LiveState, portIndex: number, dayStart: number): { teu: number; moves: number } | null {
  let teu = 0;
  let moves = 0;
  let known = false;
  for (const terminal of TERMINALS_OF_PORT[portIndex] ?? []) {
    const day = terminalDay(state, terminal.index, dayStart);
    if (day === null) continue;
    teu += day.teu;
    moves += day.moves;
    known = true;
  }
  return known ? { teu, moves } : null;
}

/** A part of a live day, from hours where they are held (part hours linearly), else the day by its share of time. */
function partDay(state: LiveState, portIndex: number, fromMs: number, toMs: number): number {
  let teu = 0;
  let known = false;
  for (const terminal of TERMINALS_OF_PORT[portIndex] ?? []) {
    const ring = terminalRing(state, terminal.index, 3600);
    for (let hour = Math.floor(fromMs / HOUR_MS) * HOUR_MS; hour < toMs; hour += HOUR_MS) {
      const cell = readCell(ring, hour);
      if (cell === undefined || cell.teu === null) continue;
      const share = (Math.min(toMs, hour + HOUR_MS) - Math.max(fromMs, hour)) / HOUR_MS;
      teu += (cell.teu / 100) * share;
      known = true;
    }
  }
  if (known) return teu;
  return ((portDay(state, portIndex, midnightMs(fromMs))?.teu ?? 0) * (toMs - fromMs)) / DAY_MS;
}

/**
 * First live window of a port, or else of its partition: the baseline is not a feed, so it ends when the log begins. Only the own
 * partition is asked, because a port's figures may not change by what another partition's log says. Infinity = nothing was live.
 */
export function liveSince(state: LiveState, portIndex: number): number {
  const own = state.liveSinceMs[portIndex] ?? Number.POSITIVE_INFINITY;
  if (Number.isFinite(own)) return own;
  const partition = PORTS[portIndex]?.partition;
  return state.liveSinceMs.reduce(
    (earliest, since, index) => (PORTS[index]?.partition === partition ? Math.min(earliest, since) : earliest),
    Number.POSITIVE_INFINITY,
  );
}

/** Earliest live window of all ports; Infinity before the first. */
export function nationLiveSince(state: LiveState): number {
  return state.liveSinceMs.reduce((earliest, since) => Math.min(earliest, since), Number.POSITIVE_INFINITY);
}

function liveBetween(
  state: LiveState,
  portIndex: number,
  fromMs: number,
  toMs: number,
  nowMs: number,
  sinceMs: number,
): number {
  let teu = 0;
  for (let day = midnightMs(fromMs); day < toMs; day += DAY_MS) {
    const from = Math.max(fromMs, day);
    const to = Math.min(toMs, day + DAY_MS);
    // Nothing of the day lies outside the stretch when the day begins with the live log, or ends with what is known now.
    const isWhole = (from === day || from <= sinceMs) && (to === day + DAY_MS || to >= nowMs);
    teu += isWhole ? (portDay(state, portIndex, day)?.teu ?? 0) : partDay(state, portIndex, from, to);
  }
  return teu;
}

/**
 * TEU of a port over [fromMs, toMs). Null beyond the baseline.
 * @param nowMs the port's log time: a day that ends after it counts with everything that is known of it.
 * @param sinceMs where the baseline ends and the live log begins.
 */
export function countBetween(
  state: LiveState,
  portIndex: number,
  fromMs: number,
  toMs: number,
  nowMs: number,
  sinceMs = liveSince(state, portIndex),
): number | null {
  const seamMs = Math.min(toMs, Math.max(fromMs, sinceMs));
  const before = seamMs > fromMs ? expectedPort(portIndex, fromMs, seamMs) : 0;
  if (before === null) return null;
  return before + (seamMs < toMs ? liveBetween(state, portIndex, seamMs, toMs, nowMs, sinceMs) : 0);
}

/** All measures of a port's day added up, in the order of MEASURES (TEU in hundredths); null when no day window is known. */
export function portDayMeasures(state: LiveState, portIndex: number, dayStart: number): readonly number[] | null {
  let total: number[] | null = null;
  for (const terminal of TERMINALS_OF_PORT[portIndex] ?? []) {
    const measures = state.days[terminal.index]?.get(dayStart);
    if (measures === undefined) continue;
    total = addMeasures(total, measures);
  }
  return total;
}

export function addMeasures(total: number[] | null, measures: readonly number[]): number[] {
  const sum = total ?? new Array<number>(MEASURE_COUNT).fill(0);
  for (let i = 0; i < MEASURE_COUNT; i++) sum[i] = (sum[i] ?? 0) + (measures[i] ?? 0);
  return sum;
}

export function measureOf(measures: readonly number[], name: Measure): number {
  return measures[MEASURE_INDEX[name]] ?? 0;
}

/** Last closed window end of the wanted size at or before a partition's closed-through. */
export function closedEndMs(closedThroughMs: number, sizeS: 60 | 300): number {
  const sizeMs = sizeS === 60 ? 60_000 : FIVE_MINUTES_MS;
  return Math.floor(closedThroughMs / sizeMs) * sizeMs;
}
