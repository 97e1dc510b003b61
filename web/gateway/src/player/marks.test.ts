// How far a partition counts as closed in a run that is played as it was known.
import { expect, test } from 'vitest';
import { createAlertLog } from '../state/alert-log.ts';
import { createLiveState } from '../state/live-state.ts';
import { HOUR, NOW, rowOf } from '../testing.ts';
import { createClosedThrough, learnClosed, partitionOfPort, putMarks } from './marks.ts';

test.each([
  ['rows of an hour ago', 1, 1],
  ['rows of half a day ago, whose sources report twice a day: what came after is open, not zero', 12, 12],
  ['rows of days ago: no source holds back so long', 72, 24.5],
  ['no rows', undefined, 2],
])('%s', (_what, toldHoursAgo, closedHoursAgo) => {
  const closed = createClosedThrough();
  const row = rowOf({ port: 'CNSHA', size_s: 300 });
  if (toldHoursAgo !== undefined) learnClosed(closed, { ...row, start_ms: NOW - toldHoursAgo * HOUR - 300_000 });
  const state = createLiveState('replay-1');
  putMarks({ state, alerts: createAlertLog('replay-1'), closed }, NOW, true);
  const mark = state.marks[partitionOfPort('CNSHA')];
  expect(NOW - (mark?.closed_through_ms ?? 0)).toBe(closedHoursAgo * HOUR);
});
