/** What stands beside the played picture: live, or another run that is kept at the same moment, at the same speed. */
import { signal } from '@preact/signals';
import type { PlayState, RunSummary } from '@quaywatch/contracts';
import { MINUTE_MS } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { useRuns } from '../parts/runs.tsx';
import type { Change } from '../wire/player.ts';
import type { World } from '../wire/store.ts';
import { shiftOf } from './hours.ts';

/** The run beside; '' for live. */
export const besideRun = signal('');

/** Two clocks that the gateway moves together drift by what it loads: seconds of playing, and at least this. */
const driftMinMs = 5 * MINUTE_MS;

type Wanted = Required<Change>;

/** Where the other run has to stand. The same run stands there as the other of both is known. */
export function wantedOf(played: PlayState, other: RunSummary): Wanted & { shiftMs: number } {
  const own = { fromMs: played.from_ms, toMs: played.to_ms };
  const theirs = { fromMs: other.from_ms, toMs: other.to_ms };
  const shiftMs = shiftOf(own, theirs);
  return {
    atMs: Math.max(theirs.fromMs, Math.min(theirs.toMs, played.at_ms + shiftMs)),
    speed: played.speed,
    paused: played.paused,
    asKnown: played.run === other.run ? !played.as_known : played.as_known,
    shiftMs,
  };
}

/** What has to be said to the other player so that it goes with the first; undefined: nothing. */
export function changeOf(other: PlayState, wanted: Wanted): Change | undefined {
  const isApart = Math.abs(other.at_ms - wanted.atMs) > Math.max(driftMinMs, wanted.speed * 2_000);
  const isOther = other.speed !== wanted.speed || other.paused !== wanted.paused || other.as_known !== wanted.asKnown;
  if (!isApart && !isOther) return undefined;
  const isMoved = isApart || (wanted.paused && other.at_ms !== wanted.atMs);
  return {
    ...(isMoved ? { atMs: wanted.atMs } : {}),
    speed: wanted.speed,
    paused: wanted.paused,
    asKnown: wanted.asKnown,
  };
}

export type Beside = {
  /** '' for live. */
  readonly run: string;
  readonly world: World;
  /** Runs that can be chosen, newest first. */
  readonly runs: readonly RunSummary[];
  readonly shiftMs: number;
  /** It has no moment for the played one. */
  readonly isOver: boolean;
};

export function useBeside(): Beside {
  const { live, player, beside } = usePage();
  const all = useRuns();
  const runs = all
    .filter((run) => run.kind === 'replay' && run.state === 'done')
    .sort((a, b) => b.created_at_ms - a.created_at_ms);
  const played = player.state.value;
  const chosen = runs.find(({ run }) => run === besideRun.value);
  const wanted = played === null || chosen === undefined ? undefined : wantedOf(played, chosen);
  useEffect(() => {
    if (wanted === undefined || chosen === undefined) {
      if (besideRun.peek() === '' && beside.request.peek() !== null) void beside.close();
      return;
    }
    const { atMs, speed, paused, asKnown } = wanted;
    if (beside.request.peek()?.run !== chosen.run) {
      void beside.open({
        run: chosen.run,
        fromMs: chosen.from_ms,
        toMs: chosen.to_ms,
        atMs,
        speed,
        paused,
        asKnown,
      });
      return;
    }
    const stands = beside.state.peek();
    const change = stands === null || beside.isLoading.peek() ? undefined : changeOf(stands, wanted);
    if (change !== undefined) void beside.set(change);
  });
  useEffect(() => () => void beside.close(), [beside]);
  const isLive = chosen === undefined;
  return {
    run: isLive ? '' : chosen.run,
    world: isLive ? live : beside.world,
    runs,
    shiftMs: wanted?.shiftMs ?? 0,
    isOver: played !== null && wanted !== undefined && wanted.atMs !== played.at_ms + wanted.shiftMs,
  };
}
