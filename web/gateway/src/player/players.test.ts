import type { PlayCommand, RunSummary } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { fakeHistory, silentLog } from '../fakes.ts';
import { HOUR, NOW, rowOf } from '../testing.ts';
import { createPlayers, playersMax, playersOfClientMax } from './players.ts';

const RUN = 'replay-1';
const FROM = NOW - 10 * HOUR;
const FIVE = 300_000;

/** One 5-minute row every 5 minutes, numbered in TEU, known a minute after it ended. */
const ROWS = [
  ...Array.from({ length: 120 }, (_, i) =>
    rowOf({
      run: RUN,
      size_s: 300,
      start_ms: FROM + i * FIVE,
      known_at_ms: FROM + (i + 1) * FIVE + 60_000,
      measures: { teu: (i + 1) * 100, moves: 1 },
    }),
  ),
];

function house() {
  const history = fakeHistory(ROWS, [{ run: RUN } as RunSummary]);
  const players = createPlayers({ history, nowMs: () => 0, log: silentLog, opened: () => {} });
  const clock = { nowMs: 0 };
  return {
    players,
    async go(ms: number): Promise<void> {
      // What is read ahead arrives between two ticks.
      for (let i = 0; i < 20; i++) await Promise.resolve();
      clock.nowMs += ms;
      players.advance(clock.nowMs);
      for (let i = 0; i < 20; i++) await Promise.resolve();
    },
  };
}

const open: Extract<PlayCommand, { do: 'open' }> = { do: 'open', run: RUN, fromMs: FROM, toMs: NOW, speed: 3_600 };
const settle = () => new Promise((resolve) => setImmediate(resolve));

function bodyOf(players: ReturnType<typeof house>['players'], session: string) {
  return JSON.parse(`{${players.viewOf(`play/${session}/port:CNRZH`)?.snapshot()}}`);
}

test('a run plays at its speed, and shows only what has ended by then', async () => {
  const { players, go } = house();
  const state = await players.command({}, open);
  expect(state).toMatchObject({ run: RUN, at_ms: FROM, paused: false, ended: false });
  await go(0);
  await settle();
  await go(1_000);
  const body = bodyOf(players, state.session);
  expect(body.play.at_ms).toBe(FROM + HOUR);
  const fives = body.windows.filter(
    (window: { size_s: number; terminal: string }) => window.size_s === 300 && window.terminal === '',
  );
  expect(fives.map((window: { teu: number }) => window.teu)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(body.ports[0]).toMatchObject({ rate: 78, feed: 'live' });
});

test('frames carry what came since, and where the player is', async () => {
  const { players, go } = house();
  const { session } = await players.command({}, open);
  await go(0);
  await settle();
  const view = players.viewOf(`play/${session}/overview`);
  const cursor = view?.cursor() ?? '';
  await go(500);
  const frame = JSON.parse(`{${view?.since(cursor)}}`);
  expect(frame.windows.map((window: { teu: number }) => window.teu)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(frame.play.at_ms).toBe(FROM + HOUR / 2);
});

test('pause holds, a seek changes the epoch and shows the past', async () => {
  const { players, go } = house();
  const owner = {};
  const { session } = await players.command(owner, { ...open, paused: true });
  const epoch = players.epochOf(`play/${session}/overview`);
  await go(1_000);
  expect(bodyOf(players, session).play).toMatchObject({ at_ms: FROM, paused: true });
  await players.command(owner, { do: 'set', session, atMs: FROM + 2 * HOUR });
  expect(players.epochOf(`play/${session}/overview`)).not.toBe(epoch);
  const body = bodyOf(players, session);
  expect(body.play.at_ms).toBe(FROM + 2 * HOUR);
  expect(body.ports[0].rate).toBe(Array.from({ length: 12 }, (_, i) => i + 13).reduce((sum, teu) => sum + teu, 0));
});

test('as known, a window appears when it became known', async () => {
  const { players, go } = house();
  const { session } = await players.command({}, { ...open, asKnown: true });
  await go(0);
  await settle();
  const fives = () =>
    (bodyOf(players, session).windows ?? []).filter(
      ({ size_s, terminal }: { size_s: number; terminal: string }) => size_s === 300 && terminal === '',
    );
  // It ended after 300 s and was known after 360 s: 100 ms at this speed.
  await go(90);
  expect(fives()).toEqual([]);
  await go(20);
  expect(fives()).toHaveLength(1);
});

test('it ends at its end', async () => {
  const { players, go } = house();
  const { session } = await players.command({}, { ...open, atMs: NOW - FIVE });
  await go(0);
  await settle();
  await go(1_000);
  await go(1_000);
  expect(bodyOf(players, session).play).toMatchObject({ at_ms: NOW, ended: true });
});

test.each<[string, PlayCommand, string]>([
  ['an unknown run', { ...open, run: 'nothing' }, 'unknown_run'],
  ['a speed of zero', { ...open, speed: 0 }, 'bad_speed'],
  ['too fast', { ...open, speed: 10_001 }, 'bad_speed'],
  ['backwards', { ...open, fromMs: NOW, toMs: FROM }, 'bad_stretch'],
  ['an unknown session', { do: 'close', session: 'x' }, 'unknown_session'],
])('%s is refused', async (_what, command, code) => {
  await expect(house().players.command({}, command)).rejects.toMatchObject({ code });
});

test('a player is its owner’s alone, and both limits hold', async () => {
  const { players } = house();
  const [ann, bob] = [{}, {}];
  const { session } = await players.command(ann, open);
  await expect(players.command(bob, { do: 'close', session })).rejects.toMatchObject({ code: 'unknown_session' });
  for (let i = 1; i < playersOfClientMax; i++) await players.command(ann, open);
  await expect(players.command(ann, open)).rejects.toMatchObject({ code: 'too_many_players' });
  for (let i = playersOfClientMax; i < playersMax; i++) await players.command({}, open);
  await expect(players.command(bob, open)).rejects.toMatchObject({ code: 'too_many_players' });
  players.closeAll(ann);
  await players.command(bob, open);
});

test('live is played up to the present: what is to come is not there to be read', async () => {
  const presentMs = FROM + HOUR;
  const players = createPlayers({
    history: fakeHistory([], []),
    nowMs: () => presentMs,
    log: silentLog,
    opened: () => {},
  });
  const live = { ...open, run: 'live', toMs: FROM + 6 * HOUR };
  expect(await players.command({}, live)).toMatchObject({ at_ms: FROM, to_ms: presentMs, ended: false });
  await expect(players.command({}, { ...live, atMs: presentMs + 1 })).rejects.toMatchObject({ code: 'bad_stretch' });
});
