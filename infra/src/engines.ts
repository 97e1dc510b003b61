/**
 * Finds Kafka and ClickHouse for a command: the given ones, those of a running `npm start`, or embedded ones of its own.
 * Creates no topics and tables; that is provision.ts.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { delay } from '@quaywatch/runtime';
import { type Clickhouse, startClickhouse } from './clickhouse.ts';
import type { Account } from './clickhouse-settings.ts';
import { type InfraConfig, infraConfig } from './config.ts';
import { type Ownership, takeOwnership, waitForOwner } from './data-directory.ts';
import type { EngineProcess } from './engine-process.ts';
import { type Kafka, startKafka } from './kafka.ts';

const restartsMax = 5;
const restartsWithinMs = 60_000;

export type EnginesOptions = {
  readonly dataDir: string;
  /** The name others are told when they find the directory taken. Only the engines of 'start' are shared. */
  readonly command: string;
  readonly config?: InfraConfig;
  readonly kafkaHeapMb?: number;
  /** Ends a start that is no longer wanted, with an error. */
  readonly signal?: AbortSignal;
  /** A sentence for each step. */
  readonly onProgress?: (message: string) => void;
  /** Called when an engine of ours is gone for good: it crashed more than five times in a minute. */
  readonly onLost?: (error: Error) => void;
};

export type ClickhouseAddress = { readonly url: string; readonly writer: Account; readonly reader: Account };

export type Engines = {
  readonly kafkaBrokers: readonly string[];
  readonly clickhouse: ClickhouseAddress;
  /** KAFKA_BROKERS, CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD of the account that writes. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether engines were started, or the directory taken, by this call. */
  readonly owned: boolean;
  /** Of the embedded engines that this call started; for tests and benchmarks. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
};

/** `code` is 'data_directory_taken'. */
class DataDirectoryTakenError extends Error {
  readonly code = 'data_directory_taken';
}

type Address = { readonly kafkaBrokers: readonly string[]; readonly clickhouse: ClickhouseAddress };

function engines(address: Address, owned: boolean, pids: () => readonly number[], stop: () => Promise<void>): Engines {
  const { kafkaBrokers, clickhouse } = address;
  return { ...address, env: engineEnv(kafkaBrokers, clickhouse.url, clickhouse.writer), owned, pids, stop };
}

/** The environment by which a process finds the engines as the given account. */
export function engineEnv(kafkaBrokers: readonly string[], url: string, account: Account): Record<string, string> {
  return {
    KAFKA_BROKERS: kafkaBrokers.join(','),
    CLICKHOUSE_URL: url,
    CLICKHOUSE_USER: account.user,
    CLICKHOUSE_PASSWORD: account.password,
  };
}

function givenClickhouse(config: InfraConfig): ClickhouseAddress | undefined {
  if (config.clickhouseUrl === '') return undefined;
  const writer = { user: config.clickhouseUser, password: config.clickhousePassword };
  const reader =
    config.clickhouseReaderUser === ''
      ? writer
      : { user: config.clickhouseReaderUser, password: config.clickhouseReaderPassword };
  return { url: config.clickhouseUrl, writer, reader };
}

type Kept<E> = { readonly first: E; readonly pid: () => number; readonly stop: () => Promise<void> };

/**
 * Keeps an engine running: one that exits unasked is started again at the same address, so that its clients find it again.
 * Given up after five restarts in a minute.
 */
async function keepRunning<E extends EngineProcess>(
  name: string,
  start: (before: E | undefined) => Promise<E>,
  tell: (message: string) => void,
  lost: (error: Error) => void,
): Promise<Kept<E>> {
  const first = await start(undefined);
  let current = first;
  let isStopping = false;
  const restartsMs: number[] = [];
  const watch = async (): Promise<void> => {
    while (!isStopping) {
      const code = await current.exited;
      if (isStopping) return;
      const nowMs = Date.now();
      restartsMs.push(nowMs);
      if (restartsMs.filter((atMs) => nowMs - atMs < restartsWithinMs).length > restartsMax) {
        throw new Error(`${name} has ended ${restartsMax + 1} times in a minute (exit code ${code}).`);
      }
      tell(`${name} has ended (exit code ${code}) and is started again.`);
      current = await start(current);
      if (isStopping) await current.stop();
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!isStopping) lost(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    first,
    pid: () => current.pid,
    stop: async () => {
      isStopping = true;
      await current.stop();
      await watching;
    },
  };
}

function keepKafka(dataDir: string, config: InfraConfig, options: EnginesOptions): Promise<Kept<Kafka>> {
  const heapMb = options.kafkaHeapMb ?? config.kafkaHeapMb;
  const base = {
    dataDir: join(dataDir, 'kafka'),
    jarsDir: resolve(config.kafkaJarsDir),
    logFile: join(dataDir, 'logs', 'kafka.log'),
    heapMb,
    signal: options.signal,
  };
  const start = (before: Kafka | undefined) =>
    startKafka(before === undefined ? base : { ...base, port: before.port, controllerPort: before.controllerPort });
  return keepRunning('Kafka', start, options.onProgress ?? (() => {}), options.onLost ?? (() => {}));
}

function keepClickhouse(dataDir: string, config: InfraConfig, options: EnginesOptions): Promise<Kept<Clickhouse>> {
  const base = {
    dataDir: join(dataDir, 'clickhouse'),
    logFile: join(dataDir, 'logs', 'clickhouse.log'),
    memoryBytesMax: config.clickhouseMemoryMb * 1_000_000,
    signal: options.signal,
  };
  const start = (before: Clickhouse | undefined) =>
    startClickhouse(before === undefined ? base : { ...base, port: before.port });
  return keepRunning('ClickHouse', start, options.onProgress ?? (() => {}), options.onLost ?? (() => {}));
}

async function startOwn(
  ownership: Ownership,
  dataDir: string,
  config: InfraConfig,
  options: EnginesOptions,
): Promise<Engines> {
  const tell = options.onProgress ?? (() => {});
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const given = givenClickhouse(config);
  const [kafka, clickhouse] = await Promise.allSettled([
    config.kafkaBrokers.length > 0
      ? undefined
      : keepKafka(dataDir, config, options).then(told(tell, 'Kafka is ready.')),
    given !== undefined ? undefined : keepClickhouse(dataDir, config, options).then(told(tell, 'ClickHouse is ready.')),
  ]);
  const started = [kafka, clickhouse].flatMap((one) =>
    one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [],
  );
  const stop = async () => {
    await Promise.all(started.map((one) => one.stop()));
    ownership.release();
  };
  const failed = [kafka, clickhouse].find((one) => one.status === 'rejected');
  if (kafka.status === 'rejected' || clickhouse.status === 'rejected') {
    await stop();
    throw failed?.status === 'rejected' ? failed.reason : new Error('The engines did not start.');
  }
  const address = {
    kafkaBrokers: kafka.value?.first.brokers ?? config.kafkaBrokers,
    clickhouse: given ?? pick(clickhouse.value?.first),
  };
  ownership.publish({ pid: process.pid, command: options.command, ...address });
  return engines(address, true, () => started.map((one) => one.pid()), stop);
}

function told(tell: (message: string) => void, message: string): <T>(value: T) => T {
  return (value) => {
    tell(message);
    return value;
  };
}

function pick(clickhouse: Clickhouse | undefined): ClickhouseAddress {
  if (clickhouse === undefined) throw new Error('There is neither a given nor an embedded ClickHouse.');
  return { url: clickhouse.url, writer: clickhouse.writer, reader: clickhouse.reader };
}

async function answers(address: Address): Promise<boolean> {
  return fetch(`${address.clickhouse.url}/ping`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(5_000),
  }).then(
    (response) => response.ok,
    () => false,
  );
}

/** The engines of the `npm start` that owns the directory; what is given in the environment still wins. */
async function useShared(dataDir: string, config: InfraConfig, options: EnginesOptions): Promise<Engines | undefined> {
  const owner = await waitForOwner(dataDir);
  if (owner === undefined) return undefined;
  if (options.command === 'start' || owner.command !== 'start') {
    throw new DataDirectoryTakenError(
      `The data directory ${dataDir} is in use by \`npm ${owner.command === 'start' ? 'start' : `run ${owner.command}`}\` (pid ${owner.pid}). ` +
        'Wait until it is done or stop it, or name another directory with --data DIR.',
    );
  }
  const address = {
    kafkaBrokers: config.kafkaBrokers.length > 0 ? config.kafkaBrokers : owner.kafkaBrokers,
    clickhouse: givenClickhouse(config) ?? owner.clickhouse,
  };
  if (!(await answers(address))) return undefined;
  options.onProgress?.(`Using the engines of the running \`npm start\` (pid ${owner.pid}).`);
  return engines(
    address,
    false,
    () => [],
    async () => {},
  );
}

/**
 * @throws DataDirectoryTakenError when the directory has an owner whose engines may not be used, KafkaStartError,
 * ClickhouseStartError, ConfigError.
 */
export async function useEngines(options: EnginesOptions): Promise<Engines> {
  const config = options.config ?? infraConfig();
  const dataDir = resolve(options.dataDir);
  const given = givenClickhouse(config);
  if (options.command !== 'start' && given !== undefined && config.kafkaBrokers.length > 0) {
    return engines(
      { kafkaBrokers: config.kafkaBrokers, clickhouse: given },
      false,
      () => [],
      async () => {},
    );
  }
  // A second round, for an owner that went away between the look at the lock and the look at its engines.
  for (let round = 1; round <= 20; round++) {
    const ownership = takeOwnership(dataDir);
    if (ownership !== undefined) return startOwn(ownership, dataDir, config, options);
    const shared = await useShared(dataDir, config, options);
    if (shared !== undefined) return shared;
    await delay(250);
  }
  throw new DataDirectoryTakenError(`The data directory ${dataDir} is in use by a process that does not answer.`);
}
