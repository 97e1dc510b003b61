// Random logs of alerts, people and rules, decided on with random pauses and crashes: no key twice, none forgotten, nothing in vain.
import type { Action, AlertTransition, NotificationRecord } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { know, live, minute, rootRoute, type Said, second, setupOf, start, transition } from './testing.ts';

const seed = Number(process.env['SEED'] ?? 0);
const seeds = seed > 0 ? [seed] : Array.from({ length: 40 }, (_, i) => i + 1);
const untilMs = start + 8 * 60 * minute;
const ports = ['CNSHA', 'CNNGB', 'CNYTN'];
const setup = setupOf({ page: 'page', chat: 'dingtalk', duty: 'pagerduty' });

function randomLog(random: () => number): Said[] {
  const whole = (below: number) => Math.floor(random() * below);
  const one = <T>(list: readonly T[]): T => list[whole(list.length)] as T;
  const log: Said[] = [
    {
      at: start,
      version: 1,
      routing: {
        route: rootRoute({
          receiver: 'page',
          group_wait_s: whole(60),
          escalate: [{ after_s: 600, receiver: 'duty' }],
          repeat_interval_s: 3_600,
          routes: [rootRoute({ receiver: 'chat', matchers: [{ name: 'severity', op: '=', values: ['critical'] }] })],
        }),
        flapping: { changes: 6, within_s: 7_200, digest_every_s: 1_800 },
      },
    },
  ];
  for (let i = 0; i < 25; i++) {
    let atMs = start + whole(300) * minute;
    let number = 0;
    const more: Partial<AlertTransition> = { port: one(ports), kind: one(['drop', 'feed_silent', 'stall'] as const) };
    const push = (status: AlertTransition['status']) => {
      log.push({ at: atMs, transition: transition(`a${i}`, number, status, atMs, more) });
      number += 1;
      atMs += 1_000 + whole(20) * minute;
    };
    if (random() < 0.7) push('pending');
    if (random() < 0.1) continue;
    push('firing');
    while (random() < 0.5) {
      more.severity = one(['info', 'warning', 'critical'] as const);
      push(one(['firing', 'recovering'] as const));
    }
    if (random() < 0.8) push('resolved');
  }
  for (let i = 0; i < 12; i++) {
    const atMs = start + whole(300) * minute;
    const person = { id: `p${i}`, by: 'li', note: '', at_ms: atMs };
    const action: Action = one<Action>([
      { kind: 'acknowledge', alert_id: `a${whole(25)}`, ...person },
      {
        kind: 'silence',
        matchers: [{ name: 'port', op: '=', values: [one(ports)] }],
        from_ms: atMs,
        until_ms: atMs + whole(60) * minute,
        ...person,
      },
      { kind: 'unsilence', silence_id: `p${whole(12)}`, id: person.id, by: 'li', at_ms: atMs },
      { kind: 'test_receiver', receiver: 'page', id: person.id, by: 'li', at_ms: atMs },
    ]);
    log.push({ at: atMs, action });
  }
  return log.sort((a, b) => a.at - b.at);
}

/** Beats at random; a beat may be lost before the append, the process may be away for an hour, and another may decide at the same time. */
function liveBadly(log: readonly Said[], random: () => number): NotificationRecord[] {
  const records: NotificationRecord[] = [{ kind: 'receivers', receivers: [], at_ms: start }];
  for (
    let nowMs = start;
    nowMs <= untilMs;
    nowMs += random() < 0.01 ? 60 * minute : Math.ceil(random() * 30) * second
  ) {
    const heard = log.filter((one) => one.at <= nowMs);
    const made = decide(know(heard, records), setup, nowMs);
    const fate = random();
    if (fate < 0.2) continue;
    // Appended in part: the rest was lost with the process.
    if (fate < 0.3) records.push(...made.slice(0, Math.floor(random() * made.length)));
    else records.push(...made);
    // A notifier that knows less, because it was paused, appends what it has decided.
    if (fate > 0.95) records.push(...decide(know(heard.slice(0, -2), records.slice(0, -3)), setup, nowMs));
  }
  for (let round = 0, nowMs = untilMs; round < 300; round++, nowMs += minute)
    records.push(...decide(know(log, records), setup, nowMs));
  return records;
}

/** Keys that count, by the rule that the first in the log does. */
function settled(log: readonly Said[], records: readonly NotificationRecord[]): string[] {
  const knowledge = know(log, records);
  return [...knowledge.dealings.values()].flatMap(({ toward }) =>
    [...toward.values()].flatMap(({ told, held }) => [...told.map((one) => one.key), ...held.keys()]),
  );
}

test.each(seeds)('seed %i: nothing twice, nothing forgotten', (given) => {
  const random = createRandom(given);
  const log = randomLog(random);
  const records = liveBadly(log, random);
  const keys = settled(log, records);
  expect(new Set(keys).size).toBe(keys.length);

  const knowledge = know(log, records);
  const owed = [...knowledge.outbox.values()].flatMap(({ decision }) => decision.items.map((item) => item.key));
  expect(new Set(owed).size, 'a key is sent once').toBe(owed.length);
  expect(owed.sort()).toEqual(keys.filter((key) => !isHeld(records, key)).sort());
  for (const life of knowledge.alerts.values()) {
    const toward = knowledge.dealings.get(life.id)?.toward ?? new Map();
    const told = [...toward].filter(([, one]) => one.told.length > 0).map(([receiver]) => receiver);
    if (life.firing.length > 0) expect(toward.size, `${life.id} was decided on`).toBeGreaterThan(0);
    // Who was told that it fires has heard of the end, or it was kept from them for a reason that is written down.
    for (const receiver of told)
      if (life.resolved !== undefined)
        expect(keys, `${life.id} ends for ${receiver}`).toContain(
          `${life.id}/${life.resolved.transition.transition}/${receiver}`,
        );
  }
  expect(
    decide(know(log, records), setup, untilMs + 300 * minute).filter(
      (record) => record.kind === 'held_back' || (record.kind === 'decision' && record.reason !== 'repeat'),
    ),
  ).toEqual([]);
});

function isHeld(records: readonly NotificationRecord[], key: string): boolean {
  const first = records.find(
    (record) =>
      (record.kind === 'held_back' && record.key === key) ||
      (record.kind === 'decision' && record.items.some((item) => item.key === key)),
  );
  return first?.kind === 'held_back';
}

test.each(seeds.slice(0, 10))('seed %i: the same beats with crashes give the same decisions', (given) => {
  const random = createRandom(given);
  const log = randomLog(random);
  const calm = live(log, { setup, untilMs, beatMs: 30 * second });
  const crashed: NotificationRecord[] = [{ kind: 'receivers', receivers: [], at_ms: start }];
  for (let nowMs = start; nowMs <= untilMs; nowMs += 30 * second)
    for (let made = 1; made > 0; ) {
      // Killed after any number of appended records, and started again at once.
      const next = decide(
        know(
          log.filter((one) => one.at <= nowMs),
          crashed,
        ),
        setup,
        nowMs,
      );
      made = next.length;
      const kept = made === 0 ? 0 : 1 + Math.floor(random() * made);
      crashed.push(...next.slice(0, kept));
    }
  expect(settled(log, crashed).sort()).toEqual(settled(log, calm).sort());
});
