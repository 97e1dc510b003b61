/**
 * A recording fed as the live log twice: to processes that nobody disturbs, and to a processor and a notifier that are killed at random
 * moments. The transitions, the rows and what receivers hear must not tell which was which. Deletes topics and rows: own engines only.
 */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import {
  ALERTS_TOPIC,
  DATABASE,
  DEFAULT_ROUTING,
  DEFAULT_RULE_SET,
  MOVES_TOPIC,
  NOTIFICATIONS_TOPIC,
  type Route,
  RULES_TOPIC,
  type RuleSet,
} from '@quaywatch/contracts';
import { createProducer, type Kafka, type Producer } from '@quaywatch/kafka';
import { createRandom, delay, seedOf } from '@quaywatch/runtime';
import type { Engines } from '../engines.ts';
import { kafkaClient } from '../kafka-client.ts';
import { eventually } from './eventually.ts';
import { endSessions, type Killable, killable } from './killable.ts';
import { RECEIVERS, type Receivers, startReceivers } from './receivers.ts';
import {
  createFeeder,
  emptyTopics,
  endsOf,
  type Followed,
  followTopics,
  hasAll,
  type RecordedLog,
} from './recorded-log.ts';
import { compareOutcomes, type Outcome, outcomeOf, type Told, toldOf, unfinished } from './verdict.ts';

export type Settings = {
  readonly kills: number;
  readonly seed: number;
  /** Longest time between a process being at work and its kill. */
  readonly livesMsMax: number;
  /** Share of killed processors whose session in the consumer group has to run out. */
  readonly patience: number;
};

export type Bench = {
  readonly engines: Pick<Engines, 'kafkaBrokers' | 'clickhouse' | 'env'>;
  readonly dataDir: string;
  readonly log: RecordedLog;
  readonly tell: (message: string) => void;
  readonly stop: AbortSignal;
};

export type Result = {
  readonly calm: Outcome;
  readonly disturbed: Outcome;
  readonly told: Told;
  readonly kills: { readonly processor: number; readonly notifier: number };
  readonly repeated: number;
  readonly refused: number;
  /** By receiver: messages that it heard. */
  readonly heard: Readonly<Record<string, number>>;
  readonly digest: (outcome: Outcome) => string;
  /** Transitions of the second stage. */
  readonly areas: (outcome: Outcome) => number;
  readonly problems: readonly string[];
};

const processorGroup = 'quaywatch-stream-processor';
const notifierGroup = 'quaywatch-notifier';
const caughtUpWithinMs = 900_000;
/** A processor in whose log nothing arrives tells the log so after a minute and a half. */
const idleMsMax = 60_000;
type Place = Bench & {
  readonly kafka: Kafka;
  readonly producer: Producer;
  readonly query: <T>(query: string) => Promise<T[]>;
  readonly command: (query: string) => Promise<void>;
};

function clientOf({ engines: { clickhouse } }: Bench) {
  return createClient({
    url: clickhouse.url,
    username: clickhouse.writer.user,
    password: clickhouse.writer.password,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
}

/** Everybody is told of everything at once: minutes of wall clock are hours of the log. */
function rules(): RuleSet {
  const route = (more: Partial<Route>): Route => ({
    ...DEFAULT_ROUTING.route,
    group_wait_s: 0,
    group_interval_s: 1,
    ...more,
  });
  const routes = [...RECEIVERS, 'page'].map((receiver) => route({ receiver, continue: true }));
  const note = 'Everybody is told at once';
  return { ...DEFAULT_RULE_SET, version: 1, note, routing: { ...DEFAULT_ROUTING, route: route({ routes }) } };
}

async function clean({ kafka, engines, producer, command }: Place): Promise<void> {
  await emptyTopics(kafka, engines.kafkaBrokers, []);
  for (const table of ['throughput', 'alert_transitions', 'checkpoints', 'dead_letters'])
    await command(`TRUNCATE TABLE ${DATABASE}.${table}`);
  await producer.send({ topic: RULES_TOPIC, messages: [{ partition: 0, key: '1', value: JSON.stringify(rules()) }] });
}

type Stand = { readonly positions: ReadonlyMap<number, number>; readonly closedMs: number; readonly areasMs: number };

/** How far the checkpoints of the live run reach. */
async function standOf({ query }: Place): Promise<Stand> {
  const rows = await query<{ partition: number; reached: number; closed: number }>(
    `SELECT partition, toFloat64(max(position)) AS reached, argMax(JSONExtractInt(body, 'closedThroughMs'), position) AS closed
     FROM ${DATABASE}.checkpoints WHERE run = 'live' GROUP BY partition`,
  );
  const partitions = rows.filter((row) => row.partition < 65_535);
  return {
    positions: new Map(partitions.map((row) => [row.partition, row.reached])),
    closedMs: Math.min(...partitions.map((row) => row.closed)),
    areasMs: rows.find((row) => row.partition === 65_535)?.reached ?? 0,
  };
}

/**
 * The whole log is taken, both stages have decided through its end, and the processor is stopped. Nothing follows this log, so a processor may
 * not live long: it would tell the log that all feeds are silent.
 */
async function finish(place: Place, processor: Killable): Promise<void> {
  const ends = await endsOf(place.kafka, MOVES_TOPIC);
  const deadlineMs = performance.now() + caughtUpWithinMs;
  for (let lifeMs = 4_000; ; lifeMs = Math.min(lifeMs * 2, idleMsMax)) {
    await processor.stop();
    const { positions } = await standOf(place);
    if (place.stop.aborted || [...ends].every(([partition, end]) => positions.get(partition) === end)) break;
    if (performance.now() > deadlineMs) throw new Error(`The log is not taken to its end:\n${processor.said()}`);
    processor.start();
    await delay(lifeMs, place.stop);
  }
  processor.start();
  await eventually(
    'the second stage has decided everything',
    async () => {
      const { closedMs, areasMs } = await standOf(place);
      return place.stop.aborted || areasMs === Math.floor(closedMs / 300_000) * 300_000;
    },
    idleMsMax,
    250,
  ).catch((cause) => {
    throw new Error(`The processor said:\n${processor.said()}`, { cause });
  });
  await processor.stop();
}

function processorOf(place: Place): Killable {
  return killable('processor', 'stream-processor/src/main.ts', place.engines.env);
}

async function undisturbed(place: Place): Promise<Outcome> {
  await clean(place);
  const followed = await followTopics(place.kafka, [ALERTS_TOPIC], 'faults-calm');
  const processor = processorOf(place);
  processor.start();
  try {
    await feedAll(place);
    await finish(place, processor);
    await eventually('all alerts are read', () => hasAll(place.kafka, followed));
    return await outcomeOf(place.query, followed);
  } finally {
    await processor.kill();
    await endSessions(place.kafka, place.engines.kafkaBrokers, processorGroup);
    await followed.stop();
  }
}

/** About half a minute for a month. */
async function feedAll(place: Place): Promise<void> {
  const { fromMs, toMs } = place.log;
  const feeder = createFeeder(place.producer, place.log);
  for (let atMs = fromMs; atMs < toMs && !place.stop.aborted; atMs += 6 * 3_600_000) {
    await feeder.through(atMs);
    await delay(200, place.stop);
  }
  await feeder.through(Number.POSITIVE_INFINITY);
}

type Kill = { readonly afterMs: number; readonly isPatient: boolean };

/** Kills one process again and again: as it begins to work, or some time after. */
async function killAgain(
  place: Place,
  process: Killable,
  ready: string,
  group: string,
  kills: readonly Kill[],
  done: () => void,
): Promise<void> {
  for (const { afterMs, isPatient } of kills) {
    await eventually(
      `${process.name} is at work`,
      () => place.stop.aborted || process.hasSaid(ready),
      120_000,
      20,
    ).catch((cause) => {
      throw new Error(`It said:\n${process.said()}`, { cause });
    });
    await delay(afterMs, place.stop);
    if (place.stop.aborted) return;
    await process.kill();
    done();
    if (!isPatient) await endSessions(place.kafka, place.engines.kafkaBrokers, group);
    process.start();
  }
}

/** Feeds the log as the kills go on, so that there is something to do until the last one; a trickle never ends. */
async function feedAlong(place: Place, share: () => number, isOver: () => boolean): Promise<void> {
  const { fromMs, toMs } = place.log;
  const feeder = createFeeder(place.producer, place.log);
  let fed = 0;
  while (!isOver() && !place.stop.aborted) {
    fed = Math.min(1, Math.max(fed + 0.000_2, Math.min(fed + 0.02, share())));
    await feeder.through(fromMs + fed * (toMs - fromMs));
    await delay(250, place.stop);
  }
  await feeder.through(Number.POSITIVE_INFINITY);
}

function drawKills(random: () => number, count: number, { livesMsMax, patience }: Settings): Kill[] {
  return Array.from({ length: count }, () => ({ afterMs: random() * livesMsMax, isPatient: random() < patience }));
}

async function underKills(
  place: Place,
  settings: Settings,
  receivers: Receivers,
): Promise<Pick<Result, 'disturbed' | 'told' | 'kills'> & { readonly crashes: number }> {
  const random = createRandom(seedOf('kills', settings.seed));
  const draws = Array.from({ length: settings.kills }, () => random());
  const ofProcessor = draws.filter((draw) => draw < 0.5).length;
  const kills = { processor: ofProcessor, notifier: settings.kills - ofProcessor };
  await clean(place);
  const followed = await followTopics(place.kafka, [ALERTS_TOPIC, NOTIFICATIONS_TOPIC], 'faults-disturbed');
  const file = join(place.dataDir, 'receivers.json');
  writeFileSync(file, JSON.stringify(receivers.file));
  const processor = processorOf(place);
  const env = { ...place.engines.env, ...receivers.env, QUAYWATCH_RECEIVERS: file };
  const notifier = killable('notifier', 'stream-processor/src/notify-main.ts', env);
  processor.start();
  notifier.start();
  try {
    // Before the first alert, as at a place where it was there from the beginning.
    await eventually('the notifier decides', () => notifier.hasSaid('this notifier decides'), 60_000);
    let killed = 0;
    const done = () => {
      killed++;
      if (killed % 10 === 0) place.tell(`${killed} kills.`);
    };
    let isOver = false;
    const killing = Promise.all([
      killAgain(
        place,
        processor,
        'Following the log.',
        processorGroup,
        drawKills(random, kills.processor, settings),
        done,
      ),
      killAgain(
        place,
        notifier,
        'this notifier decides',
        notifierGroup,
        drawKills(random, kills.notifier, settings),
        done,
      ),
    ]).finally(() => {
      isOver = true;
    });
    await Promise.all([
      killing,
      feedAlong(
        place,
        () => (killed + 1.5) / settings.kills,
        () => isOver,
      ),
    ]);
    place.tell('Everything is fed; waiting until it is decided and told.');
    await finish(place, processor);
    await drained(place, followed, notifier);
    const disturbed = await outcomeOf(place.query, followed);
    return { disturbed, told: toldOf(followed, receivers), kills, crashes: processor.crashes() + notifier.crashes() };
  } finally {
    await Promise.all([processor.kill(), notifier.kill()]);
    await followed.stop();
  }
}

async function drained(place: Place, followed: Followed, notifier: Killable): Promise<void> {
  // What does not drain is told by name with the other differences.
  await eventually(
    'the outbox is drained',
    async () => place.stop.aborted || ((await hasAll(place.kafka, followed)) && unfinished(followed).length === 0),
    180_000,
    500,
  ).catch(() => place.tell(`The outbox is not drained. The notifier said:\n${notifier.said()}`));
}

/** Of all transitions, in a form that people can compare. */
function digestOf({ stored }: Outcome): string {
  const hash = createHash('sha256');
  for (const [id, body] of [...stored].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${id}\n${body}\n`);
  return hash.digest('hex').slice(0, 16);
}

function areasIn({ stored }: Outcome): number {
  return [...stored.values()].filter((body) => /"level":"(cluster|nation)"/.test(body)).length;
}

export async function alertsUnderKills(bench: Bench, settings: Settings): Promise<Result> {
  const client = clientOf(bench);
  const kafka = kafkaClient(bench.engines.kafkaBrokers, 'quaywatch-faults');
  const producer = createProducer(kafka, { maxInFlightRequests: 1 });
  await producer.connect();
  const receivers = await startReceivers(createRandom(seedOf('receivers', settings.seed)));
  const place: Place = {
    ...bench,
    kafka,
    producer,
    query: async <T>(query: string) => (await client.query({ query, format: 'JSONEachRow' })).json<T>(),
    command: async (query) => {
      await client.command({ query });
    },
  };
  try {
    // Minutes of the live run are dropped after two weeks, and this log is older.
    await place.command(`ALTER TABLE ${DATABASE}.throughput REMOVE TTL`);
    bench.tell('The undisturbed run.');
    const calm = await undisturbed(place);
    bench.tell(`The disturbed run: ${settings.kills} kills.`);
    const { disturbed, told, kills, crashes } = await underKills(place, settings, receivers);
    const problems = [...compareOutcomes(calm, disturbed), ...told.problems];
    if (crashes > 0) problems.push(`${crashes} ends of processes that nobody had asked for`);
    const heard = Object.fromEntries(
      RECEIVERS.map((name) => [name, receivers.heard.filter((one) => one.receiver === name).length]),
    );
    const counts = { repeated: receivers.repeated(), refused: receivers.refused(), heard };
    return { calm, disturbed, told, kills, ...counts, digest: digestOf, areas: areasIn, problems };
  } finally {
    await receivers.stop();
    await producer.disconnect();
    await client.close();
    rmSync(join(bench.dataDir, 'receivers.json'), { force: true });
  }
}
