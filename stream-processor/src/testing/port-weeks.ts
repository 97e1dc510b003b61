/**
 * A half-year of 5-minute readings of some ports, with everything that happened to them written down: closures, stalls, drops, surges, rebounds,
 * drifts, year-on-year steps, double counting, feed outages; planned stoppages, holidays and the Spring Festival are traps that are no events.
 * The same seed gives the same weeks. Knows nothing of detection.
 */
import { createRandom, seedOf } from '@quaywatch/runtime';

const slotMs = 300_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const slotsPerDay = 288;
const weeks = 26;
const warmUpDays = 28;

export type EventKind = 'closure' | 'stall' | 'drop' | 'surge' | 'double' | 'outage' | 'drift' | 'yoy';

export type PortEvent = {
  readonly port: string;
  readonly kind: EventKind;
  readonly start: number;
  readonly end: number;
  /** What throughput is multiplied by, at its most. Of an outage: what is left of it. */
  readonly factor: number;
  /** How far it stands out of the port's own wander, in standard deviations of the log ratio, 99 at most. */
  readonly snr: number;
  readonly isRebound?: boolean;
  readonly mode?: 'gap' | 'zero' | 'partial';
};

export type PlannedStop = { readonly port: string; readonly start: number; readonly end: number };

/** One port's readings, one entry a 5-minute slot; -1 in `messages`: the slot has no row at all. */
export type PortReadings = {
  readonly port: string;
  readonly teuPerHour: number;
  readonly terminals: number;
  readonly teu: Float64Array;
  readonly moves: Float64Array;
  /** Moves and heartbeats together. */
  readonly messages: Float64Array;
};

export type PortWeeks = {
  readonly seed: number;
  readonly year: number;
  readonly t0: number;
  readonly t1: number;
  readonly warmUpEnd: number;
  readonly ports: readonly PortReadings[];
  /** Daily TEU of the year before, by port: `[day start in UTC ms, TEU]`. */
  readonly history: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  /** Rows of a `from,to,port,kind` calendar. */
  readonly calendar: readonly { from: string; to: string; port: string; kind: string }[];
  readonly events: readonly PortEvent[];
  readonly planned: readonly PlannedStop[];
  /** First and last instant of the Spring Festival weeks. */
  readonly newYear: readonly [number, number];
  /** Day starts of fixed holidays. */
  readonly holidays: readonly number[];
};

type Draw = {
  readonly uniform: (low: number, high: number) => number;
  readonly normal: () => number;
  readonly chance: (share: number) => boolean;
};

function createDraw(random: () => number): Draw {
  let spare: number | null = null;
  return {
    uniform: (low, high) => low + (high - low) * random(),
    chance: (share) => random() < share,
    normal() {
      if (spare !== null) {
        const kept = spare;
        spare = null;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

/** Poisson; a rounded normal beyond 60, where the difference is not seen. */
function poisson(draw: Draw, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * draw.normal()));
  const limit = Math.exp(-mean);
  let product = draw.uniform(0, 1);
  let count = 0;
  while (product > limit) {
    product *= draw.uniform(0, 1);
    count++;
  }
  return count;
}

/** Gamma with mean 1 (Marsaglia and Tsang 2000), for shapes from 1. */
function gamma(draw: Draw, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = draw.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - draw.uniform(0, 1)) < (x * x) / 2 + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

const weekdayAt = (ms: number) => (Math.floor(ms / dayMs) + 4) % 7;

type Character = {
  readonly port: string;
  readonly teuPerHour: number;
  readonly terminals: number;
  /** By hour of the day (UTC), mean 1. */
  readonly hours: readonly number[];
  /** By day of the week, mean 1. */
  readonly days: readonly number[];
  /** The days of the week begin by a local clock, so many hours ahead of UTC; calendar days do not. */
  readonly ahead: number;
  /** Standard deviation of the slow wander of the log rate, and its time constant. */
  readonly wander: number;
  readonly wanderHours: number;
  /** Shape of the gamma factor of a slot: over-dispersion is its inverse. */
  readonly shape: number;
  readonly growth: number;
  /** What is left in the Spring Festival. */
  readonly newYearDepth: number;
  readonly rush: number;
  readonly holiday: number;
  readonly historyNoise: number;
  readonly heartbeatLoss: number;
};

function around1(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value / mean);
}

function characterOf(draw: Draw, port: string, place: number, of: number): Character {
  const teuPerHour = 55 * 110 ** ((place + draw.uniform(0, 1)) / of);
  const daily = draw.uniform(0.12, 0.5);
  const twice = draw.uniform(0, 0.18);
  const [phase, twicePhase] = [draw.uniform(0, 24), draw.uniform(0, 12)];
  const hours = Array.from({ length: 24 }, (_, hour) =>
    Math.max(
      0.2,
      (1 +
        daily * Math.cos((2 * Math.PI * (hour - phase)) / 24) +
        twice * Math.cos((2 * Math.PI * (hour - twicePhase)) / 12)) *
        (1 + 0.02 * draw.normal()),
    ),
  );
  const [saturday, sunday] = [draw.uniform(0.9, 1.02), draw.uniform(0.7, 0.96)];
  const days = Array.from(
    { length: 7 },
    (_, day) => (day === 0 ? sunday : day === 6 ? saturday : 1) + 0.03 * draw.normal(),
  );
  return {
    port,
    teuPerHour,
    terminals: draw.chance(0.25)
      ? Math.floor(draw.uniform(1, 7))
      : Math.max(1, Math.min(6, Math.round(teuPerHour / 900))),
    hours: around1(hours),
    days: around1(days),
    wander: draw.uniform(0.04, 0.13),
    ahead: draw.chance(0.5) ? 8 : Math.floor(draw.uniform(0, 24)),
    wanderHours: draw.uniform(4, 14),
    shape: 1 / draw.uniform(0.025, 0.13),
    growth: draw.uniform(1, 1.18),
    newYearDepth: draw.uniform(0.02, 0.62),
    rush: draw.uniform(0.03, 0.11),
    holiday: draw.uniform(0.68, 0.82),
    historyNoise: draw.uniform(0.02, 0.05),
    heartbeatLoss: draw.uniform(0.002, 0.006),
  };
}

const newYearDays: Readonly<Record<number, number>> = {
  2023: Date.UTC(2023, 0, 22),
  2024: Date.UTC(2024, 1, 10),
  2025: Date.UTC(2025, 0, 29),
  2026: Date.UTC(2026, 1, 17),
};

/** Factor of a day by its distance from the lunar new year's first day: a rush before, a dip, a slow return. */
function newYearFactor(offset: number, depth: number, rush: number): number {
  if (offset >= -12 && offset <= -8) return 1 + rush;
  if (offset < -4 || offset > 14) return 1;
  if (offset <= -3) return 1 - 0.3 * depth;
  if (offset <= 7) return 1 - depth;
  return 1 - depth * (1 - (offset - 7) / 8);
}

function holidaysOf(year: number): [number, string][] {
  return [
    [Date.UTC(year - 1, 11, 25), 'christmas'],
    [Date.UTC(year, 0, 1), 'new_year'],
    [Date.UTC(year, 3, 4), 'qingming'],
    [Date.UTC(year, 4, 1), 'labour_day'],
  ];
}

function dayFactor(character: Character, day: number, year: number, depth: number): number {
  const newYear = newYearDays[year] ?? 0;
  const offset = Math.round((day - newYear) / dayMs);
  const isHoliday = holidaysOf(year).some(([holiday]) => holiday === day);
  return newYearFactor(offset, depth, character.rush) * (isHoliday ? character.holiday : 1);
}

/** Standard deviation of the mean log ratio over some hours: slow wander plus what counting and over-dispersion leave. */
function spreadOver(
  character: Pick<Character, 'wander' | 'wanderHours' | 'shape' | 'teuPerHour'>,
  hours: number,
): number {
  const part = character.wanderHours / hours;
  const slow = character.wander ** 2 * 2 * part * (1 - part * (1 - Math.exp(-1 / part)));
  const slots = hours * 12;
  return Math.sqrt(slow + (1 / character.shape + 12 / (character.teuPerHour / 1.6)) / slots);
}

function snrOf(character: Character, logFactor: number, hours: number, hoursMax: number): number {
  const size = Math.abs(Math.max(Math.log(0.05), logFactor));
  return Math.min(99, size / spreadOver(character, Math.min(hours, hoursMax)));
}

type Wish = { kind: EventKind | 'planned'; hours: number; factor: number; mode?: 'gap' | 'zero' | 'partial' };

function wishesOf(draw: Draw): Wish[] {
  const sign = () => (draw.chance(0.55) ? -1 : 1);
  const some = (times: number, make: () => Wish) => Array.from({ length: times }, make);
  const step = () => 1 + sign() * draw.uniform(0.11, 0.17);
  const ramp = () => 1 + sign() * draw.uniform(0.23, 0.38);
  return [
    { kind: 'yoy', hours: 24 * draw.uniform(24, 30), factor: step() },
    { kind: 'drift', hours: draw.uniform(280, 430), factor: ramp() },
    ...some(2, () => ({ kind: 'closure', hours: draw.uniform(8, 36), factor: draw.uniform(0, 0.03) })),
    { kind: 'drop', hours: draw.uniform(24, 100), factor: draw.uniform(0.53, 0.72) },
    { kind: 'surge', hours: draw.uniform(28, 80), factor: draw.uniform(1.45, 1.78) },
    ...some(2, () => ({ kind: 'stall', hours: draw.uniform(3, 12), factor: draw.uniform(0.14, 0.41) })),
    ...some(2, () => ({ kind: 'double', hours: draw.uniform(2.5, 24), factor: 2 })),
    ...(['gap', 'zero', 'partial'] as const).map(
      (mode): Wish => ({ kind: 'outage', hours: draw.uniform(1.4, 8), factor: 0, mode }),
    ),
    { kind: 'planned', hours: draw.uniform(8, 24), factor: draw.uniform(0, 0.1) },
  ];
}

type Happening = Wish & { start: number; end: number; rebound?: { end: number; factor: number } };

/** Long events first, each with room around it. */
function place(draw: Draw, wishes: readonly Wish[], from: number, to: number): Happening[] {
  const placed: Happening[] = [];
  for (const wish of wishes) {
    const rebound =
      wish.kind === 'closure' && draw.chance(0.75)
        ? { hours: draw.uniform(32, 64), factor: draw.uniform(1.36, 1.7) }
        : undefined;
    const length = Math.round((wish.hours * hourMs) / slotMs) * slotMs;
    const tail = rebound === undefined ? 0 : Math.round((rebound.hours * hourMs) / slotMs) * slotMs;
    const room = draw.uniform(28, 34) * hourMs;
    for (let attempt = 0; attempt < 400; attempt++) {
      const start = from + Math.floor(draw.uniform(0, (to - from - length - tail) / slotMs)) * slotMs;
      const end = start + length;
      const isFree = placed.every(
        (other) => (other.rebound?.end ?? other.end) + room <= start || other.start >= end + tail + room,
      );
      if (!isFree) continue;
      placed.push({
        ...wish,
        start,
        end,
        ...(rebound === undefined ? {} : { rebound: { end: end + tail, factor: rebound.factor } }),
      });
      break;
    }
  }
  return placed;
}

function factorAt(happening: Happening, ms: number): number {
  if (ms >= happening.start && ms < happening.end) {
    switch (happening.kind) {
      case 'drift':
        return 1 + ((happening.factor - 1) * (ms - happening.start)) / (happening.end - happening.start);
      case 'double':
      case 'outage':
        return 1;
      default:
        return happening.factor;
    }
  }
  const { rebound } = happening;
  if (rebound === undefined || ms < happening.end || ms >= rebound.end) return 1;
  return 1 + (rebound.factor - 1) * Math.exp((-1.4 * (ms - happening.end)) / (rebound.end - happening.end));
}

function labelsOf(character: Character, happenings: readonly Happening[]): PortEvent[] {
  return happenings.flatMap((one) => {
    if (one.kind === 'planned') return [];
    const hours = (one.end - one.start) / hourMs;
    const isLong = one.kind === 'drift' || one.kind === 'yoy';
    const isFeed = one.kind === 'outage' || one.kind === 'double';
    const event: PortEvent = {
      port: character.port,
      kind: one.kind,
      start: one.start,
      end: one.end,
      factor: one.factor,
      snr: isFeed ? 99 : snrOf(character, Math.log(Math.max(0.001, one.factor)), hours, isLong ? 168 : 24),
      ...(one.mode === undefined ? {} : { mode: one.mode }),
    };
    if (one.rebound === undefined) return [event];
    const reboundHours = (one.rebound.end - one.end) / hourMs;
    const rebound: PortEvent = {
      port: character.port,
      kind: 'surge',
      start: one.end,
      end: one.rebound.end,
      factor: one.rebound.factor,
      snr: snrOf(character, 0.65 * Math.log(one.rebound.factor), reboundHours, 24),
      isRebound: true,
    };
    return [event, rebound];
  });
}

type Frame = { year: number; t0: number; t1: number; warmUpEnd: number };

/** What a feed makes of a slot: outages silence it or one of its terminals, double counting sends everything twice. */
function sendSlot(
  draw: Draw,
  character: Character,
  trouble: Happening | undefined,
  left: number,
  teu: number,
  moves: number,
) {
  const beats = character.terminals * 5 - (draw.chance(character.heartbeatLoss) ? 1 : 0);
  if (trouble?.kind === 'double') return { teu: 2 * teu, moves: 2 * moves, messages: 2 * (moves + beats) };
  if (trouble?.kind !== 'outage') return { teu, moves, messages: moves + beats };
  if (trouble.mode === 'gap') return { teu: 0, moves: 0, messages: -1 };
  if (trouble.mode === 'zero' || left === 0) return { teu: 0, moves: 0, messages: 0 };
  const kept = Math.round(moves * left);
  return {
    teu: moves === 0 ? 0 : Math.round((teu * kept) / moves),
    moves: kept,
    messages: kept + Math.round(beats * left),
  };
}

/** The share of terminals that still send in a partial outage. */
function leftOf(draw: Draw, character: Character): number {
  const silent = 1 + Math.floor(draw.uniform(0, Math.max(1, character.terminals * 0.7)));
  return Math.max(0, character.terminals - silent) / character.terminals;
}

function readingsOf(draw: Draw, character: Character, happenings: readonly Happening[], frame: Frame): PortReadings {
  const slots = (frame.t1 - frame.t0) / slotMs;
  const [teu, moves, messages] = [new Float64Array(slots), new Float64Array(slots), new Float64Array(slots)];
  const keep = Math.exp(-1 / (12 * character.wanderHours));
  const depth = Math.max(0, character.newYearDepth + 0.02 * draw.normal());
  const left = new Map(happenings.map((one) => [one, leftOf(draw, character)]));
  let wander = character.wander * draw.normal();
  let factorOfDay = 1;
  for (let i = 0; i < slots; i++) {
    const ms = frame.t0 + i * slotMs;
    if (i % slotsPerDay === 0) factorOfDay = dayFactor(character, ms, frame.year, depth);
    wander = keep * wander + character.wander * Math.sqrt(1 - keep * keep) * draw.normal();
    const hour = Math.floor((ms / hourMs) % 24);
    const weekday = weekdayAt(ms + character.ahead * hourMs);
    let rate = ((character.teuPerHour / 12) * (character.hours[hour] ?? 1) * (character.days[weekday] ?? 1)) / 1.6;
    rate *= factorOfDay * Math.exp(wander);
    let trouble: Happening | undefined;
    for (const one of happenings) {
      rate *= factorAt(one, ms);
      if ((one.kind === 'double' || one.kind === 'outage') && ms >= one.start && ms < one.end) trouble = one;
    }
    const lifted = poisson(draw, rate * gamma(draw, character.shape));
    const long = Math.min(lifted, Math.max(0, Math.round(0.6 * lifted + Math.sqrt(0.24 * lifted) * draw.normal())));
    const sent = sendSlot(draw, character, trouble, left.get(trouble ?? ({} as Happening)) ?? 1, lifted + long, lifted);
    teu[i] = sent.teu;
    moves[i] = sent.moves;
    messages[i] = sent.messages;
  }
  return {
    port: character.port,
    teuPerHour: character.teuPerHour,
    terminals: character.terminals,
    teu,
    moves,
    messages,
  };
}

function historyOf(draw: Draw, character: Character, frame: Frame): [number, number][] {
  const from = frame.t0 - 366 * dayMs;
  return Array.from({ length: 248 }, (_, i) => {
    const day = from + i * dayMs;
    const later = character.hours.slice(24 - character.ahead).reduce((sum, hour) => sum + hour, 0) / 24;
    const factorAt = (ms: number) => character.days[weekdayAt(ms)] ?? 1;
    const expected =
      ((character.teuPerHour * 24) / character.growth) *
      (factorAt(day) * (1 - later) + factorAt(day + dayMs) * later) *
      dayFactor(character, day, frame.year - 1, character.newYearDepth);
    return [day, Math.round(expected * Math.exp(character.historyNoise * draw.normal()))];
  });
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const isoMinute = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`;

function calendarOf(frame: Frame, planned: readonly PlannedStop[]): PortWeeks['calendar'] {
  const newYear = newYearDays[frame.year] ?? 0;
  return [
    ...holidaysOf(frame.year).map(([day, kind]) => ({ from: isoDay(day), to: isoDay(day), port: '*', kind })),
    {
      from: isoDay(newYear - 14 * dayMs),
      to: isoDay(newYear + 18 * dayMs),
      port: '*',
      kind: 'chinese_new_year_period',
    },
    { from: isoDay(newYear), to: isoDay(newYear), port: '*', kind: 'chinese_new_year_day' },
    ...planned.map((stop) => ({
      from: isoMinute(stop.start),
      to: isoMinute(stop.end),
      port: stop.port,
      kind: 'planned_maintenance',
    })),
  ];
}

/** Makes the weeks of one seed. `portCount` ports from about 55 to 6,000 TEU an hour; the year is 2024, 2025 or 2026. */
export function makePortWeeks(seed: number, portCount = 12): PortWeeks {
  const draw = createDraw(createRandom(seedOf('port-weeks', seed)));
  const year = 2024 + Math.floor(draw.uniform(0, 3));
  const t0 = Date.UTC(year - 1, 11, 2);
  const frame = { year, t0, t1: t0 + weeks * 7 * dayMs, warmUpEnd: t0 + warmUpDays * dayMs };
  const ports: PortReadings[] = [];
  const history = new Map<string, [number, number][]>();
  const events: PortEvent[] = [];
  const planned: PlannedStop[] = [];
  for (let i = 0; i < portCount; i++) {
    const character = characterOf(draw, `XX${String.fromCharCode(65 + (i % 26))}${i}`, i, portCount);
    const happenings = place(draw, wishesOf(draw), frame.warmUpEnd, frame.t1);
    ports.push(readingsOf(draw, character, happenings, frame));
    history.set(character.port, historyOf(draw, character, frame));
    events.push(...labelsOf(character, happenings));
    for (const one of happenings)
      if (one.kind === 'planned') planned.push({ port: character.port, start: one.start, end: one.end });
  }
  const newYear = newYearDays[year] ?? 0;
  return {
    seed,
    ...frame,
    ports,
    history,
    calendar: calendarOf(frame, planned),
    events,
    planned,
    newYear: [newYear - 14 * dayMs, newYear + 18 * dayMs],
    holidays: holidaysOf(year).map(([day]) => day),
  };
}
