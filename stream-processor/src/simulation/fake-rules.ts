/**
 * The topic of rules behind the interface of its reader: whoever begins gets everything that is there, in order, and what comes later soon after. It
 * also holds what nobody may take: bytes that mean nothing, and sets that came second with their version.
 */
import { DEFAULT_RULE_SET, type KindRule, type RuleSet } from '@quaywatch/contracts';
import { decodeRuleSet } from '@quaywatch/contracts/rules-schema';
import { createRandom, seedOf } from '@quaywatch/runtime';
import type { LogReader } from '../adapters/kafka-log.ts';
import type { FakeLog } from './fake-log.ts';
import type { Place, World } from './world.ts';

/** A reader has heard of a set within this, virtual ms; the log has not moved ten minutes on by then (docs/adr/0009). */
export const rulesHeardWithinMs = 1_000;
const latencyMsMax = 400;

type Follower = { readonly place: Place; readonly take: (set: RuleSet) => void; isStopped: boolean; nextAtMs: number };

export class FakeRules {
  readonly #world: World;
  readonly #log: FakeLog;
  readonly #topic: Buffer[] = [];
  readonly #followers: Follower[] = [];

  constructor(world: World, log: FakeLog) {
    this.#world = world;
    this.#log = log;
  }

  append(value: Buffer): void {
    this.#topic.push(value);
    for (const follower of this.#followers) this.#deliver(follower, [value]);
  }

  async follow(place: Place, take: (set: RuleSet) => void): Promise<LogReader> {
    const follower: Follower = { place, take, isStopped: false, nextAtMs: 0 };
    await this.#log.insist(place, () => undefined);
    for (const value of this.#topic) this.#hand(follower, value);
    this.#followers.push(follower);
    return {
      stop: async () => {
        follower.isStopped = true;
      },
    };
  }

  /** In order. Who was held hears it first: he is told before anything else happens to him. */
  #deliver(follower: Follower, values: readonly Buffer[]): void {
    const world = this.#world;
    const atMs = Math.max(follower.nextAtMs, world.nowMs + world.between(0, latencyMsMax));
    follower.nextAtMs = atMs + 1;
    // A reader that lost its connection begins with the oldest record again.
    const all = world.chance(0.2) ? [...this.#topic] : values;
    world.first(follower.place, atMs - world.nowMs, () => {
      for (const value of all) this.#hand(follower, value);
    });
  }

  #hand({ isStopped, take }: Follower, value: Buffer): void {
    const set = decodeRuleSet(value);
    if (set !== undefined && !isStopped) take(set);
  }
}

const choose = <T>(random: () => number, list: readonly [T, ...T[]]): T =>
  list[Math.floor(random() * list.length)] ?? list[0];

export type Saving = {
  readonly seed: number;
  readonly version: number;
  readonly effectiveFromMs: number;
  readonly ports: readonly string[];
  /** Another record of this version came first. */
  readonly isSecond: boolean;
};

/** A rule set that somebody might save: kinds more or less patient, off, judged otherwise at a port, a planned stoppage. */
export function savedRules({ seed, version, effectiveFromMs, ports, isSecond }: Saving): RuleSet {
  const random = createRandom(seedOf('rules', seed, version, isSecond ? 1 : 0));
  const kindOf = (rule: KindRule): KindRule => ({
    ...rule,
    enabled: random() > 0.15,
    threshold: rule.threshold * choose(random, [1, 0.2, 0.4, 0.6, 1.5]),
    min_share: Math.min(1, rule.min_share * choose(random, [1, 0.1, 0.3])),
    hold_min: choose(random, [rule.hold_min, 0, 5, 20]),
    clear_hold_min: choose(random, [rule.clear_hold_min, 5, 60]),
  });
  const { kinds, ...rest } = DEFAULT_RULE_SET.detection;
  const changed = Object.fromEntries(Object.entries(kinds).map(([kind, rule]) => [kind, kindOf(rule)]));
  const port = ports[Math.floor(random() * ports.length)] ?? '';
  const planned = { port, terminals: [], from_ms: effectiveFromMs, to_ms: effectiveFromMs + 4 * 3_600_000, note: '' };
  return {
    ...DEFAULT_RULE_SET,
    version,
    effective_from_ms: effectiveFromMs,
    saved_at_ms: effectiveFromMs,
    by: 'somebody',
    note: isSecond ? 'came second' : '',
    detection: {
      ...rest,
      kinds: { ...kinds, ...changed },
      overrides: random() < 0.3 ? [{ ports: [port], kinds: ['drop', 'surge', 'stall'], threshold: 3 }] : [],
      planned: random() < 0.3 ? [planned] : [],
    },
  };
}
