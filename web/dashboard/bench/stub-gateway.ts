/**
 * A gateway of made-up figures for the page's benchmark: the built page over HTTP, and the socket with every port at 4 Hz.
 * It keeps no log and resumes nothing; `hurry` plays a day in little time.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { type FrameBody, PORTS, PROTOCOL_VERSION, SUBPROTOCOL, WIRE_LIMITS } from '@quaywatch/contracts';
import { type WebSocket, WebSocketServer } from 'ws';
import { PAGE_HEADERS } from '../../gateway/src/http/headers.ts';
import { alertAt, answerAt, nationAt, portAt, statusAt, terminalsAt, WINDOW_MS, windowAt } from './figures.ts';

const FRAME_MS = 250;
/** As many as the page keeps: a ring that is full grows no more. */
const HISTORY = 900;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** What a channel carries at a moment; a snapshot has the windows behind it too. */
function bodyOf(channel: string, timeMs: number, isSnapshot: boolean): FrameBody {
  const openMs = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
  const count = isSnapshot ? HISTORY : 2;
  if (channel === 'alerts')
    return isSnapshot ? { alerts: [alertAt(timeMs - 2 * 3_600_000)], actions: [], rules: [], notifications: [] } : {};
  if (channel === 'status') return { status: statusAt(timeMs) };
  const windowsOf = (code: string, index: number) =>
    Array.from({ length: count }, (_, back) =>
      windowAt(code, index, 300, openMs - (count - 1 - back) * WINDOW_MS, back === count - 1),
    );
  if (channel.startsWith('port:')) {
    const code = channel.slice(5);
    const index = PORTS.findIndex((port) => port.code === code);
    return {
      // Every terminal of the country, whichever port is looked at: a hundred rows that change four times a second.
      terminals: terminalsAt(timeMs),
      calls: [],
      windows: windowsOf(code, index),
    };
  }
  const ports = PORTS.map((port, index) => portAt(index, port.code, timeMs));
  return { ports, nation: nationAt(ports), windows: PORTS.flatMap((port, index) => windowsOf(port.code, index)) };
}

type Sub = { readonly id: number; seq: number };

function serve(socket: WebSocket, now: () => number): () => void {
  const subs = new Map<string, Sub>();
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  const head = (channel: string, seq: number) => ({
    channel,
    epoch: 'bench',
    seq: String(seq),
    as_of_ms: now(),
    watermark_ms: now() - 1000,
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { t: string; id: number; channel: string };
    if (message.t === 'hello')
      send({
        t: 'welcome',
        v: PROTOCOL_VERSION,
        epoch: 'bench',
        server_time_ms: now(),
        heartbeat_ms: 20_000,
        limits: WIRE_LIMITS,
        simulated: true,
        version: 'bench',
        resumed: false,
      });
    if (message.t === 'ping') send({ t: 'pong', at: 0 });
    if (message.t === 'unsub') for (const [channel, sub] of subs) if (sub.id === message.id) subs.delete(channel);
    if (message.t !== 'sub') return;
    subs.set(message.channel, { id: message.id, seq: 0 });
    send({ t: 'snapshot', id: message.id, ...head(message.channel, 0), ...bodyOf(message.channel, now(), true) });
  });
  return () => {
    if (socket.readyState !== socket.OPEN) return;
    for (const [channel, sub] of subs) {
      const prev = String(sub.seq);
      sub.seq += 1;
      send({ t: 'frame', prev, ...head(channel, sub.seq), ...bodyOf(channel, now(), false) });
    }
  };
}

type Answer = { readonly body: Buffer | string; readonly type: string; readonly status: number };

function answerOf(dist: string, path: string, timeMs: number): Answer {
  const nothing = { body: 'nothing here', type: 'text/plain', status: 404 };
  const url = new URL(path, 'http://127.0.0.1');
  if (url.pathname.startsWith('/api/')) {
    const answer = answerAt(url, timeMs);
    return answer === undefined ? nothing : { body: JSON.stringify(answer), type: 'application/json', status: 200 };
  }
  const file = url.pathname === '/' ? '/index.html' : normalize(url.pathname);
  try {
    return { body: readFileSync(join(dist, file)), type: TYPES[extname(file)] ?? 'text/plain', status: 200 };
  } catch {
    return nothing;
  }
}

export type StubGateway = {
  readonly url: string;
  /** Log time per frame from now on, and the time between two frames, ms. */
  readonly hurry: (stepMs: number, everyMs: number) => void;
  /** Sends nothing until it is hurried again. */
  readonly hold: () => void;
  readonly frames: () => number;
  readonly stop: () => void;
};

/** @param dist the built page. Log time begins at `startMs` and passes as it passes, until it is hurried or held (0 ms a frame). */
export async function startStubGateway(dist: string, startMs: number = Date.now()): Promise<StubGateway> {
  let logMs = startMs;
  let frames = 0;
  let stepMs = FRAME_MS;
  const ticks = new Set<() => void>();
  const server = createServer((request, response) => {
    const { body, type, status } = answerOf(dist, request.url ?? '/', logMs);
    response.writeHead(status, { ...PAGE_HEADERS, 'content-type': type }).end(body);
  });
  const sockets = new WebSocketServer({ server, path: '/ws', handleProtocols: () => SUBPROTOCOL });
  sockets.on('connection', (socket) => {
    const tick = serve(socket, () => logMs);
    ticks.add(tick);
    socket.on('close', () => ticks.delete(tick));
  });
  const beat = () => {
    logMs += stepMs;
    frames += 1;
    for (const tick of ticks) tick();
  };
  let timer = setInterval(beat, FRAME_MS);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    hurry: (step, everyMs) => {
      stepMs = step;
      clearInterval(timer);
      timer = setInterval(beat, everyMs);
    },
    hold: () => clearInterval(timer),
    frames: () => frames,
    stop: () => {
      clearInterval(timer);
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}
