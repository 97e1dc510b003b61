// The life of an incident, told as stories: a line is what the terminals did, five minutes a step.
import type { AlertTransition } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createAlerting, decide, decideFeeds, type TerminalWindow } from './alerting.ts';
import { createRuleTimeline } from './rule-timeline.ts';

/** TEU per terminal and 5 minutes; 's' is a silent feed. */
type Step = number | 's';

/** Two terminals of one port, 30 TEU expected of each in 5 minutes. Returns the transitions as words. */
function story(...parts: readonly (readonly [steps: number, a: Step, b: Step])[]): {
  words: string[];
  transitions: AlertTransition[];
} {
  const state = createAlerting();
  const transitions: AlertTransition[] = [];
  let endMs = Date.UTC(2025, 2, 10);
  const windowOf = (terminal: string, step: Step): TerminalWindow => {
    const teu = step === 's' ? 0 : step;
    return {
      terminal,
      teu,
      moves: Math.round(teu / 1.65),
      expected: 30,
      completeness: step === 's' ? 0 : 1,
      duplicates: 0,
      feed: step === 's' ? 'silent' : 'live',
      overdueSinceMs: endMs - 300_000,
      cadenceMs: 20_000,
    };
  };
  for (const [steps, a, b] of parts) {
    for (let i = 0; i < steps; i++) {
      endMs += 300_000;
      const decision = {
        run: 't',
        rules: createRuleTimeline(),
        port: 'CNSHA',
        endMs,
        logTimeMs: endMs,
        watermarkMs: endMs,
      };
      const windows = [windowOf('A', a), windowOf('B', b)];
      decideFeeds(state, decision, windows, true, transitions);
      decide(state, decision, windows, { lastYear: null, doubt: 0 }, transitions);
    }
  }
  const told = transitions.filter((one) => one.reason !== 'still_open');
  return { words: told.map((one) => `${one.kind} ${one.status} ${one.phase}`), transitions };
}

test.each([
  ['nothing happens', [[100, 30, 30]], []],
  [
    'a late report of half an hour is no stall',
    [
      [100, 30, 30],
      [6, 0, 30],
      [40, 30, 30],
    ],
    [],
  ],
  [
    'one terminal stops, comes back, and the incident is resolved once',
    [
      [100, 30, 30],
      [24, 0, 30],
      [40, 30, 30],
    ],
    ['stall pending closed', 'stall firing closed', 'stall recovering normal', 'stall resolved normal'],
  ],
  [
    'a closure and its rebound are one incident',
    [
      [100, 30, 30],
      [24, 0, 0],
      [48, 45, 45],
      [60, 30, 30],
    ],
    [
      'drop pending closed',
      'drop firing closed',
      'stall firing closed',
      'stall recovering normal',
      'stall recovering rebound',
      'stall resolved normal',
    ],
  ],
  [
    'a surge',
    [
      [100, 30, 30],
      [36, 55, 55],
      [60, 30, 30],
    ],
    ['surge pending normal', 'surge firing normal', 'surge recovering normal', 'surge resolved normal'],
  ],
  [
    'a silent feed holds the drop back',
    [
      [100, 30, 30],
      [30, 's', 30],
      [30, 30, 30],
    ],
    ['feed_silent firing normal', 'feed_silent resolved normal'],
  ],
] as const)('%s', (_, parts, words) => {
  expect(story(...parts).words).toEqual(words);
});

test('an alert says its size, its parts and its rule', () => {
  const { transitions } = story([100, 30, 30], [24, 0, 30]);
  const last = transitions.at(-1);
  expect(last).toMatchObject({
    port: 'CNSHA',
    terminals: ['A'],
    rule: 'stall',
    rules_version: 0,
    simulated: true,
  });
  expect(last?.contributors[0]).toMatchObject({ terminal: 'A', share_pct: 100 });
  expect(last?.size_teu).toBeLessThan(-400);
  expect(transitions.map((one) => one.transition)).toEqual(transitions.map((_, i) => i));
});
