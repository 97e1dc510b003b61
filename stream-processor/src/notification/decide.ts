/**
 * Decides who is told what, now: a function of what is known and of the time, so that a restart decides what was not decided, and nothing
 * twice. Sends nothing. What a key is made of, and when which ending is added: docs/notifications.md.
 */
import type { NotificationItem, NotificationReason, NotificationRecord, ReceiverType } from '@quaywatch/contracts';
import { seedOf } from '@quaywatch/runtime';
import { acknowledgementOf, type Hold, holdOf, isFlapping, isOpen } from './holding.ts';
import {
  type AlertLife,
  type Decision,
  type Fact,
  groupKey,
  isSettled,
  type Knowledge,
  severityRank,
  type Told,
  type Toward,
} from './knowledge.ts';
import { groupOf, type Target, targetsOf } from './routing.ts';

/** Items of one decision; more alerts make several. */
const itemsMax = 100;
/** A test that was asked for longer ago has been forgotten by who asked. */
const testsWithinMs = 15 * 60_000;

export type Setup = {
  readonly receivers: ReadonlyMap<string, ReceiverType>;
  readonly watchdog: { readonly receiver: string; readonly everyMs: number } | undefined;
  /** Whether the log moves on: the watchdog is silent otherwise. */
  readonly isPipelineAlive: boolean;
};

/** These keep an incident open until they are told that it is over, so a silence does not keep that from them. */
const KEEP_INCIDENTS: ReadonlySet<ReceiverType> = new Set([
  'page',
  'webhook',
  'alertmanager',
  'cloudevents',
  'pagerduty',
]);

/** One alert and one receiver that a route leads to, or that was told before. */
type Pair = {
  readonly life: AlertLife;
  readonly receiver: string;
  readonly target: Target | undefined;
  readonly group: Readonly<Record<string, string>>;
  readonly toward: Toward;
  readonly told: readonly Told[];
};

type Candidate = {
  readonly pair: Pair;
  readonly fact: Fact;
  readonly key: string;
  readonly reason: 'new' | 'changed' | 'resolved';
  /** When the first thing that it tells arrived: `group_wait` counts from there. */
  readonly sinceMs: number;
};

type Item = NotificationItem & { readonly rank: number };

type Round = {
  readonly knowledge: Knowledge;
  readonly setup: Setup;
  readonly nowMs: number;
  readonly open: readonly AlertLife[];
  readonly pairs: readonly Pair[];
  readonly holds: Map<Pair, Hold | undefined>;
  readonly out: NotificationRecord[];
};

export function baseKey(alertId: string, transition: number, receiver: string): string {
  return `${alertId}/${transition}/${receiver}`;
}

/** The records to append, held back ones first; empty when everything that is due has been decided. */
export function decide(knowledge: Knowledge, setup: Setup, nowMs: number): NotificationRecord[] {
  const open = [...knowledge.alerts.values()].filter(isOpen);
  const pairs = [...knowledge.alerts.values()].flatMap((life) => pairsOf(knowledge, life));
  const round: Round = { knowledge, setup, nowMs, open, pairs, holds: new Map(), out: [] };
  const candidates = pairs.flatMap((pair) => candidatesOf(round, pair));
  flushGroups(round, candidates);
  const waiting = new Set(candidates.map(({ pair }) => pair));
  repeat(round, waiting);
  escalate(round, waiting);
  digest(round);
  passAcknowledgements(round);
  test(round);
  watch(round);
  return [
    ...round.out.filter((record) => record.kind === 'held_back'),
    ...round.out.filter((record) => record.kind !== 'held_back'),
  ];
}

function pairsOf(knowledge: Knowledge, life: AlertLife): Pair[] {
  if (life.firing.length === 0) return [];
  const dealings = knowledge.dealings.get(life.id)?.toward;
  const alert = life.newest.transition;
  const targets = targetsOf(knowledge.rules.routing.route, alert);
  const pairOf = (receiver: string, target: Target | undefined): Pair => {
    const toward = dealings?.get(receiver) ?? { told: [], held: new Map() };
    const told = toward.told.filter((one) => !one.ending.startsWith('acknowledged-'));
    // Kind and level may change while it lasts, and its end must reach the group that its beginning did.
    const group = told[0]?.group ?? (target === undefined ? {} : groupOf(target.route, alert));
    return { life, receiver, target, group, toward, told };
  };
  const others = [...(dealings?.keys() ?? [])].filter((name) => !targets.some(({ receiver }) => receiver === name));
  return [
    ...targets.map((target) => pairOf(target.receiver, target)),
    ...others.map((receiver) => pairOf(receiver, undefined)),
  ];
}

function holdNow(round: Round, pair: Pair): Hold | undefined {
  if (!round.holds.has(pair))
    round.holds.set(pair, holdOf(round.knowledge, round.open, pair.life, pair.target?.route, round.nowMs));
  return round.holds.get(pair);
}

function holdBack(round: Round, pair: Pair, fact: Fact, because: HeldBecause, by: string): void {
  const { receiver, life } = pair;
  const transition = fact.transition.transition;
  round.out.push({
    kind: 'held_back',
    key: baseKey(life.id, transition, receiver),
    alert_id: life.id,
    transition,
    receiver,
    because,
    by,
    decided_at_ms: round.nowMs,
  });
}
type HeldBecause = Extract<NotificationRecord, { kind: 'held_back' }>['because'];

/** What is to be told and was not decided. What a newer fact overtook is written down at once: nobody is told of it by itself. */
function candidatesOf(round: Round, pair: Pair): Candidate[] {
  const { life, receiver, toward, told } = pair;
  const keyOf = (fact: Fact) => baseKey(life.id, fact.transition.transition, receiver);
  const newest = life.firing.at(-1);
  if (newest === undefined) return [];
  const over = life.resolved;
  // What was over before the notifier first ran is history.
  if (over !== undefined && told.length === 0 && over.arrivedMs < (round.knowledge.beganAtMs ?? round.nowMs)) return [];
  const overtaken = (over === undefined ? life.firing.slice(0, -1) : life.firing).filter(
    (fact) => !isSettled(toward, keyOf(fact)),
  );
  if (pair.target !== undefined)
    for (const fact of overtaken) holdBack(round, pair, fact, 'superseded', keyOf(over ?? newest));
  if (over !== undefined) {
    const key = keyOf(over);
    if (told.length === 0 || isSettled(toward, key)) return [];
    return [{ pair, fact: over, key, reason: 'resolved', sinceMs: over.arrivedMs }];
  }
  // Routes no longer lead there, or only escalation did: that receiver hears of the end alone.
  if (pair.target === undefined) return [];
  const reason = told.length === 0 ? 'new' : 'changed';
  const key = keyOf(newest);
  if (!isSettled(toward, key)) {
    const first = told.length === 0 ? (overtaken[0] ?? newest) : newest;
    return [{ pair, fact: newest, key, reason, sinceMs: first.arrivedMs }];
  }
  const released = releasedKey(round, pair, key);
  return released === undefined ? [] : [{ pair, fact: newest, key: released, reason, sinceMs: newest.arrivedMs }];
}

/** An alert that was held back and still fires when nothing holds it any more is a new decision, named after what held it. */
function releasedKey(round: Round, pair: Pair, key: string): string | undefined {
  const held = pair.toward.held.get(key);
  if (held === undefined || held.because === 'superseded' || held.because === 'flapping') return undefined;
  const released = `${key}#after-${held.by}`;
  if (isSettled(pair.toward, released) || holdNow(round, pair) !== undefined) return undefined;
  return released;
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(one);
  }
  return [...groups.values()];
}

const groupKeyOf = (pair: Pair): string => groupKey(pair.receiver, pair.group);

/** `group_interval` after the group was last told of, `group_wait` after the first thing to tell arrived. */
function isDue(round: Round, group: readonly Candidate[]): boolean {
  const pair = group[0]?.pair;
  if (pair === undefined) return false;
  const route = pair.target?.route ?? round.knowledge.rules.routing.route;
  const toldAtMs = round.knowledge.groups.get(groupKeyOf(pair));
  const sinceMs = Math.min(...group.map((one) => one.sinceMs));
  const dueMs = Math.max(
    sinceMs + route.group_wait_s * 1000,
    toldAtMs === undefined ? 0 : toldAtMs + route.group_interval_s * 1000,
  );
  return round.nowMs >= dueMs;
}

function flushGroups(round: Round, candidates: readonly Candidate[]): void {
  for (const group of groupBy(candidates, ({ pair }) => groupKeyOf(pair))) {
    if (!isDue(round, group)) continue;
    const toTell = group.filter((candidate) => !isHeldBack(round, candidate));
    for (const reason of ['new', 'changed', 'resolved'] as const)
      tell(
        round,
        reason,
        toTell.filter((one) => one.reason === reason).map(({ pair, fact, key }) => ({ pair, fact, key })),
      );
  }
}

function isHeldBack(round: Round, { pair, fact, key, reason }: Candidate): boolean {
  if (key.includes('#')) return false;
  const type = round.setup.receivers.get(pair.receiver);
  const isClosing = reason === 'resolved' && type !== undefined && KEEP_INCIDENTS.has(type);
  const hold = isClosing ? undefined : holdNow(round, pair);
  if (hold !== undefined) {
    holdBack(round, pair, fact, hold.because, hold.by);
    return true;
  }
  if (!isFlapping(round.knowledge, pair.life, fact.transition.known_at_ms)) return false;
  holdBack(round, pair, fact, 'flapping', pair.life.series);
  return true;
}

type Telling = { readonly pair: Pair; readonly fact: Fact; readonly key: string };

function itemOf({ pair, fact, key }: Telling): Item {
  const { severity, transition } = fact.transition;
  const as_of = pair.life.newest.transition.transition;
  return { key, alert_id: pair.life.id, transition, as_of, rank: severityRank(severity) };
}

/**
 * A decision's id: its key, or its first key and a digest of all. Two notifiers that decide at once may overlap in some keys; then these ids
 * differ, and each is owed for the keys that it was first with.
 */
function idOf(keys: readonly string[]): string {
  const sorted = [...keys].sort();
  const first = sorted[0] ?? '';
  return keys.length === 1 ? first : `${first}+${keys.length - 1}-${seedOf(...sorted).toString(36)}`;
}

/** One decision for tellings of one receiver and group, worst first. */
function tell(round: Round, reason: NotificationReason, tellings: readonly Telling[], receiver?: string): void {
  const pair = tellings[0]?.pair;
  if (pair === undefined) return;
  const items = tellings.map(itemOf).sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1));
  for (let at = 0; at < items.length; at += itemsMax) {
    const some = items.slice(at, at + itemsMax).map(({ rank: _, ...item }) => item);
    push(round, idOf(some.map(({ key }) => key)), receiver ?? pair.receiver, reason, pair.group, some);
  }
}

function push(
  round: Round,
  id: string,
  receiver: string,
  reason: NotificationReason,
  group: Readonly<Record<string, string>>,
  items: NotificationItem[],
): void {
  const decision: Decision = {
    kind: 'decision',
    id,
    receiver,
    reason,
    group: { ...group },
    items,
    rules_version: round.knowledge.rules.version,
    decided_at_ms: round.nowMs,
  };
  round.out.push(decision);
}

/** Told, still firing, taken up by nobody, held by nothing, with nothing newer to say. */
function isRepeatable(round: Round, pair: Pair, waiting: ReadonlySet<Pair>): boolean {
  return (
    isOpen(pair.life) &&
    pair.life.newest.transition.status === 'firing' &&
    pair.told.length > 0 &&
    !waiting.has(pair) &&
    acknowledgementOf(round.knowledge, pair.life) === undefined &&
    holdNow(round, pair) === undefined
  );
}

/** As in Alertmanager, a group is repeated as a whole when one of its alerts was last told `repeat_interval` ago. */
function repeat(round: Round, waiting: ReadonlySet<Pair>): void {
  const repeatable = round.pairs.filter((pair) => pair.target !== undefined && isRepeatable(round, pair, waiting));
  for (const group of groupBy(repeatable, groupKeyOf)) {
    const route = group[0]?.target?.route;
    if (route === undefined) continue;
    const key = groupKeyOf(group[0] as Pair);
    const oldestMs = Math.min(...group.map((pair) => Math.max(...pair.told.map((one) => one.decidedAtMs))));
    const toldAtMs = round.knowledge.groups.get(key) ?? 0;
    if (round.nowMs < oldestMs + route.repeat_interval_s * 1000) continue;
    if (round.nowMs < toldAtMs + route.group_interval_s * 1000) continue;
    tell(
      round,
      'repeat',
      group.flatMap((pair) => {
        const fact = pair.life.firing.at(-1);
        if (fact === undefined) return [];
        const base = baseKey(pair.life.id, fact.transition.transition, pair.receiver);
        const before = pair.told.filter((one) => one.key.startsWith(`${base}#repeat-`)).length;
        return [{ pair, fact, key: `${base}#repeat-${before + 1}` }];
      }),
    );
  }
}

/** Further receivers, when nobody has taken up what its first ones were told so long ago. A rise in severity begins again. */
function escalate(round: Round, waiting: ReadonlySet<Pair>): void {
  const steps = round.pairs.flatMap((pair) => {
    const fact = pair.life.firing.at(-1);
    const route = pair.target?.route;
    if (fact === undefined || route === undefined || route.escalate.length === 0) return [];
    if (!isRepeatable(round, pair, waiting)) return [];
    const told = pair.told.filter((one) => one.transition === fact.transition.transition);
    if (told.length === 0) return [];
    const toldAtMs = Math.min(...told.map((one) => one.decidedAtMs));
    const toward = round.knowledge.dealings.get(pair.life.id)?.toward;
    return route.escalate.flatMap(({ after_s, receiver }, i) => {
      const key = `${baseKey(pair.life.id, fact.transition.transition, receiver)}#escalation-${i + 1}`;
      const isStep = round.nowMs >= toldAtMs + after_s * 1000 && !isSettled(toward?.get(receiver), key);
      return isStep ? [{ pair, fact, key, receiver, step: i }] : [];
    });
  });
  const seen = new Set<string>();
  const fresh = steps.filter(({ key }) => !seen.has(key) && seen.add(key));
  for (const group of groupBy(fresh, ({ receiver, step, pair }) => `${step} ${groupKey(receiver, pair.group)}`))
    tell(round, 'escalation', group, group[0]?.receiver);
}

const digestEnding = 'digest';

/** What flapping held back, once every `digest_every_s` for each receiver and series; the first at once. */
function digest(round: Round): void {
  const everyMs = round.knowledge.rules.routing.flapping.digest_every_s * 1000;
  const lastMs = new Map<string, number>();
  const seriesKey = (pair: Pair) => `${pair.receiver} ${pair.life.series}`;
  for (const pair of round.pairs)
    for (const one of pair.told)
      if (one.ending === digestEnding)
        lastMs.set(seriesKey(pair), Math.max(lastMs.get(seriesKey(pair)) ?? 0, one.decidedAtMs));
  const open = round.pairs.flatMap((pair) => undigested(round, pair));
  for (const group of groupBy(open, ({ pair }) => seriesKey(pair))) {
    const toldAtMs = lastMs.get(seriesKey(group[0]?.pair as Pair));
    if (toldAtMs === undefined || round.nowMs >= toldAtMs + everyMs) tell(round, 'digest', group);
  }
}

function undigested(round: Round, pair: Pair): Telling[] {
  const { life, toward, receiver } = pair;
  const held = [...toward.held.values()].filter(
    (one) => one.because === 'flapping' && !isSettled(toward, `${one.key}#${digestEnding}`),
  );
  if (held.length === 0 || holdNow(round, pair) !== undefined) return [];
  const facts = [...life.firing, ...(life.resolved === undefined ? [] : [life.resolved])];
  const tellings = held.flatMap(({ key, transition }) => {
    const fact = facts.find((one) => one.transition.transition === transition);
    return fact === undefined ? [] : [{ pair, fact, key: `${key}#${digestEnding}` }];
  });
  const over = life.resolved;
  const overKey = baseKey(life.id, over?.transition.transition ?? 0, receiver);
  // The digest says how alerts stand, so it tells the end of this one with its beginning.
  return over === undefined || isSettled(toward, overKey)
    ? tellings
    : [...tellings, { pair, fact: over, key: overKey }];
}

/** PagerDuty shows who has taken up an incident, so it is told; to the others an acknowledgement is no news. */
function passAcknowledgements(round: Round): void {
  for (const pair of round.pairs) {
    const fact = pair.life.firing.at(-1);
    const isWanted = round.setup.receivers.get(pair.receiver) === 'pagerduty' && pair.told.length > 0;
    const by = isWanted ? acknowledgementOf(round.knowledge, pair.life) : undefined;
    if (by === undefined || fact === undefined) continue;
    const key = `${baseKey(pair.life.id, fact.transition.transition, pair.receiver)}#acknowledged-${by}`;
    if (!isSettled(pair.toward, key)) tell(round, 'changed', [{ pair, fact, key }]);
  }
}

function test(round: Round): void {
  for (const { id, receiver, at_ms } of round.knowledge.tests.values()) {
    const key = `test/${id}/${receiver}`;
    const isFresh = at_ms > round.nowMs - testsWithinMs;
    if (isFresh && !round.knowledge.plain.has(key)) push(round, key, receiver, 'test', {}, []);
  }
}

function watch(round: Round): void {
  const { watchdog, isPipelineAlive } = round.setup;
  if (watchdog === undefined || !isPipelineAlive) return;
  const { watchdogAtMs } = round.knowledge;
  if (watchdogAtMs !== undefined && round.nowMs < watchdogAtMs + watchdog.everyMs) return;
  push(round, `watchdog/${watchdog.receiver}/${round.nowMs}`, watchdog.receiver, 'watchdog', {}, []);
}
