import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowance, backOffMs, closedCircuit, nextMessage, noteOutcome, type Queued } from './delivery-policy.ts';
import type { Decision } from './knowledge.ts';

test('back-off: 1 s to 5 min, drawn from all of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = backOffMs(attempt, random);
      expect(ms).toBeGreaterThanOrEqual(1_000);
      expect(ms).toBeLessThanOrEqual(300_000);
    }),
  );
  expect([1, 2, 3, 9, 10, 40].map((attempt) => backOffMs(attempt, 1))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
  expect(backOffMs(9, 0.5)).toBe(128_000);
});

test('the circuit opens after five failures, then each failed probe doubles the pause, and an answer closes it', () => {
  const circuit = closedCircuit();
  for (let i = 0; i < 4; i++) noteOutcome(circuit, false, 0);
  expect(circuit.openUntilMs).toBe(0);
  const pauses = [0, 1, 2, 3, 4, 5].map(() => {
    noteOutcome(circuit, false, 1_000_000);
    return circuit.openUntilMs - 1_000_000;
  });
  expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  noteOutcome(circuit, true, 2_000_000);
  expect(circuit).toEqual(closedCircuit());
});

const limits = [
  { count: 5, withinMs: 1_000 },
  { count: 100, withinMs: 60_000 },
];

test('no stretch of time ever holds more messages than its limit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 400 }), (pauses) => {
      const sent: number[] = [];
      let nowMs = 0;
      for (const pause of pauses) {
        nowMs += pause;
        const { free, atMs } = allowance(limits, sent, nowMs);
        if (free > 0) sent.push(nowMs);
        else expect(allowance(limits, sent, atMs).free).toBeGreaterThan(0);
      }
      for (const { count, withinMs } of limits)
        for (const at of sent)
          expect(sent.filter((one) => one > at - withinMs && one <= at).length).toBeLessThanOrEqual(count);
    }),
  );
});

const decision = (id: string, ...alerts: string[]): Decision => ({
  kind: 'decision',
  id,
  receiver: 'r',
  reason: 'new',
  group: {},
  items: alerts.map((alert_id) => ({ key: `${id}/${alert_id}`, alert_id, transition: 0 })),
  rules_version: 0,
  decided_at_ms: 0,
});
const queued = (given: Decision, notBeforeMs = 0): Queued => ({
  unsent: { decision: given, attempts: 0, firstFailedAtMs: undefined, lastAttemptAtMs: undefined },
  notBeforeMs,
});

describe('the next message', () => {
  const next = (queue: Queued[], free: number, canMerge = true) =>
    nextMessage(queue, 100, free, canMerge).map((one) => one.id);

  test.each([
    ['the oldest first', [queued(decision('1', 'a')), queued(decision('2', 'b'))], 5, ['1']],
    ['one that waits lets others by', [queued(decision('1', 'a'), 200), queued(decision('2', 'b'))], 5, ['2']],
    [
      'but not what is about the same alert',
      [queued(decision('1', 'a'), 200), queued(decision('2', 'a', 'b')), queued(decision('3', 'b'))],
      5,
      [],
    ],
    [
      'more than the limit leaves: all in one, in order',
      [queued(decision('1', 'a')), queued(decision('2', 'a')), queued(decision('3', 'b'))],
      2,
      ['1', '2', '3'],
    ],
    ['nothing is left: nothing', [queued(decision('1', 'a'))], 0, []],
  ])('%s', (_what, queue, free, expected) => expect(next(queue, free)).toEqual(expected));

  test('is never merged where every decision has a message of its own', () =>
    expect(next([queued(decision('1', 'a')), queued(decision('2', 'b'))], 1, false)).toEqual(['1']));
});
