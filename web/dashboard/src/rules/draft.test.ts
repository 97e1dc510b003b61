import { DEFAULT_DETECTION, DEFAULT_ROUTING } from '@quaywatch/contracts';
import { parseRules } from '@quaywatch/contracts/rules-schema';
import { describe, expect, it } from 'vitest';
import type { RulePair } from '../wire/api.ts';
import {
  differences,
  draftOfFile,
  durationSeconds,
  durationText,
  getAt,
  problemsAt,
  problemsOf,
  putAt,
  rebased,
  runCovering,
} from './draft.ts';
import { problemWords } from './place-words.ts';
import { en } from './words-en.ts';
import { zh } from './words-zh.ts';

const base: RulePair = { detection: DEFAULT_DETECTION, routing: DEFAULT_ROUTING };
const drop = ['detection', 'kinds', 'drop', 'threshold'];
const was = DEFAULT_DETECTION.kinds.drop.threshold;

describe('a draft', () => {
  it('changes one value and shares nothing with what was', () => {
    const draft = putAt(base, drop, 4);
    expect([getAt(draft, drop), getAt(base, drop)]).toEqual([4, was]);
    expect(differences(base, draft)).toEqual([{ path: drop, before: was, after: 4 }]);
  });
  it('puts into lists and takes out', () => {
    const one = { ports: ['CNSHA'], kinds: ['drop'], threshold: 3 };
    const draft = putAt(base, ['detection', 'overrides'], [one]);
    const without = putAt(draft, ['detection', 'overrides', 0, 'threshold'], undefined);
    expect(getAt(without, ['detection', 'overrides', 0])).toEqual({ ports: ['CNSHA'], kinds: ['drop'] });
    expect(differences(base, without).map((entry) => entry.path.join('.'))).toEqual(['detection.overrides']);
  });
  it('goes on top of what somebody saved meanwhile, and says where both were', () => {
    const theirs = putAt(putAt(base, drop, 7), ['detection', 'kinds', 'surge', 'hold_min'], 20);
    const mine = putAt(putAt(base, drop, 4), ['routing', 'route', 'repeat_interval_s'], 3600);
    const { draft, both } = rebased(base, mine, theirs);
    expect(getAt(draft, drop)).toBe(4);
    expect(getAt(draft, ['detection', 'kinds', 'surge', 'hold_min'])).toBe(20);
    expect(getAt(draft, ['routing', 'route', 'repeat_interval_s'])).toBe(3600);
    expect(both).toEqual([drop]);
  });
  it('shows the problems of the gateway’s own check at their fields, in both languages', () => {
    const bad = putAt(putAt(base, drop, -1), ['routing', 'route', 'receiver'], '');
    const checked = parseRules(bad);
    const problems = problemsOf(checked.ok ? [] : checked.problems);
    expect(problemsAt(problems, drop).length).toBe(1);
    expect(problemsAt(problems, ['detection'], true).length).toBe(1);
    expect(problemsAt(problems, ['routing', 'route', 'receiver'])[0]?.message).toContain('must name a receiver');
    expect(problemWords(problemsAt(problems, drop)[0]?.message ?? '', en)).toBe('at least 0');
    expect(problemWords(problemsAt(problems, drop)[0]?.message ?? '', zh)).toBe('至少 0');
  });
  it('reads a rule file; what it leaves out is as in the defaults', () => {
    const draft = draftOfFile('{"detection":{"kinds":{"drop":{"threshold":4}}}}');
    expect(differences(base, draft).map((one) => one.path.join('.'))).toEqual([drop.join('.')]);
    expect(draftOfFile(JSON.stringify(base))).toEqual(base);
    for (const text of ['', '[]', '{"a":1}', 'null']) expect(draftOfFile(text)).toBeUndefined();
  });
});

describe('fields', () => {
  it.each([
    [0, '0s'],
    [90, '90s'],
    [300, '5m'],
    [14_400, '4h'],
    [172_800, '2d'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
    expect(durationSeconds(text)).toBe(seconds);
  });
  it('knows what is no duration', () => {
    for (const text of ['', '5', 'm', '-5m', '5 weeks']) expect(durationSeconds(text)).toBeUndefined();
    expect(durationSeconds(' 1.5h ')).toBe(5400);
  });
  it('opens a moment in a run that has it, and never in one that does not', () => {
    const run = (name: string, kind: 'live' | 'replay', state: 'done' | 'running', from_ms: number, to_ms: number) => ({
      run: name,
      kind,
      state,
      from_ms,
      to_ms,
    });
    const runs = [
      run('live', 'live', 'running', 100, 100),
      run('a', 'replay', 'running', 0, 50),
      run('b', 'replay', 'done', 0, 40),
    ];
    expect(runCovering(runs, 10, 40)).toBe('b');
    expect(runCovering(runs, 10, 45)).toBeUndefined();
    expect(runCovering(runs, 120, 200)).toBe('live');
  });
});
