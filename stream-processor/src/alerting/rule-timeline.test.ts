import { DEFAULT_RULE_SET, type RuleSet } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { addRuleSet, createRuleTimeline, rulesAt } from './rule-timeline.ts';

const set = (version: number, effective_from_ms: number, note = ''): RuleSet => ({
  ...DEFAULT_RULE_SET,
  version,
  effective_from_ms,
  note,
});

test('a window is decided by the newest rules in effect when it begins', () => {
  const timeline = createRuleTimeline();
  addRuleSet(timeline, set(2, 900_000));
  addRuleSet(timeline, set(1, 300_000));
  expect([0, 299_999, 300_000, 899_999, 900_000].map((at) => rulesAt(timeline, at).version)).toEqual([0, 0, 1, 1, 2]);
});

test('of two sets with one version the first counts', () => {
  const timeline = createRuleTimeline();
  expect(addRuleSet(timeline, set(1, 300_000, 'first'))).toBe(true);
  expect(addRuleSet(timeline, set(1, 600_000, 'second'))).toBe(false);
  expect(rulesAt(timeline, 700_000).note).toBe('first');
});
