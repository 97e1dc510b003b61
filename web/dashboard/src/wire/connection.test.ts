import { CLOSE_CODES, PROTOCOL_VERSION } from '@quaywatch/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConnection } from './connection.ts';

type Said = { readonly t: string; readonly id?: number; readonly channel?: string };

/** A socket whose other end is the test. A closing one tells so only when its end comes. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  readonly said: Said[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  constructor() {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.said.push(JSON.parse(text) as Said);
  }
  close(): void {
    this.readyState = 2;
  }
  hear(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
  opens(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }
  welcome(resumed = false): void {
    if (this.readyState !== FakeSocket.OPEN) this.opens();
    this.hear({
      t: 'welcome',
      v: PROTOCOL_VERSION,
      version: 'test',
      epoch: 'e',
      server_time_ms: 0,
      simulated: true,
      resumed,
    });
  }
  end(code: number): void {
    this.readyState = 3;
    this.onclose({ code });
  }
}

/** A document that can be hidden. */
const sight = { isHidden: false, tell: () => undefined as unknown };
const show = (isShown: boolean) => {
  sight.isHidden = !isShown;
  sight.tell();
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  sight.isHidden = false;
  const document = {
    get hidden() {
      return sight.isHidden;
    },
    addEventListener: (_name: string, listener: () => void) => {
      sight.tell = listener;
    },
  };
  Object.assign(globalThis, {
    realSocket: globalThis.WebSocket,
    WebSocket: FakeSocket,
    document,
    requestAnimationFrame: () => 0,
  });
});
afterEach(() => {
  vi.useRealTimers();
  Object.assign(globalThis, { WebSocket: (globalThis as unknown as { realSocket: unknown }).realSocket });
  Reflect.deleteProperty(globalThis, 'realSocket');
  Reflect.deleteProperty(globalThis, 'document');
  Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
});

function open() {
  const counters = { frames: 0, gaps: 0, resumes: 0 };
  const connection = createConnection({
    url: 'ws://page',
    token: () => undefined,
    onUpdates: () => undefined,
    counters,
  });
  connection.start();
  const [socket] = FakeSocket.all;
  if (socket === undefined) throw new Error('No socket was opened.');
  socket.welcome();
  expect(connection.link.peek().kind).toBe('open');
  return { connection, socket };
}
/** A minute out of sight, over which the socket still hears: only then is it closed for being hidden. */
function hide(socket: FakeSocket): void {
  show(false);
  vi.advanceTimersByTime(40_000);
  socket.hear({ t: 'pong', at: 0 });
  vi.advanceTimersByTime(20_000);
}
const set = { do: 'set', session: 's1', paused: true } as const;

test('a page that wakes before it is told that its socket is closed: what was asked is answered, and nothing goes to the old one', async () => {
  const { connection, socket } = open();
  const asked = connection.play(set);
  hide(socket);
  expect(connection.link.peek().kind).toBe('hidden');
  await expect(connection.play(set)).resolves.toMatchObject({ t: 'error', code: 'disconnected' });
  show(true);
  await expect(asked).resolves.toMatchObject({ t: 'error', code: 'disconnected' });
  expect(connection.link.peek().kind).toBe('connecting');
  await expect(connection.play(set)).resolves.toMatchObject({ t: 'error', code: 'disconnected' });

  const next = FakeSocket.all[1];
  next?.welcome();
  const saidBefore = socket.said.length;
  socket.hear({ t: 'error', code: 'too_slow', message: '' });
  socket.end(1006);
  expect(connection.link.peek().kind).toBe('open');
  const again = connection.play(set);
  const id = next?.said.at(-1)?.id ?? 0;
  socket.hear({ t: 'error', id, code: 'unknown_session', message: 'of the old one' });
  next?.hear({ t: 'error', id, code: 'unknown_session', message: 'of the new one' });
  await expect(again).resolves.toMatchObject({ message: 'of the new one' });
  expect(socket.said.length).toBe(saidBefore);
});

test('one heart beats: after a wake-up nothing closes the new socket for the silence of the old one', () => {
  const { socket } = open();
  hide(socket);
  show(true);
  const next = FakeSocket.all[1];
  next?.welcome();
  expect(vi.getTimerCount()).toBe(1);
});

test('a socket that ends answers what was asked, and the page tries again', async () => {
  const { connection, socket } = open();
  const asked = connection.play(set);
  socket.end(CLOSE_CODES.too_many_messages);
  await expect(asked).resolves.toMatchObject({ code: 'disconnected' });
  expect(connection.link.peek()).toMatchObject({ kind: 'waiting', attempt: 1 });
  vi.advanceTimersByTime(1_000);
  expect(FakeSocket.all.length).toBe(2);
});

const snapshot = (id: number, seq: string) => ({ t: 'snapshot', id, channel: 'port:CNSGH', seq });

test('a port that is left and looked at again while the page resumes is taken anew: the gateway would go on from what is forgotten', () => {
  const { connection, socket } = open();
  const leave = connection.follow('port:CNSGH');
  socket.hear(snapshot(1, '5'));
  socket.end(1006);
  vi.advanceTimersByTime(30_000);
  const next = FakeSocket.all[1];
  if (next === undefined) throw new Error('No other socket was opened.');
  next.opens();
  expect(next.said[0]).toMatchObject({ t: 'hello', resume: { cursors: { 'port:CNSGH': '5' } } });
  leave();
  connection.follow('port:CNSGH');
  next.welcome(true);
  const said = next.said.filter(({ t }) => t === 'sub' || t === 'unsub');
  expect(said.map(({ t }) => t)).toEqual(['sub', 'unsub', 'sub']);
  expect(said[0]?.id).toBe(said[1]?.id);
});

test('a silent socket is left at once: its end may be told a minute later', () => {
  const { connection, socket } = open();
  vi.advanceTimersByTime(46_000);
  expect(connection.link.peek().kind).not.toBe('open');
  expect(socket.readyState).toBe(2);
  vi.advanceTimersByTime(30_000);
  FakeSocket.all[1]?.welcome();
  expect(connection.link.peek().kind).toBe('open');
  socket.end(1006);
  expect(connection.link.peek().kind).toBe('open');
});

test('a machine whose clock is set asks the gateway for its time again', () => {
  const { connection, socket } = open();
  const beat = () => {
    socket.hear({ t: 'pong', at: 0 });
    vi.advanceTimersByTime(1_000);
  };
  beat();
  beat();
  expect(connection.link.peek().kind).toBe('open');
  vi.setSystemTime(Date.now() - 3_600_000);
  beat();
  expect(connection.link.peek()).toMatchObject({ kind: 'waiting' });
  vi.advanceTimersByTime(1_000);
  FakeSocket.all[1]?.welcome();
  expect(connection.clockOffsetMs.peek()).toBe(-Date.now());
  for (let count = 0; count < 5; count += 1) {
    FakeSocket.all[1]?.hear({ t: 'pong', at: 0 });
    vi.advanceTimersByTime(1_000);
  }
  expect(connection.link.peek().kind).toBe('open');
});
