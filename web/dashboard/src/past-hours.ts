/**
 * The 24 full hours before the present of a port, shared by every part that draws them. Frames come four times a second and seldom change
 * these hours: they are worked out anew when their figures have changed, not when a frame has come.
 */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { type Slot, slotsOf } from './slots.ts';
import type { World } from './wire/store.ts';

type Cached = {
  readonly hourMs: ReadonlySignal<number | null>;
  readonly ports: Map<string, ReadonlySignal<readonly Slot[]>>;
};
const worlds = new WeakMap<World, Cached>();

/** Changes with any figure of the day before an hour. */
export function digestOf(fives: readonly WindowPoint[], hourMs: number): number {
  let digest = 0;
  for (let index = fives.length - 1; index >= 0; index -= 1) {
    const point = fives[index];
    if (point === undefined || point.start_ms < hourMs - DAY_MS) break;
    if (point.start_ms >= hourMs) continue;
    const own = (point.teu ?? -1) * 7 + (point.expected ?? -1) + (point.open === true ? 0.5 : 0);
    digest = (digest * 31 + own + (point.start_ms % 86_400_000) / 300_000) % 1e9;
  }
  return digest;
}

function cachedOf(world: World): Cached {
  const known = worlds.get(world);
  if (known !== undefined) return known;
  const hourMs = computed(() => {
    const clock = world.clock.value;
    return clock === null ? null : Math.floor(clock.asOfMs / HOUR_MS) * HOUR_MS;
  });
  const made = { hourMs, ports: new Map() };
  worlds.set(world, made);
  return made;
}

/** First moment of the present hour of a run; null before its first record. */
export const presentHour = (world: World): ReadonlySignal<number | null> => cachedOf(world).hourMs;

export function pastHours(world: World, code: string): ReadonlySignal<readonly Slot[]> {
  const { hourMs, ports } = cachedOf(world);
  const known = ports.get(code);
  if (known !== undefined) return known;
  const fives = world.series(code, '', 300);
  const digest = computed(() => (hourMs.value === null ? 0 : digestOf(fives.value, hourMs.value)));
  const made = computed(() => {
    const hours = world.series(code, '', 3600).value;
    if (hourMs.value === null || digest.value === undefined) return [];
    return slotsOf(hours, fives.peek(), hourMs.value);
  });
  ports.set(code, made);
  return made;
}
