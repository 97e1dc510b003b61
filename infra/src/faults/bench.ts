/**
 * Engines for faults: a broker and ClickHouse of their own, each with a wire between that can be disturbed, and a recording with its
 * undisturbed replay. Holds no fault.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type Clickhouse, startClickhouse } from '../clickhouse.ts';
import { engineEnv } from '../engines.ts';
import { type Kafka, startKafka } from '../kafka.ts';
import { freePort } from '../ports.ts';
import { provision } from '../provision.ts';
import { type Env, finished, launch, type Replay, type Summary, startReplay } from './children.ts';
import { promise } from './fault.ts';
import type { LiveSite } from './live-site.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export type Tell = (message: string) => void;

/** What all faults are given. */
export type Bench = {
  readonly dataDir: string;
  readonly jarsDir: string;
  /** Of the recording. */
  readonly days: number;
  /** About so long an undisturbed replay takes while it is disturbed. */
  readonly replaySeconds: number;
  readonly tell: Tell;
  readonly stop: AbortSignal;
  /** The engines that faults share; started by the first that asks. */
  readonly site: () => Promise<Site>;
  /** The same engines with the recording as the live log, and what an undisturbed live run stores of it. */
  readonly live: () => Promise<{ readonly live: LiveSite; readonly calm: string }>;
};

/** Which way a process takes to an engine: straight, or through the wire. */
export type Way = { readonly kafka?: 'wire'; readonly clickhouse?: 'wire' };

export type Site = {
  readonly dataDir: string;
  kafka: Kafka;
  clickhouse: Clickhouse;
  readonly kafkaWire: TcpProxy;
  readonly clickhouseWire: TcpProxy;
  readonly query: <T>(query: string) => Promise<T[]>;
  readonly command: (query: string) => Promise<void>;
  readonly env: (way?: Way) => Env;
  /** After the engine has died; at its old address. */
  readonly restartKafka: () => Promise<void>;
  readonly restartClickhouse: () => Promise<void>;
  readonly recording: string;
  /** Options of the stretch that is recorded. */
  readonly stretch: readonly string[];
  /** What the undisturbed replay adds up to. */
  readonly calm: () => Promise<Summary>;
  /** With minute rows, so that there are many writes. */
  readonly replay: (args: readonly string[], way?: Way, nodeFlags?: readonly string[]) => Replay;
  readonly stop: () => Promise<void>;
};

const firstDay = '2025-01-01';
const recordingName = 'faults';
const heapMb = 512;

export function stretchOf(days: number): string[] {
  const to = new Date(Date.parse(firstDay) + days * 86_400_000).toISOString().slice(0, 10);
  return ['--from', firstDay, '--to', to];
}

/** Event seconds a second at which a replay, with the two days that follow until all have settled, takes as long as it should. */
export function paceOf({ days, replaySeconds }: Pick<Bench, 'days' | 'replaySeconds'>): string[] {
  return ['--speed', String(Math.ceil(((days + 2.2) * 86_400) / replaySeconds))];
}

function clientOf(clickhouse: Clickhouse): ClickHouseClient {
  return createClient({
    url: clickhouse.url,
    username: clickhouse.writer.user,
    password: clickhouse.writer.password,
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
}

export type SiteOptions = Pick<Bench, 'jarsDir' | 'days'> & {
  readonly dataDir: string;
  /** Where ClickHouse keeps its data, when not there. */
  readonly clickhouseDir?: string;
  readonly kafkaDir?: string;
  /** Without topics and tables. */
  readonly isEmpty?: boolean;
};

export async function startSite({
  dataDir,
  jarsDir,
  days,
  clickhouseDir,
  kafkaDir,
  isEmpty,
}: SiteOptions): Promise<Site> {
  mkdirSync(dataDir, { recursive: true });
  const running: { kafka?: Kafka; clickhouse?: Clickhouse } = {};
  const proxied = { port: await freePort(), advertisedPort: 0 };
  const kafkaWire = await startTcpProxy(() => proxied.port);
  proxied.advertisedPort = kafkaWire.port;
  const clickhouseWire = await startTcpProxy(() => running.clickhouse?.port ?? 0);
  const kafkaOptions = {
    dataDir: kafkaDir ?? join(dataDir, 'kafka'),
    jarsDir,
    logFile: join(dataDir, 'kafka.log'),
    heapMb,
    proxied,
  };
  const clickhouseOptions = {
    dataDir: clickhouseDir ?? join(dataDir, 'clickhouse'),
    logFile: join(dataDir, 'clickhouse.log'),
  };
  const stop = async () => {
    await Promise.all([running.kafka?.stop(), running.clickhouse?.stop()]);
    await Promise.all([kafkaWire.stop(), clickhouseWire.stop()]);
  };
  try {
    running.kafka = await startKafka(kafkaOptions);
    running.clickhouse = await startClickhouse(clickhouseOptions);
  } catch (error) {
    await stop();
    throw error;
  }
  const { kafka, clickhouse } = running;
  const stretch = stretchOf(days);
  let calm: Promise<Summary> | undefined;
  const client = clientOf(clickhouse);
  const site: Site = Object.assign(running, {
    dataDir,
    kafka,
    clickhouse,
    kafkaWire,
    clickhouseWire,
    recording: recordingName,
    stretch,
    query: async <T>(query: string) => (await client.query({ query, format: 'JSONEachRow' })).json<T>(),
    command: async (query: string) => {
      await client.command({ query });
    },
    env: (way: Way = {}) => {
      const broker = way.kafka === 'wire' ? `127.0.0.1:${kafkaWire.port}` : site.kafka.brokers.join(',');
      const url = way.clickhouse === 'wire' ? `http://127.0.0.1:${clickhouseWire.port}` : site.clickhouse.url;
      return engineEnv([broker], url, site.clickhouse.writer);
    },
    restartKafka: async () => {
      const { port, controllerPort } = site.kafka;
      const again = () => startKafka({ ...kafkaOptions, port, controllerPort });
      // Once more, as a supervisor would: on a machine that is busy with other things a broker may take more than its minute.
      site.kafka = await again().catch(again);
    },
    restartClickhouse: async () => {
      site.clickhouse = await startClickhouse({ ...clickhouseOptions, port: site.clickhouse.port });
    },
    calm: () => {
      calm ??= recordAndReplay(site);
      return calm;
    },
    replay: (args: readonly string[], way?: Way, nodeFlags?: readonly string[]) =>
      startReplay([...stretch, '--minutes', ...args], {
        env: { ...site.env(way), QUAYWATCH_LOG_LEVEL: 'warn' },
        ...(nodeFlags === undefined ? {} : { nodeFlags }),
      }),
    stop: async () => {
      await client.close();
      await stop();
    },
  });
  if (isEmpty !== true) await provision({ kafkaBrokers: kafka.brokers, clickhouse });
  return site;
}

async function recordAndReplay(site: Site): Promise<Summary> {
  const recording = launch('producers/src/record-main.ts', [...site.stretch, '--name', recordingName, '--json'], {
    env: site.env(),
  });
  await finished(recording, 'The recording');
  const summary = (await finished(site.replay(['--run', 'calm']), 'The undisturbed replay')) as Summary;
  // Only so many runs are kept, and every replay must find this one.
  const pinning = launch('stream-processor/src/runs-main.ts', ['pin', 'calm'], { env: site.env() });
  const { code } = await pinning.ended;
  promise(code === 0, `it could not be pinned: ${pinning.said()}`);
  return summary;
}
