/** Small hooks that several parts share. */

import { useComputed } from '@preact/signals';
import { HOUR_MS } from '@quaywatch/words';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { type Slot, slotsOf } from '../slots.ts';

import type { World } from '../wire/store.ts';

/** Washes an element for a moment when a figure changes: at most once a second, and never when motion is unwanted. */
export function useTick(value: number | null): RefObject<HTMLElement | null> {
  const ref = useRef<HTMLElement>(null);
  const before = useRef(value);
  const washedAtMs = useRef(0);
  useEffect(() => {
    const previous = before.current;
    before.current = value;
    const element = ref.current;
    if (element === null || value === null || previous === null || value === previous) return;
    const now = performance.now();
    if (now - washedAtMs.current < 1000 || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    washedAtMs.current = now;
    const colour = value > previous ? 'var(--tick-up)' : 'var(--tick-down)';
    element.animate([{ background: colour }, { background: 'transparent' }], { duration: 240, easing: 'ease-out' });
  }, [value]);
  return ref;
}

/** The last 24 hours of a port, ending with its present rate. */
export function usePortSlots(world: World, code: string): readonly Slot[] {
  const slots = useComputed(() => {
    const clock = world.clock.value;
    if (clock === null) return [];
    const hours = world.series(code, '', 3600).value;
    const fives = world.series(code, '', 300).value;
    const summary = world.port(code).value;
    const past = slotsOf(hours, fives, clock.asOfMs);
    if (summary === null) return past;
    const { rate, expected, band } = summary;
    return [...past, { startMs: Math.floor(clock.asOfMs / HOUR_MS) * HOUR_MS, rate, expected, band }];
  });
  return slots.value;
}

/** Width of an element as it is laid out, for drawings that are made in pixels. */
export function useWidth(otherwise: number): [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(otherwise);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.floor(entry?.contentRect.width ?? 0);
      if (measured > 0) setWidth(measured);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** Follows channels while the part is shown. */
export function useChannels(channels: readonly string[]): void {
  const { connection } = usePage();
  const key = channels.join(' ');
  useEffect(() => {
    const releases = key === '' ? [] : key.split(' ').map((channel) => connection.follow(channel));
    return () => {
      for (const release of releases) release();
    };
  }, [key, connection]);
}
