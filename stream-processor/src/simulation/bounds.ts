/** What a state may hold at most: days, sources and settlements that are still open, whatever hostile records say. */
import type { PartitionState } from '../core/partition-state.ts';
import { dayOf } from '../core/time.ts';
import type { World } from './world.ts';

const clocksMax = 8;

export function checkBounds(state: PartitionState, world: World): void {
  const today = dayOf(state.logTimeMs);
  const daysMax = today + 1 - state.settledThroughDay;
  for (const terminal of state.terminals.values()) {
    const isOver =
      terminal.days.size > daysMax || terminal.ledgers.size > daysMax || terminal.clocks.length > clocksMax;
    const isAhead = [...terminal.days.keys(), ...terminal.ledgers.keys()].some((day) => day > today + 1);
    if (isOver || isAhead)
      return world.violate(
        'the state is over its bound',
        `${terminal.days.size} days, ${terminal.ledgers.size} ledgers, at most ${daysMax} and none ahead; ${terminal.clocks.length} clocks`,
      );
  }
  if (state.dayStarts.length > daysMax + 4 || state.settlements.length > 8)
    world.violate(
      'the state is over its bound',
      `${state.dayStarts.length} day starts, ${state.settlements.length} settlements`,
    );
}
