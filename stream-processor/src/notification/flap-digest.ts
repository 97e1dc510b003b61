/** Digests: what was held back because its series flaps, as it stands, now and then. What counts as flapping: holding.ts. */
import { isSettled } from './knowledge.ts';
import { baseKey, groupBy, holdNow, type Pair, type Round, type Telling, tell } from './round.ts';

const digestEnding = 'digest';

/** What flapping held back, once every `digest_every_s` for each receiver and series; the first at once. */
export function digest(round: Round): void {
  const everyMs = round.knowledge.rules.routing.flapping.digest_every_s * 1000;
  const lastMs = new Map<string, number>();
  const seriesKey = (pair: Pair) => `${pair.receiver} ${pair.life.series}`;
  for (const pair of round.pairs)
    for (const one of pair.told)
      if (one.ending === digestEnding)
        lastMs.set(seriesKey(pair), Math.max(lastMs.get(seriesKey(pair)) ?? 0, one.decidedAtMs));
  const open = round.pairs.flatMap((pair) => undigested(round, pair));
  for (const group of groupBy(open, ({ pair }) => seriesKey(pair))) {
    const toldAtMs = lastMs.get(seriesKey(group[0]?.pair as Pair));
    if (toldAtMs === undefined || round.nowMs >= toldAtMs + everyMs) tell(round, 'digest', group);
  }
}

function undigested(round: Round, pair: Pair): Telling[] {
  const { life, toward, receiver } = pair;
  const held = [...toward.held.values()].filter(
    (one) => one.because === 'flapping' && !isSettled(toward, `${one.key}#${digestEnding}`),
  );
  if (held.length === 0 || holdNow(round, pair) !== undefined) return [];
  const facts = [...life.firing, ...(life.resolved === undefined ? [] : [life.resolved])];
  const tellings = held.flatMap(({ key, transition }) => {
    const fact = facts.find((one) => one.transition.transition === transition);
    return fact === undefined ? [] : [{ pair, fact, key: `${key}#${digestEnding}` }];
  });
  const over = life.resolved;
  const overKey = baseKey(life.id, over?.transition.transition ?? 0, receiver);
  // The digest says how alerts stand, so it tells the end of this one with its beginning.
  return over === undefined || isSettled(toward, overKey)
    ? tellings
    : [...tellings, { pair, fact: over, key: overKey }];
}
