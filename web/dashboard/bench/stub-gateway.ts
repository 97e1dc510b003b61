/**
 * A gateway of made-up figures for the page's benchmark: the built page over HTTP, and the socket with every port at 4 Hz.
 * It keeps no log and resumes nothing; `hurry` plays a day in little time.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import {
  type FrameBody,
  type NationSummary,
  PORTS,
  type PortSummary,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
  TERMINALS,
  type TerminalSummary,
  WIRE_LIMITS,
  type WindowPoint,
} from '@quaywatch/contracts';
import { type WebSocket, WebSocketServer } from 'ws';

const FRAME_MS = 250;
const WINDOW_MS = 300_000;
/** As many as the page keeps: a ring that is full grows no more. */
const HISTORY = 900;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'";

/** Figures that move and never repeat, the same in every run. */
const wave = (index: number, timeMs: number) =>
  1 + 0.2 * Math.sin(timeMs / 37_000 + index) + 0.1 * Math.sin(timeMs / 5_100 + 3 * index);

function portAt(index: number, code: string, timeMs: number): PortSummary {
  const expected = 40 + 90 * (index % 37);
  return {
    port: code,
    rate: Math.round(expected * wave(index, timeMs)),
    expected,
    band: expected * 0.2,
    today: Math.round((timeMs % 86_400_000) / 1000 + index),
    ytd: 1_000_000 + Math.round(timeMs / 1e7),
    yoy_pct: 5 + wave(index, timeMs),
    feed: 'live',
    feed_age_s: (timeMs / 250) % 5,
    feeds: { live: 3, all: 3 },
    completeness: 1,
    provisional: false,
    boxes_today: Math.round((timeMs % 86_400_000) / 2000),
    mix: {
      load: 50,
      export: 50,
      laden: 75,
      direct_pick_up: 2 + wave(index, timeMs),
      direct_loading: 5,
      rail_sea: 3,
      rail_single_waybill: 2,
      rail_single_container: 1,
      barge: 8,
      departure_confirmed: 11,
      mixed_trade_call: 35,
    },
  };
}

function terminalAt(index: number, code: string, timeMs: number): TerminalSummary {
  const rate = Math.round(200 * wave(index, timeMs));
  return {
    terminal: code,
    rate,
    expected: 200,
    today: Math.round((timeMs % 86_400_000) / 9000),
    boxes_today: Math.round((timeMs % 86_400_000) / 15_000),
    state: 'working',
    state_since_ms: null,
    feed: 'live',
    feed_age_s: (timeMs / 250) % 9,
  };
}

function windowAt(port: string, index: number, startMs: number, isOpen: boolean): WindowPoint {
  const expected = (40 + 90 * (index % 37)) / 12;
  return {
    port,
    terminal: '',
    size_s: 300,
    start_ms: startMs,
    teu: Math.round(expected * wave(index, startMs)),
    moves: 10,
    expected,
    band: expected * 0.3,
    last_year: expected * 0.95,
    revision: 0,
    completeness: 1,
    ...(isOpen ? { open: true } : {}),
  };
}

function nationAt(ports: readonly PortSummary[]): NationSummary {
  const sum = (of: (port: PortSummary) => number | null) => ports.reduce((total, port) => total + (of(port) ?? 0), 0);
  return {
    rate: sum((port) => port.rate),
    expected: sum((port) => port.expected),
    band: 900,
    ports_reporting: ports.length,
    ports_all: ports.length,
    ports_left_out: [],
    today: sum((port) => port.today),
    ytd: sum((port) => port.ytd),
    live_since_ms: 0,
    yoy: {
      official_pct: 11.4,
      daily_average_pct: 11.9,
      weekday_aligned_pct: 11.2,
      new_year_aligned_pct: null,
      per_day: 372_431,
      base_per_day: 334_000,
      base_basis: 'modelled',
    },
    path: {
      period: '2026H2',
      target: 70_000_000,
      path_now: 50_000_000,
      count: 50_100_000,
      distance: 100_000,
      needed_per_day: 380_000,
      last_7_days_per_day: 381_000,
      at_this_pace: 70_100_000,
      basis: 'modelled',
    },
    mix: ports[0]?.mix ?? null,
    by_cluster: [],
  };
}

/** What a channel carries at a moment; a snapshot has the windows behind it too. */
function bodyOf(channel: string, timeMs: number, isSnapshot: boolean): FrameBody {
  const openMs = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
  const count = isSnapshot ? HISTORY : 2;
  if (channel === 'alerts') return isSnapshot ? { alerts: [], actions: [], rules: [], notifications: [] } : {};
  if (channel === 'status') return {};
  const windowsOf = (code: string, index: number) =>
    Array.from({ length: count }, (_, back) =>
      windowAt(code, index, openMs - (count - 1 - back) * WINDOW_MS, back === count - 1),
    );
  if (channel.startsWith('port:')) {
    const code = channel.slice(5);
    const index = PORTS.findIndex((port) => port.code === code);
    return {
      // Every terminal of the country, whichever port is looked at: a hundred rows that change four times a second.
      terminals: TERMINALS.map((terminal, place) => terminalAt(place, terminal.code, timeMs)),
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

function answerOf(dist: string, url: string): { body: Buffer | string; type: string; status: number } {
  if (url.startsWith('/api/')) {
    const none = {
      as_of: 0,
      windows: [],
      alerts: [],
      runs: [],
      rows: [],
      scenario: [],
      dead_letters: [],
      next_cursor: null,
      comparators: nationAt([]).yoy,
      path: null,
      path_series: [],
    };
    return { body: JSON.stringify(none), type: 'application/json', status: 200 };
  }
  const path = normalize(url.split('?')[0] ?? '/');
  try {
    const file = path === '/' ? '/index.html' : path;
    return { body: readFileSync(join(dist, file)), type: TYPES[extname(file)] ?? 'text/plain', status: 200 };
  } catch {
    return { body: 'nothing here', type: 'text/plain', status: 404 };
  }
}

export type StubGateway = {
  readonly url: string;
  /** Log time per frame from now on, ms. */
  readonly hurry: (stepMs: number, everyMs: number) => void;
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
    const { body, type, status } = answerOf(dist, request.url ?? '/');
    response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY }).end(body);
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
    frames: () => frames,
    stop: () => {
      clearInterval(timer);
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}
