/** What the benchmark reads off a running page: frames a second, long tasks, the heap, first paint, shifts. Judges nothing. */
import type { CDPSession, Page } from 'playwright-core';

type Watched = { frames: number[]; tasks: number[]; shift: number; from: number };
declare global {
  interface Window {
    watched: Watched;
  }
}

/** Before the page's own script: counts frames a second and tasks of more than 50 ms. */
export function watch(): void {
  const watched: Watched = { frames: [], tasks: [], shift: 0, from: performance.now() };
  window.watched = watched;
  let second = 0;
  let count = 0;
  const onFrame = (time: number) => {
    const now = Math.floor(time / 1000);
    if (now !== second) {
      if (second > 0) watched.frames.push(count);
      second = now;
      count = 0;
    }
    count += 1;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watched.tasks.push(entry.duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if ('value' in entry && typeof entry.value === 'number') watched.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

export type Pace = {
  readonly framesPerSecond: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  readonly longTasksAFrame: number;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Watches for some seconds. `longTasksAFrame`: tasks over 50 ms for each update of the wire; at the 99th percentile it may be 0.01. */
export async function paceOf(page: Page, seconds: number): Promise<Pace> {
  await page.evaluate(() => {
    window.watched.frames.length = 0;
    window.watched.tasks.length = 0;
  });
  await page.waitForTimeout(seconds * 1000);
  const { frames, tasks } = await page.evaluate(() => window.watched);
  return {
    framesPerSecond: median(frames.slice(1)),
    longTasks: tasks.length,
    longestTaskMs: Math.round(Math.max(0, ...tasks)),
    longTasksAFrame: Math.round((tasks.length / (seconds * 4)) * 1000) / 1000,
  };
}

/** Bytes that are still held after a collection. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** Slope of a line through equally distant readings, per step. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const top = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const bottom = values.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
  return bottom === 0 ? 0 : top / bottom;
}
