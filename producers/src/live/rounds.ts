/**
 * The live feeds' scenario over restarts: it is anchored once, published, and read back; the published events are what holds.
 */
import type { ScenarioEvent } from '@quaywatch/contracts';
import { seedOf } from '@quaywatch/runtime';
import { anchorScenario, type Scenario } from '../scenario/scenario.ts';

export const LIVE_STRETCH = 'live';
/** A scenario with offsets from the start begins anew when its last round has been over for this long. */
const overMs = 6 * 3_600_000;

export type Round = {
  /** Everything that holds for live feeds, past rounds included. */
  readonly events: readonly ScenarioEvent[];
  /** New or changed events to publish. */
  readonly published: readonly ScenarioEvent[];
  /** Ids of events that will not happen. */
  readonly withdrawn: readonly string[];
};

function isRelative(scenario: Scenario): boolean {
  return scenario.events.some(({ from }) => /^[+-]?\d+(\.\d+)?(ms|s|m|h|d)$/.test(from));
}

/** Events carry their scenario's name and content in the id, so that an edited file is another scenario. */
function prefixOf(scenario: Scenario): string {
  return `${LIVE_STRETCH}/${scenario.name}-${seedOf(JSON.stringify(scenario)).toString(36)}/`;
}

/**
 * @param known live events that the topic holds.
 * @param sentThroughMs what the feeds have sent cannot be disturbed any more: new events begin after it. 0: nothing was sent.
 */
export function nextRound(
  scenario: Scenario,
  known: readonly ScenarioEvent[],
  nowMs: number,
  sentThroughMs: number,
): Round {
  const prefix = prefixOf(scenario);
  const own = known.filter((event) => event.id.startsWith(prefix));
  const isOver = isRelative(scenario) && own.every((event) => event.to_ms < nowMs - overMs);
  if (own.length > 0 && !isOver) {
    return { events: known, published: [], withdrawn: [] };
  }
  const others = known.filter((event) => event.to_ms > nowMs);
  const cut = others.filter((event) => event.from_ms < nowMs).map((event) => ({ ...event, to_ms: nowMs }));
  const withdrawn = others.filter((event) => event.from_ms >= nowMs).map((event) => event.id);
  const begun = anchorScenario(scenario, nowMs, LIVE_STRETCH)
    .map((event, i) => ({
      ...event,
      id: `${prefix}${i}-${Math.floor(nowMs / 60_000).toString(36)}`,
      from_ms: Math.max(event.from_ms, sentThroughMs),
    }))
    .filter((event) => event.from_ms < event.to_ms);
  const past = known.filter((event) => event.to_ms <= nowMs);
  return { events: [...past, ...cut, ...begun], published: [...cut, ...begun], withdrawn };
}

/** The only way in for an event of the scenario topic; undefined when it is none. */
export function decodeScenarioEvent(bytes: Buffer): ScenarioEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const event = value as Partial<Record<keyof ScenarioEvent, unknown>>;
  const isGood =
    typeof event.id === 'string' &&
    typeof event.kind === 'string' &&
    typeof event.port === 'string' &&
    Array.isArray(event.terminals) &&
    typeof event.from_ms === 'number' &&
    typeof event.to_ms === 'number' &&
    (event.factor === null || typeof event.factor === 'number') &&
    typeof event.stretch === 'string';
  return isGood ? (value as ScenarioEvent) : undefined;
}
