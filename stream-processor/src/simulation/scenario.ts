/**
 * What a seed decides before anything happens: the feeds, the members, the weather and the accidents. Each kind of fault is left out of many seeds,
 * because faults that are always there hide each other.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { createRandom, seedOf } from '@quaywatch/runtime';
import { dayMs } from '../core/time.ts';
import { startMs } from '../testing/random-log.ts';
import type { StoreWeather } from './fake-clickhouse.ts';
import type { LogWeather } from './fake-log.ts';
import type { RecordPlan } from './records.ts';

export type Accident =
  | 'kill'
  | 'kill_at_request'
  | 'stop'
  | 'pause'
  | 'cut'
  | 'join'
  | 'store_down'
  | 'broker_down'
  | 'retention'
  | 'leap';

export type Scenario = {
  readonly plans: readonly RecordPlan[];
  /** Every partition has records from the beginning, and one of them is the second stage's. */
  readonly hasAreas: boolean;
  readonly members: number;
  readonly store: StoreWeather;
  readonly log: LogWeather;
  /** Chance of a publication to fail for good. */
  readonly publishFails: number;
  readonly accidents: readonly { readonly atMs: number; readonly kind: Accident }[];
  /** Rules were saved before the log begins. */
  readonly hasRulesBefore: boolean;
  /** When somebody saves rules, ascending. */
  readonly ruleSavesMs: readonly number[];
  /** Virtual time in which the log is written and faults happen. */
  readonly faultsUntilMs: number;
  /** When retention takes records that nobody has counted: the run can't be completed, and must say so. null: never. */
  readonly losesAtMs: number | null;
  readonly rowsPerWrite: number;
  readonly checkpointEveryMs: number;
  readonly withMinutes: boolean;
  /** Days after the log's first in which a replay's stretch ends; null: a live run. */
  readonly stretchDays: number | null;
};

/** Accidents by how often they are wanted. */
const ACCIDENTS: readonly Accident[] = [
  ...(['kill', 'kill', 'kill_at_request', 'kill_at_request', 'kill_at_request'] as const),
  ...(['stop', 'pause', 'cut', 'cut', 'join', 'store_down', 'broker_down', 'retention', 'leap'] as const),
];

const byPartition = new Map<number, number[]>();
for (const terminal of TERMINALS) {
  const partition = PORTS[terminal.portIndex]?.partition ?? -1;
  byPartition.set(partition, [...(byPartition.get(partition) ?? []), terminal.index]);
}

type Random = () => number;
const between = (random: Random, from: number, to: number) => from + Math.floor(random() * (to - from + 1));
/** A chance of a fault: none in most seeds. */
const some = (random: Random, upTo: number) => (random() < 0.6 ? 0 : random() * upTo);

/** A draw of its own, which leaves the others of the seed as they were. */
function isDrawn(seed: number, what: string, probability: number): boolean {
  return createRandom(seedOf(what, seed))() < probability;
}

function plansOf(random: Random, hasAreas: boolean): RecordPlan[] {
  const drawn = [...byPartition.keys()].sort(() => random() - 0.5).slice(0, random() < 0.6 ? 1 : 2);
  const partitions = hasAreas ? [0, ...drawn.filter((one) => one !== 0)].slice(0, 2) : drawn;
  const days = random() < 0.5 ? 1 : 2;
  const isSettled = random() < 0.7;
  const untilMs = startMs + days * dayMs + (isSettled ? 2.1 + random() * 0.5 : 0.1 + random()) * dayMs;
  const tooLateShare = isSettled && random() < 0.4 ? random() * 0.15 : 0;
  return partitions.map((partition) => ({
    partition,
    terminals: (byPartition.get(partition) ?? [])
      .slice()
      .sort(() => random() - 0.5)
      .slice(0, random() < 0.7 ? 1 : 2)
      .sort((a, b) => a - b),
    days,
    untilMs,
    tickEveryMs: between(random, 1, 8) * 1_800_000,
    hostileShare: random() < 0.5 ? 0.01 : some(random, 0.2),
    skewShare: some(random, 0.2),
    tooLateShare,
    silentShare: some(random, 0.5),
  }));
}

function storeWeatherOf(random: Random): StoreWeather {
  return {
    refuse: some(random, 0.3),
    timeOut: some(random, 0.1),
    applyLate: some(random, 0.15),
    loseResponse: some(random, 0.2),
    tear: some(random, 0.2),
    slow: some(random, 0.1),
    fatal: some(random, 0.01),
  };
}

/** When rules are saved; the log's last bursts come after it. */
function savesOf(seed: number, faultsUntilMs: number): number[] {
  const random = createRandom(seedOf('rule saves', seed));
  const count = between(random, 1, 3);
  return Array.from({ length: count }, () => between(random, 0, faultsUntilMs - 1_000)).sort((a, b) => a - b);
}

export function scenarioOf(seed: number): Scenario {
  const hasAreas = isDrawn(seed, 'second stage', 0.35);
  const changesRules = isDrawn(seed, 'rules', 0.4);
  const random = createRandom(seedOf('scenario', seed));
  const faultsUntilMs = between(random, 3_000, 9_000);
  const accidents = Array.from({ length: between(random, 0, 8) }, () => ({
    atMs: between(random, 50, faultsUntilMs),
    kind: ACCIDENTS[Math.floor(random() * ACCIDENTS.length)] ?? 'kill',
  }));
  // A tick of a clock that runs hours ahead would move the log past rules that are being saved.
  const isPossible = ({ kind }: { kind: Accident }) => !(changesRules && kind === 'leap');
  const plans = plansOf(random, hasAreas);
  return {
    plans,
    hasAreas: plans.some(({ partition }) => partition === 0),
    members: between(random, 1, 3),
    store: storeWeatherOf(random),
    log: {
      fetchFails: some(random, 0.2),
      repeats: some(random, 0.2),
      skips: some(random, 0.05),
      stale: some(random, 1),
      midBatch: isDrawn(seed, 'midBatch', 0.4) ? 0.5 : 0,
      batchMax: [1, 5, 20, 60, 200][between(random, 0, 4)] ?? 20,
    },
    publishFails: some(random, 0.01),
    accidents: accidents.filter(isPossible),
    faultsUntilMs,
    hasRulesBefore: hasAreas || isDrawn(seed, 'rules before', 0.2),
    ruleSavesMs: changesRules ? savesOf(seed, faultsUntilMs) : [],
    rowsPerWrite: [20, 200, 2_000, 5_000][between(random, 0, 3)] ?? 200,
    checkpointEveryMs: [0, 0, 300, 1_000, 3_000][between(random, 0, 4)] ?? 0,
    withMinutes: random() < 0.3,
    stretchDays: random() < 0.15 ? 1 : null,
    losesAtMs: random() < 0.03 ? between(random, 1_000, faultsUntilMs) : null,
  };
}
