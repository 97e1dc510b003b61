/**
 * One player: a stored run (or live's past) fed into a live state of its own by a virtual clock, so that played frames are live frames.
 * It reads storage ahead of its clock and never lets the clock pass what it has read.
 */
import { type AlertTransition, PARTITION_COUNT, type PlayState, type WindowSizeS } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/seeds';
import { createViews } from '../channels.ts';
import { ALL_MEASURES, HEADLINE_MEASURES, type History } from '../history.ts';
import { openDays } from '../snapshot.ts';
import type { View } from '../socket/view.ts';
import { type AlertLog, createAlertLog, putTransition } from '../state/alert-log.ts';
import { midnightMs } from '../state/counts.ts';
import { createLiveState, type LiveState, putStoredRow, step } from '../state/live-state.ts';
import type { StoredRow } from '../state/ring.ts';
import { createDayTotals, type DayTotals } from './day-totals.ts';
import { type ClosedThrough, createClosedThrough, learnClosed, partitionOfPort, putMarks } from './marks.ts';

export type PlayerSettings = {
  session: string;
  run: string;
  fromMs: number;
  toMs: number;
  atMs: number;
  speed: number;
  paused: boolean;
  asKnown: boolean;
};

/** Everything of one position: thrown away by a seek. */
type Deck = {
  readonly state: LiveState;
  readonly alerts: AlertLog;
  readonly viewOf: (channel: string) => View | undefined;
  readonly days: DayTotals;
  readonly closed: ClosedThrough;
  /** Rows still to come, by due time. */
  rows: { readonly dueMs: number; readonly row: StoredRow }[];
  nextRow: number;
  nextTransition: number;
  /** Rows due before this are in `rows` or in the state. */
  readToMs: number;
  isReading: boolean;
};

const SIZES: readonly WindowSizeS[] = [300, 3600, 86400];
const rowsMax = 400_000;
const transitionsMax = 50_000;
/** Late moves revise windows for so long; what becomes known at a time is not older. */
const revisedWithinMs = 4 * DAY_MS;

export type Player = ReturnType<typeof createPlayer>;

export function createPlayer(settings: PlayerSettings, history: History, generationOf: () => number) {
  let deck: Deck | undefined;
  let epoch = '';
  let loading = 0;
  let transitions: readonly AlertTransition[] | undefined;

  const playState = (): PlayState => ({
    session: settings.session,
    run: settings.run,
    from_ms: settings.fromMs,
    to_ms: settings.toMs,
    at_ms: Math.round(settings.atMs),
    speed: settings.speed,
    paused: settings.paused,
    as_known: settings.asKnown,
    ended: settings.atMs >= settings.toMs,
  });

  /** Puts the needle at `settings.atMs`. @throws HistoryError */
  const load = async (): Promise<void> => {
    const generation = generationOf();
    loading += 1;
    try {
      transitions ??= await history.transitions(settings.run, 0, settings.toMs + 7 * DAY_MS, transitionsMax);
      const next = await createDeck(settings, history, playState);
      // A later seek has overtaken this one.
      if (generation !== generationOf()) return;
      putAlerts(next, transitions, settings);
      putMarks(next, settings.atMs, settings.asKnown);
      deck = next;
      epoch = `${settings.run}:${settings.session}:${generation}`;
    } finally {
      loading -= 1;
    }
  };

  /** Reads on when less than five seconds of playing are left. Errors leave the clock standing; the next tick tries again. */
  const readAhead = (own: Deck): void => {
    const leftMs = own.readToMs - settings.atMs;
    if (own.isReading || own.readToMs >= settings.toMs || leftMs > Math.max(HOUR_MS, settings.speed * 5_000)) return;
    own.isReading = true;
    const toMs = Math.min(
      settings.toMs,
      own.readToMs + Math.min(7 * DAY_MS, Math.max(2 * HOUR_MS, settings.speed * 20_000)),
    );
    readDue(settings, history, own.readToMs, toMs)
      .then((rows) => {
        own.rows = [...own.rows.slice(own.nextRow), ...rows].sort((a, b) => a.dueMs - b.dueMs);
        own.nextRow = 0;
        own.readToMs = toMs;
      })
      .catch(() => undefined)
      .finally(() => {
        own.isReading = false;
      });
  };

  return {
    settings,
    load,
    playState,
    epoch: () => epoch,
    viewOf: (channel: string) => deck?.viewOf(channel),
    /** Moves the clock by `elapsedMs` of wall time times the speed, and everything that is due with it. */
    advance(elapsedMs: number): void {
      const own = deck;
      if (own === undefined || loading > 0) return;
      readAhead(own);
      if (settings.paused || settings.atMs >= settings.toMs) return;
      settings.atMs = Math.min(settings.toMs, own.readToMs, settings.atMs + elapsedMs * settings.speed);
      for (; own.nextRow < own.rows.length; own.nextRow++) {
        const next = own.rows[own.nextRow];
        if (next === undefined || next.dueMs > settings.atMs) break;
        putPlayed(own, next.row);
      }
      for (const day of own.days.takeOpen(settings.atMs)) putPlayed(own, day);
      putAlerts(own, transitions ?? [], settings);
      putMarks(own, settings.atMs, settings.asKnown);
    },
  };
}

const dueOf = (row: StoredRow, asKnown: boolean): number =>
  asKnown ? row.known_at_ms : row.start_ms + row.size_s * 1000;

/** Rows that fall due in [fromMs, toMs). @throws HistoryError */
async function readDue(settings: PlayerSettings, history: History, fromMs: number, toMs: number) {
  const rows: { dueMs: number; row: StoredRow }[] = [];
  for (const sizeS of SIZES) {
    const measures = sizeS === 3600 ? HEADLINE_MEASURES : ALL_MEASURES;
    const base = { run: settings.run, sizeS, ports: [], measures, rowsMax };
    const sizeMs = sizeS * 1000;
    const read = settings.asKnown
      ? await history.revisions({
          ...base,
          fromMs: fromMs - revisedWithinMs,
          toMs,
          knownAfterMs: fromMs - 1,
          knownAtMs: toMs - 1,
        })
      : await history.windows({ ...base, fromMs: fromMs - sizeMs, toMs: toMs - sizeMs });
    for (const row of read) rows.push({ dueMs: dueOf(row, settings.asKnown), row });
  }
  return rows.sort((a, b) => a.dueMs - b.dueMs);
}

/** A state as it stood at `settings.atMs`. @throws HistoryError */
async function createDeck(settings: PlayerSettings, history: History, playState: () => PlayState): Promise<Deck> {
  const state = createLiveState(settings.run, 300);
  const alerts = createAlertLog(settings.run);
  const days = createDayTotals();
  const closed = createClosedThrough();
  const { atMs } = settings;
  const known = settings.asKnown ? { knownAtMs: atMs } : {};
  const base = { run: settings.run, ports: [], rowsMax, ...known };
  const dayMs = midnightMs(atMs);
  const read = [
    { sizeS: 86400, fromMs: Math.max(settings.fromMs, atMs - 400 * DAY_MS), measures: HEADLINE_MEASURES },
    { sizeS: 3600, fromMs: atMs - 14 * DAY_MS, measures: HEADLINE_MEASURES },
    { sizeS: 300, fromMs: atMs - 48 * HOUR_MS, measures: HEADLINE_MEASURES },
  ] as const;
  const today = await history.windows({
    ...base,
    sizeS: 300,
    fromMs: dayMs,
    toMs: atMs - 300_000 + 1,
    measures: ALL_MEASURES,
  });
  for (const row of today) {
    days.add(row);
    putStoredRow(state, row);
  }
  for (const day of openDays(today)) putStoredRow(state, day);
  for (const { sizeS, fromMs, measures } of read) {
    await history.eachWindow({ ...base, sizeS, fromMs, toMs: atMs - sizeS * 1000 + 1, measures }, (row) => {
      learnClosed(closed, row);
      putStoredRow(state, row);
    });
  }
  // The played stretch is what came through a log; what is before it is the baseline.
  state.liveSinceMs.fill(settings.fromMs);
  const views = createViews({
    state,
    alerts,
    hoursMs: DAY_MS,
    start: { positions: new Float64Array(PARTITION_COUNT) },
    health: () => ({ healthy: true, note: '' }),
  });
  const viewOf = (channel: string) => {
    const view = views(channel);
    return view === undefined ? undefined : withPlay(view, playState);
  };
  return {
    state,
    alerts,
    viewOf,
    days,
    closed,
    rows: [],
    nextRow: 0,
    nextTransition: 0,
    readToMs: atMs,
    isReading: false,
  };
}

/** The same content, and where the player is. */
function withPlay(view: View, playState: () => PlayState): View {
  const add = (body: string) => `${body === '' ? '' : `${body},`}"play":${JSON.stringify(playState())}`;
  return {
    ...view,
    snapshot: () => add(view.snapshot()),
    since: (cursor) => {
      const body = view.since(cursor);
      return body === undefined ? undefined : add(body);
    },
    token: () => JSON.stringify(playState()),
  };
}

function putPlayed(deck: Deck, row: StoredRow): void {
  const partition = partitionOfPort(row.port);
  learnClosed(deck.closed, row);
  step(deck.state, row, partition, (deck.state.positions[partition] ?? 0) + 1);
  if (row.size_s === 300) deck.days.add(row);
}

function putAlerts(deck: Deck, transitions: readonly AlertTransition[], settings: PlayerSettings): void {
  for (; deck.nextTransition < transitions.length; deck.nextTransition++) {
    const next = transitions[deck.nextTransition];
    const dueMs = settings.asKnown ? next?.known_at_ms : next?.at_ms;
    if (next === undefined || dueMs === undefined || dueMs > settings.atMs) return;
    putTransition(deck.alerts, next, deck.nextTransition + 1);
  }
}
