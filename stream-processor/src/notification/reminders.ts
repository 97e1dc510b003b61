/** What is said again while it still fires and nobody has taken it up: repeats to who was told, escalation to further receivers. */
import { acknowledgementOf, isOpen } from './holding.ts';
import { groupKey, isSettled } from './knowledge.ts';
import { baseKey, groupBy, groupKeyOf, holdNow, type Pair, type Round, tell } from './round.ts';

/** Told, still firing, taken up by nobody, held by nothing, with nothing newer to say. */
function isRepeatable(round: Round, pair: Pair, waiting: ReadonlySet<Pair>): boolean {
  return (
    isOpen(pair.life) &&
    pair.life.newest.transition.status === 'firing' &&
    pair.told.length > 0 &&
    !waiting.has(pair) &&
    acknowledgementOf(round.knowledge, pair.life) === undefined &&
    holdNow(round, pair) === undefined
  );
}

/** As in Alertmanager, a group is repeated as a whole when one of its alerts was last told `repeat_interval` ago. */
export function repeat(round: Round, waiting: ReadonlySet<Pair>): void {
  const repeatable = round.pairs.filter((pair) => pair.target !== undefined && isRepeatable(round, pair, waiting));
  for (const group of groupBy(repeatable, groupKeyOf)) {
    const route = group[0]?.target?.route;
    if (route === undefined) continue;
    const key = groupKeyOf(group[0] as Pair);
    const oldestMs = Math.min(...group.map((pair) => Math.max(...pair.told.map((one) => one.decidedAtMs))));
    const toldAtMs = round.knowledge.groups.get(key) ?? 0;
    if (round.nowMs < oldestMs + route.repeat_interval_s * 1000) continue;
    if (round.nowMs < toldAtMs + route.group_interval_s * 1000) continue;
    tell(
      round,
      'repeat',
      group.flatMap((pair) => {
        const fact = pair.life.firing.at(-1);
        if (fact === undefined) return [];
        const base = baseKey(pair.life.id, fact.transition.transition, pair.receiver);
        const before = pair.told.filter((one) => one.key.startsWith(`${base}#repeat-`)).length;
        return [{ pair, fact, key: `${base}#repeat-${before + 1}` }];
      }),
    );
  }
}

/** Further receivers, when nobody has taken up what its first ones were told so long ago. A rise in severity begins again. */
export function escalate(round: Round, waiting: ReadonlySet<Pair>): void {
  const steps = round.pairs.flatMap((pair) => {
    const fact = pair.life.firing.at(-1);
    const route = pair.target?.route;
    if (fact === undefined || route === undefined || route.escalate.length === 0) return [];
    if (!isRepeatable(round, pair, waiting)) return [];
    const told = pair.told.filter((one) => one.transition === fact.transition.transition);
    if (told.length === 0) return [];
    const toldAtMs = Math.min(...told.map((one) => one.decidedAtMs));
    const toward = round.knowledge.dealings.get(pair.life.id)?.toward;
    return route.escalate.flatMap(({ after_s, receiver }, i) => {
      const key = `${baseKey(pair.life.id, fact.transition.transition, receiver)}#escalation-${i + 1}`;
      const isStep = round.nowMs >= toldAtMs + after_s * 1000 && !isSettled(toward?.get(receiver), key);
      return isStep ? [{ pair, fact, key, receiver, step: i }] : [];
    });
  });
  const seen = new Set<string>();
  const fresh = steps.filter(({ key }) => !seen.has(key) && seen.add(key));
  for (const group of groupBy(fresh, ({ receiver, step, pair }) => `${step} ${groupKey(receiver, pair.group)}`))
    tell(round, 'escalation', group, group[0]?.receiver);
}
