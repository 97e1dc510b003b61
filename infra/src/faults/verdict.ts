/**
 * What a live run left behind, and whether it is what an undisturbed run of the same log leaves behind and every receiver was told it.
 * Changes nothing.
 */
import {
  ALERTS_TOPIC,
  type AlertTransition,
  DATABASE,
  NOTIFICATIONS_TOPIC,
  type NotificationRecord,
} from '@quaywatch/contracts';
import { type Heard, RECEIVERS, type Receivers } from './receivers.ts';
import type { Followed } from './recorded-log.ts';

type Query = <T>(query: string) => Promise<T[]>;
type Decision = Extract<NotificationRecord, { kind: 'decision' }>;
type Attempt = Extract<NotificationRecord, { kind: 'attempt' }>;

/** A live run as storage and the alerts topic have it. */
export type Outcome = {
  readonly rows: number;
  readonly rowsDigest: string;
  readonly deadLetters: number;
  readonly deadLettersDigest: string;
  /** By alert and number, as text. */
  readonly stored: ReadonlyMap<string, string>;
  readonly published: ReadonlyMap<string, string>;
  /** Records on the alerts topic that were there before. */
  readonly republished: number;
  readonly problems: readonly string[];
};

const shownMax = 5;
const idOf = (one: AlertTransition): string => `${one.alert_id}/${one.transition}`;

export async function outcomeOf(query: Query, followed: Followed): Promise<Outcome> {
  const problems: string[] = [];
  // Every column counts, versions and times of knowledge too; DISTINCT, because what is written twice is the same row.
  const digest = async (table: string) => {
    const rows = await query<{ count: number; digest: string }>(
      `SELECT toFloat64(count()) AS count, concat(hex(groupBitXor(h)), hex(sum(h))) AS digest
       FROM (SELECT DISTINCT cityHash64(*) AS h FROM ${DATABASE}.${table} WHERE run = 'live')`,
    );
    return rows[0] ?? { count: 0, digest: '' };
  };
  const rows = await digest('throughput');
  const letters = await digest('dead_letters');
  const stored = new Map<string, string>();
  for (const { body } of await query<{ body: string }>(
    `SELECT DISTINCT body FROM ${DATABASE}.alert_transitions WHERE run = 'live'`,
  )) {
    const id = idOf(JSON.parse(body));
    if (stored.has(id)) problems.push(`${id} is stored with two contents`);
    stored.set(id, body);
  }
  const published = new Map<string, string>();
  const newest = new Map<string, number>();
  let republished = 0;
  for (const value of followed.records.get(ALERTS_TOPIC) ?? []) {
    const body = value.toString('utf8');
    const one: AlertTransition = JSON.parse(body);
    const before = published.get(idOf(one));
    if (before !== undefined) republished++;
    if (before !== undefined && before !== body) problems.push(`${idOf(one)} is published with two contents`);
    if (before === undefined && one.transition !== (newest.get(one.alert_id) ?? -1) + 1)
      problems.push(`${idOf(one)} is published out of order`);
    if (before === undefined) newest.set(one.alert_id, one.transition);
    published.set(idOf(one), before ?? body);
  }
  problems.push(...differences('stored and not published', stored, published));
  return {
    rows: rows.count,
    rowsDigest: rows.digest,
    deadLetters: letters.count,
    deadLettersDigest: letters.digest,
    stored,
    published,
    republished,
    problems,
  };
}

function differences(what: string, of: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string[] {
  const wrong = [
    ...[...of].filter(([id, body]) => others.get(id) !== body).map(([id]) => id),
    ...[...others.keys()].filter((id) => !of.has(id)),
  ];
  return wrong.length === 0 ? [] : [`${what}: ${wrong.length}, e.g. ${wrong.slice(0, shownMax).join(', ')}`];
}

export function compareOutcomes(calm: Outcome, disturbed: Outcome): string[] {
  const problems = [...calm.problems.map((one) => `undisturbed: ${one}`), ...disturbed.problems];
  for (const name of ['rows', 'rowsDigest', 'deadLetters', 'deadLettersDigest'] as const)
    if (calm[name] !== disturbed[name]) problems.push(`${name}: ${calm[name]} → ${disturbed[name]}`);
  problems.push(...differences('transitions that differ', calm.stored, disturbed.stored));
  return problems;
}

export type Told = {
  readonly decisions: number;
  readonly keys: number;
  readonly heldBack: number;
  readonly attempts: number;
  readonly problems: readonly string[];
};

function recordsOf(followed: Followed): NotificationRecord[] {
  return (followed.records.get(NOTIFICATIONS_TOPIC) ?? []).map((value) => JSON.parse(value.toString('utf8')));
}

/** Alerts that fired: the transition that must be dealt with last, and whether it is the end. */
function endsOfAlerts(followed: Followed): Map<string, { readonly transition: number; readonly isOver: boolean }> {
  const byAlert = new Map<string, Map<number, AlertTransition>>();
  for (const value of followed.records.get(ALERTS_TOPIC) ?? []) {
    const one: AlertTransition = JSON.parse(value.toString('utf8'));
    const list = byAlert.get(one.alert_id) ?? new Map<number, AlertTransition>();
    byAlert.set(one.alert_id, list.set(one.transition, one));
  }
  const rank = { info: 0, warning: 1, critical: 2 };
  const ends = new Map<string, { transition: number; isOver: boolean }>();
  for (const [id, list] of byAlert) {
    let worst = -1;
    for (const [transition, one] of [...list].sort((a, b) => a[0] - b[0])) {
      const isFirst = worst < 0 && one.status === 'firing';
      const isWorse = worst >= 0 && one.status !== 'resolved' && rank[one.severity] > worst;
      if (isFirst || isWorse) {
        worst = rank[one.severity];
        ends.set(id, { transition, isOver: false });
      } else if (worst >= 0 && one.status === 'resolved') ends.set(id, { transition, isOver: true });
    }
  }
  return ends;
}

/** What is still to be decided or delivered; empty: the outbox is drained. */
export function unfinished(followed: Followed): string[] {
  const records = recordsOf(followed);
  const ended = new Set(records.flatMap((one) => (one.kind === 'attempt' && one.outcome !== 'failed' ? [one.id] : [])));
  const decisions = records.filter((one): one is Decision => one.kind === 'decision');
  const keys = new Set(decisions.flatMap(({ items }) => items.map(({ key }) => key)));
  const held = new Set(records.flatMap((one) => (one.kind === 'held_back' ? [one.key] : [])));
  const toldOf = new Set(
    decisions.flatMap(({ items, receiver }) => items.map(({ alert_id }) => `${alert_id} ${receiver}`)),
  );
  const heldOf = new Set(
    records.flatMap((one) => (one.kind === 'held_back' ? [`${one.alert_id} ${one.receiver}`] : [])),
  );
  const open = [...endsOfAlerts(followed)].flatMap(([id, { transition, isOver }]) =>
    [...RECEIVERS, 'page'].flatMap((receiver) => {
      const key = `${id}/${transition}/${receiver}`;
      const pair = `${id} ${receiver}`;
      // Who was never told that it fires is not told that it is over; why it was not is written down.
      const isDone = keys.has(key) || held.has(key) || (isOver && !toldOf.has(pair) && heldOf.has(pair));
      return isDone ? [] : [`undecided ${key}`];
    }),
  );
  return [...open, ...decisions.filter(({ id }) => !ended.has(id)).map(({ id }) => `undelivered ${id}`)];
}

function twice(what: string, list: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = list.filter((one) => seen.size === seen.add(one).size);
  return again.length === 0 ? [] : [`${what}: ${again.length}, e.g. ${again.slice(0, shownMax).join(', ')}`];
}

/** Each decision of a receiver that it did not hear, or heard otherwise. */
function unheard(decision: Decision, heard: readonly Heard[], sentMs: ReadonlySet<number>): string[] {
  const { id, receiver, items } = decision;
  const own = heard.filter((one) => one.receiver === receiver);
  if (receiver === 'ding')
    return own.some((one) => one.isAnswered && sentMs.has(Number(one.id))) ? [] : [`${receiver} did not hear ${id}`];
  const mine = own.filter((one) => one.id === id);
  const about = [...new Set(items.map((item) => item.alert_id))].sort().join();
  if (receiver === 'pager') {
    const told = [...new Set(mine.filter((one) => one.isAnswered).flatMap((one) => one.about))].sort().join();
    if (told !== about) return [`${receiver} did not hear all of ${id}`];
    const events = new Set(mine.map((one) => one.body)).size;
    return events === new Set(mine.map((one) => one.about[0])).size
      ? []
      : [`${receiver} heard ${id} with two contents`];
  }
  if (!mine.some((one) => one.isAnswered)) return [`${receiver} did not hear ${id}`];
  const bodies = new Set(mine.map((one) => one.body));
  const isRight = mine.every((one) => [...one.about].sort().join() === about) && bodies.size === 1;
  return isRight ? [] : [`${receiver} heard ${id} with ${bodies.size} contents`];
}

/** PagerDuty's incidents end as the alerts did. */
function wrongIncidents(followed: Followed, decisions: readonly Decision[], heard: readonly Heard[]): string[] {
  const told = new Set(
    decisions.filter((one) => one.receiver === 'pager').flatMap(({ items }) => items.map((item) => item.alert_id)),
  );
  const isResolved = new Map<string, boolean>();
  for (const one of heard) if (one.receiver === 'pager') isResolved.set(one.about[0] ?? '', one.isResolve);
  return [...endsOfAlerts(followed)]
    .filter(([id, { isOver }]) => told.has(id) && isResolved.get(id) !== isOver)
    .map(([id, { isOver }]) => `pager's incident ${id} is ${isOver ? 'still open' : 'closed too early'}`);
}

export function toldOf(followed: Followed, receivers: Receivers): Told {
  const records = recordsOf(followed);
  const decisions = records.filter((one): one is Decision => one.kind === 'decision');
  const attempts = records.filter((one): one is Attempt => one.kind === 'attempt');
  const keys = decisions.flatMap(({ items }) => items.map((item) => item.key));
  const sentMs = new Map<string, Set<number>>();
  for (const { id, outcome, at_ms } of attempts)
    if (outcome === 'delivered') sentMs.set(id, (sentMs.get(id) ?? new Set()).add(at_ms));
  const ids = new Set(decisions.map(({ id }) => id));
  const outside = decisions.filter((one) => one.receiver !== 'page');
  return {
    decisions: decisions.length,
    keys: keys.length,
    heldBack: records.filter((one) => one.kind === 'held_back').length,
    attempts: attempts.length,
    problems: [
      ...unfinished(followed),
      ...twice('keys decided twice', keys),
      ...twice('ids decided twice', [...decisions.map(({ id }) => id)]),
      ...attempts.filter((one) => one.outcome === 'given_up').map(({ id, detail }) => `given up: ${id}: ${detail}`),
      ...outside.flatMap((one) => unheard(one, receivers.heard, sentMs.get(one.id) ?? new Set())),
      ...receivers.heard
        .filter(({ receiver, id }) => receiver !== 'ding' && !ids.has(id))
        .map(({ receiver, id }) => `${receiver} heard of ${id}, which nobody decided`),
      ...wrongIncidents(followed, decisions, receivers.heard),
      ...receivers.wrong.map((one) => `a receiver refused ${one}`),
    ],
  };
}
