/**
 * Virtual time for engines and processes: one queue of events, in the order of their time and, within one, of the seed. While it runs it owns this
 * thread's clock, timers and randomness, so that the product's own code needs no switch. Knows nothing of what the events do.
 */
import { createRandom } from '@quaywatch/runtime';

/** Where code runs: an engine or one life of a process. What a dead place still had to do never happens. */
export type Place = { readonly name: string; isDead: boolean; pausedUntilMs: number };

type Job = {
  atMs: number;
  readonly tie: number;
  readonly place: Place;
  readonly run: () => void;
  isCancelled: boolean;
};

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  dateNow: Date.now,
  random: Math.random,
} as const;

export function newPlace(name: string): Place {
  return { name, isDead: false, pausedUntilMs: 0 };
}

/** What must never happen did: the reason a seed failed. */
export class Violation extends Error {
  /** The assertion's short name, the same for every seed that it catches. */
  readonly assertion: string;
  constructor(assertion: string, detail: string) {
    super(`${assertion}: ${detail}`);
    this.assertion = assertion;
  }
}

/** Guards: one event at a time, and everything that follows from it has run before the next. */
export class World {
  nowMs = 0;
  violation: Violation | undefined;
  readonly random: () => number;
  #jobs: Job[] = [];
  #firsts = 0;
  #current: Place | undefined;
  #wallOffsetMs: number;

  /** @param wallMs what the machines' clocks say when it begins. */
  constructor(seed: number, wallMs: number) {
    this.random = createRandom(seed);
    this.#wallOffsetMs = wallMs;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability;
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  get wallMs(): number {
    return this.#wallOffsetMs + this.nowMs;
  }

  /** The machines' clocks jump; timers do not see it. */
  leap(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** The first violation is the one that is told. */
  violate(assertion: string, detail: string): void {
    this.violation ??= new Violation(assertion, detail);
  }

  at(place: Place, delayMs: number, run: () => void): Job {
    const job = { atMs: this.nowMs + delayMs, tie: this.random(), place, run, isCancelled: false };
    this.#push(job);
    return job;
  }

  /** As `at`, before everything else of that moment, and in the order of the calls when a pause moves several to one moment. */
  first(place: Place, delayMs: number, run: () => void): void {
    this.#push({
      atMs: this.nowMs + delayMs,
      tie: this.#firsts++ - Number.MAX_SAFE_INTEGER,
      place,
      run,
      isCancelled: false,
    });
  }

  sleep(place: Place, ms: number): Promise<void> {
    return new Promise((resolve) => this.at(place, ms, resolve));
  }

  /** Runs `work` as this place would, with everything that follows from it before the next event. */
  begin(place: Place, work: () => void): void {
    this.at(place, 0, work);
  }

  /** Runs until `isDone`, a violation, or the virtual time is up. @returns whether it was done. */
  async run(isDone: () => boolean, untilMs: number): Promise<boolean> {
    const restore = this.#install();
    try {
      while (this.violation === undefined && !isDone()) {
        const job = this.#pop();
        if (job === undefined || job.atMs > untilMs) return false;
        if (job.isCancelled || job.place.isDead) continue;
        if (job.place.pausedUntilMs > job.atMs) {
          job.atMs = job.place.pausedUntilMs;
          this.#push(job);
          continue;
        }
        this.nowMs = Math.max(this.nowMs, job.atMs);
        this.#current = job.place;
        job.run();
        await new Promise(real.setImmediate);
        this.#current = undefined;
      }
      return this.violation === undefined;
    } finally {
      restore();
    }
  }

  /** Timers of code outside the simulation (a test runner's) stay real. */
  #install(): () => void {
    const timer = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      this.#current === undefined ? real.setTimeout(run, ms, ...args) : this.at(this.#current, ms, () => run(...args));
    const interval = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const place = this.#current;
      if (place === undefined) return real.setInterval(run, ms, ...args);
      const again = () => {
        run(...args);
        const next = this.at(place, ms, again);
        handle.cancel = () => {
          next.isCancelled = true;
        };
      };
      const first = this.at(place, ms, again);
      const handle = {
        cancel: () => {
          first.isCancelled = true;
        },
      };
      return handle;
    };
    const clear = (handle: unknown) => {
      if (typeof handle !== 'object' || handle === null) return;
      if ('isCancelled' in handle) handle.isCancelled = true;
      else if ('cancel' in handle && typeof handle.cancel === 'function') handle.cancel();
      else real.clearTimeout(handle as NodeJS.Timeout);
    };
    const performanceNow = performance.now;
    Object.assign(globalThis, { setTimeout: timer, clearTimeout: clear, setInterval: interval, clearInterval: clear });
    Date.now = () => this.wallMs;
    performance.now = () => this.nowMs;
    Math.random = this.random;
    return () => {
      const { setTimeout, clearTimeout, setInterval, clearInterval } = real;
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      Date.now = real.dateNow;
      performance.now = performanceNow;
      Math.random = real.random;
    };
  }

  #push(job: Job): void {
    const jobs = this.#jobs;
    let at = jobs.length;
    jobs.push(job);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = jobs[parent] as Job;
      if (!isBefore(job, above)) break;
      jobs[at] = above;
      at = parent;
    }
    jobs[at] = job;
  }

  #pop(): Job | undefined {
    const jobs = this.#jobs;
    const first = jobs[0];
    const last = jobs.pop();
    if (first === undefined || last === undefined || jobs.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= jobs.length) break;
      if (child + 1 < jobs.length && isBefore(jobs[child + 1] as Job, jobs[child] as Job)) child++;
      const below = jobs[child] as Job;
      if (!isBefore(below, last)) break;
      jobs[at] = below;
      at = child;
    }
    jobs[at] = last;
    return first;
  }
}

function isBefore(a: Job, b: Job): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie);
}
