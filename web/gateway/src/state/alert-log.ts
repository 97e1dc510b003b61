/**
 * Alerts of one run as they stand, out of transitions and what people did; and the newest transitions in order, for clients that resume.
 * It detects nothing and notifies nobody.
 */
import type { Action, AlertState, AlertTransition } from '@quaywatch/contracts';

/** Transitions kept for resuming clients; who was away longer gets a snapshot. */
const transitionsMax = 20_000;
/** Closed alerts kept, newest; open ones always stay. */
const closedMax = 2_000;
const silencesMax = 2_000;

type Entry = { readonly transition: AlertTransition; readonly position: number };
type Known = { state: AlertState; changedAt: number; actedAt: number };
type Silence = Extract<Action, { kind: 'silence' }>;

export type AlertLog = {
  readonly run: string;
  readonly entries: Entry[];
  readonly alerts: Map<string, Known>;
  readonly silences: Map<string, Silence>;
  alertsPosition: number;
  actionsPosition: number;
  /** Position of the oldest transition that is still kept. */
  oldestPosition: number;
};

export function createAlertLog(run: string): AlertLog {
  return {
    run,
    entries: [],
    alerts: new Map(),
    silences: new Map(),
    alertsPosition: 0,
    actionsPosition: 0,
    oldestPosition: 0,
  };
}

function silencedUntil(log: AlertLog, alert: AlertTransition): number | null {
  let until: number | null = null;
  for (const silence of log.silences.values()) {
    const isMeant = silence.port === alert.port && (silence.alert_kind === null || silence.alert_kind === alert.kind);
    if (isMeant && silence.until_ms > alert.known_at_ms) until = Math.max(until ?? 0, silence.until_ms);
  }
  return until;
}

/** Takes one transition. A repeated or older one changes only the position. */
export function putTransition(log: AlertLog, transition: AlertTransition, position: number): void {
  log.alertsPosition = Math.max(log.alertsPosition, position);
  if (transition.run !== log.run) return;
  const known = log.alerts.get(transition.alert_id);
  if (known !== undefined && known.state.transition >= transition.transition) return;
  log.entries.push({ transition, position });
  if (log.entries.length > transitionsMax + 1_000) {
    log.entries.splice(0, log.entries.length - transitionsMax);
    log.oldestPosition = (log.entries[0]?.position ?? 1) - 1;
  }
  const state: AlertState = {
    ...transition,
    first_at_ms: known?.state.first_at_ms ?? transition.at_ms,
    // An acknowledgement ends with the alert: the next one is another alert.
    acknowledged: known?.state.acknowledged ?? null,
    silenced_until_ms: silencedUntil(log, transition),
  };
  log.alerts.delete(transition.alert_id);
  log.alerts.set(transition.alert_id, { state, changedAt: position, actedAt: known?.actedAt ?? 0 });
  if (transition.status === 'resolved') forgetOldest(log);
}

function forgetOldest(log: AlertLog): void {
  const closed = [...log.alerts].filter(([, { state }]) => state.status === 'resolved');
  for (const [id] of closed.slice(0, Math.max(0, closed.length - closedMax))) log.alerts.delete(id);
}

/** Takes what somebody did. Unknown alerts and silences are ignored: their log may be older than ours. */
export function putAction(log: AlertLog, action: Action, position: number): void {
  log.actionsPosition = Math.max(log.actionsPosition, position);
  switch (action.kind) {
    case 'acknowledge': {
      const known = log.alerts.get(action.alert_id);
      if (known === undefined) return;
      const acknowledged = { by: action.by, note: action.note, at_ms: action.at_ms };
      known.state = { ...known.state, acknowledged };
      known.actedAt = position;
      return;
    }
    case 'note':
      return;
    case 'silence': {
      log.silences.set(action.id, action);
      const oldest = log.silences.keys().next().value;
      if (log.silences.size > silencesMax && oldest !== undefined) log.silences.delete(oldest);
      return refreshSilences(log, position);
    }
    case 'unsilence':
      log.silences.delete(action.silence_id);
      return refreshSilences(log, position);
  }
}

function refreshSilences(log: AlertLog, position: number): void {
  for (const known of log.alerts.values()) {
    const until = silencedUntil(log, known.state);
    if (until === known.state.silenced_until_ms) continue;
    known.state = { ...known.state, silenced_until_ms: until };
    known.actedAt = position;
  }
}

/** Open incidents first, then closed ones, each newest first; `closed` of the latter. */
export function alertsOf(log: AlertLog, closed: number): AlertState[] {
  const newestFirst = [...log.alerts.values()].map(({ state }) => state).reverse();
  return [
    ...newestFirst.filter((state) => state.status !== 'resolved'),
    ...newestFirst.filter((state) => state.status === 'resolved').slice(0, closed),
  ];
}

/** Transitions after a position, in order; undefined when the log no longer reaches so far back. */
export function transitionsAfter(log: AlertLog, position: number): AlertTransition[] | undefined {
  if (position < log.oldestPosition) return undefined;
  let first = log.entries.length;
  while (first > 0 && (log.entries[first - 1]?.position ?? 0) > position) first -= 1;
  return log.entries.slice(first).map(({ transition }) => transition);
}

/** Alerts that somebody acted on after a position of the actions topic. */
export function actedAfter(log: AlertLog, position: number): AlertState[] {
  return [...log.alerts.values()].filter(({ actedAt }) => actedAt > position).map(({ state }) => state);
}
