/**
 * One socket for the page: hello, subscriptions, acknowledgements, resume, retries, the watchdog and the pause of a hidden page.
 * Decides nothing about the data: updates go to `onUpdates` in order, those between two frames together, and a channel with a gap is taken anew.
 */
import { signal } from '@preact/signals';
import {
  type Channel,
  CLOSE_CODES,
  type ClientMessage,
  type PlayCommand,
  PROTOCOL_VERSION,
  type ServerMessage,
  SUBPROTOCOL,
} from '@quaywatch/contracts';
import { backoffMs } from './backoff.ts';
import { createStepWatch } from './clock-step.ts';
import { createCommits } from './commits.ts';
import { decodeServerMessage } from './decode.ts';
import { createFollower } from './follower.ts';

const WATCHDOG_MS = 45_000;
const ACK_EVERY_MS = 1_000;
const PING_AFTER_MS = 20_000;
const HIDDEN_CLOSE_MS = 60_000;
/** A clock that was set by more: how far it is from the gateway's is told by the next welcome. */
const STEP_MAX_MS = 10_000;
/** What a browser says of a connection that has ended without a word. */
const NO_ANSWER = 1006;
/** Updates that wait while the reader has paused; beyond it they are dropped and the channels taken anew on resume. */
const waitingMax = 2_000;

type Update = Extract<ServerMessage, { t: 'snapshot' | 'frame' }>;
export type Played = Extract<ServerMessage, { t: 'played' }> | Extract<ServerMessage, { t: 'error' }>;

export type Link =
  | { readonly kind: 'connecting' | 'open' | 'hidden' | 'unauthorised' }
  | { readonly kind: 'waiting'; readonly attempt: number; readonly retryAtMs: number };

export type Counters = { frames: number; gaps: number; resumes: number };
export type Connection = ReturnType<typeof createConnection>;

type Ports = {
  readonly url: string;
  readonly token: () => string | undefined;
  readonly onUpdates: (updates: readonly Update[]) => void;
  readonly counters: Counters;
};

export function createConnection({ url, token, onUpdates, counters }: Ports) {
  const link = signal<Link>({ kind: 'connecting' });
  const lastHeardMs = signal(Date.now());
  const clockOffsetMs = signal(0);
  const isSimulated = signal(true);
  const isPaused = signal(false);
  const waitingCount = signal(0);
  const follower = createFollower();
  const wanted = new Map<Channel, { id: number; readers: number }>();
  const acked = new Map<Channel, string>();
  /** Channels that the last hello would go on with. */
  let offered: readonly Channel[] = [];
  const answers = new Map<number, (answer: Played) => void>();
  const lostAt = new Map<Channel, number>();
  let waiting: Update[] = [];
  let nextId = 1;
  let attempt = 0;
  let isWelcome = false;
  let socket: WebSocket | undefined;
  let beat: ReturnType<typeof setInterval> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  // What is not followed any more when its frame comes is not applied: another session may have begun.
  const commit = createCommits<Update>((updates) => onUpdates(updates.filter(({ channel }) => wanted.has(channel))));

  const say = (message: ClientMessage) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const takeAnew = (channel: Channel) => {
    const entry = wanted.get(channel);
    if (entry === undefined) return;
    follower.forget(channel);
    say({ t: 'unsub', id: entry.id });
    entry.id = nextId++;
    say({ t: 'sub', id: entry.id, channel });
  };

  /** A channel that was left since the hello: its cursor serves once, and would be gone on from when it is asked for again. */
  const giveUpForgotten = () => {
    for (const channel of offered) {
      if (follower.cursors().has(channel)) continue;
      const id = nextId++;
      say({ t: 'sub', id, channel });
      say({ t: 'unsub', id });
    }
  };

  const onGap = (channel: Channel) => {
    counters.gaps += 1;
    const before = lostAt.get(channel) ?? Number.NEGATIVE_INFINITY;
    lostAt.set(channel, Date.now());
    if (Date.now() - before > 5_000) return takeAnew(channel);
    // Twice in a row: this connection cannot be put right, a fresh one without cursors can.
    follower.forgetAll();
    socket?.close();
  };

  const take = (update: Update) => {
    if (!wanted.has(update.channel)) return;
    const verdict = follower.judge(update);
    if (verdict === 'gap') return onGap(update.channel);
    if (verdict === 'ignore') return;
    counters.frames += 1;
    if (!isPaused.peek()) return commit(update);
    if (waiting.length < waitingMax) waiting.push(update);
    waitingCount.value += 1;
  };

  const welcome = (message: Extract<ServerMessage, { t: 'welcome' }>) => {
    attempt = 0;
    isWelcome = true;
    clockOffsetMs.value = message.server_time_ms - Date.now();
    isSimulated.value = message.simulated;
    if (message.resumed) counters.resumes += 1;
    else follower.forgetAll();
    follower.setEpoch(message.epoch);
    acked.clear();
    link.value = { kind: 'open' };
    if (message.resumed) giveUpForgotten();
    for (const [channel, entry] of wanted) {
      entry.id = nextId++;
      say({ t: 'sub', id: entry.id, channel });
    }
  };

  const receive = (text: string) => {
    lastHeardMs.value = Date.now();
    const message = decodeServerMessage(text);
    if (message === undefined) return;
    switch (message.t) {
      case 'welcome':
        return welcome(message);
      case 'snapshot':
      case 'frame':
        return take(message);
      case 'played':
        answers.get(message.id)?.(message);
        answers.delete(message.id);
        return;
      case 'error':
        if (message.id === undefined) return;
        answers.get(message.id)?.(message);
        answers.delete(message.id);
        return;
      case 'bye':
      case 'pong':
        return;
    }
  };

  const waitAndRetry = (afterMs: number) => {
    clearTimeout(retryTimer);
    link.value = { kind: 'waiting', attempt, retryAtMs: Date.now() + afterMs };
    retryTimer = setTimeout(connect, afterMs);
  };

  /** The socket is gone or given up: nobody answers any more what was said on it. */
  const leaveSocket = () => {
    clearInterval(beat);
    socket = undefined;
    isWelcome = false;
    for (const [id, answer] of answers) answer({ t: 'error', id, code: 'disconnected', message: '' });
    answers.clear();
  };

  const onClose = (code: number) => {
    leaveSocket();
    if (link.peek().kind === 'hidden') return;
    if (code === CLOSE_CODES.unauthorised) {
      link.value = { kind: 'unauthorised' };
      return;
    }
    attempt += 1;
    waitAndRetry(backoffMs(attempt, Math.random()));
  };

  function connect(): void {
    clearTimeout(retryTimer);
    if (socket !== undefined) return;
    if (link.peek().kind !== 'waiting') link.value = { kind: 'connecting' };
    const opened = new WebSocket(url, SUBPROTOCOL);
    socket = opened;
    lastHeardMs.value = Math.max(lastHeardMs.peek(), 0);
    let openedAtMs = Date.now();
    opened.onopen = () => {
      openedAtMs = Date.now();
      const resume = follower.resume([...wanted.keys()].filter((channel) => !channel.startsWith('play/')));
      offered = Object.keys(resume?.cursors ?? {});
      const secret = token();
      say({
        t: 'hello',
        v: PROTOCOL_VERSION,
        ...(secret === undefined ? {} : { token: secret }),
        ...(resume === undefined ? {} : { resume }),
      });
    };
    // One that was given up may still have something to say.
    opened.onmessage = (event: MessageEvent) => {
      if (socket === opened) receive(String(event.data));
    };
    opened.onclose = (event: CloseEvent) => {
      if (socket === opened) onClose(event.code);
    };
    const stepMs = createStepWatch();
    beat = setInterval(() => {
      const quietMs = Date.now() - Math.max(lastHeardMs.peek(), openedAtMs);
      if (quietMs > WATCHDOG_MS || Math.abs(stepMs()) > STEP_MAX_MS) {
        opened.close();
        // Where nobody is left to answer, the browser tells of the end only after another minute.
        return onClose(NO_ANSWER);
      }
      if (!isWelcome) return;
      for (const [channel, cursor] of follower.cursors())
        if (acked.get(channel) !== cursor && wanted.has(channel)) {
          acked.set(channel, cursor);
          say({ t: 'ack', channel, seq: cursor });
        }
      if (quietMs > PING_AFTER_MS) say({ t: 'ping', at: Date.now() });
    }, ACK_EVERY_MS);
  }

  const onVisibility = () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        clearTimeout(retryTimer);
        link.value = { kind: 'hidden' };
        socket?.close();
      }, HIDDEN_CLOSE_MS);
    } else if (link.peek().kind === 'hidden') {
      link.value = { kind: 'connecting' };
      // A page that slept may not have been told yet that its socket is closed.
      leaveSocket();
      connect();
    }
  };

  return {
    link,
    lastHeardMs,
    clockOffsetMs,
    isSimulated,
    isPaused,
    waitingCount,
    start(): void {
      document.addEventListener('visibilitychange', onVisibility);
      connect();
    },
    /** The reader asks for it now. */
    retry(): void {
      if (socket === undefined) connect();
    },
    /** Follows a channel until the answer is called. Several readers share one subscription. */
    follow(channel: Channel): () => void {
      const known = wanted.get(channel);
      const entry = known ?? { id: nextId++, readers: 0 };
      entry.readers += 1;
      if (known === undefined) {
        wanted.set(channel, entry);
        if (isWelcome) say({ t: 'sub', id: entry.id, channel });
      }
      return () => {
        entry.readers -= 1;
        if (entry.readers > 0 || wanted.get(channel) !== entry) return;
        wanted.delete(channel);
        follower.forget(channel);
        acked.delete(channel);
        if (isWelcome) say({ t: 'unsub', id: entry.id });
      };
    },
    pause(): void {
      isPaused.value = true;
    },
    resume(): void {
      isPaused.value = false;
      const isWhole = waitingCount.peek() <= waitingMax;
      const updates = waiting;
      waiting = [];
      waitingCount.value = 0;
      if (isWhole) for (const update of updates) commit(update);
      else for (const channel of [...wanted.keys()]) takeAnew(channel);
    },
    /** A player command; the answer is the player's state or an error with its code. */
    play(command: PlayCommand): Promise<Played> {
      const id = nextId++;
      const canAsk = isWelcome && socket?.readyState === WebSocket.OPEN;
      if (!canAsk) return Promise.resolve({ t: 'error', id, code: 'disconnected', message: '' });
      return new Promise((resolve) => {
        answers.set(id, resolve);
        say({ t: 'play', id, command });
      });
    },
  };
}
