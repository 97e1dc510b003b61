import { expect, test } from 'vitest';
import { stoppableBeforeItBegins } from './lifecycle.ts';

const never = new Promise<void>(() => {});

test('a request to stop ends at once what has not begun', async () => {
  const stopping = new AbortController();
  const running = stoppableBeforeItBegins(stopping.signal, () => never);
  stopping.abort();
  await running;
});

test('a request to stop waits for what has begun', async () => {
  const stopping = new AbortController();
  const order: string[] = [];
  await stoppableBeforeItBegins(stopping.signal, async (begun) => {
    begun();
    stopping.abort();
    await new Promise((resolve) => setImmediate(resolve));
    order.push('finished');
  });
  expect(order).toEqual(['finished']);
});

test('a failure before it begins is thrown', async () => {
  const failing = stoppableBeforeItBegins(new AbortController().signal, () => Promise.reject(new Error('no broker')));
  await expect(failing).rejects.toThrow('no broker');
});
