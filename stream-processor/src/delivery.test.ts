// Delivery on a clock of its own: fake receivers are plain objects, the log is a list.
import type { NotificationRecord } from '@quaywatch/contracts';
import { createLog, createRandom, delay } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import type { Outcome, Receiver } from './adapters/receivers/receiver.ts';
import { failed } from './adapters/receivers/receiver.ts';
import { createDelivery } from './delivery.ts';
import { type Decision, putRecord } from './notification/knowledge.ts';
import type { Message } from './notification/message.ts';
import { know, type Said, start, transition } from './notification/testing.ts';

type Sent = { readonly id: string; readonly alerts: string[]; readonly atMs: number };

async function run({
  decisions,
  answer = () => ({ kind: 'delivered', status: 200, detail: '' }),
  limits = [],
  keepAliveMs,
  forMs,
  failsToAppend = () => false,
}: {
  decisions: readonly Decision[];
  answer?: (sent: Sent, count: number) => Outcome;
  limits?: Receiver['limits'];
  keepAliveMs?: number;
  /** Of the story's clock, which runs as fast as it is asked. */
  forMs: number;
  failsToAppend?: (count: number) => boolean;
}) {
  const ids = [...new Set(decisions.flatMap(({ items }) => items.map((item) => item.alert_id)))];
  const log: Said[] = ids.map((id) => ({ at: start, transition: transition(id, 0, 'firing', start) }));
  const knowledge = know(log, decisions);
  const sent: Sent[] = [];
  const kept: Sent[] = [];
  const attempts: NotificationRecord[] = [];
  const stop = new AbortController();
  let nowMs = start;
  let appends = 0;
  const receiver: Receiver = {
    name: 'r',
    type: 'dingtalk',
    target: '',
    limits,
    canMerge: true,
    ...(keepAliveMs === undefined
      ? {}
      : {
          keepAlive: {
            everyMs: keepAliveMs,
            send: async ({ said }: Message) => {
              kept.push({ id: 'kept', alerts: said.map((item) => item.alert.alert_id), atMs: nowMs - start });
              return { kind: 'delivered', status: 200, detail: '' };
            },
          },
        }),
    send: async ({ id, said }: Message) => {
      const one = { id, alerts: said.map((item) => item.alert.alert_id), atMs: nowMs - start };
      sent.push(one);
      return answer(one, sent.length);
    },
  };
  const delivery = createDelivery({
    knowledge,
    receivers: new Map([['r', receiver]]),
    isActing: () => {
      // Each look at the outbox takes half a second of a short story, and more of a long one.
      nowMs += Math.max(500, forMs / 1_000);
      if (nowMs - start > forMs) stop.abort();
      return !stop.signal.aborted;
    },
    append: async (records) => {
      appends += 1;
      await delay(0);
      if (failsToAppend(appends)) throw new Error('Kafka is away.');
      for (const record of records) putRecord(knowledge, record);
      attempts.push(...records);
    },
    nowMs: () => nowMs,
    random: createRandom(1),
    log: createLog('test', 'error', () => {}),
    pauseMs: 0,
  });
  await delivery.run(stop.signal);
  const outcomes = attempts.map((one) => (one.kind === 'attempt' ? `${one.id} ${one.attempt} ${one.outcome}` : ''));
  return { sent, kept, outcomes, knowledge };
}

const decision = (id: string, alert: string, receiver = 'r'): Decision => ({
  kind: 'decision',
  id,
  receiver,
  reason: 'new',
  group: {},
  items: [{ key: id, alert_id: alert, transition: 0 }],
  rules_version: 0,
  decided_at_ms: start,
});

test('in order, once each', async () => {
  const { sent, outcomes, knowledge } = await run({
    decisions: [decision('1', 'a'), decision('2', 'b'), decision('3', 'a')],
    forMs: 20_000,
  });
  expect(sent.map((one) => one.id)).toEqual(['1', '2', '3']);
  expect(outcomes).toEqual(['1 1 delivered', '2 1 delivered', '3 1 delivered']);
  expect(knowledge.outbox.size).toBe(0);
});

test('what fails is tried again under the same id; nothing newer about the same alert overtakes it', async () => {
  const { sent } = await run({
    decisions: [decision('1', 'a'), decision('2', 'a'), decision('3', 'b')],
    answer: ({ id }, count) =>
      id === '1' && count < 4 ? failed('', 500) : { kind: 'delivered', status: 200, detail: '' },
    forMs: 120_000,
  });
  const order = sent.map((one) => one.id);
  expect(order.filter((id) => id === '1').length).toBeGreaterThan(1);
  expect(order.lastIndexOf('1')).toBeLessThan(order.indexOf('2'));
  expect(order.indexOf('3')).toBeLessThan(order.lastIndexOf('1'));
});

test('a receiver that is away is probed, and after an hour a notification is given up', async () => {
  const { sent, outcomes } = await run({
    decisions: [decision('1', 'a')],
    answer: () => failed('ECONNREFUSED', null),
    forMs: 5_000_000,
  });
  expect(sent.length).toBeGreaterThan(12);
  expect(sent.length).toBeLessThan(60);
  expect(outcomes.at(-1)).toMatch(/given_up$/);
  expect(sent.at(-1)?.atMs).toBeGreaterThan(3_600_000);
  expect(sent.at(-1)?.atMs).toBeLessThan(4_300_000);
});

test('a receiver that is away is not asked for every notification in turn', async () => {
  const decisions = Array.from({ length: 40 }, (_, i) => decision(`d${i}`, `a${i}`));
  const { sent } = await run({ decisions, answer: () => failed('ECONNREFUSED', null), forMs: 60_000 });
  // Five open the circuit, then one probe after 30 s.
  expect(sent.length).toBeLessThanOrEqual(6);
});

test('what can’t succeed is given up at once, and so is a receiver that nobody has configured', async () => {
  const { outcomes } = await run({
    decisions: [decision('1', 'a'), decision('2', 'a', 'nobody')],
    answer: () => failed('no', 400, { isHopeless: true, isReached: true }),
    forMs: 20_000,
  });
  expect(outcomes.sort()).toEqual(['1 1 given_up', '2 1 given_up']);
});

test('a burst over the limit becomes one digest', async () => {
  const decisions = Array.from({ length: 50 }, (_, i) => decision(`d${i}`, `a${i}`));
  const { sent, outcomes } = await run({ decisions, limits: [{ count: 20, withinMs: 60_000 }], forMs: 30_000 });
  expect(sent.map((one) => one.alerts.length)).toEqual([50]);
  expect(outcomes).toHaveLength(50);
});

test('Retry-After is kept, for whatever else there is to tell too', async () => {
  const { sent } = await run({
    decisions: [decision('1', 'a'), decision('2', 'b'), decision('3', 'c')],
    answer: (_, count) =>
      count === 1
        ? failed('', 429, { isReached: true, retryInMs: 90_000 })
        : { kind: 'delivered', status: 200, detail: '' },
    forMs: 200_000,
  });
  expect(sent.map((one) => one.id)).toEqual(['1', '1', '2', '3']);
  expect((sent[1]?.atMs ?? 0) - (sent[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(90_000);
});

test('who asks to be left alone for a year is asked again in a quarter of an hour', async () => {
  const { sent } = await run({
    decisions: [decision('1', 'a')],
    answer: () => failed('', 429, { isReached: true, retryInMs: 365 * 86_400_000 }),
    forMs: 2_000_000,
  });
  expect(sent.length).toBeGreaterThanOrEqual(2);
  expect(sent[1]?.atMs).toBeGreaterThanOrEqual(900_000);
});

test('an attempt that could not be written down is sent again under the same id', async () => {
  const { sent, outcomes } = await run({
    decisions: [decision('1', 'a')],
    failsToAppend: (count) => count === 1,
    forMs: 60_000,
  });
  expect(sent.map((one) => one.id)).toEqual(['1', '1']);
  expect(outcomes).toEqual(['1 1 delivered']);
});

test('a sign of life is not tried again, and an old one is not sent', async () => {
  const beat = (id: string, atMs: number): Decision => ({
    ...decision(`watchdog/${id}`, 'a'),
    reason: 'watchdog',
    items: [],
    decided_at_ms: atMs,
  });
  const { sent, outcomes } = await run({
    decisions: [beat('old', start - 120_000), beat('new', start)],
    answer: () => failed('', 500),
    forMs: 60_000,
  });
  expect(sent.map((one) => one.id)).toEqual(['watchdog/new']);
  expect(outcomes).toEqual(['watchdog/old 1 given_up', 'watchdog/new 1 given_up']);
});

test('what still fires is told again and again to who forgets, without an attempt in the log, and not before it was delivered', async () => {
  const { kept, outcomes } = await run({
    decisions: [decision('1', 'a'), decision('2', 'b')],
    answer: ({ id }) => (id === '1' ? { kind: 'delivered', status: 200, detail: '' } : failed('', 500)),
    keepAliveMs: 100_000,
    forMs: 350_000,
  });
  expect(kept.length).toBeGreaterThanOrEqual(3);
  expect(new Set(kept.flatMap((one) => one.alerts))).toEqual(new Set(['a']));
  for (const [i, one] of kept.entries()) if (i > 0) expect(one.atMs - (kept[i - 1]?.atMs ?? 0)).toBeLessThan(120_000);
  expect(outcomes.filter((one) => one.startsWith('1 '))).toEqual(['1 1 delivered']);
});
