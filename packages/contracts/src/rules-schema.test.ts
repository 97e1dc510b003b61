import { expect, test } from 'vitest';
import { DEFAULT_DETECTION, DEFAULT_ROUTING, DEFAULT_RULE_SET } from './rules.ts';
import { decodeRuleSet, parseRules } from './rules-schema.ts';

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

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const first = { ...DEFAULT_RULE_SET, version: 1 };

test('a rule set of the topic is read back as it was saved', () => {
  expect(decodeRuleSet(bytes(first))).toEqual(first);
});

test.each<[string, Buffer | null]>([
  ['a tombstone', null],
  ['nothing', Buffer.alloc(0)],
  ['half a set', Buffer.from('{')],
  ['a list', bytes([])],
  ['half a version', bytes({ ...first, version: 1.5 })],
  ['no version of a record', bytes({ ...first, version: 0 })],
  ['a version that nothing comes after', bytes({ ...first, version: 1e300 })],
  ['nobody who saved it', bytes({ ...first, by: undefined })],
  ['no time', bytes({ ...first, effective_from_ms: null })],
  ['rules that do not hold', bytes({ ...first, routing: { route: null } })],
])('%s is ignored by every reader', (_, value) => {
  expect(decodeRuleSet(value)).toBeUndefined();
});

test('rules nested without end are no rules, and end nobody', () => {
  const nested = `${'{"routes":['.repeat(50_000)}${']}'.repeat(50_000)}`;
  const text = JSON.stringify({ ...first, routing: { route: 'HERE' } });
  expect(decodeRuleSet(Buffer.from(text.replace('"HERE"', nested)))).toBeUndefined();
  expect(parseRules({ routing: { route: JSON.parse(nested) } }).ok).toBe(false);
});
