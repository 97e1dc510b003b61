/** Who looks at the page while something fails: clients that read slowly, a gateway that is killed under thousands, a replay beside live. */
import { join } from 'node:path';
import { CLOSE_CODES } from '@quaywatch/contracts';
import { delay } from '@quaywatch/runtime';
import { freePort } from '../ports.ts';
import { type Bench, type Site, startSite } from './bench.ts';
import { finished, type Summary } from './children.ts';
import { eventually } from './eventually.ts';
import { type Family, family, names, untilLive } from './family.ts';
import { type Fault, promise } from './fault.ts';
import { heldMbOf } from './heap.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { sameFigures } from './under-replay.ts';
import { type Watcher, watch } from './watchers.ts';

const channels = ['overview', 'status', 'alerts'];
const stormClients = 2_000;
const others = 50;
const quietMs = 12_000;
const slowOnes = 20;
/** Far less than the overview says in a second. */
const slowBytesPerSecond = 1_000;
/** As long as the gateway waits for a client that has stopped acknowledging, and a little more. */
const wellBehavedMs = 35_000;
/** What the gateway may buffer for a client before it lets go of it, with the strings that it is made of. */
const heldMbPerSlowMax = 2;
/** Of what comes and goes with the seconds beside clients: a leak of the slow ones would be more. */
const otherwiseHeldMbMax = 10;

type Watched = { readonly site: Site; readonly all: Family; readonly port: number; readonly inspectorPort: number };
const watched = new WeakMap<Bench, Promise<Watched>>();

/** The product with live feeds, shared by the faults of this file; it goes with the bench. */
function watchedOf(bench: Bench): Promise<Watched> {
  const start = async (): Promise<Watched> => {
    const site = await startSite({ ...bench, dataDir: join(bench.dataDir, 'watched') });
    const [port, inspectorPort] = [await freePort(), await freePort()];
    const all = family(site.env(), port, site);
    for (const name of names) all.start(name, name === 'gateway' ? [`--inspect=127.0.0.1:${inspectorPort}`] : []);
    await untilLive(all, port);
    return { site, all, port, inspectorPort };
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

/** The most that is held until all are closed once: looked at every few seconds, since every look stops the gateway for a moment. */
async function mostHeldMb(inspectorPort: number, slow: readonly Watcher[]): Promise<number> {
  let most = 0;
  const areClosed = async () => {
    most = Math.max(most, await heldMbOf(inspectorPort));
    return slow.every((one) => one.closes().length > 0);
  };
  await eventually('the gateway lets go of them', areClosed, 180_000, 3_000);
  return most;
}

async function slowClients(bench: Bench): Promise<string> {
  const { port, inspectorPort } = await watchedOf(bench);
  const wire = await startTcpProxy(() => port);
  const slow: Watcher[] = [];
  try {
    return await withWatchers(others, port, async (watchers) => {
      for (let i = 0; i < slowOnes; i++) slow.push(watch({ port: () => wire.port, channels }));
      const areInStep = () => slow.every((one) => one.isInStep() && one.updates() > 8);
      await eventually('those who will be slow are in step', areInStep, 60_000);
      const first = await heldMbOf(inspectorPort);
      await delay(wellBehavedMs, bench.stop);
      const before = await heldMbOf(inspectorPort);
      wire.set({ kind: 'slow', latencyMs: 0, bytesPerSecond: slowBytesPerSecond });
      const startedMs = performance.now();
      const most = await mostHeldMb(inspectorPort, slow);
      const tookS = ((performance.now() - startedMs) / 1000).toFixed(0);
      const codes = [...new Set(slow.flatMap((one) => one.closes()))];
      // 1006: the word of the gateway is still on the wire when it ends the connection.
      promise(
        codes.every((code) => code === CLOSE_CODES.slow_consumer || code === 1006),
        `closed with ${codes.join(', ')}`,
      );
      const marks = watchers.map((one) => one.updates());
      await eventually('the others go on', () => watchers.every((one, i) => one.updates() > (marks[i] ?? 0)), 30_000);
      promise(
        sum(watchers, (one) => one.gaps() + one.closes().length) === 0,
        'others were closed, or missed something',
      );
      wire.set({ kind: 'good' });
      await eventually(
        'the slow ones are back',
        () => slow.every((one) => one.welcomes() > 1 && one.isInStep()),
        60_000,
      );
      promise(sum(slow, (one) => one.gaps()) === 0, `the slow ones missed something`);
      const after = await heldMbOf(inspectorPort);
      const [calmly, slowly] = [Math.max(0, before - first), after - before];
      const said = `held after collections: ${[first, before, most, after].map((mb) => mb.toFixed(1)).join(', ')} MB`;
      promise(most - before <= calmly + slowOnes * heldMbPerSlowMax + otherwiseHeldMbMax, `too much for them: ${said}`);
      promise(slowly <= calmly + otherwiseHeldMbMax, `the gateway grew: ${said}`);
      return `${slowOnes} closed within ${tookS} s, and back; ${others} others without a gap; ${said} (at first, after ${wellBehavedMs / 1000} s without slow ones, at most under them, when they were back)`;
    });
  } finally {
    for (const one of slow) one.stop();
    await wire.stop();
  }
}

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
    name: 'slow-client',
    catalogue: 'F18',
    how: `${slowOnes} WebSockets whose wires carry ${slowBytesPerSecond} bytes/s each, beside ${others} others`,
    promised:
      'they are closed and come back to where they stood; the others miss nothing; the gateway holds no more for it',
    run: slowClients,
  },
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
