import { expect, test } from 'vitest';
import { DEFAULT_DETECTION, DEFAULT_ROUTING } from './rules.ts';
import { parseRules } from './rules-schema.ts';

test('the defaults are a rule set', () => {
  const parsed = parseRules({ detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING });
  expect(parsed).toEqual({ ok: true, rules: { detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING } });
});

test('a file says only what it changes', () => {
  const parsed = parseRules({ detection: { kinds: { drop: { threshold: 6 } } } });
  expect(parsed.ok && parsed.rules.detection.kinds.drop).toEqual({ ...DEFAULT_DETECTION.kinds.drop, threshold: 6 });
  expect(parsed.ok && parsed.rules.routing).toEqual(DEFAULT_ROUTING);
});

test('every problem is named with its place', () => {
  const parsed = parseRules({
    detection: {
      kinds: { drop: { threshold: 'high', windows_min: [45] }, mix_shift: { levels: ['nation'] }, flood: {} },
      overrides: [{ ports: ['XXXXX'], kinds: ['drop'] }],
      planned: [{ port: 'CNSHA', terminals: [], from_ms: 5, to_ms: 5, note: '' }],
    },
    routing: { route: { receiver: '', mute_calendars: ['nights'] } },
    colour: 'red',
  });
  expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.split(':')[0])).toEqual([
    'detection.kinds.drop.threshold',
    'detection.kinds.drop.windows_min',
    'detection.kinds.mix_shift.levels',
    'detection.kinds',
    'detection.overrides.0.ports.0',
    'detection.planned.0',
    'routing.route.receiver',
    'routing.route.mute_calendars',
    'rules',
  ]);
});

test.each([null, 7, [], 'rules'])('%j is no rule set', (given) => {
  expect(parseRules(given).ok).toBe(false);
});
