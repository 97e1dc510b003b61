/**
 * What is news to whom: alerts that fire, rise or end and of which a receiver was not told, told by groups when these are due, and held back
 * where something holds them. What was told before is not its subject.
 */
import type { ReceiverType } from '@quaywatch/contracts';
import { isFlapping } from './holding.ts';
import { type Fact, isSettled } from './knowledge.ts';
import { baseKey, groupBy, groupKeyOf, holdBack, holdNow, type Pair, type Round, tell } from './round.ts';

/** These keep an incident open until they are told that it is over, so a silence does not keep that from them. */
const KEEP_INCIDENTS: ReadonlySet<ReceiverType> = new Set([
  'page',
  'webhook',
  'alertmanager',
  'cloudevents',
  'pagerduty',
]);

export type Candidate = {
  readonly pair: Pair;
  readonly fact: Fact;
  readonly key: string;
  readonly reason: 'new' | 'changed' | 'resolved';
  /** When the first thing that it tells arrived: `group_wait` counts from there. */
  readonly sinceMs: number;
};

/** What is to be told and was not decided. What a newer fact overtook is written down at once: nobody is told of it by itself. */
export function candidatesOf(round: Round, pair: Pair): Candidate[] {
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

export function flushGroups(round: Round, candidates: readonly Candidate[]): void {
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
