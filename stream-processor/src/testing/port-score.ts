/**
 * How good alerts are against what happened: recall by the right family, false and wrong alerts a port-week, delays, openings an event.
 * Counts; makes no alerts.
 */
import type { EventKind, PortWeeks } from './port-weeks.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** An alert as it was told: `atMs` is the end of the slot that decided. */
export type Told = {
  readonly atMs: number;
  readonly port: string;
  readonly kind: EventKind;
  readonly state: 'open' | 'close';
};

export type Truth = Pick<PortWeeks, 't1' | 'warmUpEnd' | 'events' | 'planned' | 'newYear' | 'holidays'> & {
  readonly ports: readonly { readonly port: string }[];
};

export type Delay = { readonly n: number; readonly median: number | null; readonly p90: number | null };

export type Score = {
  /** Of the events with an snr of 4 or more, the share that an alert of the right family found. */
  readonly recall: number;
  readonly recallOfAll: number;
  readonly precision: number;
  readonly falsePerPortWeek: number;
  readonly wrongPerPortWeek: number;
  readonly openingsPerEvent: number;
  readonly falseInNewYear: number;
  readonly falseInHolidays: number;
  readonly falseInPlanned: number;
  readonly falsePerPortWeekInNewYear: number;
  /** Minutes, by kind of event. */
  readonly delays: Readonly<Record<EventKind, Delay>>;
  readonly recallByKind: Readonly<Record<EventKind, number>>;
  readonly falseByKind: Readonly<Partial<Record<EventKind, number>>>;
  readonly wrong: readonly Episode[];
  readonly falseEpisodes: readonly Episode[];
  readonly missed: readonly {
    readonly port: string;
    readonly kind: EventKind;
    readonly start: number;
    readonly snr: number;
  }[];
};

export type Episode = { readonly port: string; readonly kind: EventKind; readonly openMs: number };

const eventKinds = ['closure', 'stall', 'drop', 'surge', 'double', 'outage', 'drift', 'yoy'] as const;

/** Kinds that count as the right family of an event. */
const low: readonly EventKind[] = ['closure', 'stall', 'drop'];
const families: Readonly<Record<EventKind, readonly EventKind[]>> = {
  closure: low,
  stall: low,
  drop: low,
  surge: ['surge'],
  double: ['double'],
  outage: ['outage'],
  drift: ['drift', 'yoy'],
  yoy: ['drift', 'yoy'],
};

/** So long after its end an event may still be found. */
const graceMs: Readonly<Record<EventKind, number>> = {
  closure: hourMs,
  stall: hourMs,
  drop: 3 * hourMs,
  surge: 3 * hourMs,
  double: hourMs,
  outage: hourMs / 2,
  drift: 2 * dayMs,
  yoy: 2 * dayMs,
};

/** So long after its end its aftermath is neither right nor wrong. */
const afterMs: Readonly<Record<EventKind, number>> = {
  closure: 24 * hourMs,
  stall: 6 * hourMs,
  drop: 24 * hourMs,
  surge: 24 * hourMs,
  double: 6 * hourMs,
  outage: 6 * hourMs,
  drift: 7 * dayMs,
  yoy: 14 * dayMs,
};

function episodesOf(told: readonly Told[], fromMs: number): Episode[] {
  const open = new Set<string>();
  return told.flatMap(({ atMs, port, kind, state }) => {
    const key = `${port} ${kind}`;
    if (state === 'close') {
      open.delete(key);
      return [];
    }
    if (open.has(key)) return [];
    open.add(key);
    return atMs >= fromMs ? [{ port, kind, openMs: atMs }] : [];
  });
}

type Verdict = 'right' | 'wrong' | 'neutral' | 'false';

/** What the aftermath of an event excuses: its own family, the swing back, and what a drift looks like from nearer. */
function isAftermath(event: Truth['events'][number], { kind, openMs }: Episode): boolean {
  const isFamily = families[event.kind].includes(kind);
  if (openMs > event.end + afterMs[event.kind]) return false;
  if (event.kind === 'yoy') return isFamily;
  if (event.kind === 'drift')
    return isFamily || (kind === (event.factor < 1 ? 'drop' : 'surge') && openMs <= event.end + graceMs.drift);
  return isFamily || (low.includes(event.kind) && kind === 'surge') || (event.kind === 'surge' && kind === 'drop');
}

function judge(episode: Episode, truth: Truth): Verdict {
  let verdict: Verdict = 'false';
  for (const event of truth.events) {
    if (event.port !== episode.port || episode.openMs <= event.start) continue;
    const isInside = episode.openMs <= event.end + graceMs[event.kind];
    if (isInside && families[event.kind].includes(episode.kind)) return 'right';
    const isLong = event.kind === 'drift' || event.kind === 'yoy';
    if (!isLong && isInside) verdict = verdict === 'neutral' ? verdict : 'wrong';
    else if (isAftermath(event, episode)) verdict = 'neutral';
  }
  return verdict;
}

function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

type Found = { readonly event: Truth['events'][number]; readonly delay: number | null; readonly openings: number };

function findEvents(truth: Truth, episodes: readonly Episode[]): Found[] {
  return truth.events.map((event) => {
    const own = episodes.filter(
      (one) =>
        one.port === event.port &&
        families[event.kind].includes(one.kind) &&
        one.openMs > event.start &&
        one.openMs <= event.end + graceMs[event.kind],
    );
    const first = own.length === 0 ? null : Math.min(...own.map((one) => one.openMs));
    return { event, delay: first === null ? null : (first - event.start) / 60_000, openings: own.length };
  });
}

function perKind<T>(make: (kind: EventKind) => T): Record<EventKind, T> {
  return Object.fromEntries(eventKinds.map((kind) => [kind, make(kind)])) as Record<EventKind, T>;
}

const share = (part: number, whole: number) => (whole === 0 ? 1 : part / whole);

/** Scores what was told against the truth. Only what opens after the warm-up counts. */
export function scoreAlerts(truth: Truth, told: readonly Told[]): Score {
  const episodes = episodesOf(told, truth.warmUpEnd);
  const verdicts = episodes.map((episode) => judge(episode, truth));
  const withVerdict = (verdict: Verdict) => episodes.filter((_, i) => verdicts[i] === verdict);
  const [right, wrong, falseEpisodes] = [withVerdict('right'), withVerdict('wrong'), withVerdict('false')];
  const found = findEvents(truth, episodes);
  const seen = found.filter(({ delay }) => delay !== null);
  const plain = found.filter(({ event }) => event.snr >= 4);
  const portWeeks = (truth.ports.length * (truth.t1 - truth.warmUpEnd)) / (7 * dayMs);
  const inNewYear = falseEpisodes.filter(
    ({ openMs }) => openMs >= truth.newYear[0] && openMs < truth.newYear[1],
  ).length;
  const newYearWeeks = (truth.ports.length * (truth.newYear[1] - truth.newYear[0])) / (7 * dayMs);
  const delaysOf = (kind: EventKind) => seen.flatMap((one) => (one.event.kind === kind ? [one.delay ?? 0] : []));
  return {
    recall: share(plain.filter(({ delay }) => delay !== null).length, plain.length),
    recallOfAll: share(seen.length, found.length),
    precision: share(right.length, right.length + wrong.length + falseEpisodes.length),
    falsePerPortWeek: falseEpisodes.length / portWeeks,
    wrongPerPortWeek: wrong.length / portWeeks,
    openingsPerEvent: share(
      seen.reduce((sum, { openings }) => sum + openings, 0),
      seen.length,
    ),
    falseInNewYear: inNewYear,
    falseInHolidays: falseEpisodes.filter(({ openMs }) =>
      truth.holidays.some((day) => openMs >= day - 12 * hourMs && openMs < day + 36 * hourMs),
    ).length,
    falseInPlanned: falseEpisodes.filter(({ port, openMs }) =>
      truth.planned.some((stop) => stop.port === port && openMs > stop.start && openMs <= stop.end + 24 * hourMs),
    ).length,
    falsePerPortWeekInNewYear: inNewYear / newYearWeeks,
    delays: perKind((kind) => {
      const delays = delaysOf(kind);
      return { n: delays.length, median: quantile(delays, 0.5), p90: quantile(delays, 0.9) };
    }),
    recallByKind: perKind((kind) =>
      share(delaysOf(kind).length, found.filter(({ event }) => event.kind === kind).length),
    ),
    falseByKind: Object.fromEntries(
      eventKinds.map((kind) => [kind, falseEpisodes.filter((one) => one.kind === kind).length]),
    ),
    wrong,
    falseEpisodes,
    missed: found.flatMap(({ event, delay }) =>
      delay === null && event.snr >= 4
        ? [{ port: event.port, kind: event.kind, start: event.start, snr: event.snr }]
        : [],
    ),
  };
}
