import type { RunSummary } from '@quaywatch/contracts';
import { expect, it } from 'vitest';
import { language } from '../settings.ts';
import { isAtWork, isAwaited, stateWords } from './run-state.ts';

const run = (state: RunSummary['state'], kind: RunSummary['kind'] = 'replay') =>
  ({ run: 'r', kind, state, progress: 0.256 }) as RunSummary;

it.each([
  [run('queued'), true, false, 'waiting for another run to end', '排队中，等待前一个运行结束'],
  [run('recording'), true, true, 'recording 26 %', '录制中 26 %'],
  [run('running'), true, true, 'running 26 %', '运行中 26 %'],
  [run('done'), false, false, 'done', '完成'],
  [run('running', 'live'), false, false, 'running', '运行中'],
])('%j: awaited %s, at work %s, “%s”', (one, awaited, atWork, en, zh) => {
  expect([isAwaited(one), isAtWork(one)]).toEqual([awaited, atWork]);
  language.value = 'en';
  expect(stateWords(one)).toBe(en);
  language.value = 'zh';
  expect(stateWords(one)).toBe(zh);
});
