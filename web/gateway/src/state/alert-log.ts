/**
 * Alerts of one run as they stand, out of transitions and what people did; and the newest of both in order, for clients that resume.
 * It detects nothing and notifies nobody. Transitions and actions are two topics: whichever is read first, the end is the same.
 */
import {
  type Acknowledgement,
  type Action,
  type AlertState,
  type AlertTransition,
  isAcknowledgedStill,
  matches,
  roseAtAfter,
} from '@quaywatch/contracts';

/** Transitions kept for resuming clients; who was away longer gets a snapshot. */
const transitionsMax = 20_000;
/** Closed alerts kept, newest; open ones always stay. Older ones are in storage. */
const closedMax = 2_000;
/** Actions kept for resuming clients. */
const actionsMax = 5_000;
const silencesMax = 2_000;
/** Alerts whose acknowledgements and notes are remembered; the oldest deed goes first. */
const deedsMax = 20_000;
/** Notes kept an alert, newest. */
const notesMax = 100;

type Entry = { readonly transition: AlertTransition; readonly position: number };
/** `roseAtMs`: log time at which it became more severe while it was open; 0: it has not. */
type Known = { state: AlertState; actedAt: number; roseAtMs: number };
type Note = AlertState['notes'][number];
type Deeds = { readonly acknowledged: Acknowledgement | null; readonly notes: readonly Note[] };
export type Silence = Extract<Action, { kind: 'silence' }>;

export type AlertLog = {
  readonly run: string;
  readonly entries: Entry[];
  readonly alerts: Map<string, Known>;
  /** By alert id, also of alerts that are not known (yet). */
  readonly deeds: Map<string, Deeds>;
  /** Those that nobody took back, also ones that are over. */
  readonly silences: Map<string, Silence>;
  readonly actions: { readonly action: Action; readonly position: number }[];
  alertsPosition: number;
  actionsPosition: number;
  /** Where the oldest transition that is still kept begins, and the oldest action. */
  oldestPosition: number;
  oldestActionsPosition: number;
  /** Closed alerts that are in storage alone. */
  forgotten: number;
};

export function createAlertLog(run: string): AlertLog {
  return {
    run,
    entries: [],
    alerts: new Map(),
    deeds: new Map(),
    silences: new Map(),
    actions: [],
    alertsPosition: 0,
    actionsPosition: 0,
    oldestPosition: 0,
    oldestActionsPosition: 0,
    forgotten: 0,
  };
}

type Standing = Pick<AlertState, 'silenced_until_ms' | 'silenced_by'>;

/** The silence that reaches furthest of those that had not ended when the alert was last heard of; of a resolved alert nobody is told anyway. */
function silenceOf(log: AlertLog, alert: AlertTransition): Standing {
  let furthest: Silence | undefined;
  for (const silence of alert.status === 'resolved' ? [] : log.silences.values()) {
    if (silence.until_ms <= alert.known_at_ms || silence.until_ms <= (furthest?.until_ms ?? 0)) continue;
    if (silence.matchers.every((matcher) => matches(matcher, alert))) furthest = silence;
  }
  return { silenced_until_ms: furthest?.until_ms ?? null, silenced_by: furthest?.id ?? '' };
}

function stateOf(log: AlertLog, transition: AlertTransition, firstAtMs: number, roseAtMs: number): AlertState {
  const deeds = log.deeds.get(transition.alert_id);
  const given = deeds?.acknowledged ?? null;
  return {
    ...transition,
    first_at_ms: firstAtMs,
    acknowledged: given !== null && isAcknowledgedStill(given, transition, roseAtMs) ? given : null,
    notes: [...(deeds?.notes ?? [])],
    ...silenceOf(log, transition),
  };
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
  const roseAtMs = roseAtAfter(known?.state, transition, known?.roseAtMs ?? 0);
  const state = stateOf(log, transition, known?.state.first_at_ms ?? transition.at_ms, roseAtMs);
  const hadDeeds = known === undefined && log.deeds.has(transition.alert_id);
  log.alerts.delete(transition.alert_id);
  const actedAt = hadDeeds ? log.actionsPosition : (known?.actedAt ?? 0);
  log.alerts.set(transition.alert_id, { state, actedAt, roseAtMs });
  if (transition.status === 'resolved') forgetOldest(log);
}

function forgetOldest(log: AlertLog): void {
  if (log.alerts.size <= closedMax) return;
  const closed = [...log.alerts].filter(([, { state }]) => state.status === 'resolved');
  for (const [id] of closed.slice(0, Math.max(0, closed.length - closedMax))) {
    log.alerts.delete(id);
    log.forgotten += 1;
  }
}

function remember(log: AlertLog, action: Action, position: number): void {
  log.actions.push({ action, position });
  if (log.actions.length <= actionsMax + 500) return;
  log.actions.splice(0, log.actions.length - actionsMax);
  log.oldestActionsPosition = (log.actions[0]?.position ?? 1) - 1;
}

/** Takes what somebody did. A repeated position changes nothing. */
export function putAction(log: AlertLog, action: Action, position: number): void {
  if (position <= log.actionsPosition) return;
  log.actionsPosition = position;
  remember(log, action, position);
  switch (action.kind) {
    case 'acknowledge':
    case 'note':
      return putDeed(log, action, position);
    case 'silence': {
      log.silences.set(action.id, action);
      const oldest = log.silences.keys().next().value;
      if (log.silences.size > silencesMax && oldest !== undefined) log.silences.delete(oldest);
      return refreshSilences(log, position);
    }
    case 'unsilence':
      log.silences.delete(action.silence_id);
      return refreshSilences(log, position);
    case 'test_receiver':
      return;
  }
}

type Deed = Extract<Action, { kind: 'acknowledge' | 'note' }>;

function isDeed(action: Action): action is Deed {
  return action.kind === 'acknowledge' || action.kind === 'note';
}

function putDeed(log: AlertLog, action: Deed, position: number): void {
  const known = log.alerts.get(action.alert_id);
  const before = log.deeds.get(action.alert_id) ?? { acknowledged: null, notes: [] };
  const said = { by: action.by, note: action.note, at_ms: action.at_ms };
  log.deeds.delete(action.alert_id);
  log.deeds.set(
    action.alert_id,
    action.kind === 'acknowledge'
      ? { ...before, acknowledged: action.severity === undefined ? said : { ...said, severity: action.severity } }
      : { ...before, notes: [...before.notes, said].slice(-notesMax) },
  );
  const oldest = log.deeds.keys().next().value;
  if (log.deeds.size > deedsMax && oldest !== undefined) log.deeds.delete(oldest);
  if (known === undefined) return;
  known.state = stateOf(log, known.state, known.state.first_at_ms, known.roseAtMs);
  known.actedAt = position;
}

function refreshSilences(log: AlertLog, position: number): void {
  for (const known of log.alerts.values()) {
    const standing = silenceOf(log, known.state);
    const { silenced_until_ms, silenced_by } = known.state;
    if (standing.silenced_until_ms === silenced_until_ms && standing.silenced_by === silenced_by) continue;
    known.state = { ...known.state, ...standing };
    known.actedAt = position;
  }
}

/** Silences that hold at a time of wall clock, oldest first. */
export function silencesInForce(log: AlertLog, nowMs: number): Silence[] {
  return [...log.silences.values()].filter((silence) => silence.from_ms <= nowMs && silence.until_ms > nowMs);
}

/** What people said about one alert, in order: it is kept when the alert is over. Of the newest actions only. */
export function deedsOf(log: AlertLog, alertId: string): Deed[] {
  return log.actions.flatMap(({ action }) => (isDeed(action) && action.alert_id === alertId ? [action] : []));
}

/** Open alerts that every one of some matchers fits. */
export function openMatching(log: AlertLog, matchers: Silence['matchers']): AlertState[] {
  return [...log.alerts.values()]
    .map(({ state }) => state)
    .filter((state) => state.status !== 'resolved' && matchers.every((matcher) => matches(matcher, state)));
}

/** Open incidents first, then closed ones, each newest first; `closed` of the latter. */
export function alertsOf(log: AlertLog, closed: number): AlertState[] {
  const newestFirst = [...log.alerts.values()].map(({ state }) => state).reverse();
  return [
    ...newestFirst.filter((state) => state.status !== 'resolved'),
    ...newestFirst.filter((state) => state.status === 'resolved').slice(0, closed),
  ];
}

/** Items after a position, in order. */
function after<T extends { readonly position: number }>(items: readonly T[], position: number): readonly T[] {
  let first = items.length;
  while (first > 0 && (items[first - 1]?.position ?? 0) > position) first -= 1;
  return items.slice(first);
}

/** Transitions after a position, in order; undefined when the log no longer reaches so far back. */
export function transitionsAfter(log: AlertLog, position: number): AlertTransition[] | undefined {
  if (position < log.oldestPosition) return undefined;
  return after(log.entries, position).map(({ transition }) => transition);
}

/** What people did after a position, in order; undefined when the log no longer reaches so far back. */
export function actionsAfter(log: AlertLog, position: number): Action[] | undefined {
  if (position < log.oldestActionsPosition) return undefined;
  return after(log.actions, position).map(({ action }) => action);
}

/**
 * Alerts that somebody acted on after a position of the actions topic; and of those with new transitions the ones that somebody acted on
 * ever, or whose acknowledgement and silence ended with them.
 */
export function actedAfter(
  log: AlertLog,
  position: number,
  transitions: readonly AlertTransition[] = [],
): AlertState[] {
  const moved = new Set(transitions.map(({ alert_id }) => alert_id));
  const isMeant = ({ state, actedAt }: Known) =>
    actedAt > position ||
    (moved.has(state.alert_id) &&
      (state.status === 'resolved' || state.silenced_by !== '' || log.deeds.has(state.alert_id)));
  return [...log.alerts.values()].filter(isMeant).map(({ state }) => state);
}
