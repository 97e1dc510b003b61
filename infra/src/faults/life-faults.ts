/** Processes that are started before what they need, that are asked to stop while they wait and while they work, and clocks that are wrong. */
import { join } from 'node:path';
import { MOVES_TOPIC } from '@quaywatch/contracts';
import { delay } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import { freePort } from '../ports.ts';
import { provision } from '../provision.ts';
import { type Bench, type Site, startSite } from './bench.ts';
import { clockFlags } from './clock.ts';
import { eventually } from './eventually.ts';
import { family, names, untilLive } from './family.ts';
import { type Fault, promise } from './fault.ts';
import { stopWithinMs } from './process-faults.ts';

/** How long they wait for each thing that is missing. */
const waitMs = 6_000;

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
