import type { NotificationRecord } from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';
import { heldBackOf, testOf, toBeHeard, toldOf } from './told.ts';

type Decision = Extract<NotificationRecord, { kind: 'decision' }>;

const decision = (id: string, more: Partial<Decision> = {}): Decision => ({
  kind: 'decision',
  id,
  receiver: 'page',
  reason: 'new',
  group: {},
  items: [{ key: `a/1/${id}`, alert_id: 'a', transition: 1 }],
  rules_version: 0,
  decided_at_ms: 100,
  ...more,
});
const attempt = (id: string, number: number, outcome: 'delivered' | 'failed' | 'given_up'): NotificationRecord => ({
  kind: 'attempt',
  id,
  receiver: 'page',
  attempt: number,
  outcome,
  status: 500,
  detail: '',
  at_ms: 100 + number,
  took_ms: 4,
});
const held = (because: 'silenced' | 'inhibited', by: string, atMs: number): NotificationRecord => ({
  kind: 'held_back',
  key: `a/1/page/${atMs}`,
  alert_id: 'a',
  transition: 1,
  receiver: 'page',
  because,
  by,
  decided_at_ms: atMs,
});

describe('who was told', () => {
  it.each([
    [[], 'waiting'],
    [[attempt('d', 1, 'failed')], 'failed'],
    [[attempt('d', 2, 'delivered'), attempt('d', 1, 'failed')], 'delivered'],
    [[attempt('d', 1, 'failed'), attempt('d', 2, 'given_up')], 'given_up'],
    [[attempt('other', 1, 'delivered')], 'waiting'],
  ] as const)('%o is %s', (attempts, outcome) => {
    const [told] = toldOf([decision('d'), ...attempts], 'a');
    expect(told?.outcome).toBe(outcome);
    expect(told?.attempts.map((one) => one.attempt)).toEqual(
      attempts.map((_, i) => i + 1).filter(() => outcome !== 'waiting'),
    );
  });
  it('is told of its own alert only', () => expect(toldOf([decision('d')], 'b')).toEqual([]));
  it('tells the same cause once, with a count', () => {
    const records = [held('silenced', 's1', 5), held('silenced', 's1', 9), held('inhibited', 'b', 7)];
    expect(heldBackOf(records, 'a').map(({ record, count }) => [record.because, record.decided_at_ms, count])).toEqual([
      ['silenced', 5, 2],
      ['inhibited', 7, 1],
    ]);
  });
  it('finds the test that was asked for, not an older one', () => {
    const test = decision('t', { reason: 'test', items: [], decided_at_ms: 50 });
    expect(testOf([test], 'page', 51)).toBeUndefined();
    expect(testOf([test, attempt('t', 1, 'delivered')], 'page', 50)?.outcome).toBe('delivered');
    expect(testOf([test], 'mail', 0)).toBeUndefined();
  });
});

describe('what the page makes heard', () => {
  const none = () => false;
  it('is what was decided for it since it was opened', () => {
    expect(toBeHeard([decision('d')], none, 100).length).toBe(1);
    expect(toBeHeard([decision('d')], none, 101)).toEqual([]);
    expect(toBeHeard([decision('d', { receiver: 'mail' })], none, 0)).toEqual([]);
  });
  it('is heard once by key', () => {
    expect(toBeHeard([decision('d')], (key) => key === 'a/1/d', 0)).toEqual([]);
    const again = decision('e', { items: [...decision('d').items, { key: 'b/2/e', alert_id: 'b', transition: 2 }] });
    expect(toBeHeard([again], (key) => key === 'a/1/d', 0)[0]?.keys).toEqual(['b/2/e']);
  });
});
