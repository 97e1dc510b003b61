/** The handshake and the limits over real sockets on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLOSE_CODES, SUBPROTOCOL, WIRE_LIMITS } from '@quaywatch/contracts';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createHub } from './hub.ts';
import { serveSockets } from './server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(
  options: { isReady?: boolean; helloWithinMs?: number; heartbeatMs?: number; connectionsMax?: number } = {},
) {
  const server = createServer();
  const counters = { frames: () => {}, bytes: () => {}, conflated: () => {}, slowCloses: () => {}, cut: () => {} };
  const hub = createHub({ viewOf: () => undefined, epochOf: () => 'e', counters, later: setImmediate });
  const counts: number[] = [];
  const { promise: emptied, resolve: empty } = Promise.withResolvers<void>();
  const sockets = serveSockets(server, {
    guard: { host: '127.0.0.1', allowedOrigins: ['https://watch.example'] },
    isReady: () => options.isReady ?? true,
    connectionsMax: options.connectionsMax ?? 10,
    connections: (count) => {
      counts.push(count);
      if (count === 0) empty();
    },
    helloWithinMs: options.helloWithinMs ?? 5_000,
    heartbeatMs: options.heartbeatMs ?? 20_000,
    ports: {
      hub,
      players: { command: () => Promise.reject(new Error('none')), closeAll: () => {} },
      token: '',
      version: '0',
      isSimulated: true,
      epoch: () => 'e',
      nowMs: () => performance.now(),
      resumed: () => {},
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { sockets, counts, emptied, url: `ws://127.0.0.1:${port}` };
}

type Dial = { path?: string; protocols?: string[]; headers?: Record<string, string>; autoPong?: boolean };

function dial(url: string, { path = '/ws', protocols = [SUBPROTOCOL], headers = {}, autoPong = true }: Dial = {}) {
  const socket = new WebSocket(`${url}${path}`, protocols, { headers, autoPong });
  closers.push(() => socket.terminate());
  const outcome = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => resolve(101));
    socket.on('error', () => {});
  });
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
  const messages: { t: string }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  return { socket, outcome, closed, messages };
}

test.each<[string, Dial, number]>([
  ['its own address', {}, 101],
  ['an allowed origin', { headers: { origin: 'https://watch.example' } }, 101],
  ['another site’s page', { headers: { origin: 'https://evil.example' } }, 403],
  ['a rebound host name', { headers: { host: 'evil.example' } }, 403],
  ['another path', { path: '/socket' }, 404],
  ['no subprotocol', { protocols: [] }, 400],
  ['another subprotocol', { protocols: ['quaywatch.v9.json'] }, 400],
])('a handshake from %s', async (_what, asked, status) => {
  const { url } = await serve();
  expect(await dial(url, asked).outcome).toBe(status);
});

test('before the state is there, and beyond the limit, clients are told to come again', async () => {
  const starting = await serve({ isReady: false });
  expect(await dial(starting.url).outcome).toBe(503);
  const full = await serve({ connectionsMax: 1 });
  expect(await dial(full.url).outcome).toBe(101);
  expect(await dial(full.url).outcome).toBe(503);
});

test('silence instead of hello is ended', async () => {
  const { url } = await serve({ helloWithinMs: 20 });
  expect(await dial(url).closed).toBe(CLOSE_CODES.hello_timeout);
});

test('more than 16 KiB at once is ended by ws with 1009', async () => {
  const { url } = await serve();
  const { socket, outcome, closed } = dial(url);
  await outcome;
  socket.send('x'.repeat(WIRE_LIMITS.inboundBytesMax + 1));
  expect(await closed).toBe(1009);
});

test('rubbish is answered with a code', async () => {
  const { url } = await serve();
  const { socket, outcome, closed } = dial(url);
  await outcome;
  socket.send('rubbish');
  expect(await closed).toBe(CLOSE_CODES.bad_request);
});

test('a client that no longer answers pings is ended', async () => {
  const { url, counts, emptied } = await serve({ heartbeatMs: 20 });
  const { socket, outcome, closed } = dial(url, { autoPong: false });
  await outcome;
  socket.send(JSON.stringify({ t: 'hello', v: 1 }));
  expect(await closed).toBe(1006);
  await emptied;
  expect(counts.at(-1)).toBe(0);
});

test('at the end everybody is told when to come back', async () => {
  const { url, sockets } = await serve();
  const { socket, outcome, closed, messages } = dial(url);
  await outcome;
  socket.send(JSON.stringify({ t: 'hello', v: 1 }));
  await new Promise((resolve) => socket.once('message', resolve));
  sockets.close();
  expect(await closed).toBe(CLOSE_CODES.going_away);
  expect(messages.map(({ t }) => t)).toEqual(['welcome', 'bye']);
});
