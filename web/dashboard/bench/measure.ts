/** What the benchmark reads off a running page: frames a second, long tasks, what the main thread did, the heap. Judges nothing. */
import type { CDPSession, Page } from 'playwright-core';

type Watched = { frames: number[]; tasks: { startMs: number; ms: number }[]; shift: number; paintMs: number };
declare global {
  interface Window {
    watched: Watched;
  }
}

/** Runs before the page's own script: counts the frames of every second, tasks of more than 50 ms, shifts, and the largest paint. */
export function watch(): void {
  const watched: Watched = { frames: [], tasks: [], shift: 0, paintMs: 0 };
  window.watched = watched;
  let second = -1;
  let count = 0;
  const onFrame = (time: number) => {
    const now = Math.floor(time / 1000);
    if (now !== second) {
      if (second >= 0) watched.frames.push(count);
      second = now;
      count = 0;
    }
    count += 1;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  const observe = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry);
    }).observe({ type, buffered: true });
  observe('longtask', (entry) => watched.tasks.push({ startMs: entry.startTime, ms: entry.duration }));
  observe('layout-shift', (entry) => {
    if ('value' in entry && typeof entry.value === 'number') watched.shift += entry.value;
  });
  observe('largest-contentful-paint', (entry) => {
    watched.paintMs = entry.startTime;
  });
}

export type Pace = {
  /** Median over the seconds, and the worst second. */
  readonly framesPerSecond: number;
  readonly framesPerSecondMin: number;
  /** Tasks of more than 50 ms. */
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** Of updates of the wire (four a second), how many had such a task: at the 99th percentile 0.01. */
  readonly longTasksAnUpdate: number;
  /** What the main thread did for one update, ms of processor time. */
  readonly mainThread: {
    readonly task: number;
    readonly script: number;
    readonly layout: number;
    readonly style: number;
  };
};

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function metricsOf(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return new Map(metrics.map(({ name, value }) => [name, value]));
}

/** Watches for some seconds. */
export async function paceOf(page: Page, seconds: number): Promise<Pace> {
  const session = await page.context().newCDPSession(page);
  // Processor time: what others on the machine take is not counted.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await metricsOf(session);
  await page.evaluate(() => {
    window.watched.frames.length = 0;
    window.watched.tasks.length = 0;
  });
  await page.waitForTimeout(seconds * 1000);
  const { frames, tasks } = await page.evaluate(() => window.watched);
  const after = await metricsOf(session);
  await session.detach();
  const updates = seconds * 4;
  const spent = (name: string) => round((((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000) / updates, 1);
  const whole = frames.slice(1);
  return {
    framesPerSecond: median(whole),
    framesPerSecondMin: Math.min(...whole),
    longTasks: tasks.length,
    longestTaskMs: Math.round(Math.max(0, ...tasks.map(({ ms }) => ms))),
    longTasksAnUpdate: round(tasks.length / updates, 3),
    mainThread: {
      task: spent('TaskDuration'),
      script: spent('ScriptDuration'),
      layout: spent('LayoutDuration'),
      style: spent('RecalcStyleDuration'),
    },
  };
}

/** Bytes that are still held after a collection. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
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
