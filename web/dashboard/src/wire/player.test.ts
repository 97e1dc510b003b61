import { signal } from '@preact/signals';
import type { PlayCommand, PlayState } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import type { Link, Played } from './connection.ts';
import { createPlayer, type PlayRequest } from './player.ts';

const asked: PlayRequest = {
  run: 'replay-1',
  fromMs: 0,
  toMs: 1_000_000,
  atMs: 1_000,
  speed: 600,
  asKnown: true,
  paused: false,
};

/** A gateway that answers when it is told to. */
function gateway() {
  const link = signal<Link>({ kind: 'open' });
  const commands: PlayCommand[] = [];
  const waiting: ((answer: Played) => void)[] = [];
  let sessions = 0;
  let state: PlayState;
  const player = createPlayer({
    link,
    follow: () => () => undefined,
    play: (command) => {
      commands.push(command);
      return new Promise((resolve) => waiting.push(resolve));
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    player,
    link,
    commands,
    async answer(): Promise<void> {
      const command = commands.at(-waiting.length);
      if (command?.do === 'open') {
        const { run, fromMs, toMs, atMs = 0, speed, paused = false, asKnown = false } = command;
        state = {
          session: `s${++sessions}`,
          run,
          from_ms: fromMs,
          to_ms: toMs,
          at_ms: atMs,
          speed,
          paused,
          as_known: asKnown,
          ended: false,
        };
      } else if (command?.do === 'set')
        state = {
          ...state,
          at_ms: command.atMs ?? state.at_ms,
          speed: command.speed ?? state.speed,
          paused: command.paused ?? state.paused,
          as_known: command.asKnown ?? state.as_known,
        };
      waiting.shift()?.({ t: 'played', id: 1, session: state.session, state });
      await settle();
    },
    async lose(): Promise<void> {
      for (const resolve of waiting.splice(0)) resolve({ t: 'error', id: 1, code: 'disconnected', message: '' });
      link.value = { kind: 'waiting', attempt: 1, retryAtMs: 0 };
      await settle();
      link.value = { kind: 'open' };
      await settle();
    },
    /** A frame that the gateway had sent from an older position. */
    frameAt(atMs: number): void {
      player.world.apply(
        { channel: `play/${state.session}/overview`, epoch: 'e', seq: '1', as_of_ms: atMs, watermark_ms: atMs },
        { play: { ...state, at_ms: atMs } },
        false,
      );
    },
  };
}

async function opened() {
  const house = gateway();
  void house.player.open(asked);
  await house.answer();
  return house;
}

test('a finger that moves while a seek loads ends in one more seek, to where it is', async () => {
  const house = await opened();
  for (let atMs = 2_000; atMs <= 90_000; atMs += 1_000) void house.player.set({ atMs });
  expect(house.player.state.peek()?.at_ms).toBe(90_000);
  await house.answer();
  await house.answer();
  expect(house.commands.slice(1)).toEqual([
    { do: 'set', session: 's1', atMs: 2_000 },
    { do: 'set', session: 's1', atMs: 90_000 },
  ]);
  expect(house.player.isLoading.peek()).toBe(true);
  house.frameAt(90_000);
  expect(house.player.isLoading.peek()).toBe(false);
});

test('while a seek loads the position does not jump back; afterwards frames move it', async () => {
  const house = await opened();
  void house.player.set({ atMs: 50_000 });
  house.frameAt(1_250);
  expect(house.player.state.peek()?.at_ms).toBe(50_000);
  await house.answer();
  house.frameAt(51_000);
  expect(house.player.state.peek()?.at_ms).toBe(51_000);
});

test('two steps go twice as far, and what is asked for together is not lost', async () => {
  const house = await opened();
  const step = () => house.player.set({ atMs: (house.player.state.peek()?.at_ms ?? 0) + 300_000, paused: true });
  void step();
  void step();
  void house.player.set({ speed: 60 });
  await house.answer();
  await house.answer();
  expect(house.player.state.peek()).toMatchObject({ at_ms: 601_000, paused: true, speed: 60 });
});

test('after a lost connection it stands where it stood: moment, speed, pause and what was known', async () => {
  const house = await opened();
  void house.player.set({ atMs: 70_000, paused: true, asKnown: false, speed: 60 });
  await house.lose();
  expect(house.commands.at(-1)).toMatchObject({ do: 'open', atMs: 70_000, paused: true, asKnown: false, speed: 60 });
});

test('a run that was chosen and given up while it loaded is closed', async () => {
  const house = gateway();
  void house.player.open(asked);
  void house.player.open({ ...asked, run: 'replay-2' });
  await house.answer();
  expect(house.commands.at(-1)).toEqual({ do: 'close', session: 's1' });
});

test('another run takes the place of the one before: its session is closed first, and nothing of it is shown any more', async () => {
  const house = await opened();
  void house.player.open({ ...asked, run: 'replay-2' });
  expect(house.commands.slice(1)).toMatchObject([
    { do: 'close', session: 's1' },
    { do: 'open', run: 'replay-2' },
  ]);
  expect([house.player.session.peek(), house.player.state.peek()]).toEqual([null, null]);
  await house.answer();
  await house.answer();
  expect(house.player.state.peek()).toMatchObject({ session: 's2', run: 'replay-2' });
});

test('a session that went with its connection is not closed, and where it stood stays on screen', async () => {
  const house = await opened();
  await house.lose();
  expect(house.commands.map((command) => command.do)).toEqual(['open', 'open']);
  expect(house.player.state.peek()?.at_ms).toBe(1_000);
});
