import { expect, test } from 'vitest';
import { nextRound } from '../live/rounds.ts';
import { BUILT_IN_NAMES, loadScenario } from './built-in.ts';
import { anchorScenario, decodeScenario, momentOf, ScenarioError } from './scenario.ts';

const anchorMs = Date.parse('2026-11-22T10:00:20+08:00');
const event = { kind: 'stall', port: 'CNSZX', terminals: ['CNYTN:YICT'], from: '+1m', to: '+2h' };
const file = (events: readonly unknown[], more: object = {}) => JSON.stringify({ name: 'mine', events, ...more });

function problemsOf(text: string): readonly string[] {
  try {
    decodeScenario(text, 'mine.json');
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

test.each([
  ['a good file', file([event]), 0],
  ['no JSON', '{', 1],
  ['a list', '[]', 1],
  ['no events', '{"name":"mine"}', 1],
  ['an unknown port', file([{ ...event, port: 'CNXXX' }]), 1],
  ['a terminal of another port', file([{ ...event, port: 'CNSHA' }]), 1],
  ['an unknown kind and a field too many', file([{ ...event, kind: 'war', where: 'x' }]), 2],
  ['a time without a zone', file([{ ...event, from: '2025-03-04T12:00:00' }]), 1],
  ['an end before the beginning', file([{ ...event, to: '0s' }]), 1],
  ['a surge without a factor', file([{ ...event, kind: 'surge' }]), 1],
  ['a negative factor', file([{ ...event, factor: -1 }]), 1],
  ['everything at once', file([{ kind: 'war', port: 1, from: '', to: '', factor: 99 }], { name: 'A b', seed: 0.5 }), 7],
])('a scenario file with %s has its problems listed in one message', (_what, text, count) => {
  expect(problemsOf(text)).toHaveLength(count);
});

test('offsets count from the anchor, in whole minutes; times with a zone stand', () => {
  expect(momentOf('+1m', anchorMs)).toBe(Date.parse('2026-11-22T10:01:00+08:00'));
  expect(momentOf('-2h', anchorMs)).toBe(Date.parse('2026-11-22T08:00:00+08:00'));
  expect(momentOf('2025-03-04T12:00:00+08:00', anchorMs)).toBe(Date.parse('2025-03-04T04:00:00Z'));
  expect(momentOf('soon', anchorMs)).toBeUndefined();
});

test.each([...BUILT_IN_NAMES, 'trials-7'])('%s is a scenario that its own decoder accepts', (name) => {
  const scenario = loadScenario(name);
  expect(decodeScenario(JSON.stringify(scenario), name)).toEqual(scenario);
  expect(anchorScenario(scenario, anchorMs, 'live')).toHaveLength(scenario.events.length);
});

test('demo has an incident open at the first look, one that begins within ten minutes, and a silent feed; calm has none', () => {
  const events = anchorScenario(loadScenario('demo'), anchorMs, 'live');
  const open = events.filter((one) => one.from_ms < anchorMs - 3_600_000 && one.to_ms > anchorMs + 3_600_000);
  expect(open.map((one) => one.kind)).toEqual(['stall', 'silent_feed']);
  expect(open[0]?.terminals).toHaveLength(4);
  expect(events.some((one) => one.from_ms > anchorMs && one.from_ms < anchorMs + 600_000)).toBe(true);
  expect(loadScenario('calm').events).toEqual([]);
});

test('a live scenario is anchored once; another one cuts it short; it begins anew when it has long been over', () => {
  const demo = loadScenario('demo');
  const first = nextRound(demo, [], anchorMs, 0);
  expect(first.published).toHaveLength(demo.events.length);
  const restarted = nextRound(demo, first.published, anchorMs + 3_600_000, anchorMs + 3_590_000);
  expect(restarted).toEqual({ events: first.published, published: [], withdrawn: [] });

  const switched = nextRound(loadScenario('calm'), first.published, anchorMs + 3_600_000, anchorMs + 3_590_000);
  expect(switched.events.every((one) => one.to_ms <= anchorMs + 3_600_000)).toBe(true);
  expect(switched.withdrawn.length).toBeGreaterThan(0);

  const muchLater = anchorMs + 100 * 3_600_000;
  const again = nextRound(demo, first.published, muchLater, muchLater - 60_000);
  expect(again.published.length).toBeGreaterThan(0);
  expect(again.published.every((one) => one.from_ms >= muchLater - 60_000)).toBe(true);
  expect(again.events).toEqual([...first.published, ...again.published]);
});
