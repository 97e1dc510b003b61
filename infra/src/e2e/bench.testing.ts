/**
 * What the whole-product tests share: engines of their own, and the product's modules run as children, as a user's commands run them.
 * Decides nothing about what comes out; that is each test's.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { DATABASE } from '@quaywatch/contracts';
import { infraConfig } from '../config.ts';
import { type Engines, useEngines } from '../engines.ts';
import { provision } from '../provision.ts';
import { eventually, jarsDir } from '../testing.ts';

export const root = join(import.meta.dirname, '..', '..', '..');
/** Three days, and the two that a recording goes on until its last day has settled. */
export const stretch = ['--from', '2025-03-01', '--to', '2025-03-04'] as const;
/** Event seconds a second: the five days of log take about six seconds. */
export const speed = 72_000;

export async function startEngines(dataDir: string): Promise<Engines> {
  const engines = await useEngines({
    dataDir,
    command: 'test',
    config: infraConfig({ QUAYWATCH_KAFKA_JARS: jarsDir }),
    kafkaHeapMb: 384,
  });
  await provision(engines);
  return engines;
}

export type Ended = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
};
export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Every line of standard error so far. */
  readonly lines: readonly string[];
};

const children = new Set<ChildProcess>();

/** For `afterAll`: what a failed test has left behind. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

export function run(main: string, args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
  const child = spawn(process.execPath, [...flags, join(root, main), ...args], {
    env: { ...process.env, QUAYWATCH_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let stdout = '';
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  // 'close' comes after the last of both streams.
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as string | null, stdout, stderr: lines.join('\n') };
  });
  return { child, ended, lines };
}

/** The one line of JSON that `record` and `replay --json` print. @throws with what was said instead. */
export async function printedBy({ ended }: Running): Promise<Readonly<Record<string, unknown>>> {
  const { code, signal, stdout, stderr } = await ended;
  if (code !== 0) throw new Error(`The child ended with ${signal ?? `exit code ${code}`}:\n${stderr.slice(-4_000)}`);
  const value: unknown = JSON.parse(stdout);
  if (typeof value !== 'object' || value === null) throw new Error(`The child printed no object: ${stdout}`);
  return Object.fromEntries(Object.entries(value));
}

export function numberIn(summary: Readonly<Record<string, unknown>>, name: string): number {
  const value = summary[name];
  if (typeof value !== 'number') throw new Error(`${name} is not a number: ${JSON.stringify(summary)}`);
  return value;
}

export function startReplay(engines: Engines, args: readonly string[]): Running {
  return run('stream-processor/src/replay-main.ts', [...stretch, '--json', ...args], engines.env);
}

/** Largest share that a replay has told, 0 before the first. */
export function progressOf({ lines }: Running): number {
  return lines.reduce((most, line) => {
    if (!line.startsWith('{"progress"')) return most;
    const shape: unknown = JSON.parse(line);
    const share = typeof shape === 'object' && shape !== null && 'progress' in shape ? Number(shape.progress) : 0;
    return Math.max(most, share);
  }, 0);
}

/** What has to be the same, whatever happened on the way: all but the run's name and what a clock measured. */
export function figuresOf(summary: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const clocked = new Set(['run', 'seconds', 'moves_per_second', 'peak_rss_mb']);
  return Object.fromEntries(Object.entries(summary).filter(([name]) => !clocked.has(name)));
}

export function clickhouseOf({ clickhouse }: Engines): ClickHouseClient {
  return createClient({
    url: clickhouse.url,
    username: clickhouse.writer.user,
    password: clickhouse.writer.password,
    log: { level: ClickHouseLogLevel.OFF },
  });
}

/** How far a run's checkpoints reach, as one number that grows; 0 before the first. */
export async function checkpointedBy(client: ClickHouseClient, name: string): Promise<number> {
  const answer = await client.query({
    query: `SELECT toFloat64(sum(position)) AS positions FROM ${DATABASE}.checkpoints FINAL WHERE run = {run:String}`,
    query_params: { run: name },
    format: 'JSONEachRow',
  });
  return (await answer.json<{ positions: number }>())[0]?.positions ?? 0;
}

/** Waits for a moment in the middle of a replay. @throws when the replay ends before it. */
export async function inTheMiddle(what: string, running: Running, is: () => boolean | Promise<boolean>): Promise<void> {
  const hasEnded = () => running.child.exitCode !== null || running.child.signalCode !== null;
  await eventually(what, async () => hasEnded() || (await is()), 40_000);
  if (hasEnded()) throw new Error(`The replay ended before this: ${what}\n${running.lines.join('\n').slice(-4_000)}`);
}
