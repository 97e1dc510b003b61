import { DEFAULT_RULE_SET, type RuleSet } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { NOW } from '../testing.ts';
import { createRulesLog, currentAndUpcoming, effectiveFromMs, putRuleSet, ruleSetAt, ruleSetsOf } from './rules-log.ts';

const MINUTE = 60_000;
const versionOf = (version: number, effective_from_ms: number, by = 'ann'): RuleSet => ({
  ...DEFAULT_RULE_SET,
  ...{ version, effective_from_ms, by },
});

function saved(...ruleSets: readonly RuleSet[]) {
  const log = createRulesLog();
  for (const [place, ruleSet] of ruleSets.entries()) putRuleSet(log, ruleSet, place + 1);
  return log;
}

test('before anybody has saved, the defaults hold', () => {
  expect(ruleSetAt(saved(), NOW)).toBe(DEFAULT_RULE_SET);
  expect(currentAndUpcoming(saved(), 0)).toEqual([DEFAULT_RULE_SET]);
});

test('the first record of a version counts, and only it', () => {
  const log = saved(versionOf(1, NOW), versionOf(1, NOW + 1, 'bob'), versionOf(2, NOW + MINUTE));
  expect(ruleSetsOf(log).map(({ version, by }) => [version, by])).toEqual([
    [2, 'ann'],
    [1, 'ann'],
    [0, 'quaywatch'],
  ]);
  expect(log).toMatchObject({ position: 3, changedAt: 3, newest: { version: 2 } });
  putRuleSet(log, versionOf(1, NOW, 'eve'), 4);
  expect(log).toMatchObject({ position: 4, changedAt: 3 });
});

test('a version is in force from its time on', () => {
  const log = saved(versionOf(1, NOW), versionOf(2, NOW + MINUTE));
  expect([NOW - 1, NOW, NOW + MINUTE].map((at) => ruleSetAt(log, at).version)).toEqual([0, 1, 2]);
  expect(currentAndUpcoming(log, NOW).map(({ version }) => version)).toEqual([1, 2]);
});

test.each([
  ['on a boundary', NOW, 0, NOW + 10 * MINUTE],
  ['just after one', NOW + 1, 0, NOW + 15 * MINUTE],
  ['the newest version is later', NOW, NOW + 60 * MINUTE, NOW + 65 * MINUTE],
])('a save takes effect late enough: %s', (_what, decidedMs, newestMs, expected) =>
  expect(effectiveFromMs(saved(versionOf(1, newestMs)), decidedMs)).toBe(expected),
);
