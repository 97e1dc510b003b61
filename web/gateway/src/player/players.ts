/**
 * All players: opening, steering and closing them within limits, and their channels `play/<session>/…`.
 */
import { randomBytes } from 'node:crypto';
import type { Channel, PlayCommand, PlayState } from '@quaywatch/contracts';
import type { Log } from '@quaywatch/runtime';
import type { History } from '../history.ts';
import { PlayError } from '../socket/session.ts';
import type { View } from '../socket/view.ts';
import { createPlayer, type Player } from './player.ts';

export const playersMax = 16;
export const playersOfClientMax = 4;
const speedMax = 10_000;

export type PlayersPorts = {
  readonly history: History;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly opened: (count: number) => void;
};

type Entry = { readonly owner: object; readonly player: Player; generation: number };

const channelPattern = /^play\/([0-9a-f]+)\/(.+)$/;

function checkSpeed(speed: number | undefined): void {
  if (speed !== undefined && !(speed > 0 && speed <= speedMax))
    throw new PlayError('bad_speed', `The speed is more than 0 and at most ${speedMax}.`);
}

export function createPlayers(ports: PlayersPorts) {
  const entries = new Map<string, Entry>();
  /** Opens that are still loading count too, or a burst would pass the limit. */
  const opening = new Map<object, number>();
  let advancedMs = ports.nowMs();

  const ownedBy = (owner: object) =>
    [...entries.values()].filter((entry) => entry.owner === owner).length + (opening.get(owner) ?? 0);

  const checkRoom = (owner: object) => {
    const loading = [...opening.values()].reduce((sum, count) => sum + count, 0);
    if (entries.size + loading >= playersMax)
      throw new PlayError('too_many_players', `${playersMax} players are open. Try again later.`);
    if (ownedBy(owner) >= playersOfClientMax)
      throw new PlayError('too_many_players', `At most ${playersOfClientMax} players a client. Close one first.`);
  };

  const open = async (owner: object, command: Extract<PlayCommand, { do: 'open' }>): Promise<PlayState> => {
    checkRoom(owner);
    checkSpeed(command.speed);
    const { run, fromMs } = command;
    // Live has no future yet: a clock that ran ahead of it would show standing ports, and never what then comes.
    const toMs = run === 'live' ? Math.min(command.toMs, ports.nowMs()) : command.toMs;
    const atMs = command.atMs ?? fromMs;
    if (!(fromMs < toMs) || atMs < fromMs || atMs > toMs)
      throw new PlayError('bad_stretch', 'fromMs ≤ atMs ≤ toMs and fromMs < toMs.');
    opening.set(owner, (opening.get(owner) ?? 0) + 1);
    try {
      if (run !== 'live' && !(await ports.history.runs()).some((known) => known.run === run))
        throw new PlayError('unknown_run', `There is no run ${run}.`);
      const session = randomBytes(8).toString('hex');
      const settings = {
        session,
        run,
        fromMs,
        toMs,
        atMs,
        speed: command.speed,
        paused: command.paused ?? false,
        asKnown: command.asKnown ?? false,
      };
      const entry: Entry = {
        owner,
        player: createPlayer(settings, ports.history, () => entry.generation),
        generation: 0,
      };
      await entry.player.load();
      // The client may have gone while it loaded.
      if (opening.has(owner)) entries.set(session, entry);
      ports.opened(entries.size);
      return entry.player.playState();
    } finally {
      const left = (opening.get(owner) ?? 1) - 1;
      if (left > 0) opening.set(owner, left);
      else opening.delete(owner);
    }
  };

  const entryOf = (owner: object, session: string): Entry => {
    const entry = entries.get(session);
    if (entry === undefined || entry.owner !== owner)
      throw new PlayError('unknown_session', 'There is no such player of yours.');
    return entry;
  };

  const set = async (owner: object, command: Extract<PlayCommand, { do: 'set' }>): Promise<PlayState> => {
    const entry = entryOf(owner, command.session);
    checkSpeed(command.speed);
    const { settings } = entry.player;
    const { atMs, asKnown } = command;
    if (atMs !== undefined && (atMs < settings.fromMs || atMs > settings.toMs))
      throw new PlayError('bad_stretch', 'That time is outside the played stretch.');
    if (command.speed !== undefined) settings.speed = command.speed;
    if (command.paused !== undefined) settings.paused = command.paused;
    const isSeek = atMs !== undefined || (asKnown !== undefined && asKnown !== settings.asKnown);
    if (!isSeek) return entry.player.playState();
    if (atMs !== undefined) settings.atMs = atMs;
    if (asKnown !== undefined) settings.asKnown = asKnown;
    entry.generation += 1;
    await entry.player.load();
    return entry.player.playState();
  };

  const close = (owner: object, session: string): PlayState => {
    const entry = entryOf(owner, session);
    entries.delete(session);
    ports.opened(entries.size);
    return { ...entry.player.playState(), ended: true };
  };

  return {
    /** @throws PlayError, HistoryError */
    async command(owner: object, command: PlayCommand): Promise<PlayState> {
      switch (command.do) {
        case 'open':
          return open(owner, command);
        case 'set':
          return set(owner, command);
        case 'close':
          return close(owner, command.session);
      }
    },
    closeAll(owner: object): void {
      opening.delete(owner);
      for (const [session, entry] of entries) if (entry.owner === owner) entries.delete(session);
      ports.opened(entries.size);
    },
    viewOf(channel: Channel): View | undefined {
      const [, session, name] = channelPattern.exec(channel) ?? [];
      return session === undefined || name === undefined ? undefined : entries.get(session)?.player.viewOf(name);
    },
    epochOf(channel: Channel): string {
      return entries.get(channelPattern.exec(channel)?.[1] ?? '')?.player.epoch() ?? '';
    },
    /** Moves every player's clock to now. */
    advance(nowMs: number): void {
      const elapsedMs = Math.min(1_000, Math.max(0, nowMs - advancedMs));
      advancedMs = nowMs;
      for (const { player } of entries.values()) player.advance(elapsedMs);
    },
  };
}
