/** Who looks at the page while something fails: a gateway that is killed under thousands, a replay beside live. */
import { join } from 'node:path';
import { delay } from '@quaywatch/runtime';
import { freePort } from '../ports.ts';
import { type Bench, type Site, startSite } from './bench.ts';
import { finished, type Summary } from './children.ts';
import { eventually } from './eventually.ts';
import { type Family, family, names, untilLive } from './family.ts';
import { type Fault, promise } from './fault.ts';
import { sameFigures } from './under-replay.ts';
import { type Watcher, watch } from './watchers.ts';

const channels = ['overview', 'status', 'alerts'];
const stormClients = 2_000;
const others = 50;
const quietMs = 12_000;

type Watched = { readonly site: Site; readonly all: Family; readonly port: number };
const watched = new WeakMap<Bench, Promise<Watched>>();

/** The product with live feeds, shared by the faults of this file; it goes with the bench. */
function watchedOf(bench: Bench): Promise<Watched> {
  const start = async (): Promise<Watched> => {
    const site = await startSite({ ...bench, dataDir: join(bench.dataDir, 'watched') });
    const port = await freePort();
    const all = family(site.env(), port, site);
    for (const name of names) all.start(name);
    await untilLive(all, port);
    return { site, all, port };
  };
  const known = watched.get(bench) ?? start();
  watched.set(bench, known);
  return known;
}

async function withWatchers<T>(
  count: number,
  port: number,
  work: (watchers: readonly Watcher[]) => Promise<T>,
  onNews: (latencyMs: number) => void = () => {},
): Promise<T> {
  const watchers: Watcher[] = [];
  try {
    // As people arrive; a burst is what comes after a gateway's death.
    for (let at = 0; at < count; at += 100) {
      const some = Math.min(100, count - at);
      watchers.push(...Array.from({ length: some }, () => watch({ port: () => port, channels, onNews })));
      await delay(50);
    }
    await eventually('all are in step', () => watchers.every((one) => one.isInStep()), 120_000, 100);
    return await work(watchers);
  } finally {
    for (const one of watchers) one.stop();
  }
}

const sum = (watchers: readonly Watcher[], of: (one: Watcher) => number) =>
  watchers.reduce((total, one) => total + of(one), 0);

async function reconnectStorm(bench: Bench): Promise<string> {
  const { all, port } = await watchedOf(bench);
  return withWatchers(stormClients, port, async (watchers) => {
    const before = watchers.map((one) => one.welcomes());
    const gateway = all.child('gateway');
    await all.killOne('gateway');
    promise(!gateway.isRunning(), 'the gateway lives on');
    await eventually('all have noticed', () => watchers.every((one) => one.closes().length > 0), 60_000);
    const startedMs = performance.now();
    all.start('gateway');
    const isBack = (one: Watcher, i: number) => one.welcomes() > (before[i] ?? 0) && one.isInStep();
    await eventually('all are back and in step', () => watchers.every(isBack), 180_000, 100);
    const tookS = ((performance.now() - startedMs) / 1000).toFixed(0);
    const marks = watchers.map((one) => one.updates());
    await eventually('all go on', () => watchers.every((one, i) => one.updates() > (marks[i] ?? 0) + 2), 60_000, 100);
    const missed = sum(watchers, (one) => one.gaps());
    promise(missed === 0, `${missed} frames did not go on from where their clients stood`);
    promise(all.ends().length === 0, all.ends().join('; '));
    const resumed = sum(watchers, (one) => Math.min(1, one.resumes()));
    return `${stormClients} clients back and in step ${tookS} s after the gateway's start, ${resumed} from their cursors, none missed anything`;
  });
}

function quantiles(list: readonly number[]): string {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function replayBeside(bench: Bench): Promise<string> {
  const { site, all, port } = await watchedOf(bench);
  const calm = await site.calm();
  let latencies: number[] = [];
  return withWatchers(
    others,
    port,
    async (watchers) => {
      const measured = async (work: () => Promise<unknown>) => {
        latencies = [];
        await work();
        return quantiles(latencies);
      };
      const quiet = await measured(() => delay(quietMs, bench.stop));
      let summary: Summary | undefined;
      const beside = await measured(async () => {
        summary = (await finished(site.replay(['--run', 'beside-live']), 'The replay')) as Summary;
      });
      promise(summary !== undefined, 'the replay said nothing');
      const same = sameFigures(calm, summary as Summary);
      promise(
        sum(watchers, (one) => one.gaps() + one.closes().length) === 0,
        'live clients were closed, or missed something',
      );
      promise(all.ends().length === 0, all.ends().join('; '));
      const rows = await site.query<{ count: number }>(
        `SELECT toFloat64(count()) AS count FROM quaywatch.throughput WHERE run = 'live' AND start < '2025-03-01'`,
      );
      promise(rows[0]?.count === 0, `live has ${rows[0]?.count} rows of the replay`);
      return `${same}; from Kafka to the client ${quiet} before, ${beside} during ${summary?.seconds.toFixed(0)} s of replay`;
    },
    (latencyMs) => latencies.push(latencyMs),
  );
}

export const WATCH_FAULTS: readonly Fault[] = [
  {
    name: 'reconnect-storm',
    catalogue: 'F20',
    how: `the gateway killed under ${stormClients} clients and started again`,
    promised: 'all are back and in step, and none misses a frame',
    run: reconnectStorm,
  },
  {
    name: 'replay-beside-live',
    catalogue: 'F25',
    how: `a replay at full speed while ${others} clients watch live`,
    promised: 'same digest; live goes on without a gap, and has nothing of the replay',
    run: replayBeside,
  },
];
