/** Stories for detection's tests: a part is what the terminals of a port did, five minutes a step. Seeded; it checks nothing itself. */
import type { AlertTransition } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { decide } from './alerting.ts';
import { decideFeeds } from './port-feeds.ts';
import { type AlertingState, createAlerting, type TerminalWindow } from './port-state.ts';
import { createRuleTimeline, type RuleTimeline } from './rule-timeline.ts';

/** Share of what is expected of a terminal: 1 is normal. 's' a silent feed, 'l' a late one, 'd' every move sent twice, '-' no such terminal. */
type Act = number | 's' | 'l' | 'd' | '-';
/** `pickUp`: share of the boxes that is picked up alongside ship; 0.3 without it. */
export type Part = readonly [steps: number, a: Act, b: Act, pickUp?: number];

export const startMs = Date.UTC(2025, 2, 10);
export const normal: Part = [4 * 288, 1, 1];

export type Told = { transitions: AlertTransition[]; state: AlertingState; words: string[] };

/** Two terminals of one port, about 30 TEU expected of each in 5 minutes. */
export function story(
  parts: readonly Part[],
  rules: RuleTimeline = createRuleTimeline(),
  reload = false,
  before: AlertingState = createAlerting(),
  isSimulated = true,
): Told {
  const random = createRandom(11);
  let state = before;
  const transitions: AlertTransition[] = [];
  let endMs = startMs;
  let pickUp = 0.3;
  const windowOf = (terminal: string, act: Exclude<Act, '-'>): TerminalWindow => {
    const isTold = act !== 's' && act !== 'l';
    const teu = isTold ? Math.round((act === 'd' ? 1 : act) * 30 * (0.6 + 0.8 * random())) : 0;
    const feed = act === 's' ? 'silent' : act === 'l' ? 'late' : 'live';
    const moves = Math.ceil(teu / 1.6);
    const duplicates = act === 'd' ? moves : 0;
    const clock = { feed, overdueSinceMs: endMs - 3_600_000, cadenceMs: 20_000 } as const;
    const mix = [teu * pickUp, 0, 0];
    return { terminal, teu, moves, expected: 30, completeness: isTold ? 1 : 0, duplicates, mix, ...clock };
  };
  for (const [steps, a, b, share] of parts) {
    pickUp = share ?? 0.3;
    for (let i = 0; i < steps; i++) {
      endMs += 300_000;
      const decision = { run: 't', rules, isSimulated, port: 'CNSHA', endMs, logTimeMs: endMs, watermarkMs: endMs };
      const windows = [...(a === '-' ? [] : [windowOf('A', a)]), ...(b === '-' ? [] : [windowOf('B', b)])];
      decideFeeds(state, decision, windows, true, transitions);
      decide(state, decision, windows, { lastYear: null, doubt: 0 }, transitions);
      if (reload) state = JSON.parse(JSON.stringify(state));
    }
  }
  const told = transitions.filter((one) => one.reason !== 'still_open');
  const words = told.map((one) => `${one.kind} ${one.level} ${one.status} ${one.phase}`);
  return { transitions, state, words: words.filter((word, i) => word !== words[i - 1]) };
}

export const incidents = (told: Told) => new Set(told.transitions.map((one) => one.alert_id)).size;
