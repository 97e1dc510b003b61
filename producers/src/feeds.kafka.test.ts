/** Against a real broker: KAFKA_BROKERS, or the embedded one that is started here. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  MOVES_TOPIC,
  PARTITION_COUNT,
  RECORDING_COMPLETE_HEADER,
  recordingTopic,
  SCENARIO_TOPIC,
  TERMINALS,
} from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import { createLog, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Kafka as Broker, startKafka } from '../../infra/src/kafka.ts';
import { connectKafka } from './adapters/kafka.ts';
import { type LogRecord, openLog } from './adapters/kafka-log.ts';
import { readPosition } from './live/position.ts';
import type { Ledger } from './record.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const jarsRoot = fileURLToPath(new URL('../../.cache/kafka/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'quaywatch-feeds-'));
let broker: Broker;
let kafka: Kafka;
let env: Record<string, string | undefined>;

async function startBroker(): Promise<void> {
  const jars = readdirSync(jarsRoot, { withFileTypes: true }).find((entry) => entry.isDirectory());
  broker = await startKafka({
    dataDir: join(directory, 'kafka'),
    jarsDir: join(jarsRoot, jars?.name ?? ''),
    logFile: join(directory, 'kafka.log'),
    heapMb: 384,
    // The same address after a restart, away from a broker that people use.
    port: 39_492,
  });
  env = { ...process.env, KAFKA_BROKERS: broker.brokers.join(','), QUAYWATCH_SCENARIO: 'demo' };
  kafka = connectKafka(readConfig(KAFKA_FIELDS, env), 'test', createLog('test', 'error'));
}

beforeAll(startBroker);
afterAll(async () => {
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Running = { readonly child: ChildProcess; readonly ended: Promise<Ended>; readonly said: () => string };

function run(main: string, args: readonly string[] = []): Running {
  const file = fileURLToPath(new URL(main, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended, said: () => stderr };
}

async function readTopic(topic: string): Promise<Map<number, LogRecord[]>> {
  const log = await openLog(kafka, topic);
  const records = new Map<number, LogRecord[]>();
  try {
    await log.read(await log.ends(), (partition, record) => {
      const there = records.get(partition) ?? [];
      records.set(partition, there);
      there.push(record);
    });
  } finally {
    await log.close();
  }
  return records;
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 40_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const stretch = ['--from', '2025-03-03', '--to', '2025-03-05', '--name', 'test'];

test('record writes what its ledger says, marks every partition whole, and refuses a name that is taken', async () => {
  const { code, stdout } = await run('record-main.ts', [...stretch, '--json']).ended;
  expect(code).toBe(0);
  const ledger = JSON.parse(stdout) as Ledger;
  expect(ledger).toMatchObject({ name: 'test', from: '2025-03-03', to: '2025-03-05', scenario: 'history' });
  const records = await readTopic(recordingTopic('test'));
  const all = [...records.values()].flat();
  expect(records.size).toBe(PARTITION_COUNT);
  expect(all.filter((record) => record.value.length > 0).length).toBe(ledger.reports);
  expect(all.length).toBe(ledger.reports + ledger.ticks + PARTITION_COUNT);
  for (const partition of records.values()) {
    expect(partition.every((record, i) => record.timestampMs >= (partition[i - 1]?.timestampMs ?? 0))).toBe(true);
    expect(partition.at(-1)?.headers[RECORDING_COMPLETE_HEADER]).toContain(`"moves":${ledger.moves}`);
  }

  const refused = await run('record-main.ts', stretch).ended;
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--replace');
  expect((await run('record-main.ts', [...stretch, '--replace', '--json']).ended).code).toBe(0);
  expect([...(await readTopic(recordingTopic('test'))).values()].flat().length).toBe(all.length);
});

test.each([
  ['a day that is none', ['--from', '2025-02-30', '--to', '2025-03-05'], '2025-02-30'],
  ['a stretch before the baseline', ['--from', '2023-12-30', '--to', '2024-01-05'], '2024-01-01'],
  ['an end before the beginning', ['--from', '2025-03-05', '--to', '2025-03-05'], '--to must be after'],
  ['an unknown scenario', [...stretch, '--scenario', 'nowhere.json'], 'nowhere.json'],
  ['an unknown option', ['--form', 'x'], '--form'],
])('record says what is wrong with %s and exits 2', async (_what, args, said) => {
  const { code, stderr, stdout } = await run('record-main.ts', args).ended;
  expect(code).toBe(2);
  expect(stderr).toContain(said);
  expect(stdout).toBe('');
});

test('live feeds backfill three days, survive a broker that dies, stop within a second, and go on where they stood', async () => {
  const feeds = run('main.ts');
  await until('the feeds are live', () => feeds.said().includes('Feeds are live.'));
  const first = await readTopic(MOVES_TOPIC);
  expect([...first.values()].flat().length).toBeGreaterThan(TERMINALS.length * 140);
  expect(
    [...(await readTopic(SCENARIO_TOPIC)).values()].flat().some((record) => record.key.startsWith('live/demo-')),
  ).toBe(true);

  broker.kill('SIGKILL');
  await broker.exited;
  await until('the feeds notice', () => feeds.said().includes('cannot reach Kafka'));
  await startBroker();
  await until('the feeds are live again', () => feeds.said().split('Feeds are live.').length > 2).catch(
    (cause: unknown) => {
      throw new Error(`The feeds did not come back. They said:\n${feeds.said()}`, { cause });
    },
  );

  const askedMs = Date.now();
  feeds.child.kill('SIGTERM');
  expect((await feeds.ended).code).toBe(0);
  expect(Date.now() - askedMs).toBeLessThan(1_000);

  const log = await openLog(kafka, MOVES_TOPIC);
  const position = await readPosition(log, Date.now() - 72 * 3_600_000).finally(() => log.close());
  // Silent feeds apart, every terminal has been heard up to now.
  const behind = position.sentThroughMs.filter((sentMs) => sentMs < Date.now() - 60_000).length;
  expect(behind).toBeLessThan(6);
  for (const partition of (await readTopic(MOVES_TOPIC)).values()) {
    const reports = partition.filter((record) => record.value.length > 0);
    expect(reports.every((record, i) => record.timestampMs >= (reports[i - 1]?.timestampMs ?? 0))).toBe(true);
  }
});
