/**
 * The live run under a fault: a recording fed as the live log to one or more processors, and what they store compared with what an undisturbed
 * processor stores. Deletes topics and the live run's rows: for a site of its own. Injects nothing itself.
 */
import { DATABASE, MOVES_TOPIC } from '@quaywatch/contracts';
import { createProducer, type Kafka, type Producer } from '@quaywatch/kafka';
import { delay } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import type { Site, Way } from './bench.ts';
import { type Child, launch } from './children.ts';
import { eventually } from './eventually.ts';
import { Broken, promise } from './fault.ts';
import { endSessions } from './killable.ts';
import { createFeeder, emptyTopics, endsOf, type RecordedLog, readRecording } from './recorded-log.ts';

/** The beginning of the recording that is fed: days that settle are among them. */
const fedMs = 4 * 86_400_000;
const group = 'quaywatch-stream-processor';
/** The live run's checkpoint of clusters and the nation stands here among the partitions'. */
const areasPartition = 65_535;
const windowMs = 300_000;
const caughtUpWithinMs = 120_000;

export type LiveSite = {
  readonly site: Site;
  readonly kafka: Kafka;
  readonly producer: Producer;
  readonly log: RecordedLog;
  readonly stop: () => Promise<void>;
};

export type Disturbance = {
  readonly start: (way?: Way, nodeFlags?: readonly string[]) => Child;
  /** Feeds so much of the log, 0 to 1; what was fed stays. */
  readonly feed: (share: number) => Promise<void>;
  /** Waits while the log goes on in a trickle, so that nobody takes it for silence. */
  readonly during: (ms: number) => Promise<void>;
};

/** @param lengthMs of the recording, from its beginning, that is fed. */
export async function openLive(site: Site, lengthMs = fedMs): Promise<LiveSite> {
  await site.calm();
  const kafka = kafkaClient(site.kafka.brokers, 'quaywatch-faults');
  const whole = await readRecording(kafka, site.recording);
  const toMs = Math.min(whole.toMs, whole.fromMs + lengthMs);
  const partitions = whole.partitions.map((list) => list.filter((one) => Number(one.timestamp) <= toMs));
  const log = { ...whole, partitions, toMs, records: partitions.reduce((sum, list) => sum + list.length, 0) };
  const producer = createProducer(kafka, { maxInFlightRequests: 1 });
  await producer.connect();
  return { site, kafka, producer, log, stop: () => producer.disconnect() };
}

/** Rows, dead letters and transitions with every column; what was written twice counts once. */
async function storedBy({ site }: LiveSite): Promise<string> {
  const parts: string[] = [];
  for (const [table, columns] of [
    ['throughput', '*'],
    ['dead_letters', '*'],
    ['alert_transitions', 'alert_id, transition, body'],
  ]) {
    const rows = await site.query<{ count: number; digest: string }>(
      `SELECT toFloat64(count()) AS count, concat(hex(groupBitXor(h)), hex(sum(h))) AS digest
       FROM (SELECT DISTINCT cityHash64(${columns}) AS h FROM ${DATABASE}.${table} WHERE run = 'live')`,
    );
    parts.push(`${rows[0]?.count} ${table} ${rows[0]?.digest}`);
  }
  return parts.join(', ');
}

type Stand = { readonly positions: ReadonlyMap<number, number>; readonly areAreasDecided: boolean };

async function standOf({ site }: LiveSite): Promise<Stand> {
  const rows = await site.query<{ partition: number; reached: number; closed: number }>(
    `SELECT partition, toFloat64(max(position)) AS reached, argMax(JSONExtractInt(body, 'closedThroughMs'), position) AS closed
     FROM ${DATABASE}.checkpoints WHERE run = 'live' GROUP BY partition`,
  );
  const partitions = rows.filter((row) => row.partition < areasPartition);
  const closedMs = Math.min(...partitions.map((row) => row.closed));
  const areasMs = rows.find((row) => row.partition === areasPartition)?.reached;
  return {
    positions: new Map(partitions.map((row) => [row.partition, row.reached])),
    areAreasDecided: areasMs === Math.floor(closedMs / windowMs) * windowMs,
  };
}

async function clean({ site, kafka }: LiveSite): Promise<void> {
  await emptyTopics(kafka, site.kafka.brokers, []);
  for (const table of ['throughput', 'alert_transitions', 'checkpoints', 'dead_letters'])
    await site.command(`ALTER TABLE ${DATABASE}.${table} DROP PARTITION 'live'`);
}

/** SIGTERM to all. @throws Broken when one does not end well within ten seconds. */
async function stopAll(children: readonly Child[]): Promise<void> {
  await Promise.all(
    children
      .filter((one) => one.isRunning())
      .map(async (child) => {
        const startedMs = performance.now();
        child.process.kill('SIGTERM');
        const { code, signal } = await child.ended;
        const tookMs = performance.now() - startedMs;
        promise(
          code === 0,
          `a processor that was asked to stop ended with ${signal ?? code}: ${child.said().slice(-1_500)}`,
        );
        promise(tookMs < 10_000, `a processor took ${tookMs.toFixed(0)} ms to stop`);
      }),
  );
}

/** A processor that has begun to take the log. */
export async function working(child: Child): Promise<Child> {
  await eventually(
    'the processor follows the log',
    () => child.said().includes('Following the log.') || !child.isRunning(),
    60_000,
  );
  promise(child.isRunning(), `a processor ended: ${child.said().slice(-1_500)}`);
  return child;
}

/** Whoever is left goes on until everything is stored and decided; then all are stopped. */
async function settle(live: LiveSite, start: () => Child, children: readonly Child[]): Promise<void> {
  const ends = await endsOf(live.kafka, MOVES_TOPIC);
  const missing = async () => {
    const { positions } = await standOf(live);
    return [...ends].filter(([partition, end]) => positions.get(partition) !== end);
  };
  const deadlineMs = performance.now() + caughtUpWithinMs;
  // A checkpoint is written with rows, or when a processor is asked to stop.
  for (let rest = 4_000; ; rest *= 1.5) {
    await Promise.all(children.filter((child) => child.isRunning()).map(working));
    await delay(rest);
    await stopAll(children);
    // One that was killed, or ended by itself, would hold up the next one for its session's length.
    await endSessions(live.kafka, live.site.kafka.brokers, group);
    const left = await missing();
    if (left.length === 0) break;
    if (performance.now() > deadlineMs) {
      const said = children.map((child) => child.said().slice(-600)).join('; ');
      throw new Broken(
        `not at the end of partitions ${left.map(([partition]) => partition).join(', ')}; said: ${said}`,
      );
    }
    children = [start()];
  }
  const last = await working(start());
  await eventually('areas are decided', async () => (await standOf(live)).areAreasDecided, 60_000, 250);
  await stopAll([last]);
  const after = await endsOf(live.kafka, MOVES_TOPIC);
  promise(
    [...ends].every(([partition, end]) => after.get(partition) === end),
    'a processor took the end of the log for silence: the log is another than it should be',
  );
}

/** Feeds the log to processors that `disturb` starts and ends. @returns what is stored then. */
export async function runLive(
  live: LiveSite,
  disturb: (given: Disturbance) => Promise<readonly Child[]>,
): Promise<string> {
  const { site, log, kafka } = live;
  await clean(live);
  const feeder = createFeeder(live.producer, log);
  let fed = 0;
  const feed = async (share: number) => {
    fed = Math.max(fed, share);
    await feeder.through(fed >= 1 ? Number.POSITIVE_INFINITY : log.fromMs + fed * (log.toMs - log.fromMs));
  };
  const started: Child[] = [];
  const start = (way?: Way, nodeFlags: readonly string[] = []) => {
    const child = launch('stream-processor/src/main.ts', [], { env: site.env(way), nodeFlags });
    started.push(child);
    return child;
  };
  const during = async (ms: number) => {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs) {
      await delay(Math.min(1_000, Math.max(0, untilMs - performance.now())));
      await feed(Math.min(0.98, fed + 0.004));
    }
  };
  try {
    const left = await disturb({ start, feed, during });
    site.clickhouseWire.set({ kind: 'good' });
    await feed(1);
    await settle(live, () => start(), left);
    return await storedBy(live);
  } finally {
    for (const child of started) child.process.kill('SIGKILL');
    await Promise.all(started.map((child) => child.ended));
    // Whoever was killed keeps its partitions for the length of its session otherwise.
    await endSessions(kafka, site.kafka.brokers, group).catch(() => {});
  }
}

export async function undisturbed(live: LiveSite): Promise<string> {
  return runLive(live, async ({ start, feed }) => {
    await feed(1);
    return [await working(start())];
  });
}
