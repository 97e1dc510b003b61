import { afterEach, expect, test, vi } from 'vitest';
import { base, load } from './state.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const answerOf = (version: number) => {
  const current = { version, detection: {}, routing: {} };
  return new Response(JSON.stringify({ as_of: 0, current, upcoming: [], history: [] }));
};

test('rules that were asked for before somebody saved do not take the place of the saved ones', async () => {
  const waiting: ((answer: Response) => void)[] = [];
  vi.stubGlobal('fetch', () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    waiting.push(resolve);
    return promise;
  });
  const before = load();
  const after = load();
  waiting[1]?.(answerOf(8));
  await after;
  expect(base.peek()?.version).toBe(8);
  waiting[0]?.(answerOf(7));
  await before;
  expect(base.peek()?.version).toBe(8);
  const next = load();
  waiting[2]?.(answerOf(9));
  await next;
  expect(base.peek()?.version).toBe(9);
});
