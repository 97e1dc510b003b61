/**
 * One played run: opens a session, follows its channels into a world of its own, and passes commands on, one at a time.
 * After a lost connection the session is opened again where it stood; the gateway closes sessions with their socket.
 */
import { computed, effect, signal } from '@preact/signals';
import type { PlayCommand, PlayState } from '@quaywatch/contracts';
import type { Connection, Played } from './connection.ts';
import { createWorld } from './store.ts';

export type PlayRequest = {
  run: string;
  fromMs: number;
  toMs: number;
  atMs: number;
  speed: number;
  asKnown: boolean;
  paused: boolean;
};
export type Player = ReturnType<typeof createPlayer>;
export type Change = Omit<Extract<PlayCommand, { do: 'set' }>, 'do' | 'session'>;

const FIRST_LOAD_MS = 1_500;

const reasonOf = (answer: Extract<Played, { t: 'error' }>) => (answer.message === '' ? answer.code : answer.message);

export function createPlayer(connection: Pick<Connection, 'link' | 'play' | 'follow'>) {
  const world = createWorld();
  const session = signal<string | null>(null);
  const state = signal<PlayState | null>(null);
  const failure = signal<string | null>(null);
  const request = signal<PlayRequest | null>(null);
  /** Asked for and not answered yet: what the gateway says of the position meanwhile is older than the reader's wish. */
  const isBusy = signal(false);
  let wish: Change | null = null;
  /** What the last position took to load, ms. */
  let loadMs = FIRST_LOAD_MS;
  let releases: (() => void)[] = [];

  const release = () => {
    for (const leave of releases) leave();
    releases = [];
  };

  /** Gives up what is held. The gateway keeps a session until it is closed or its socket is gone. */
  const leave = async () => {
    const held = session.peek();
    release();
    world.clear();
    wish = null;
    session.value = null;
    if (held !== null) await connection.play({ do: 'close', session: held });
  };

  const begin = async (asked: PlayRequest) => {
    request.value = asked;
    failure.value = null;
    const { run, fromMs, toMs, atMs, speed, asKnown, paused } = asked;
    const askedAtMs = performance.now();
    const answer = await connection.play({ do: 'open', run, fromMs, toMs, atMs, speed, asKnown, paused });
    if (request.peek() !== asked) {
      // Somebody has chosen another one meanwhile: nobody would steer or close this one.
      if (answer.t === 'played') await connection.play({ do: 'close', session: answer.session });
      return;
    }
    if (answer.t === 'error') {
      failure.value = reasonOf(answer);
      return;
    }
    loadMs = performance.now() - askedAtMs;
    session.value = answer.session;
    state.value = answer.state;
    releases = ['overview', 'alerts'].map((channel) => connection.follow(`play/${answer.session}/${channel}`));
  };

  /** Sends what is wished until nothing is: while one seek loads, a hundred movements of a finger become one more. */
  const send = async () => {
    if (isBusy.peek()) return;
    isBusy.value = true;
    while (wish !== null) {
      const current = session.peek();
      const change = wish;
      wish = null;
      if (current === null) break;
      const askedAtMs = performance.now();
      const answer = await connection.play({ do: 'set', session: current, ...change });
      if (session.peek() !== current) continue;
      if (change.atMs !== undefined) loadMs = performance.now() - askedAtMs;
      if (answer.t === 'error') failure.value = reasonOf(answer);
      else {
        failure.value = null;
        if (wish === null) state.value = answer.state;
      }
    }
    isBusy.value = false;
  };

  // The position in a frame is newer than the one in an answer.
  effect(() => {
    const played = world.play.value;
    if (played !== null && played.session === session.peek() && !isBusy.peek()) state.value = played;
  });
  let wasOpen = false;
  effect(() => {
    const isOpen = connection.link.value.kind === 'open';
    const asked = request.peek();
    const isLost =
      isOpen && !wasOpen && asked !== null && (session.peek() !== null || failure.peek() === 'disconnected');
    wasOpen = isOpen;
    if (!isLost || asked === null) return;
    const at = state.peek();
    // The session went with its socket: nothing is left to close, and where it stood stays on screen.
    session.value = null;
    void leave();
    if (at === null) void begin({ ...asked });
    else void begin({ ...asked, atMs: at.at_ms, speed: at.speed, asKnown: at.as_known, paused: at.paused });
  });

  return {
    world,
    session,
    state,
    failure,
    request,
    /** The played picture is of another moment than the one asked for. */
    isLoading: computed(() => isBusy.value || (request.value !== null && world.clock.value === null)),
    /** Closes the session that is held: the gateway takes commands in order, so its place is free for this one. */
    async open(asked: PlayRequest): Promise<void> {
      void leave();
      state.value = null;
      await begin(asked);
    },
    loadMs: () => loadMs,
    /** Shown at once, so that the next step goes on from here; the gateway's answer follows. */
    async set(change: Change): Promise<void> {
      const now = state.peek();
      if (session.peek() === null || now === null) return;
      wish = { ...wish, ...change };
      state.value = {
        ...now,
        at_ms: change.atMs ?? now.at_ms,
        speed: change.speed ?? now.speed,
        paused: change.paused ?? now.paused,
        as_known: change.asKnown ?? now.as_known,
      };
      await send();
    },
    async close(): Promise<void> {
      state.value = null;
      request.value = null;
      failure.value = null;
      await leave();
    },
  };
}
