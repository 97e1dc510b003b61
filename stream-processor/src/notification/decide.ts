/**
 * Decides who is told what, now: a function of what is known and of the time, so that a restart decides what was not decided, and nothing
 * twice. Sends nothing. What a key is made of, and when which ending is added: docs/notifications.md.
 */
import type { NotificationRecord } from '@quaywatch/contracts';
import { digest } from './flap-digest.ts';
import { acknowledgementOf, isOpen } from './holding.ts';
import { isSettled, type Knowledge } from './knowledge.ts';
import { candidatesOf, flushGroups } from './news.ts';
import { escalate, repeat } from './reminders.ts';
import { baseKey, pairsOf, push, type Round, type Setup, tell } from './round.ts';

/** A test that was asked for longer ago has been forgotten by who asked. */
const testsWithinMs = 15 * 60_000;

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
