/**
 * What the page knows of one run, as signals: ports, the nation, windows, alerts, the feeds' state. Frames in, signals out.
 * Opens no connection and keeps no clock. `null` of the wire stays null: it is "no data", never zero.
 */
import { batch, type Signal, signal } from '@preact/signals';
import {
  type Action,
  type AlertState,
  type AlertTransition,
  type CallSummary,
  type FrameBody,
  type FrameHead,
  isAcknowledgedStill,
  type NationSummary,
  type NotificationRecord,
  type PlayState,
  type PortSummary,
  type RuleSet,
  roseAtAfter,
  type StatusSummary,
  type TerminalSummary,
  type WindowPoint,
} from '@quaywatch/contracts';
import { callKey } from '../calls.ts';

/** Points kept a series and size; older ones are dropped (history is one HTTP request away). */
const pointsMax: Readonly<Record<WindowPoint['size_s'], number>> = { 60: 1500, 300: 900, 3600: 900, 86400: 800 };
/** Resolved alerts kept; open ones are always kept. */
export const resolvedMax = 300;
const transitionsMax = 60;
/** Notification records kept, newest; older ones are one HTTP request away. */
const notificationsMax = 600;

export type Silence = Extract<Action, { kind: 'silence' }>;

export type Clock = { asOfMs: number; watermarkMs: number };

/** What comes four times a second is the newest window again, or the one after it: no need to sort a whole day for it. */
function tailOf(points: readonly WindowPoint[], added: readonly WindowPoint[]): WindowPoint[] | undefined {
  const firstMs = added[0]?.start_ms;
  if (firstMs === undefined) return [...points];
  if (added.some((point, index) => index > 0 && point.start_ms <= (added[index - 1]?.start_ms ?? 0))) return undefined;
  let kept = points.length;
  while (kept > 0 && (points[kept - 1]?.start_ms ?? 0) >= firstMs) kept -= 1;
  const starts = new Set(added.map((point) => point.start_ms));
  // A window between those that came would be lost: then it is merged the long way.
  for (let index = kept; index < points.length; index += 1)
    if (!starts.has(points[index]?.start_ms ?? 0)) return undefined;
  return points.slice(0, kept).concat(added);
}

/** Upsert by start, sorted. A point of the wire replaces what is there; the newest row is what counts. */
export function upsertPoints(
  points: readonly WindowPoint[],
  added: readonly WindowPoint[],
  max: number,
): WindowPoint[] {
  const tail = tailOf(points, added);
  if (tail !== undefined) return tail.slice(-max);
  const byStart = new Map(points.map((point) => [point.start_ms, point]));
  for (const point of added) byStart.set(point.start_ms, point);
  const sorted = [...byStart.values()].sort((a, b) => a.start_ms - b.start_ms);
  return sorted.length > max ? sorted.slice(sorted.length - max) : sorted;
}

/** Alerts after one more transition. An older or repeated transition changes nothing. */
export function applyTransition(
  alerts: ReadonlyMap<string, AlertState>,
  transition: AlertTransition,
): Map<string, AlertState> {
  const known = alerts.get(transition.alert_id);
  const given = known?.acknowledged ?? null;
  const next = new Map(alerts);
  if (known !== undefined && known.transition >= transition.transition) return next;
  next.set(transition.alert_id, {
    ...transition,
    first_at_ms: known?.first_at_ms ?? transition.since_ms,
    acknowledged:
      given !== null && isAcknowledgedStill(given, transition, roseAtAfter(known, transition, 0)) ? given : null,
    notes: known?.notes ?? [],
    silenced_until_ms: known?.silenced_until_ms ?? null,
    silenced_by: known?.silenced_by ?? '',
  });
  return next;
}

/** Drops the oldest resolved alerts beyond the limit. */
export function boundAlerts(alerts: ReadonlyMap<string, AlertState>): ReadonlyMap<string, AlertState> {
  const resolved = [...alerts.values()].filter((alert) => alert.status === 'resolved');
  if (resolved.length <= resolvedMax) return alerts;
  const dropped = resolved.sort((a, b) => a.at_ms - b.at_ms).slice(0, resolved.length - resolvedMax);
  const kept = new Map(alerts);
  for (const alert of dropped) kept.delete(alert.alert_id);
  return kept;
}

/** Silences after some actions: one is added by its id, and ends when it is taken back. */
export function applyActions(
  silences: ReadonlyMap<string, Silence>,
  actions: readonly Action[],
): ReadonlyMap<string, Silence> {
  const next = new Map(silences);
  for (const action of actions) {
    if (action.kind === 'silence') next.set(action.id, action);
    if (action.kind === 'unsilence') next.delete(action.silence_id);
  }
  return next;
}

/** What tells one notification record from another, so that a snapshot after a reconnection repeats none. */
function recordKey(record: NotificationRecord): string {
  switch (record.kind) {
    case 'decision':
      return `decision/${record.id}`;
    case 'held_back':
      return `held/${record.key}/${record.because}`;
    case 'attempt':
      return `attempt/${record.id}/${record.receiver}/${record.attempt}`;
    case 'receivers':
      return 'receivers';
  }
}

export function addRecords(
  known: readonly NotificationRecord[],
  added: readonly NotificationRecord[],
): readonly NotificationRecord[] {
  const byKey = new Map(known.map((record) => [recordKey(record), record]));
  for (const record of added) byKey.set(recordKey(record), record);
  return [...byKey.values()].slice(-notificationsMax);
}

const seriesKey = (port: string, terminal: string, sizeS: number): string => `${port}/${terminal}/${sizeS}`;

export type World = ReturnType<typeof createWorld>;

/** A map of signals that are made when they are first asked for, so that a reader can wait for what has not come yet. */
function createCells<T>(empty: T) {
  const cells = new Map<string, Signal<T>>();
  return {
    at(key: string): Signal<T> {
      const known = cells.get(key);
      if (known !== undefined) return known;
      const made = signal<T>(empty);
      cells.set(key, made);
      return made;
    },
    /** Forgets what `isWanted` denies: over weeks, keys come and go. */
    keep(isWanted: (key: string) => boolean): void {
      for (const key of cells.keys()) if (!isWanted(key)) cells.delete(key);
    },
    clear(): void {
      for (const cell of cells.values()) cell.value = empty;
    },
  };
}

export function createWorld() {
  const ports = createCells<PortSummary | null>(null);
  const series = createCells<readonly WindowPoint[]>([]);
  const terminals = createCells<ReadonlyMap<string, TerminalSummary>>(new Map());
  const calls = createCells<ReadonlyMap<string, CallSummary>>(new Map());
  const lives = createCells<readonly AlertTransition[]>([]);
  const nation = signal<NationSummary | null>(null);
  const alerts = signal<ReadonlyMap<string, AlertState>>(new Map());
  const hasAlerts = signal(false);
  const silences = signal<ReadonlyMap<string, Silence>>(new Map());
  const rules = signal<readonly RuleSet[]>([]);
  const notifications = signal<readonly NotificationRecord[]>([]);
  const status = signal<StatusSummary | null>(null);
  const play = signal<PlayState | null>(null);
  const clock = signal<Clock | null>(null);
  const portClock = signal<Clock | null>(null);

  const putWindows = (windows: readonly WindowPoint[], isHistory: boolean) => {
    const bySeries = new Map<string, WindowPoint[]>();
    for (const point of windows) {
      const key = seriesKey(point.port, point.terminal, point.size_s);
      const list = bySeries.get(key);
      if (list === undefined) bySeries.set(key, [point]);
      else list.push(point);
    }
    for (const [key, added] of bySeries) {
      const cell = series.at(key);
      const max = pointsMax[added[0]?.size_s ?? 300];
      // What the socket brought is newer than any history answer that was asked for before it.
      cell.value = isHistory ? upsertPoints(added, cell.peek(), max) : upsertPoints(cell.peek(), added, max);
    }
  };

  const putTransitions = (transitions: readonly AlertTransition[]) => {
    for (const transition of transitions) {
      alerts.value = applyTransition(alerts.peek(), transition);
      const life = lives.at(transition.alert_id);
      const others = life.peek().filter((entry) => entry.transition !== transition.transition);
      life.value = [...others, transition].sort((a, b) => a.transition - b.transition).slice(-transitionsMax);
    }
  };

  /** What people and the notifier did, and the rules; a snapshot begins the alerts anew. */
  const putPeople = (body: FrameBody, isSnapshot: boolean) => {
    if (isSnapshot) {
      alerts.value = new Map();
      silences.value = new Map();
    }
    hasAlerts.value = true;
    if (body.actions !== undefined) silences.value = applyActions(silences.peek(), body.actions);
    if (body.rules !== undefined) rules.value = body.rules;
    if (body.notifications !== undefined) notifications.value = addRecords(notifications.peek(), body.notifications);
  };

  const putPlaces = (channel: string, body: FrameBody, isSnapshot: boolean) => {
    for (const port of body.ports ?? []) ports.at(port.port).value = port;
    const code = /(?:^|\/)port:(.+)$/.exec(channel)?.[1];
    if (code === undefined) return;
    const merge = <T>(
      cell: Signal<ReadonlyMap<string, T>>,
      items: readonly T[] | undefined,
      key: (item: T) => string,
    ) => {
      if (items === undefined && !isSnapshot) return;
      const next = new Map(isSnapshot ? [] : cell.peek());
      for (const item of items ?? []) next.set(key(item), item);
      cell.value = next;
    };
    merge(terminals.at(code), body.terminals, (item) => item.terminal);
    merge(calls.at(code), body.calls, callKey);
  };

  const apply = (head: FrameHead, body: FrameBody, isSnapshot: boolean) => {
    batch(() => {
      const time = { asOfMs: head.as_of_ms, watermarkMs: head.watermark_ms };
      // Before its first record a log has no time: zero is no date of 1970.
      const hasTime = head.as_of_ms > 0;
      if (hasTime && head.channel.endsWith('overview')) clock.value = time;
      else if (hasTime && head.channel.includes('port:')) portClock.value = time;
      // A player that jumps begins anew: what it had shown of a later time is not known at the earlier one.
      if (isSnapshot && head.channel.startsWith('play/') && head.channel.endsWith('overview')) series.clear();
      putPlaces(head.channel, body, isSnapshot);
      if (body.nation !== undefined) nation.value = body.nation;
      if (body.windows !== undefined) putWindows(body.windows, false);
      if (head.channel.endsWith('alerts')) putPeople(body, isSnapshot);
      if (body.alerts !== undefined) {
        const next = new Map(alerts.peek());
        for (const alert of body.alerts) next.set(alert.alert_id, alert);
        alerts.value = next;
      }
      putTransitions(body.transitions ?? []);
      const bounded = boundAlerts(alerts.peek());
      if (bounded !== alerts.peek()) lives.keep((alertId) => bounded.has(alertId));
      alerts.value = bounded;
      if (body.status !== undefined) status.value = body.status;
      if (body.play !== undefined) play.value = body.play;
    });
  };

  return {
    port: (code: string): Signal<PortSummary | null> => ports.at(code),
    series: (port: string, terminal: string, sizeS: WindowPoint['size_s']) =>
      series.at(seriesKey(port, terminal, sizeS)),
    terminals: (port: string) => terminals.at(port),
    calls: (port: string) => calls.at(port),
    /** Transitions that this page has seen of an alert, oldest first. */
    life: (alertId: string) => lives.at(alertId),
    nation,
    alerts,
    hasAlerts,
    /** By id; those that have run out stay until the next snapshot, so ask for the time. */
    silences,
    /** In force first, then those that are to come. */
    rules,
    notifications,
    status,
    play,
    clock,
    portClock,
    apply,
    putHistory: (windows: readonly WindowPoint[]) => batch(() => putWindows(windows, true)),
    putAlert: (alert: AlertState) => {
      alerts.value = new Map(alerts.peek()).set(alert.alert_id, alert);
    },
    /** Forgets everything: another session is about to be played. */
    clear: () =>
      batch(() => {
        for (const cells of [ports, series, terminals, calls, lives]) cells.clear();
        nation.value = null;
        alerts.value = new Map();
        hasAlerts.value = false;
        silences.value = new Map();
        rules.value = [];
        notifications.value = [];
        play.value = null;
        clock.value = null;
        portClock.value = null;
      }),
  };
}
