import type { CallSummary } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';
import { expect, it } from 'vitest';
import { callKey, callsAtBerth } from './calls.ts';

const nowMs = 100 * HOUR_MS;
const call = (terminal: string, id: string, berth: string, firstH: number, lastH: number): CallSummary => ({
  id,
  terminal,
  vessel: id,
  berth,
  first_move_ms: nowMs - firstH * HOUR_MS,
  last_move_ms: nowMs - lastH * HOUR_MS,
  moves: 1,
  mixed_trade: false,
});
const works = { terminal: 'CNNBO:BLCT2', state: 'working' as const, state_since_ms: null };
const stopped = { terminal: 'CNNBO:BLGAN', state: 'stopped' as const, state_since_ms: nowMs - 5 * HOUR_MS };

it.each([
  {
    name: 'the same identity at two terminals is two calls',
    calls: [call('CNNBO:BLCT2', 'a', '1', 3, 0), call('CNNBO:BLGAN', 'a', '1', 9, 5)],
    there: ['CNNBO:BLCT2 a', 'CNNBO:BLGAN a'],
  },
  {
    name: 'the next one at the berth takes its place',
    calls: [call('CNNBO:BLCT2', 'a', '1', 9, 1), call('CNNBO:BLCT2', 'b', '1', 1, 0)],
    there: ['CNNBO:BLCT2 b'],
  },
  { name: 'who is quiet for long has left', calls: [call('CNNBO:BLCT2', 'a', '1', 9, 2)], there: [] },
  {
    name: 'who is quiet because the terminal stopped is there',
    calls: [call('CNNBO:BLGAN', 'a', '1', 9, 5.1)],
    there: ['CNNBO:BLGAN a'],
  },
  { name: 'who had left before it stopped is not', calls: [call('CNNBO:BLGAN', 'a', '1', 20, 8)], there: [] },
  {
    name: 'berths without a name are not taken for one',
    calls: [call('CNNBO:BLCT2', 'a', '', 3, 0), call('CNNBO:BLCT2', 'b', '', 1, 0)],
    there: ['CNNBO:BLCT2 a', 'CNNBO:BLCT2 b'],
  },
])('$name', ({ calls, there }) => {
  const found = callsAtBerth(calls, [works, stopped], nowMs);
  expect([...found.keys()].sort()).toEqual(there);
  expect([...found.values()].map(callKey).sort()).toEqual(there);
});
