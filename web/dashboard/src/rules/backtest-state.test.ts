import { afterEach, expect, test, vi } from 'vitest';
import type { RulePair } from '../wire/api.ts';
import { asked, poll, start, state } from './backtest-state.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Requests in the order in which they were made; each is answered by hand. */
function gateway() {
  const waiting: ((body: object) => void)[] = [];
  vi.stubGlobal('fetch', () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    waiting.push((body) => resolve(new Response(JSON.stringify(body))));
    return promise;
  });
  return { answer: (at: number, body: object) => waiting[at]?.(body) };
}

test('what is answered of the last back-test while a new one is asked for is not taken for the new one', async () => {
  const { answer } = gateway();
  const rules = {} as RulePair;
  const first = start('2025-01-01', '2025-01-08', rules);
  answer(0, { backtest: 'bt-1' });
  await first;
  const polled = poll('bt-1');
  answer(1, { state: 'done', progress: 1, error: '' });
  await polled;
  expect(state.peek()?.state).toBe('done');

  const second = start('2025-02-01', '2025-02-08', rules);
  const late = poll('bt-1');
  answer(3, { state: 'done', progress: 1, error: '' });
  await late;
  expect(state.peek()?.state).toBe('recording');
  answer(2, { backtest: 'bt-2' });
  await second;
  expect(asked.peek()?.id).toBe('bt-2');
  expect(state.peek()?.state).toBe('recording');
});
