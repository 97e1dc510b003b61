/**
 * `detect ports`: 5-minute rows of any ports in, transitions out, through the product's own detection. Rows say no more than TEU, moves and
 * messages, so hours, weekdays and levels are learned, and the state of the feed is read from its heartbeats.
 * Decides nothing by itself; reading files and pipes is `detect-main.ts`'s.
 */
import { DEFAULT_DETECTION } from '@quaywatch/contracts';
import {
  type DayFactors,
  dayOf,
  expectDay,
  type Holiday,
  type LastYear,
  learnDayFactors,
} from './alerting/series/calendar.ts';
import { createHeartbeats, type Heartbeats, readHeartbeats } from './alerting/series/heartbeat.ts';
import { createSeries, decideSeries, type SeriesState } from './alerting/series/series.ts';
import { readyRules, type SeriesRules } from './alerting/series/series-rules.ts';
import type { Step } from './alerting/series/step.ts';

const slotMs = 300_000;
const dayMs = 86_400_000;

const reportedKinds = ['closure', 'stall', 'drop', 'surge', 'double', 'outage', 'drift', 'yoy'] as const;
export type ReportedKind = (typeof reportedKinds)[number];

/** What the command writes: an incident's kind opens or closes at a port. */
export type PortTransition = {
  readonly port: string;
  readonly kind: ReportedKind;
  readonly state: 'open' | 'close';
  /** 0..1. */
  readonly severity: number;
};

/** One row of a tick. `messages` minus `moves` are heartbeats. */
export type PortRow = { readonly teu: number; readonly moves: number; readonly messages: number };

export type PortLine =
  | { readonly kind: 'tick'; readonly timeMs: number }
  | { readonly kind: 'row'; readonly port: string; readonly row: PortRow }
  | { readonly kind: 'bad_tick' | 'bad_row' };

/** @param line `time,port,teu,moves,messages` or `TICK,time`, without its line end. */
export function decodePortLine(line: string): PortLine {
  const [first, second = '', ...figures] = line.split(',');
  if (first === 'TICK') {
    const timeMs = Date.parse(second);
    return Number.isNaN(timeMs) ? { kind: 'bad_tick' } : { kind: 'tick', timeMs };
  }
  const [teu = Number.NaN, moves = Number.NaN, messages = Number.NaN] = figures.map((text) =>
    text.trim() === '' ? Number.NaN : Number(text),
  );
  return second !== '' && [teu, moves, messages].every((figure) => Number.isFinite(figure))
    ? { kind: 'row', port: second, row: { teu, moves, messages } }
    : { kind: 'bad_row' };
}

export type CalendarRow = { readonly from: string; readonly to: string; readonly port: string; readonly kind: string };

/** What is known before the first row. */
export type Reference = {
  readonly lastYears: readonly LastYear[];
  readonly calendar: readonly CalendarRow[];
};

type Port = {
  readonly port: string;
  readonly series: SeriesState;
  readonly heartbeats: Heartbeats;
  readonly days: DayFactors | null;
  readonly planned: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** The reported kind that is open for the throughput incident, and for the lasting one. */
  throughput: ReportedKind | null;
  lasting: ReportedKind | null;
};

export type PortsDetection = {
  readonly ports: Map<string, Port>;
  readonly rules: SeriesRules;
  readonly days: ReadonlyMap<string, DayFactors>;
  readonly calendar: readonly CalendarRow[];
};

/** Day since 1970 of `2025-01-29…`; null when it is none. */
export function dayOfIso(text: string): number | null {
  const found = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  return found === null ? null : dayOf(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** Holidays of the calendar that are no lunar new year, with the same date a year before. */
function holidaysOf(calendar: readonly CalendarRow[]): Holiday[] {
  return calendar.flatMap(({ from, to, port, kind }) => {
    const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(from);
    if (port !== '*' || from !== to || found === null || kind.startsWith('chinese_new_year')) return [];
    const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
    return [[dayOf(year, month, day), dayOf(year - 1, month, day)] as const];
  });
}

export function createPortsDetection(reference: Reference): PortsDetection {
  const factors = learnDayFactors(reference.lastYears, holidaysOf(reference.calendar));
  return {
    ports: new Map(),
    rules: readyRules(DEFAULT_DETECTION.kinds),
    days: new Map(
      reference.lastYears.flatMap(({ port }, i) => {
        const own = factors[i];
        return own === undefined ? [] : [[port, own] as const];
      }),
    ),
    calendar: reference.calendar,
  };
}

function instantOf(text: string, isEnd: boolean): number {
  const ms = Date.parse(text);
  return isEnd && text.length <= 10 ? ms + dayMs : ms;
}

function portIn(detection: PortsDetection, port: string): Port {
  const known = detection.ports.get(port);
  if (known !== undefined) return known;
  const days = detection.days.get(port) ?? null;
  const made: Port = {
    port,
    series: createSeries(days?.weekdays ?? null, days?.weeks ?? 0),
    heartbeats: createHeartbeats(),
    days,
    planned: detection.calendar
      .filter((row) => row.port === port && row.kind.startsWith('planned'))
      .map((row) => ({ fromMs: instantOf(row.from, false), toMs: instantOf(row.to, true) })),
    throughput: null,
    lasting: null,
  };
  detection.ports.set(port, made);
  return made;
}

/** One tick: the rows of the slot that begins at `startMs`. A port that has been seen and has no row is a gap. */
export function decideTick(
  detection: PortsDetection,
  startMs: number,
  rows: ReadonlyMap<string, PortRow>,
): PortTransition[] {
  const out: PortTransition[] = [];
  for (const port of rows.keys()) portIn(detection, port);
  for (const port of detection.ports.values()) decidePort(detection, port, startMs, rows.get(port.port), out);
  return out;
}

const steps: Step[] = [];

function decidePort(
  detection: PortsDetection,
  port: Port,
  startMs: number,
  row: PortRow | undefined,
  out: PortTransition[],
): void {
  const { covered, duplicates } = readHeartbeats(port.heartbeats, row === undefined ? 0 : row.messages - row.moves);
  const day = port.days === null ? null : expectDay(port.days, Math.floor(startMs / dayMs));
  steps.length = 0;
  decideSeries(
    port.series,
    {
      endMs: startMs + slotMs,
      // Nobody knows which part of a port is silent, so that what is left of it cannot be compared with anything.
      teu: row === undefined || covered < 1 ? null : row.teu * (1 - duplicates),
      baseline: null,
      calendar: day?.factor ?? 1,
      doubt: day?.doubt ?? 0,
      covered,
      duplicates,
      lastYear: null,
      isPlanned: port.planned.some(({ fromMs, toMs }) => startMs >= fromMs && startMs < toMs),
    },
    detection.rules,
    steps,
  );
  for (const step of steps) report(port, step, out);
}

function report(port: Port, step: Step, out: PortTransition[]): void {
  const severity = Math.min(1, Math.abs(step.share ?? 1));
  const tell = (kind: ReportedKind, state: 'open' | 'close') => out.push({ port: port.port, kind, state, severity });
  switch (step.kind) {
    case 'feed_silent':
    case 'double_counting': {
      const kind = step.kind === 'feed_silent' ? 'outage' : 'double';
      if (step.status === 'firing') tell(kind, 'open');
      else if (step.status === 'resolved' && step.reason !== 'did_not_hold') tell(kind, 'close');
      return;
    }
    case 'drift':
    case 'year_on_year':
      if (step.status === 'pending') return;
      if (port.lasting !== null) tell(port.lasting, 'close');
      port.lasting = step.status === 'firing' ? (step.kind === 'drift' ? 'drift' : 'yoy') : null;
      if (port.lasting !== null) tell(port.lasting, 'open');
      return;
    case 'drop':
    case 'stall':
    case 'surge': {
      const next = throughputOf(step, port.throughput);
      if (next === port.throughput) return;
      if (port.throughput !== null) tell(port.throughput, 'close');
      if (next !== null) tell(next, 'open');
      port.throughput = next;
    }
  }
}

const quickMs = 3 * 3_600_000;

/** A phase of an incident as the kind that is open meanwhile: a rebound is told as a surge, and what a drop is called stays while it lasts. */
function throughputOf(step: Step, open: ReportedKind | null): ReportedKind | null {
  if (step.phase === 'rebound') return 'surge';
  if (step.status !== 'firing') return null;
  if (step.kind === 'surge') return 'surge';
  if (step.kind === 'stall' && (open === null || open === 'surge' || open === 'drop')) return 'closure';
  if (open !== null && open !== 'surge') return open;
  return step.windowMs <= quickMs && (step.share ?? 0) < -0.5 ? 'stall' : 'drop';
}
