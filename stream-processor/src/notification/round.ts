/**
 * One round of deciding: what is known, the pairs of alert and receiver that it is about, what holds each back, and the records that come
 * out of it. How a decision is written is here, and so is its id; who is told what, and when, is not.
 */
import type { NotificationItem, NotificationReason, NotificationRecord, ReceiverType } from '@quaywatch/contracts';
import { seedOf } from '@quaywatch/runtime';
import { type Hold, holdOf } from './holding.ts';
import {
  type AlertLife,
  type Decision,
  type Fact,
  groupKey,
  type Knowledge,
  severityRank,
  type Told,
  type Toward,
} from './knowledge.ts';
import { groupOf, type Target, targetsOf } from './routing.ts';

/** Items of one decision; more alerts make several. */
const itemsMax = 100;
export type Setup = {
  readonly receivers: ReadonlyMap<string, ReceiverType>;
  readonly watchdog: { readonly receiver: string; readonly everyMs: number } | undefined;
  /** Whether the log moves on: the watchdog is silent otherwise. */
  readonly isPipelineAlive: boolean;
};

/** One alert and one receiver that a route leads to, or that was told before. */
export type Pair = {
  readonly life: AlertLife;
  readonly receiver: string;
  readonly target: Target | undefined;
  readonly group: Readonly<Record<string, string>>;
  readonly toward: Toward;
  readonly told: readonly Told[];
};

export type Telling = { readonly pair: Pair; readonly fact: Fact; readonly key: string };

type Item = NotificationItem & { readonly rank: number };

export type Round = {
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

export function pairsOf(knowledge: Knowledge, life: AlertLife): Pair[] {
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

export function holdNow(round: Round, pair: Pair): Hold | undefined {
  if (!round.holds.has(pair))
    round.holds.set(pair, holdOf(round.knowledge, round.open, pair.life, pair.target?.route, round.nowMs));
  return round.holds.get(pair);
}

export function holdBack(round: Round, pair: Pair, fact: Fact, because: HeldBecause, by: string): void {
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

export function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(one);
  }
  return [...groups.values()];
}

export const groupKeyOf = (pair: Pair): string => groupKey(pair.receiver, pair.group);

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
export function tell(round: Round, reason: NotificationReason, tellings: readonly Telling[], receiver?: string): void {
  const pair = tellings[0]?.pair;
  if (pair === undefined) return;
  const items = tellings.map(itemOf).sort((a, b) => b.rank - a.rank || (a.key < b.key ? -1 : 1));
  for (let at = 0; at < items.length; at += itemsMax) {
    const some = items.slice(at, at + itemsMax).map(({ rank: _, ...item }) => item);
    push(round, idOf(some.map(({ key }) => key)), receiver ?? pair.receiver, reason, pair.group, some);
  }
}

export function push(
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
