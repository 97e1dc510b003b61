// The life of an incident, told as stories.
import { DEFAULT_RULE_SET } from '@quaywatch/contracts';
import { describe, expect, test } from 'vitest';
import { orphansOf } from './orphans.ts';
import { createAlerting } from './port-state.ts';
import { createRuleTimeline } from './rule-timeline.ts';
import { incidents, normal, type Part, startMs, story } from './story.testing.ts';

describe('stories', () => {
  test('nothing happens, for a month', () => {
    expect(story([[30 * 288, 1, 1]]).words).toEqual([]);
  });

  test('one terminal stops and comes back: one incident that names it', () => {
    const told = story([normal, [24, 0, 1.3], [60, 1, 1]]);
    expect(told.words.some((word) => word.startsWith('stall') && word.includes('firing'))).toBe(true);
    expect(told.transitions.at(-1)?.terminals).toEqual(['A']);
    expect(told.words.at(-1)).toMatch(/ resolved normal$/);
    expect(incidents(told)).toBe(1);
  });

  test('a closure and its rebound are one incident', () => {
    const told = story([normal, [144, 0, 0], [288, 1.4, 1.4], [288, 1, 1]]);
    expect(incidents(told)).toBe(1);
    expect(told.words).toContain('stall port firing closed');
    expect(told.words).toContain('stall port recovering rebound');
    expect(told.words.at(-1)).toBe('stall port resolved normal');
    const last = told.transitions.at(-1);
    expect(last?.size_teu).toBeLessThan(-7_000);
    // 0.4 of 60 TEU in every five minutes of a day.
    expect(last?.regained_teu).toBeGreaterThan(6_000);
    expect(last?.regained_teu).toBeLessThan(8_000);
  });

  test('a closure that nothing follows regains next to nothing: chance goes both ways', () => {
    const { transitions } = story([normal, [144, 0, 0], [400, 1, 1]]);
    expect(Math.abs(transitions.at(-1)?.regained_teu ?? 0)).toBeLessThan(300);
  });

  test('a surge', () => {
    const told = story([normal, [72, 1.7, 1.7], [100, 1, 1]]);
    expect(told.words).toContain('surge port firing normal');
    expect(told.words.at(-1)).toBe('surge port resolved normal');
    expect(incidents(told)).toBe(1);
  });

  test('a silent feed holds the drop back, and is one incident', () => {
    const told = story([normal, [30, 's', 1], [30, 1, 1]]);
    expect(told.words).toEqual(['feed_silent terminal firing normal', 'feed_silent terminal resolved normal']);
  });

  test('a silent feed that is back is named no more while another is silent, and explains nothing then', () => {
    const { transitions } = story([normal, [30, 's', 1], [30, 's', 's'], [60, 1, 's'], [30, 1, 1]]);
    const feeds = transitions.filter((one) => one.kind === 'feed_silent');
    expect(feeds.map((one) => [one.reason, one.level, one.terminals.join()])).toEqual([
      ['feed_overdue', 'terminal', 'A'],
      ['more_feeds_overdue', 'port', 'A,B'],
      ['fewer_feeds_overdue', 'terminal', 'B'],
      ['feed_back', 'terminal', 'B'],
    ]);
  });

  test('a feed that is behind is late, not silent', () => {
    const told = story([normal, [30, 'l', 1], [30, 1, 1]]);
    expect(told.words).toContain('feed_late terminal firing normal');
    expect(told.words.some((word) => word.startsWith('feed_silent'))).toBe(false);
  });

  test('every move sent twice is double counting, not a surge', () => {
    const told = story([normal, [24, 'd', 1], [60, 1, 1]]);
    expect(told.words).toContain('double_counting terminal firing normal');
    expect(told.transitions.every((one) => one.kind === 'double_counting')).toBe(true);
  });

  test('a share that falls by half is a shift of the mix, in per cent', () => {
    const told = story([
      [16 * 288, 1, 1],
      [2 * 288, 1, 1, 0.12],
      [3 * 288, 1, 1],
    ]);
    expect(told.words).toContain('mix_shift port firing normal');
    expect(told.words.at(-1)).toBe('mix_shift port resolved normal');
    const firing = told.transitions.find((one) => one.status === 'firing');
    expect(firing).toMatchObject({ measure: 'direct_pick_up_teu', size_teu: null });
    expect(firing?.expected).toBeCloseTo(30, 0);
    expect(firing?.value).toBeLessThan(25);
  });

  test('a share that stays where it has shifted to is the usual one after two weeks', () => {
    const told = story([
      [15 * 288, 1, 1],
      [20 * 288, 1, 1, 0.12],
    ]);
    expect(told.words.at(-1)).toBe('mix_shift port resolved normal');
    expect(told.transitions.at(-1)?.reason).toBe('became_usual');
    expect(incidents(told)).toBe(1);
  });

  test('a planned stoppage is silent, and so is what follows it', () => {
    const fromMs = startMs + 4 * 86_400_000;
    const planned = [
      { port: 'CNSHA', terminals: ['A', 'B'], from_ms: fromMs, to_ms: fromMs + 12 * 3_600_000, note: '' },
    ];
    const detection = { ...DEFAULT_RULE_SET.detection, planned };
    const told = story([normal, [144, 0, 0], [288, 1, 1]], { sets: [{ ...DEFAULT_RULE_SET, detection }] });
    expect(told.words).toEqual([]);
  });
});

test('an alert of real reports does not call itself simulated', () => {
  const told = (isSimulated: boolean) =>
    story([normal, [24, 0, 1]], createRuleTimeline(), false, createAlerting(), isSimulated).transitions;
  expect(told(false)).toEqual(told(true).map((one) => ({ ...one, simulated: false })));
  expect(told(true).every((one) => one.simulated)).toBe(true);
});

test('an alert says its size, its parts, how sure it is, its rule and what would resolve it', () => {
  const { transitions } = story([normal, [24, 0, 1]]);
  const last = transitions.at(-1);
  expect(last).toMatchObject({ port: 'CNSHA', cluster: 'yangtze', rule: 'stall', rules_version: 0, simulated: true });
  expect(last?.terminals).toEqual(['A']);
  expect(last?.contributors[0]).toMatchObject({ port: 'CNSHA', terminal: 'A' });
  expect(last?.contributors[0]?.share_pct).toBeGreaterThan(90);
  expect(last?.size_teu).toBeLessThan(-500);
  expect(last?.z).toBeLessThan(-3);
  expect(last?.resolves.hold_min).toBeGreaterThan(0);
  expect(last?.evidence.length).toBeGreaterThan(2);
  expect(last?.evidence.length).toBeLessThanOrEqual(12);
  expect(transitions.map((one) => one.transition)).toEqual(transitions.map((_, i) => i));
});

test('a state that goes through JSON after every window decides the same', () => {
  const parts: Part[] = [normal, [144, 0, 0], [200, 1.4, 1.4], [30, 's', 1], [72, 1.7, 1.7], [24, 'd', 1], [60, 1, 1]];
  expect(story(parts, createRuleTimeline(), true).transitions).toEqual(story(parts).transitions);
});

test('rules that take effect later are named from then on, and only then', () => {
  const timeline = createRuleTimeline();
  const changeMs = startMs + 4 * 86_400_000 + 3_600_000;
  timeline.sets.push({ ...DEFAULT_RULE_SET, version: 1, effective_from_ms: changeMs });
  const { transitions } = story([normal, [36, 0, 0]], timeline);
  for (const one of transitions) expect(one.rules_version).toBe(one.at_ms - 300_000 >= changeMs ? 1 : 0);
  expect(new Set(transitions.map((one) => one.rules_version))).toEqual(new Set([0, 1]));
});

test('a terminal that works at a third is told as that terminal’s where rules ask for it, beside nothing of the port', () => {
  const { drop } = DEFAULT_RULE_SET.detection.kinds;
  const kinds = { ...DEFAULT_RULE_SET.detection.kinds, drop: { ...drop, levels: ['terminal' as const] } };
  const rules = { sets: [{ ...DEFAULT_RULE_SET, detection: { ...DEFAULT_RULE_SET.detection, kinds } }] };
  const told = story([normal, [60, 0.33, 1], [60, 1, 1]], rules);
  expect(told.words).toContain('drop terminal firing closed');
  expect(told.words.at(-1)).toBe('drop terminal resolved normal');
  expect(told.transitions.every((one) => one.terminals.join() === 'A')).toBe(true);
  expect(told.transitions[0]?.alert_id).toMatch(/^A-throughput-/);
});

test('an open incident ends when work is planned to stop, and when its rule is switched off', () => {
  const fromMs = startMs + 4 * 86_400_000 + 7_200_000;
  const planned = [{ port: 'CNSHA', terminals: [], from_ms: fromMs, to_ms: fromMs + 86_400_000, note: 'typhoon' }];
  const { detection } = DEFAULT_RULE_SET;
  const change = { ...DEFAULT_RULE_SET, version: 1, effective_from_ms: fromMs };
  const stopped = story([normal, [72, 0, 0]], {
    sets: [DEFAULT_RULE_SET, { ...change, detection: { ...detection, planned } }],
  });
  expect(stopped.transitions.at(-1)).toMatchObject({ status: 'resolved', reason: 'planned_stoppage' });
  expect(incidents(stopped)).toBe(1);
  const kinds = structuredClone(detection.kinds);
  for (const kind of ['stall', 'drop', 'feed_silent'] as const) kinds[kind].enabled = false;
  const off = { sets: [DEFAULT_RULE_SET, { ...change, detection: { ...detection, kinds } }] };
  for (const act of [0, 's'] as const) {
    const { transitions } = story([normal, [72, act, act]], off);
    expect(transitions.at(-1)).toMatchObject({ status: 'resolved', reason: 'rule_switched_off', rules_version: 1 });
  }
});

test('one of two terminals that is planned to stop moves no boxes again: it ends what its stop alone told', () => {
  const fromMs = startMs + 4 * 86_400_000 + 7_200_000;
  const planned = [{ port: 'CNSHA', terminals: ['A'], from_ms: fromMs, to_ms: fromMs + 86_400_000, note: 'berth' }];
  const change = { ...DEFAULT_RULE_SET, version: 1, effective_from_ms: fromMs };
  const { detection } = DEFAULT_RULE_SET;
  const byStopsAlone = structuredClone(detection.kinds);
  byStopsAlone.drop.enabled = false;
  byStopsAlone.stall.levels = ['terminal'];
  for (const [kinds, isAlone] of [
    [detection.kinds, false],
    [byStopsAlone, true],
  ] as const) {
    const told = story([normal, [72, 0, 1]], {
      sets: [
        { ...DEFAULT_RULE_SET, detection: { ...detection, kinds } },
        { ...change, detection: { ...detection, kinds, planned } },
      ],
    });
    const after = told.transitions.filter((one) => one.rules_version === 1);
    expect(after[0]).toMatchObject({ kind: 'stall', reason: 'planned_stoppage' });
    expect(after[0]?.status === 'resolved').toBe(isAlone);
    expect(after.map((one) => one.reason)).not.toContain('moves_again');
    expect(told.transitions.at(-1)?.status).toBe('resolved');
    expect(incidents(told)).toBe(1);
  }
});

test('an open incident of a terminal’s own series ends when that level is looked at no more, and when it is planned to stop', () => {
  const { detection } = DEFAULT_RULE_SET;
  const kinds = structuredClone(detection.kinds);
  kinds.drop.levels = ['terminal'];
  kinds.drift.levels = [];
  kinds.stall.enabled = false;
  const before = { ...DEFAULT_RULE_SET, detection: { ...detection, kinds } };
  const fromMs = startMs + 4 * 86_400_000 + 6 * 3_600_000;
  const change = { ...before, version: 1, effective_from_ms: fromMs };
  const planned = [{ port: 'CNSHA', terminals: ['A'], from_ms: fromMs, to_ms: fromMs + 86_400_000, note: 'berth' }];
  const off = structuredClone(kinds);
  off.drop.levels = ['port'];
  for (const [after, reason] of [
    [{ ...before.detection, planned }, 'planned_stoppage'],
    [{ ...before.detection, kinds: off }, 'rule_switched_off'],
  ] as const) {
    const { transitions } = story([normal, [90, 0.33, 1]], { sets: [before, { ...change, detection: after }] });
    const own = transitions.filter((one) => one.alert_id.startsWith('A-'));
    expect(own.map((one) => one.status)).toContain('firing');
    expect(own.at(-1)).toMatchObject({ kind: 'drop', status: 'resolved', reason });
  }
});

test('what a checkpoint of an older version had open is resolved once, in whatever form it was kept', () => {
  const firing = story([normal, [36, 0, 0.5]]);
  const [last] = firing.transitions.slice(-1);
  const first = {
    id: 'CNSHA-throughput-1',
    kind: 'stall',
    status: 'firing',
    transition: 7,
    sinceMs: startMs,
    terminals: ['A'],
  };
  const ofVersion1 = { ports: { CNSHA: { history: {}, throughput: first, silence: null } }, silent: {} };
  for (const [older, id, transition] of [
    [firing.state, last?.alert_id, (last?.transition ?? 0) + 1],
    [ofVersion1, 'CNSHA-throughput-1', 7],
  ] as const) {
    const kept = JSON.parse(JSON.stringify({ ...createAlerting(), orphans: orphansOf(older) }));
    const { transitions } = story([[12, 1, 1]], createRuleTimeline(), true, kept);
    const own = transitions.map((one) => [one.alert_id, one.transition, one.status, one.reason]);
    expect(own).toEqual([[id, transition, 'resolved', 'began_anew']]);
  }
});
