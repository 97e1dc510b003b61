/** Where a replay stands, as the address says it: run, stretch, moment, speed, pause, what was known, and what it is compared with. Pure. */
import { DAY_MS } from '@quaywatch/words';
import type { Change, PlayRequest } from '../wire/player.ts';

const FIRST_SPEED = 600;
const speedMax = 10_000;

/** Undefined when the address names no stretch: then nothing is played. */
export function requestOf(run: string, query: URLSearchParams): PlayRequest | undefined {
  const number = (name: string) => Number(query.get(name));
  const [fromMs, toMs] = [number('from'), number('to')];
  if (run === '' || !(fromMs > 0) || !(toMs > fromMs)) return undefined;
  const at = number('at');
  const speed = number('speed');
  return {
    run,
    fromMs,
    toMs,
    atMs: at >= fromMs && at <= toMs ? at : Math.min(toMs, fromMs + DAY_MS),
    speed: speed > 0 && speed <= speedMax ? speed : FIRST_SPEED,
    asKnown: query.get('known') !== 'now',
    paused: query.has('paused'),
  };
}

/** What an address asks of a player that plays its stretch already; undefined: it plays another one, or none. */
export function changeTo(asked: PlayRequest, known: PlayRequest | null): Change | undefined {
  const { run, fromMs, toMs, atMs, speed, asKnown, paused } = asked;
  const isSame = known !== null && known.run === run && known.fromMs === fromMs && known.toMs === toMs;
  return isSame ? { atMs, speed, asKnown, paused } : undefined;
}

/** The same as `requestOf` reads it; what is as at first is left out. @param beside the run to compare with; '' for live. */
export function queryOfPlay(play: PlayRequest, beside: string): Record<string, string> {
  return {
    from: String(Math.round(play.fromMs)),
    to: String(Math.round(play.toMs)),
    at: String(Math.round(play.atMs)),
    ...(play.speed === FIRST_SPEED ? {} : { speed: String(play.speed) }),
    ...(play.asKnown ? {} : { known: 'now' }),
    ...(play.paused ? { paused: '1' } : {}),
    ...(beside === '' ? {} : { with: beside }),
  };
}
