/** Small hooks that several parts share. */

import { type Signal, useComputed } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { isForPart } from '../key-press.ts';
import { pastHours, presentHour } from '../past-hours.ts';
import type { Slot } from '../slots.ts';

import type { World } from '../wire/store.ts';

const WASH_EVERY_MS = 1000;
const WASH_MS = 240;

/** What one commit washed is taken back at once: two drawn frames a wash. An animation would draw every frame of its time. */
const washed = new Set<HTMLElement>();

function wash(element: HTMLElement, direction: 'up' | 'down'): void {
  element.dataset['tick'] = direction;
  if (washed.size === 0)
    setTimeout(() => {
      for (const one of washed) delete one.dataset['tick'];
      washed.clear();
    }, WASH_MS);
  washed.add(element);
}

/** Washes an element for a moment when a figure changes: at most once a second. The styles leave it out when motion is unwanted. */
export function useTick(value: number | null): RefObject<HTMLElement | null> {
  const ref = useRef<HTMLElement>(null);
  const before = useRef(value);
  const washedAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const previous = before.current;
    before.current = value;
    const element = ref.current;
    if (element === null || value === null || previous === null || value === previous) return;
    const now = performance.now();
    if (now - washedAtMs.current < WASH_EVERY_MS) return;
    washedAtMs.current = now;
    wash(element, value > previous ? 'up' : 'down');
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

/** T changes between a chart and the table behind it. */
export function useTableKey(isTable: Signal<boolean>): void {
  const { dialogs } = usePage();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 't' || !isForPart(event, dialogs)) return;
      event.preventDefault();
      isTable.value = !isTable.peek();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isTable, dialogs]);
}
