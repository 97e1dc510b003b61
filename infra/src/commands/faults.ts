/**
 * `npm run faults`: replays a recording while the broker, ClickHouse or the replay itself is killed, and compares what comes out with an
 * undisturbed replay. Uses engines of its own in a directory that it removes; touches nothing else.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { delay, parseDurationMs } from '@quaywatch/runtime';
import { type Clickhouse, startClickhouse } from '../clickhouse.ts';
import { infraConfig } from '../config.ts';
import { engineEnv } from '../engines.ts';
import { type Kafka, startKafka } from '../kafka.ts';
import { provision } from '../provision.ts';
import { progressFrom, root, runCommand, UsageError, usage } from './command-line.ts';
import { faultsOfAlerts } from './faults-alerts.ts';

const HELP = `npm run faults -- [options]     the same figures come out, whatever is killed
npm run faults -- alerts [options]     the same of alerts and notifications; it has a --help of its own

  --days N         days of the recording, from 2025-01-01     (31)
  --down 60s       how long ClickHouse stays down             (60s)
  --case NAME      one case only: broker, clickhouse, replay
  --help

Exit code 1 when a disturbed replay differs from the undisturbed one.`;

/** The disturbance comes when this share of the replay is done; one that comes three times, at these. */
const killAt = [0.2, 0.45, 0.7] as const;

/** What has to be the same. `seconds` and what follows from it is not. */
const compared = [
  'teu',
  'moves',
  'reports',
  'duplicates',
  'late',
  'dead_letters',
  'rows',
  'alerts',
  'digest',
  'totals_digest',
] as const;
type Summary = Readonly<Record<(typeof compared)[number], string | number>> & { readonly seconds: number };

type Bench = { kafka: Kafka; clickhouse: Clickhouse; readonly dataDir: string; readonly jarsDir: string };
type Replay = {
  readonly child: ChildProcess;
  readonly reached: Promise<void>;
  readonly done: Promise<Summary | undefined>;
};
type Tell = (message: string) => void;

async function startBroker(bench: Pick<Bench, 'dataDir' | 'jarsDir'>, before?: Kafka): Promise<Kafka> {
  const options = {
    dataDir: join(bench.dataDir, 'kafka'),
    jarsDir: bench.jarsDir,
    logFile: join(bench.dataDir, 'kafka.log'),
  };
  return startKafka(
    before === undefined ? options : { ...options, port: before.port, controllerPort: before.controllerPort },
  );
}

async function startStorage(bench: Pick<Bench, 'dataDir'>, before?: Clickhouse): Promise<Clickhouse> {
  const options = { dataDir: join(bench.dataDir, 'clickhouse'), logFile: join(bench.dataDir, 'clickhouse.log') };
  return startClickhouse(before === undefined ? options : { ...options, port: before.port });
}

function envOf({ kafka, clickhouse }: Bench): Record<string, string> {
  return engineEnv(kafka.brokers, clickhouse.url, clickhouse.writer);
}

/** Runs a module of the product. Its standard error is shown when it fails. */
function start(bench: Bench, main: string, args: readonly string[]): ChildProcess {
  return fork(join(root, main), [...args], {
    env: { ...process.env, ...envOf(bench), QUAYWATCH_LOG_LEVEL: 'warn' },
    execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

async function record(bench: Bench, from: string, to: string, stop: AbortSignal): Promise<void> {
  const child = start(bench, 'producers/src/record-main.ts', ['--from', from, '--to', to, '--json']);
  stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  child.stdout?.resume();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`The recording failed (exit code ${code}):\n${said}`);
}

function progressIn(line: string): number {
  if (!line.startsWith('{"progress"')) return 0;
  const shape: unknown = JSON.parse(line);
  return typeof shape === 'object' && shape !== null && 'progress' in shape ? Number(shape.progress) : 0;
}

/** `done` is undefined when the replay was killed, as a case may want. */
function startReplay(bench: Bench, args: readonly string[], stop: AbortSignal, share: number = killAt[0]): Replay {
  const child = start(bench, 'stream-processor/src/replay-main.ts', [...args, '--speed', 'max', '--json']);
  stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const reached = Promise.withResolvers<void>();
  let said = '';
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (progressIn(line) >= share) reached.resolve();
      else if (!line.startsWith('{"progress"')) said = `${said}${line}\n`.slice(-4_000);
    });
  const done = new Promise<Summary | undefined>((resolve, reject) => {
    child.once('exit', (code, signal) => {
      // Whoever waits for the moment to kill waits no longer.
      reached.resolve();
      if (signal === 'SIGKILL') resolve(undefined);
      else if (code === 0) resolve(JSON.parse(printed) as Summary);
      else reject(new Error(`The replay failed (${signal ?? `exit code ${code}`}):\n${said}`));
    });
  });
  done.catch(() => {});
  return { child, reached: reached.promise, done };
}

type Case = { readonly name: string; readonly what: string; readonly disturb: Disturbance };
type Disturbance = (
  bench: Bench,
  replay: Replay,
  again: (share: number) => Replay,
  tell: Tell,
  downMs: number,
) => Promise<Replay>;

const broker: Disturbance = async (bench, replay, _again, tell) => {
  bench.kafka.kill('SIGKILL');
  await bench.kafka.exited;
  tell('The broker is killed.');
  bench.kafka = await startBroker(bench, bench.kafka);
  tell('The broker is back.');
  return replay;
};

const storage: Disturbance = async (bench, replay, _again, tell, downMs) => {
  bench.clickhouse.kill('SIGKILL');
  await bench.clickhouse.exited;
  tell(`ClickHouse is killed and stays down for ${downMs / 1000} s.`);
  await delay(downMs);
  bench.clickhouse = await startStorage(bench, bench.clickhouse);
  tell('ClickHouse is back.');
  return replay;
};

const itself: Disturbance = async (_bench, replay, again, tell) => {
  let current = replay;
  for (const [time, share] of killAt.entries()) {
    if (time > 0) await current.reached;
    current.child.kill('SIGKILL');
    if ((await current.done) !== undefined)
      throw new Error('The replay was done before it could be killed: more --days.');
    tell(`The replay is killed at ${share * 100} % and resumed.`);
    current = again(killAt[time + 1] ?? 1);
  }
  return current;
};

const cases: readonly Case[] = [
  { name: 'broker', what: 'broker killed and started again', disturb: broker },
  { name: 'clickhouse', what: 'ClickHouse killed and held down', disturb: storage },
  { name: 'replay', what: 'replay killed three times and resumed', disturb: itself },
];

type Settings = { readonly days: number; readonly downMs: number; readonly cases: readonly Case[] };

function settings(args: readonly string[]): Settings | undefined {
  const string = { type: 'string' } as const;
  let values: { days?: string; down?: string; case?: string; help?: boolean };
  try {
    const options = { days: string, down: string, case: string, help: { type: 'boolean' } as const };
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw usage(error, HELP);
  }
  if (values.help === true) return undefined;
  const days = Number(values.days ?? 31);
  const downMs = parseDurationMs(values.down ?? '60s');
  const chosen = cases.filter((one) => values.case === undefined || one.name === values.case);
  if (!Number.isInteger(days) || days < 1 || days > 181) throw new UsageError(`--days must be 1 to 181.\n\n${HELP}`);
  if (downMs === undefined) throw new UsageError(`--down must be a duration such as 60s.\n\n${HELP}`);
  if (chosen.length === 0) throw new UsageError(`There is no case ${values.case}.\n\n${HELP}`);
  return { days, downMs, cases: chosen };
}

function differences(calm: Summary, disturbed: Summary): string[] {
  return compared.flatMap((name) =>
    calm[name] === disturbed[name] ? [] : [`${name} ${calm[name]} → ${disturbed[name]}`],
  );
}

function line(name: string, summary: Summary, verdict: string): string {
  const figures = [summary.teu.toLocaleString('en'), summary.seconds.toFixed(1), String(summary.digest).slice(0, 16)];
  return `${name.padEnd(40)} ${figures[0]?.padStart(14)} ${figures[1]?.padStart(8)}  ${figures[2]?.padEnd(16)}  ${verdict}\n`;
}

async function compare(
  bench: Bench,
  { days, downMs, cases: chosen }: Settings,
  tell: Tell,
  stop: AbortSignal,
): Promise<number> {
  const from = '2025-01-01';
  const to = new Date(Date.UTC(2025, 0, 1 + days)).toISOString().slice(0, 10);
  tell(`Recording ${days} days.`);
  await record(bench, from, to, stop);
  const stretch = ['--from', from, '--to', to];
  const calm = await startReplay(bench, [...stretch, '--run', 'calm'], stop).done;
  if (calm === undefined) throw new Error('The undisturbed replay was killed.');
  process.stdout.write(
    `${'replay'.padEnd(40)} ${'TEU'.padStart(14)} ${'seconds'.padStart(8)}  ${'digest'.padEnd(16)}  verdict\n`,
  );
  process.stdout.write(line('undisturbed', calm, ''));
  let differing = 0;
  for (const one of chosen) {
    const begun = startReplay(bench, [...stretch, '--run', one.name], stop);
    const again = (share: number) => startReplay(bench, [...stretch, '--resume', one.name], stop, share);
    await begun.reached;
    const summary = await (await one.disturb(bench, begun, again, tell, downMs)).done;
    if (stop.aborted) return 130;
    if (summary === undefined) throw new Error(`The replay of the case ${one.name} was killed by somebody else.`);
    const found = differences(calm, summary);
    if (found.length > 0) differing++;
    process.stdout.write(line(one.what, summary, found.length === 0 ? 'the same' : `DIFFERS: ${found.join(', ')}`));
  }
  return differing === 0 ? 0 : 1;
}

await runCommand(async (stop) => {
  if (process.argv[2] === 'alerts') return faultsOfAlerts(process.argv.slice(3), stop);
  const given = settings(process.argv.slice(2));
  if (given === undefined) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const tell = progressFrom(performance.now());
  const dataDir = mkdtempSync(join(tmpdir(), 'quaywatch-faults-'));
  mkdirSync(dataDir, { recursive: true });
  const place = { dataDir, jarsDir: resolve(infraConfig().kafkaJarsDir) };
  tell('Starting Kafka and ClickHouse.');
  const running: { kafka?: Kafka; clickhouse?: Clickhouse } = {};
  try {
    running.kafka = await startBroker(place);
    running.clickhouse = await startStorage(place);
    const bench: Bench = Object.assign(running, { ...place, kafka: running.kafka, clickhouse: running.clickhouse });
    await provision({ kafkaBrokers: bench.kafka.brokers, clickhouse: bench.clickhouse });
    return await compare(bench, given, tell, stop);
  } finally {
    await Promise.all([running.kafka?.stop(), running.clickhouse?.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  }
});
