import type { RunSummary } from '@quaywatch/contracts';
import { DAY_MS, ZONE } from '@quaywatch/words';
import { expect, it } from 'vitest';
import { dateMs } from '../time.ts';
import { beingMade, failureOf, PRESET_NAMES, PRESETS, runFor } from './presets.tsx';

const { fromMs, toMs } = PRESETS.festival;
const run = (name: string, more: Partial<RunSummary>) =>
  ({ run: name, kind: 'replay', state: 'done', from_ms: fromMs, to_ms: toMs, ...more }) as RunSummary;

it('a run that a preset makes covers what the preset plays', () => {
  for (const name of PRESET_NAMES) {
    expect(dateMs(PRESETS[name].from, ZONE)).toBeLessThanOrEqual(PRESETS[name].fromMs);
    expect(dateMs(PRESETS[name].to, ZONE)).toBeGreaterThanOrEqual(PRESETS[name].toMs);
  }
});

it('the shortest finished run that covers all of it is played', () => {
  const runs = [
    run('long', { from_ms: fromMs - 90 * DAY_MS }),
    run('short', {}),
    run('part', { to_ms: toMs - 1 }),
    run('failed', { state: 'failed' }),
    run('live', { kind: 'live' }),
  ];
  expect(runFor('festival', runs)?.run).toBe('short');
  expect(runFor('closure', runs)).toBeUndefined();
});

it('one that waits or is at work is not begun twice', () => {
  const stretch = { from_ms: dateMs(PRESETS.half.from, ZONE) ?? 0, to_ms: dateMs(PRESETS.half.to, ZONE) ?? 0 };
  for (const state of ['queued', 'recording', 'running'] as const)
    expect(beingMade('half', [run('r', { ...stretch, state })])?.run).toBe('r');
  expect(beingMade('half', [run('r', stretch)])).toBeUndefined();
});

it('a failure is told until the stretch is tried again', () => {
  const stretch = { from_ms: dateMs(PRESETS.half.from, ZONE) ?? 0, to_ms: dateMs(PRESETS.half.to, ZONE) ?? 0 };
  const failed = run('a', { ...stretch, state: 'failed', error: 'the disk is full', created_at_ms: 1 });
  expect(failureOf('half', [failed])).toBe('the disk is full');
  expect(failureOf('half', [failed, run('b', { ...stretch, state: 'running', created_at_ms: 2 })])).toBe('');
  expect(failureOf('half', [run('c', { ...stretch, state: 'cancelled', created_at_ms: 3 }), failed])).toBe('');
  expect(failureOf('festival', [failed])).toBe('');
});
