/**
 * All feeds of a stretch of time as one stream of records, in order of arrival within each partition.
 * A generator over half-hours: it holds what has not arrived yet and a few days of plans, never the stretch.
 */
import { PARTITION_COUNT, PORTS, type ScenarioEvent, TERMINALS } from '@quaywatch/contracts';
import { dayNumberOf } from '@quaywatch/seeds';
import { createDayPlan, type DayPlan } from './day-plan.ts';
import { createDisturbances } from './disturbances.ts';
import { createImperfections, type Dispatch, type Imperfections, slotMs } from './imperfections.ts';
import { createVolumePlan } from './volume-plan.ts';

export type FeedOptions = {
  readonly seed: number;
  readonly events: readonly ScenarioEvent[];
  readonly givesBack: boolean;
  readonly isImperfect: boolean;
};

export type Feeds = {
  readonly seed: number;
  readonly imperfections: Imperfections;
  /** What really happened at a terminal on a UTC+8 day. The newest days are kept. @throws SeedRangeError */
  readonly planOf: (terminal: number, day: number) => DayPlan;
};

/** Days of plans kept a terminal: a late report needs the day of its moves, up to 40 h back. */
const planDaysMax = 5;

export const partitionOf = (terminal: number): number => PORTS[TERMINALS[terminal]?.portIndex ?? 0]?.partition ?? 0;
export const keyOf = (terminal: number): string => PORTS[TERMINALS[terminal]?.portIndex ?? 0]?.code ?? '';

export function createFeeds(options: FeedOptions): Feeds {
  const disturbances = createDisturbances(options.events);
  const volume = createVolumePlan({ ...options, disturbances });
  const kept: Map<number, DayPlan>[] = TERMINALS.map(() => new Map());
  return {
    seed: options.seed,
    imperfections: createImperfections({ ...options, disturbances }),
    planOf: (terminal, day) => {
      const plans = kept[terminal] ?? new Map<number, DayPlan>();
      const known = plans.get(day);
      if (known !== undefined) return known;
      const plan = createDayPlan({ seed: options.seed, volume, disturbances }, terminal, day);
      plans.set(day, plan);
      if (plans.size > planDaysMax) plans.delete(Math.min(...plans.keys()));
      return plan;
    },
  };
}

export const slotOf = (timeMs: number): number => Math.floor(timeMs / slotMs);
export const dayOfSlot = (slot: number): number => dayNumberOf(slot * slotMs);

export type Arrivals = {
  /** Arrival half-hour, since 1970 UTC. */
  readonly step: number;
  /** In order of arrival, by partition. */
  readonly byPartition: readonly (readonly Dispatch[])[];
};

function inOrder(a: Dispatch, b: Dispatch): number {
  return a.arrivalMs - b.arrivalMs || a.terminal - b.terminal || a.createdMs - b.createdMs;
}

/**
 * Everything that half-hours [fromSlot, toSlot) send, by half-hour of arrival. Arrivals run on past `toSlot` as long as something is late.
 * @param wants whether a dispatch is sent at all; all are by default.
 */
export function* arrivalsOf(
  feeds: Feeds,
  fromSlot: number,
  toSlot: number,
  wants: (dispatch: Dispatch) => boolean = () => true,
): Generator<Arrivals> {
  const waiting = new Map<number, Dispatch[]>();
  for (let step = fromSlot; step < toSlot + 1 || waiting.size > 0; step++) {
    const ended = step - 1;
    if (ended >= fromSlot && ended < toSlot) {
      for (const terminal of TERMINALS) {
        for (const dispatch of feeds.imperfections.dispatchesOf(terminal.index, ended)) {
          if (!wants(dispatch)) continue;
          const at = slotOf(dispatch.arrivalMs);
          const there = waiting.get(at);
          if (there === undefined) waiting.set(at, [dispatch]);
          else there.push(dispatch);
        }
      }
    }
    const byPartition: Dispatch[][] = Array.from({ length: PARTITION_COUNT }, () => []);
    for (const dispatch of (waiting.get(step) ?? []).sort(inOrder))
      byPartition[partitionOf(dispatch.terminal)]?.push(dispatch);
    waiting.delete(step);
    yield { step, byPartition };
  }
}
