/**
 * Apache Kafka, embedded: the real broker from its Maven artifacts, one KRaft node on loopback, or one of several for tests.
 * Creates no topics and restarts nothing by itself.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createKafka } from '@quaywatch/kafka';
import { delay, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { type EngineProcess, sizeOf, spawnEngine, tailOf } from './engine-process.ts';
import { freePort } from './ports.ts';

const run = promisify(execFile);
const readyWithinMs = 60_000;
/** After a `kill -9` the broker of before holds its directory for up to 8 s. */
const lockedWithinMs = 12_000;
const log4jFile = fileURLToPath(new URL('../kafka/log4j2.properties', import.meta.url));

export type KafkaOptions = {
  /** Made when missing; holds this broker's log and its settings. */
  readonly dataDir: string;
  /** The jars that `pom.xml` names. */
  readonly jarsDir: string;
  /** Preferred ports; others are taken when these are in use. */
  readonly port?: number;
  readonly controllerPort?: number;
  readonly logFile: string;
  readonly heapMb?: number;
  /** Ends a start that is no longer wanted, with an error. */
  readonly signal?: AbortSignal | undefined;
  /** Added to server.properties, later ones win. */
  readonly extraProperties?: Readonly<Record<string, string>>;
  /** This broker is one of several. They are started together: none is ready before most of them are there. */
  readonly cluster?: ClusterPlace;
  /** A second way in, which tells clients to come through another port: a proxy's. */
  readonly proxied?: { readonly port: number; readonly advertisedPort: number };
};

export type ClusterPlace = {
  /** The same for all nodes, newClusterId(). */
  readonly clusterId: string;
  /** 1 for the first. */
  readonly node: number;
  /** By node; each is taken as it is. */
  readonly controllerPorts: readonly number[];
};

/** A throw-away broker is not worth the seconds of an orderly stop. */
type Attempt = KafkaOptions & { readonly isThrowAway?: boolean };

export type Kafka = EngineProcess & {
  readonly brokers: readonly string[];
  readonly port: number;
  readonly controllerPort: number;
};

/** `code` is stable: 'kafka_not_ready', 'kafka_locked', 'kafka_port_in_use'. */
class KafkaStartError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function listeners(port: number, controllerPort: number, proxied: KafkaOptions['proxied']): Record<string, string> {
  const [heard, told] = [[`PLAINTEXT://127.0.0.1:${port}`], [`PLAINTEXT://127.0.0.1:${port}`]];
  if (proxied !== undefined) heard.push(`PROXIED://127.0.0.1:${proxied.port}`);
  if (proxied !== undefined) told.push(`PROXIED://127.0.0.1:${proxied.advertisedPort}`);
  return {
    listeners: [...heard, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': told.join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
  };
}

function properties(options: KafkaOptions, port: number, controllerPort: number, logDir: string): string {
  const forEver = '9223372036854775807';
  const node = options.cluster?.node ?? 1;
  const voters = (options.cluster?.controllerPorts ?? [controllerPort]).map((at, i) => `${i + 1}@127.0.0.1:${at}`);
  const settings: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': voters.join(','),
    ...listeners(port, controllerPort, options.proxied),
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logDir,
    // One node: nothing can be replicated, and nobody else is waited for.
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'offsets.retention.minutes': 43_200,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    // After a `kill -9` the controller waits for the old registration to expire before it takes the broker back: 9 s by default.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'auto.create.topics.enable': 'false',
    'log.retention.ms': -1,
    // Recordings carry the arrival times of other years; topics that must refuse them narrow this for themselves.
    'log.message.timestamp.before.max.ms': forEver,
    'log.message.timestamp.after.max.ms': forEver,
    'message.max.bytes': 16_777_216,
    'replica.fetch.max.bytes': 16_777_216,
    'fetch.max.bytes': 100_000_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.dedupe.buffer.size': 33_554_432,
    ...options.extraProperties,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** The formatting tool would read an id that begins with "-" as an option. */
export function newClusterId(): string {
  return `Q${randomBytes(16).toString('base64url').slice(1)}`;
}

/** JAVA_HOME's java if that is set, else the one on PATH. The bootstrap has checked that it is new enough. */
function javaPath(): string {
  const home = process.env['JAVA_HOME'];
  const places = [
    ...(home === undefined || home === '' ? [] : [join(home, 'bin')]),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const found = places.map((place) => join(place, 'java')).find((file) => existsSync(file));
  if (found === undefined) {
    throw new KafkaStartError(
      'java_missing',
      'Kafka needs Java 17 or newer, and there is no `java` on PATH. Install a JDK, or set KAFKA_BROKERS to a running Kafka.',
    );
  }
  return realpathSync(found);
}

/** One archive for each Java and each set of jars: the JVM would not use another's, and not say so. */
function classArchiveFile(java: string, jarsDir: string): string {
  const facts = [java, statSync(java).mtimeMs, realpathSync(jarsDir), statSync(jarsDir).mtimeMs].join('\n');
  return `${jarsDir}-${createHash('sha256').update(facts).digest('hex').slice(0, 12)}.jsa`;
}

/**
 * Formats the directory once. It is made under another name and renamed, so that one killed half-way is not taken for whole.
 * Takes about a second.
 */
async function format(java: string, options: KafkaOptions, logDir: string): Promise<void> {
  const unfinished = `${logDir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const file = join(options.dataDir, 'format.properties');
  writeFileSync(
    file,
    properties(options, 9092, options.cluster?.controllerPorts[options.cluster.node - 1] ?? 9093, unfinished),
  );
  const clusterId = options.cluster?.clusterId ?? newClusterId();
  const flags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx128m', `-Dlog4j2.configurationFile=${log4jFile}`];
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file];
  try {
    await run(java, [...flags, '-cp', join(options.jarsDir, '*'), ...tool], { signal: options.signal });
  } catch (cause) {
    throw new Error(`Kafka could not format ${logDir}.`, { cause });
  }
  renameSync(unfinished, logDir);
  rmSync(file);
}

async function answers(broker: string): Promise<boolean> {
  const settings = readConfig(KAFKA_FIELDS, { KAFKA_BROKERS: broker });
  const patience = { connectWithinMs: 1_000, answerWithinMs: 2_000, retry: { retries: 0 } };
  const client = createKafka(settings, 'quaywatch-start', undefined, patience);
  const admin = client.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length > 0 && controller !== null;
  } catch {
    return false; // Not yet; the caller decides how long to wait.
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

async function waitUntilReady(
  engine: EngineProcess,
  broker: string,
  { logFile, signal, isThrowAway = false }: Attempt,
  logStart: number,
): Promise<void> {
  const deadlineMs = Date.now() + readyWithinMs;
  while (engine.isRunning() && Date.now() < deadlineMs && signal?.aborted !== true) {
    if (await answers(broker)) return;
    await delay(50, signal);
  }
  if (signal?.aborted === true && isThrowAway) engine.kill('SIGKILL');
  if (engine.isRunning()) await engine.stop();
  signal?.throwIfAborted();
  const said = tailOf(logFile, logStart);
  const code = /Failed to acquire lock/.test(said)
    ? 'kafka_locked'
    : /Address already in use|BindException/.test(said)
      ? 'kafka_port_in_use'
      : 'kafka_not_ready';
  throw new KafkaStartError(code, `Kafka did not start. The end of ${logFile}:\n${said}`);
}

async function attempt(java: string, options: Attempt, archiveFlags: readonly string[]): Promise<Kafka> {
  const port = await freePort(options.port);
  // The other nodes of a cluster look for this one where they were told.
  const own = options.cluster?.controllerPorts[options.cluster.node - 1];
  const controllerPort = own ?? (await freePort(options.controllerPort));
  const settingsFile = join(options.dataDir, 'server.properties');
  writeFileSync(settingsFile, properties(options, port, controllerPort, join(options.dataDir, 'log')));
  const logStart = sizeOf(options.logFile);
  const heapMb = options.heapMb ?? 1024;
  // The optimising compiler stays on: a replay is worth more than half a second of start.
  const flags = [`-Xmx${heapMb}m`, '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${log4jFile}`, ...archiveFlags];
  const args = [...flags, '-cp', join(options.jarsDir, '*'), 'kafka.Kafka', settingsFile];
  const engine = await spawnEngine({ command: java, args, stopSignal: 'TERM', logFile: options.logFile });
  await waitUntilReady(engine, `127.0.0.1:${port}`, options, logStart);
  return { ...engine, brokers: [`127.0.0.1:${port}`], port, controllerPort };
}

async function start(options: Attempt, java: string, archiveFlags: readonly string[]): Promise<Kafka> {
  mkdirSync(options.dataDir, { recursive: true });
  const logDir = join(options.dataDir, 'log');
  if (!existsSync(logDir)) await format(java, options, logDir);
  const deadlineMs = Date.now() + lockedWithinMs;
  for (;;) {
    try {
      return await attempt(java, options, archiveFlags);
    } catch (error) {
      const passes =
        error instanceof KafkaStartError && (error.code === 'kafka_locked' || error.code === 'kafka_port_in_use');
      if (!passes || Date.now() > deadlineMs) throw error;
      await delay(250);
    }
  }
}

/**
 * Resolves when the broker answers a metadata request: about 1.5 s, 3 s without the class archive, 1 s more the first time.
 * @throws KafkaStartError with the end of the broker's log.
 */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const java = javaPath();
  const archive = classArchiveFile(java, options.jarsDir);
  return start(options, java, existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto'] : []);
}

/**
 * Makes the class archive that saves half of every later start, by a throw-away broker: about 6 s, once. The JVM writes it
 * while it stops, which is why the broker in use does not make it: stopping must be quick.
 * @returns whether there is an archive now.
 */
export async function makeClassArchive(jarsDir: string, signal?: AbortSignal): Promise<boolean> {
  const java = javaPath();
  const archive = classArchiveFile(java, jarsDir);
  if (existsSync(archive)) return true;
  const dataDir = mkdtempSync(join(tmpdir(), 'quaywatch-archive-'));
  const unfinished = `${archive}.${process.pid}`;
  try {
    const options = { dataDir, jarsDir, logFile: join(dataDir, 'kafka.log'), heapMb: 256, signal, isThrowAway: true };
    const kafka = await start(options, java, [`-XX:ArchiveClassesAtExit=${unfinished}`]);
    signal?.addEventListener('abort', () => kafka.kill('SIGKILL'), { once: true });
    if (signal?.aborted === true) kafka.kill('SIGKILL');
    await kafka.stop();
    if (signal?.aborted === true || !existsSync(unfinished)) return false;
    renameSync(unfinished, archive);
    // Archives of a Java or of jars that are gone.
    for (const other of readdirSync(dirname(archive))) {
      if (other.endsWith('.jsa') && other !== basename(archive)) rmSync(join(dirname(archive), other), { force: true });
    }
    return true;
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(dataDir, { recursive: true, force: true });
  }
}
