import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const carriedOut: string[] = [];
const server = createServer((incoming, response) => {
  incoming.resume();
  incoming.on('end', () => {
    carriedOut.push(incoming.url ?? '');
    response.end(incoming.url === '/big' ? Buffer.alloc(3_000_000, 1) : incoming.url);
  });
});
let proxy: TcpProxy;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  proxy = await startTcpProxy(() => (server.address() as AddressInfo).port);
});
afterAll(async () => {
  await proxy.stop();
  server.close();
});
beforeEach(() => {
  carriedOut.length = 0;
  proxy.set({ kind: 'good' });
});

/** Resolves to the answer's length, or 'broken'. */
function ask(path: string, body = Buffer.alloc(0)): Promise<number | 'broken'> {
  return new Promise((resolve) => {
    const asked = request({ port: proxy.port, host: '127.0.0.1', path, method: 'POST', agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('end', () => resolve(length));
      response.on('error', () => resolve('broken'));
    });
    asked.on('error', () => resolve('broken'));
    asked.end(body);
  });
}

test('a good wire carries everything, both ways', async () => {
  expect(await ask('/big', Buffer.alloc(9_000_000))).toBe(3_000_000);
  expect(carriedOut).toEqual(['/big']);
});

test('a slow wire takes its time', async () => {
  proxy.set({ kind: 'slow', latencyMs: 100 });
  const startedMs = performance.now();
  expect(await ask('/')).toBe(1);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(195);
  proxy.set({ kind: 'slow', latencyMs: 0, bytesPerSecond: 10_000_000 });
  const narrowMs = performance.now();
  expect(await ask('/big')).toBe(3_000_000);
  expect(performance.now() - narrowMs).toBeGreaterThanOrEqual(290);
});

test('what a cut wire holds up comes when it is mended', async () => {
  proxy.set({ kind: 'cut' });
  const asked = ask('/held');
  expect(await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 200, 'nothing'))])).toBe('nothing');
  expect(carriedOut).toEqual([]);
  proxy.set({ kind: 'good' });
  expect(await asked).toBe(5);
});

test('a lost answer is of a request that was carried out, and of no other', async () => {
  proxy.set({ kind: 'answers_lost', to: '/insert' });
  expect(await ask('/insert')).toBe('broken');
  expect(await ask('/select')).toBe(7);
  expect(carriedOut).toEqual(['/insert', '/select']);
  expect(proxy.lost()).toBe(1);
});

test('a reset ends what is under way', async () => {
  proxy.set({ kind: 'cut' });
  const asked = ask('/');
  let isOver = false;
  void asked.then(() => {
    isOver = true;
  });
  while (!isOver) {
    proxy.reset();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await asked).toBe('broken');
  expect(carriedOut).toEqual([]);
});
