import { ALERT_KINDS, type AlertTransition } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { asState, type FiredAlert } from '../stored-alerts.ts';
import { HOUR, NOW, transitionOf } from '../testing.ts';
import { compareRuns } from './compare.ts';

const fired = (fromH: number, toH: number, wish: Partial<AlertTransition> = {}): FiredAlert => ({
  alert: asState(transitionOf(wish), NOW + fromH * HOUR),
  endMs: NOW + toH * HOUR,
});

test.each<[string, FiredAlert, FiredAlert, boolean]>([
  ['the same', fired(0, 2), fired(0, 2), true],
  ['an hour later, still overlapping', fired(0, 2), fired(1, 3), true],
  ['end and beginning touch', fired(0, 2), fired(2, 3), true],
  ['one that never ended', fired(0, Number.POSITIVE_INFINITY), fired(99, 100), true],
  ['a day later', fired(0, 2), fired(24, 26), false],
  ['another kind', fired(0, 2), fired(0, 2, { kind: 'stall' }), false],
  ['another level', fired(0, 2), fired(0, 2, { level: 'terminal' }), false],
  ['another port', fired(0, 2), fired(0, 2, { port: 'CNNGB' }), false],
  ['other terminals of the port', fired(0, 2), fired(0, 2, { terminals: [] }), true],
])('%s', (_what, before, after, isBoth) => {
  const result = compareRuns([before], [after]);
  expect(result).toMatchObject({ before: 1, after: 1, both: isBoth ? 1 : 0, only_after_count: isBoth ? 0 : 1 });
  expect(result.only_before).toHaveLength(isBoth ? 0 : 1);
});

test('kinds are counted apart', () => {
  const { by_kind } = compareRuns([fired(0, 1), fired(5, 6)], [fired(0, 1, { kind: 'stall' })]);
  expect(by_kind.map(({ kind }) => kind)).toEqual(ALERT_KINDS);
  expect(by_kind).toContainEqual({ kind: 'drop', before: 2, after: 0 });
  expect(by_kind).toContainEqual({ kind: 'stall', before: 0, after: 1 });
});

test('long lists are cut, counts are not', () => {
  const many = Array.from({ length: 600 }, (_, i) => fired(i * 3, i * 3 + 1));
  const result = compareRuns(many, []);
  expect([result.before, result.only_before_count, result.only_before.length]).toEqual([600, 600, 500]);
});
