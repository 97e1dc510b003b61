/**
 * One played run: opens a session, follows its channels into a world of its own, and passes commands on.
 * After a lost connection the session is opened again where it stood; the gateway closes sessions with their socket.
 */
import { effect, signal } from '@preact/signals';
import type { PlayCommand, PlayState } from '@quaywatch/contracts';
import type { Connection } from './connection.ts';
import { createWorld } from './store.ts';

export type PlayRequest = { run: string; fromMs: number; toMs: number; atMs: number; speed: number; asKnown: boolean };
export type Player = ReturnType<typeof createPlayer>;
type Change = Omit<Extract<PlayCommand, { do: 'set' }>, 'do' | 'session'>;

export function createPlayer(connection: Connection) {
  const world = createWorld();
  const session = signal<string | null>(null);
  const state = signal<PlayState | null>(null);
  const failure = signal<string | null>(null);
  const request = signal<PlayRequest | null>(null);
  let releases: (() => void)[] = [];

  const release = () => {
    for (const leave of releases) leave();
    releases = [];
  };

  const open = async (asked: PlayRequest, paused: boolean) => {
    release();
    world.clear();
    request.value = asked;
    failure.value = null;
    const answer = await connection.play({
      do: 'open',
      run: asked.run,
      fromMs: asked.fromMs,
      toMs: asked.toMs,
      atMs: asked.atMs,
      speed: asked.speed,
      asKnown: asked.asKnown,
      paused,
    });
    if (request.peek() !== asked) return;
    if (answer.t === 'error') {
      failure.value = answer.message === '' ? answer.code : answer.message;
      session.value = null;
      return;
    }
    session.value = answer.session;
    state.value = answer.state;
    releases = ['overview', 'alerts'].map((channel) => connection.follow(`play/${answer.session}/${channel}`));
  };

  // The position in a frame is newer than the one in an answer.
  effect(() => {
    const played = world.play.value;
    if (played !== null && played.session === session.peek()) state.value = played;
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
    void open({ ...asked, atMs: at?.at_ms ?? asked.atMs, speed: at?.speed ?? asked.speed }, at?.paused ?? false);
  });

  return {
    world,
    session,
    state,
    failure,
    request,
    open: (asked: PlayRequest) => open(asked, false),
    async set(change: Change): Promise<void> {
      const current = session.peek();
      if (current === null) return;
      const answer = await connection.play({ do: 'set', session: current, ...change });
      if (answer.t === 'played' && session.peek() === current) state.value = answer.state;
      if (answer.t === 'error') failure.value = answer.message === '' ? answer.code : answer.message;
    },
    async close(): Promise<void> {
      const current = session.peek();
      release();
      session.value = null;
      state.value = null;
      request.value = null;
      failure.value = null;
      world.clear();
      if (current !== null) await connection.play({ do: 'close', session: current });
    },
  };
}
