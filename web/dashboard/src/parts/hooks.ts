/** Small hooks that several parts share. */

import { useComputed } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { pastHours, presentHour } from '../past-hours.ts';
import type { Slot } from '../slots.ts';

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
    const hourMs = presentHour(world).value;
    const past = pastHours(world, code).value;
    const summary = world.port(code).value;
    if (summary === null || hourMs === null) return past;
    const { rate, expected, band } = summary;
    return [...past, { startMs: hourMs, rate, expected, band }];
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
