/**
 * Trials: a half-year full of random incidents with known truth, to judge alerts by. The same seed is the same scenario.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';
import type { Scenario } from './scenario.ts';

type Item = Scenario['events'][number];
type Draw = { readonly random: () => number; readonly between: (from: number, to: number) => number };

const spanDays = 181;
/** Detection learns a port's level and spread first; nothing happens that it would be judged by. */
const quietDays = 28;
const KINDS = ['closure', 'stall', 'drop', 'surge', 'silent_feed', 'double_counting', 'drift'] as const;

function hours(value: number): string {
  return `+${Math.round(value * 60)}m`;
}

function someTerminals(port: string, { random }: Draw): { terminals?: string[] } {
  const portIndex = PORTS.findIndex((one) => one.code === port);
  const all = TERMINALS.filter((one) => one.portIndex === portIndex).map((one) => one.code);
  const some = all.filter(() => random() < 0.5);
  return some.length === 0 || some.length === all.length ? {} : { terminals: some };
}

/** Events of one incident that begins at hour `at`, and the hour at which it is over. */
function incident(kind: (typeof KINDS)[number], port: string, at: number, draw: Draw): { items: Item[]; end: number } {
  const { between, random } = draw;
  const item = (hoursLong: number, more: Partial<Item>): { items: Item[]; end: number } => ({
    items: [{ kind, port, from: hours(at), to: hours(at + hoursLong), ...more }],
    end: at + hoursLong,
  });
  switch (kind) {
    case 'closure': {
      const closed = item(between(8, 36), { factor: 0 });
      const reboundEnd = closed.end + between(24, 72);
      const rebound: Item = {
        kind: 'rebound',
        port,
        from: hours(closed.end),
        to: hours(reboundEnd),
        factor: between(1.15, 1.5),
      };
      return { items: [...closed.items, rebound], end: reboundEnd };
    }
    case 'stall':
      return item(between(4, 14), { factor: 0, ...someTerminals(port, draw) });
    case 'drop':
      return item(between(18, 60), { factor: between(0.4, 0.7) });
    case 'surge':
      return item(between(24, 72), { factor: between(1.35, 1.8) });
    case 'drift':
      return item(between(10, 18) * 24, { factor: random() < 0.5 ? between(0.65, 0.8) : between(1.2, 1.4) });
    case 'silent_feed':
      return item(between(3, 12), someTerminals(port, draw));
    case 'double_counting':
      return item(between(4, 16), someTerminals(port, draw));
  }
}

/** Every port has incidents of every kind in random order, days apart. */
export function trialsScenario(seed: number): Scenario {
  const events: Item[] = [];
  for (const { code } of PORTS) {
    const random = createRandom(seedOf('trials', seed, code));
    const draw: Draw = { random, between: (from, to) => from + random() * (to - from) };
    const kinds = KINDS.map((kind) => ({ kind, order: random() })).sort((a, b) => a.order - b.order);
    let at = (quietDays + random() * 10) * 24;
    for (const { kind } of kinds) {
      const { items, end } = incident(kind, code, at, draw);
      if (end > (spanDays - 4) * 24) break;
      events.push(...items);
      at = end + draw.between(5, 11) * 24;
    }
  }
  return { name: `trials-${seed}`, gives_back: true, imperfect: true, events };
}
