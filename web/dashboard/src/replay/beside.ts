/** What stands beside the played picture: live, or another run that is kept at the same moment, at the same speed. */
import { signal } from '@preact/signals';
import type { PlayState, RunSummary } from '@quaywatch/contracts';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { useRuns } from '../parts/runs.tsx';
import type { Change } from '../wire/player.ts';
import type { World } from '../wire/store.ts';
import { shiftOf } from './hours.ts';

/** The run beside; '' for live. */
export const besideRun = signal('');

const speedMax = 10_000;
/** Seconds of playing: further apart it is loaded anew, closer than that it catches up or waits, and so close it is together. */
const loadedBeyondS = 15;
const steeredBeyondS = 0.6;
const togetherS = 0.2;
/** It has caught up after so long, when it need not go more than so many times as fast. */
const caughtUpInS = 3;
const hurryMax = 4;

type Wanted = Required<Change>;

/** An end of the other run, where it waits while it has no moment for the played one; null: it has one. */
export type WaitsAt = 'beginning' | 'end' | null;

/** Where the other run has to stand. The same run stands there as the other of both is known. */
export function wantedOf(played: PlayState, other: RunSummary): Wanted & { shiftMs: number; waitsAt: WaitsAt } {
  const own = { fromMs: played.from_ms, toMs: played.to_ms };
  const theirs = { fromMs: other.from_ms, toMs: other.to_ms };
  const shiftMs = shiftOf(own, theirs);
  const sameMs = played.at_ms + shiftMs;
  const waitsAt = sameMs < theirs.fromMs ? 'beginning' : sameMs > theirs.toMs ? 'end' : null;
  return {
    atMs: Math.max(theirs.fromMs, Math.min(theirs.toMs, sameMs)),
    speed: played.speed,
    paused: played.paused || waitsAt !== null,
    asKnown: played.run === other.run ? !played.as_known : played.as_known,
    shiftMs,
    waitsAt,
  };
}

/** Speed at which the other clock comes to the wanted one. @param behindS seconds of playing; negative when it is ahead. */
function steered(speed: number, now: number, behindS: number): number {
  const isSteered = now !== speed;
  if (Math.abs(behindS) < (isSteered ? togetherS : steeredBeyondS)) return speed;
  const hurry = Math.max(1 / hurryMax, Math.min(hurryMax, 1 + behindS / caughtUpInS));
  const wanted = Math.min(speedMax, speed * hurry);
  return Math.abs(wanted - now) < speed / 10 ? now : wanted;
}

/**
 * What has to be said to the other player so that it goes with the first; undefined: nothing. Playing goes on while a position loads, so it
 * is sent ahead by what loading takes, and what is left is made up by its speed, which loads nothing.
 */
export function changeOf(other: PlayState, wanted: Wanted, loadMs: number): Change | undefined {
  const { atMs, speed, paused, asKnown } = wanted;
  if (paused) {
    const isThere = other.at_ms === atMs && other.paused && other.as_known === asKnown;
    return isThere ? undefined : { atMs, speed, paused, asKnown };
  }
  const behindS = (atMs - other.at_ms) / (speed * 1_000);
  const isOutOfReach = behindS > 2 * steeredBeyondS && speed * 1.5 > speedMax;
  if (Math.abs(behindS) > loadedBeyondS || isOutOfReach)
    return { atMs: Math.min(other.to_ms, Math.round(atMs + speed * loadMs)), speed, paused, asKnown };
  const nextSpeed = steered(speed, other.speed, behindS);
  const isSame = nextSpeed === other.speed && !other.paused && other.as_known === asKnown;
  return isSame ? undefined : { speed: nextSpeed, paused, asKnown };
}

export type Beside = {
  /** '' for live. */
  readonly run: string;
  readonly world: World;
  /** Runs that can be chosen, newest first. */
  readonly runs: readonly RunSummary[];
  readonly shiftMs: number;
  readonly waitsAt: WaitsAt;
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
        atMs: paused ? atMs : Math.min(chosen.to_ms, Math.round(atMs + speed * beside.loadMs())),
        speed,
        paused,
        asKnown,
      });
      return;
    }
    const stands = beside.state.peek();
    const change = stands === null || beside.isLoading.peek() ? undefined : changeOf(stands, wanted, beside.loadMs());
    if (change !== undefined) void beside.set(change);
  });
  useEffect(() => () => void beside.close(), [beside]);
  const isLive = chosen === undefined;
  return {
    run: isLive ? '' : chosen.run,
    world: isLive ? live : beside.world,
    runs,
    shiftMs: wanted?.shiftMs ?? 0,
    waitsAt: wanted?.waitsAt ?? null,
  };
}
