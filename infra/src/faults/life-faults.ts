/** Processes that are started before what they need, that are asked to stop while they wait and while they work, and clocks that are wrong. */
import { join } from 'node:path';
import { MOVES_TOPIC } from '@quaywatch/contracts';
import { delay } from '@quaywatch/runtime';
import { engineEnv } from '../engines.ts';
import { kafkaClient } from '../kafka-client.ts';
import { freePort } from '../ports.ts';
import { provision } from '../provision.ts';
import { type Bench, type Site, startSite } from './bench.ts';
import { type Child, type Env, launch } from './children.ts';
import { eventually } from './eventually.ts';
import { Broken, type Fault, promise } from './fault.ts';
import { stopWithinMs } from './process-faults.ts';

const names = ['processor', 'notifier', 'gateway', 'feeds'] as const;
type Name = (typeof names)[number];
const mains: Readonly<Record<Name, string>> = {
  processor: 'stream-processor/src/main.ts',
  notifier: 'stream-processor/src/notify-main.ts',
  gateway: 'web/gateway/src/main.ts',
  feeds: 'producers/src/main.ts',
};
/** How long they wait for each thing that is missing. */
const waitMs = 6_000;

type Family = {
  readonly start: (name: Name, nodeFlags?: readonly string[]) => void;
  readonly child: (name: Name) => Child;
  /** SIGKILL to whoever is left. */
  readonly kill: () => void;
  readonly ends: () => readonly string[];
  /** @returns milliseconds that the slowest took. */
  readonly stop: () => Promise<number>;
};

function family(env: Env, port: number, site: Site): Family {
  const children = new Map<Name, Child>();
  const ends: string[] = [];
  const asked = new Set<Child>();
  const { reader, writer, url } = site.clickhouse;
  const common = { ...env, QUAYWATCH_HOST: '127.0.0.1', QUAYWATCH_PORT: String(port), QUAYWATCH_DATA: site.dataDir };
  const gateway = {
    ...common,
    ...engineEnv(site.kafka.brokers, url, reader),
    QUAYWATCH_CLICKHOUSE_WRITER_USER: writer.user,
    QUAYWATCH_CLICKHOUSE_WRITER_PASSWORD: writer.password,
  };
  return {
    start: (name, nodeFlags = []) => {
      const child = launch(mains[name], [], { env: name === 'gateway' ? gateway : common, nodeFlags });
      children.set(name, child);
      void child.ended.then(({ code, signal }) => {
        if (!asked.has(child))
          ends.push(`${name} ended with ${signal ?? `exit code ${code}`}: ${child.said().slice(-700)}`);
      });
    },
    child: (name) => {
      const child = children.get(name);
      if (child === undefined) throw new Error(`${name} was not started.`);
      return child;
    },
    kill: () => {
      for (const child of children.values()) child.process.kill('SIGKILL');
    },
    ends: () => ends,
    stop: async () => {
      const took = await Promise.all(
        [...children].map(async ([name, child]) => {
          if (!child.isRunning()) return 0;
          asked.add(child);
          const startedMs = performance.now();
          child.process.kill('SIGTERM');
          const { code, signal } = await child.ended;
          const tookMs = performance.now() - startedMs;
          promise(
            code === 0,
            `${name}, asked to stop, ended with ${signal ?? `exit code ${code}`} after ${tookMs.toFixed(0)} ms: ${child.said().slice(-700)}`,
          );
          promise(tookMs < stopWithinMs, `${name} took ${tookMs.toFixed(0)} ms to stop`);
          return tookMs;
        }),
      );
      return Math.max(...took);
    },
  };
}

/** What the page waits for; empty when it is ready. Whether the page itself is built is no matter here. */
async function notReady(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    const { checks } = (await response.json()) as { checks: Record<string, { ok: boolean }> };
    const missing = Object.entries(checks).filter(([name, check]) => name !== 'page' && !check.ok);
    return missing.map(([name, check]) => `${name}: ${JSON.stringify(check)}`).join(', ');
  } catch (error) {
    return String(error);
  }
}

async function untilLive(all: Family, port: number): Promise<void> {
  const isLive = async () => {
    promise(all.ends().length === 0, all.ends().join('; '));
    return (
      all.child('processor').said().includes('Following the log.') &&
      all.child('notifier').said().includes('this notifier decides') &&
      all.child('feeds').said().includes('Feeds are live.') &&
      (await notReady(port)) === ''
    );
  };
  await eventually('everything is live', isLive, 120_000, 250).catch(async (error: unknown) => {
    if (error instanceof Broken) throw error;
    const said = names.map((name) => `${name}: ${all.child(name).said().slice(-300)}`);
    throw new Broken(`not live two minutes after everything was there (${await notReady(port)}): ${said.join('; ')}`);
  });
}

/** Engines that were there once, so that their addresses and accounts are known, and are not there now. */
async function emptySite(bench: Bench, name: string): Promise<Site> {
  const site = await startSite({ ...bench, dataDir: join(bench.dataDir, name), isEmpty: true });
  await Promise.all([site.kafka.stop(), site.clickhouse.stop()]);
  return site;
}

async function anyOrder(bench: Bench): Promise<string> {
  const seen: string[] = [];
  for (const order of [
    ['kafka', 'clickhouse'],
    ['clickhouse', 'kafka'],
  ] as const) {
    const site = await emptySite(bench, `order-${order.join('-')}`);
    const port = await freePort();
    const all = family(site.env(), port, site);
    try {
      for (const name of names) all.start(name);
      await delay(waitMs, bench.stop);
      for (const engine of order) {
        await (engine === 'kafka' ? site.restartKafka() : site.restartClickhouse());
        await delay(waitMs, bench.stop);
      }
      await provision({ kafkaBrokers: site.kafka.brokers, clickhouse: site.clickhouse });
      const startedMs = performance.now();
      await untilLive(all, port);
      const tookMs = await all.stop();
      const liveS = ((performance.now() - startedMs - tookMs) / 1000).toFixed(0);
      seen.push(
        `processes, ${order.join(', ')}, topics and tables: live ${liveS} s after the last, stopped in ${tookMs.toFixed(0)} ms`,
      );
    } finally {
      all.kill();
      await site.stop();
    }
  }
  return seen.join('; ');
}

async function stopWhileWaiting(bench: Bench): Promise<string> {
  const site = await emptySite(bench, 'waiting');
  // What they try is told below the ordinary level.
  const all = family({ ...site.env(), QUAYWATCH_LOG_LEVEL: 'debug' }, await freePort(), site);
  try {
    for (const name of names) all.start(name);
    await delay(waitMs, bench.stop);
    promise(all.ends().length === 0, all.ends().join('; '));
    await eventually('all of them have begun', () => names.every((name) => all.child(name).said() !== ''), 60_000);
    return `all of them gone after ${(await all.stop()).toFixed(0)} ms`;
  } finally {
    all.kill();
    await site.stop();
  }
}

/** A module that Node loads first: the wall clock is so much off, timers and the monotonic clock are not. */
export function clockFlags(shiftMs: string): string[] {
  const source = `const R = Date; const now = R.now.bind(R); const shift = () => (${shiftMs});
    globalThis.Date = class Date extends R { constructor(...a) { if (a.length === 0) super(now() + shift()); else super(...a); } static now() { return now() + shift(); } };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}

async function newestMs(site: Site): Promise<number> {
  const rows = await site.query<{ newest: number }>(
    `SELECT toUnixTimestamp(max(start)) * 1000 AS newest FROM quaywatch.throughput WHERE run = 'live' AND size_s = 60`,
  );
  return rows[0]?.newest ?? 0;
}

const clockMs = 2 * 3_600_000;

/** Feeds whose clock is two hours ahead beside right ones: what they send must not drag the log's time. */
async function clockAhead(bench: Bench): Promise<string> {
  const site = await startSite({ ...bench, dataDir: join(bench.dataDir, 'clock') });
  const port = await freePort();
  const right = family(site.env(), port, site);
  const wrong = family(site.env(), await freePort(), site);
  try {
    for (const name of names) right.start(name);
    await untilLive(right, port);
    wrong.start('feeds', clockFlags(String(clockMs)));
    await delay(15_000, bench.stop);
    const closed = await newestMs(site);
    await eventually('windows go on closing', async () => (await newestMs(site)) > closed, 90_000, 500);
    const newest = await newestMs(site);
    promise(newest <= Date.now(), `a window of the future is closed: ${new Date(newest).toISOString()}`);
    promise(right.ends().length === 0, right.ends().join('; '));
    const admin = kafkaClient(site.kafka.brokers, 'quaywatch-faults').admin();
    await admin.connect();
    const ahead = await admin.fetchTopicOffsetsByTimestamp(MOVES_TOPIC, Date.now() + 6 * 60_000);
    const ends = await admin.fetchTopicOffsets(MOVES_TOPIC);
    await admin.disconnect();
    const isAhead = ahead.some(
      ({ partition, offset }) => Number(offset) < Number(ends.find((one) => one.partition === partition)?.high ?? 0),
    );
    promise(!isAhead, 'the log holds records of the future');
    const said = wrong.child('feeds').said();
    promise(/timestamp/i.test(said), `the feeds whose clock is wrong do not say so: ${said.slice(-500)}`);
    await right.stop();
    return 'the broker takes nothing of them and they say why; windows of all ports close on the right clock';
  } finally {
    right.kill();
    wrong.kill();
    await site.stop();
  }
}

export const LIFE_FAULTS: readonly Fault[] = [
  {
    name: 'start-order',
    catalogue: 'F30, F29',
    how: 'all processes first, then Kafka, ClickHouse, topics and tables in two orders with pauses; SIGTERM to all when live',
    promised: `each waits and none ends; live when the last is there; gone within ${stopWithinMs / 1000} s, exit code 0`,
    run: anyOrder,
  },
  {
    name: 'stop-while-waiting',
    catalogue: 'F29',
    how: 'SIGTERM to processes that wait for engines that are not there',
    promised: `gone within ${stopWithinMs / 1000} s, exit code 0`,
    run: stopWhileWaiting,
  },
  {
    name: 'clock-ahead',
    catalogue: 'F14',
    how: 'feeds whose wall clock is 2 h ahead, beside right ones',
    promised: 'log time is not dragged; windows of all ports go on closing on the right clock',
    run: clockAhead,
  },
];
