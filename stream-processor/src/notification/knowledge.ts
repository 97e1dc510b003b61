/**
 * What the notifier knows: alerts out of their transitions, what people did, rules, and its own earlier records. A function of the topics
 * and of the order of each; it decides nothing. Of several records that settle one key the first in the log counts, whoever wrote it.
 */
import {
  type Action,
  type AlertTransition,
  DEFAULT_RULE_SET,
  type NotificationReason,
  type NotificationRecord,
  type RuleSet,
  roseAtAfter,
  type Severity,
  whatCounts,
} from '@quaywatch/contracts';

/** A resolved alert and all that was decided about it is forgotten after so long. */
export const forgetAfterMs = 30 * 86_400_000;
/** What an alert was before is kept so long, and the newest of it: a message that is sent again says what it said. */
const pastKeptMs = 86_400_000;
const pastMax = 200;
/** Filings of one alert that are kept, oldest. Who first hears of it after as many is told under the last of them. */
export const filedMax = 500;
/** Changes of one series that are kept, newest. */
const changesMax = 500;

export type Decision = Extract<NotificationRecord, { kind: 'decision' }>;
export type HeldBack = Extract<NotificationRecord, { kind: 'held_back' }>;
export type Silence = Extract<Action, { kind: 'silence' }>;
type TestOrder = Extract<Action, { kind: 'test_receiver' }>;

/** Something that people must know: it fires, it became more severe than ever before, it is over. `arrivedMs`: Kafka's time of the record. */
export type Fact = { readonly transition: AlertTransition; readonly arrivedMs: number };

/** What of an alert it is filed under, at its transition. */
export type Filing = Pick<
  AlertTransition,
  'alert_id' | 'transition' | 'kind' | 'level' | 'cluster' | 'port' | 'terminals' | 'measure' | 'simulated'
>;

export type AlertLife = {
  readonly id: string;
  readonly series: string;
  newest: Fact;
  /** What was newest before, oldest first. */
  past: Fact[];
  /** The first transition that fired, then every one that was more severe than all before. */
  readonly firing: Fact[];
  resolved: Fact | undefined;
  /** Log time at which it last became more severe while it was open, as the gateway knows it; 0: it has not. */
  roseAtMs: number;
  /** The first transition, and each with which kind, level or terminals became others: what it was filed as, oldest first. */
  readonly filed: Filing[];
};

export type Told = {
  readonly key: string;
  readonly ending: string;
  readonly transition: number;
  /** The alert's newest transition when it was decided. */
  readonly asOf: number;
  readonly reason: NotificationReason;
  readonly decidedAtMs: number;
  readonly group: Readonly<Record<string, string>>;
};

/** What was decided about one alert for one receiver. */
export type Toward = { readonly told: Told[]; readonly held: Map<string, HeldBack> };

type Dealings = {
  readonly toward: Map<string, Toward>;
  acknowledged: Extract<Action, { kind: 'acknowledge' }> | undefined;
  /** Newest of whatever is known here. */
  atMs: number;
};

/** A decision that is neither delivered nor given up. */
export type Unsent = {
  readonly decision: Decision;
  attempts: number;
  firstFailedAtMs: number | undefined;
  lastAttemptAtMs: number | undefined;
};

export type Knowledge = {
  readonly alerts: Map<string, AlertLife>;
  readonly dealings: Map<string, Dealings>;
  /** Log times at which an alert of the series fired or was resolved, ascending. */
  readonly changes: Map<string, number[]>;
  readonly silences: Map<string, Silence>;
  readonly tests: Map<string, TestOrder>;
  /** Decisions about no alert: tests and watchdogs, by id, with their time. */
  readonly plain: Map<string, number>;
  /** In the order of decision. */
  readonly outbox: Map<string, Unsent>;
  /** When a receiver was last told of a group, by `groupKey`. */
  readonly groups: Map<string, number>;
  /** Resolved too long ago to matter. */
  readonly forgotten: Set<string>;
  rules: RuleSet;
  /** Time of the oldest record of the notifier's own: what was over before then is not its business. */
  beganAtMs: number | undefined;
  watchdogAtMs: number | undefined;
};

export function createKnowledge(): Knowledge {
  return {
    alerts: new Map(),
    dealings: new Map(),
    changes: new Map(),
    silences: new Map(),
    tests: new Map(),
    plain: new Map(),
    outbox: new Map(),
    groups: new Map(),
    forgotten: new Set(),
    rules: DEFAULT_RULE_SET,
    beganAtMs: undefined,
    watchdogAtMs: undefined,
  };
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
export const severityRank = (severity: Severity): number => RANK[severity];

/** Alerts that follow each other at one place for one reason; an alert's id is new each time. */
function seriesOf(alert: AlertTransition): string {
  const at = alert.level === 'terminal' ? alert.terminals.join('+') : '';
  return [alert.kind, alert.level, alert.cluster, alert.port, at, alert.measure]
    .filter((part) => part !== '')
    .join(':');
}

function filingOf(alert: AlertTransition): Filing {
  const { alert_id, transition, kind, level, cluster, port, terminals, measure, simulated } = alert;
  return { alert_id, transition, kind, level, cluster, port, terminals, measure, simulated };
}

const filedAs = (one: Filing | undefined): string =>
  one === undefined ? '' : JSON.stringify([one.kind, one.level, one.terminals, one.measure]);

/** An alert as a receiver was first told of it: it files what it hears later with that. As it stands, where it was never told. */
export function firstTold(life: AlertLife, told: readonly Told[]): Filing {
  const first = told[0];
  const stood = first === undefined ? undefined : life.filed.findLast((one) => one.transition <= first.asOf);
  return stood ?? filingOf(life.newest.transition);
}

export function groupKey(receiver: string, group: Readonly<Record<string, string>>): string {
  const values = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([receiver, values]);
}

function noteChange(knowledge: Knowledge, series: string, atMs: number): void {
  const changes = knowledge.changes.get(series) ?? [];
  knowledge.changes.set(series, changes);
  changes.push(atMs);
  changes.sort((a, b) => a - b);
  if (changes.length > changesMax) changes.splice(0, changes.length - changesMax);
}

function dropPast(life: AlertLife, beforeMs: number): void {
  const fresh = life.past.findIndex((fact) => fact.arrivedMs >= beforeMs);
  const from = Math.max(fresh < 0 ? life.past.length : fresh, life.past.length - pastMax);
  if (from > 0) life.past = life.past.slice(from);
}

/** Takes one transition of the live run. A repeated or older one changes nothing. */
export function putTransition(knowledge: Knowledge, transition: AlertTransition, arrivedMs: number): void {
  const id = transition.alert_id;
  if (transition.run !== 'live' || knowledge.forgotten.has(id)) return;
  const fact: Fact = { transition, arrivedMs };
  const known = knowledge.alerts.get(id);
  if (known !== undefined && (known.newest.transition.transition >= transition.transition || known.resolved)) return;
  const life: AlertLife = known ?? {
    id,
    series: seriesOf(transition),
    newest: fact,
    past: [],
    firing: [],
    resolved: undefined,
    roseAtMs: 0,
    filed: [],
  };
  if (known !== undefined) {
    life.past.push(life.newest);
    dropPast(life, arrivedMs - pastKeptMs);
  }
  life.roseAtMs = roseAtAfter(known?.newest.transition, transition, life.roseAtMs);
  life.newest = fact;
  if (life.filed.length < filedMax && filedAs(transition) !== filedAs(life.filed.at(-1)))
    life.filed.push(filingOf(transition));
  knowledge.alerts.set(id, life);
  const worst = life.firing.at(-1)?.transition.severity;
  if (transition.status === 'resolved') {
    life.resolved = fact;
    if (worst !== undefined) noteChange(knowledge, life.series, transition.known_at_ms);
  } else if (worst === undefined) {
    if (transition.status !== 'firing') return;
    life.firing.push(fact);
    noteChange(knowledge, life.series, transition.known_at_ms);
  } else if (severityRank(transition.severity) > severityRank(worst)) {
    life.firing.push(fact);
  }
}

export function putAction(knowledge: Knowledge, action: Action): void {
  switch (action.kind) {
    case 'acknowledge': {
      if (knowledge.forgotten.has(action.alert_id)) return;
      const dealings = dealingsWith(knowledge, action.alert_id);
      dealings.acknowledged = action;
      dealings.atMs = Math.max(dealings.atMs, action.at_ms);
      return;
    }
    case 'silence':
      knowledge.silences.set(action.id, action);
      return;
    case 'unsilence':
      knowledge.silences.delete(action.silence_id);
      return;
    case 'test_receiver':
      knowledge.tests.set(action.id, action);
      return;
    case 'note':
      return;
  }
}

/** The newest version routes, from when it was saved; the first record of a version counts. */
export function putRuleSet(knowledge: Knowledge, rules: RuleSet): void {
  if (rules.version > knowledge.rules.version) knowledge.rules = rules;
}

function dealingsWith(knowledge: Knowledge, alertId: string): Dealings {
  const known = knowledge.dealings.get(alertId) ?? { toward: new Map(), acknowledged: undefined, atMs: 0 };
  knowledge.dealings.set(alertId, known);
  return known;
}

function towardOf(dealings: Dealings, receiver: string): Toward {
  const known = dealings.toward.get(receiver) ?? { told: [], held: new Map() };
  dealings.toward.set(receiver, known);
  return known;
}

export function isSettled(toward: Toward | undefined, key: string): boolean {
  return toward !== undefined && (toward.held.has(key) || toward.told.some((one) => one.key === key));
}

export function endingOf(key: string): string {
  const at = key.indexOf('#');
  return at < 0 ? '' : key.slice(at + 1);
}

export function putRecord(knowledge: Knowledge, given: NotificationRecord): void {
  const atMs = given.kind === 'decision' || given.kind === 'held_back' ? given.decided_at_ms : given.at_ms;
  knowledge.beganAtMs = Math.min(knowledge.beganAtMs ?? atMs, atMs);
  // Of what is forgotten everything has been decided.
  const record = whatCounts(given, (key, receiver, alertId) =>
    alertId === ''
      ? knowledge.plain.has(key)
      : knowledge.forgotten.has(alertId) || isSettled(knowledge.dealings.get(alertId)?.toward.get(receiver), key),
  );
  if (record === undefined) return;
  switch (record.kind) {
    case 'decision':
      putDecision(knowledge, record);
      return;
    case 'held_back': {
      const dealings = dealingsWith(knowledge, record.alert_id);
      dealings.atMs = Math.max(dealings.atMs, atMs);
      towardOf(dealings, record.receiver).held.set(record.key, record);
      return;
    }
    case 'attempt': {
      const unsent = knowledge.outbox.get(record.id);
      if (unsent === undefined) return;
      unsent.attempts = Math.max(unsent.attempts, record.attempt);
      unsent.lastAttemptAtMs = record.at_ms;
      if (record.outcome === 'failed') unsent.firstFailedAtMs ??= record.at_ms;
      else knowledge.outbox.delete(record.id);
      return;
    }
    case 'receivers':
      return;
  }
}

function putDecision(knowledge: Knowledge, decision: Decision): void {
  const { receiver, reason, group, items, decided_at_ms: decidedAtMs } = decision;
  if (items.length === 0) {
    knowledge.plain.set(decision.id, decidedAtMs);
    if (reason === 'watchdog') knowledge.watchdogAtMs = Math.max(knowledge.watchdogAtMs ?? 0, decidedAtMs);
  }
  for (const { key, alert_id, transition, as_of: asOf = transition } of items) {
    const dealings = dealingsWith(knowledge, alert_id);
    dealings.atMs = Math.max(dealings.atMs, decidedAtMs);
    towardOf(dealings, receiver).told.push({
      key,
      ending: endingOf(key),
      transition,
      asOf,
      reason,
      decidedAtMs,
      group,
    });
  }
  if (items.length > 0 && isGroupNews(reason)) {
    const key = groupKey(receiver, group);
    knowledge.groups.set(key, Math.max(knowledge.groups.get(key) ?? 0, decidedAtMs));
  }
  knowledge.outbox.set(decision.id, {
    decision,
    attempts: 0,
    firstFailedAtMs: undefined,
    lastAttemptAtMs: undefined,
  });
}

/** Whether a decision moves the group's clocks: `group_interval` counts from it. */
function isGroupNews(reason: NotificationReason): boolean {
  return reason === 'new' || reason === 'changed' || reason === 'resolved' || reason === 'repeat';
}

/** Drops what can matter no more. Called after loading and now and then; never while a topic is still being loaded. */
export function forget(knowledge: Knowledge, nowMs: number): void {
  const before = nowMs - forgetAfterMs;
  for (const [id, life] of knowledge.alerts) {
    dropPast(life, nowMs - pastKeptMs);
    if (life.resolved === undefined || life.resolved.arrivedMs >= before) continue;
    knowledge.alerts.delete(id);
    knowledge.dealings.delete(id);
    knowledge.forgotten.add(id);
  }
  for (const [id, dealings] of knowledge.dealings)
    if (!knowledge.alerts.has(id) && dealings.atMs < before) knowledge.dealings.delete(id);
  for (const [id, { decision }] of knowledge.outbox) if (decision.decided_at_ms < before) knowledge.outbox.delete(id);
  for (const [id, silence] of knowledge.silences) if (silence.until_ms < before) knowledge.silences.delete(id);
  for (const [id, test] of knowledge.tests) if (test.at_ms < before) knowledge.tests.delete(id);
  for (const [id, atMs] of knowledge.plain) if (atMs < before) knowledge.plain.delete(id);
  for (const [key, atMs] of knowledge.groups) if (atMs < before) knowledge.groups.delete(key);
  const alive = new Set([...knowledge.alerts.values()].map((life) => life.series));
  for (const series of knowledge.changes.keys()) if (!alive.has(series)) knowledge.changes.delete(series);
}
