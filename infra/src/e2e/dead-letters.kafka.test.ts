/** A report of a wrong terminal: listed, looked at, mended and sent again, twice; what counts afterwards is what was meant, once. */
import type { ClickHouseClient } from '@clickhouse/client';
import { DATABASE, encodeMoveReport, MOVES_TOPIC, REPORT_CONTENT_TYPE } from '@quaywatch/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeReport } from '../../../stream-processor/src/testing/random-log.ts';
import type { Engines } from '../engines.ts';
import { kafkaClient } from '../kafka-client.ts';
import { eventually, temporaryDirectory } from '../testing.ts';
import { clickhouseOf, killChildren, run, startEngines } from './bench.testing.ts';

const directory = temporaryDirectory();
let engines: Engines;
let client: ClickHouseClient;

beforeAll(async () => {
  engines = await startEngines(directory.path);
  client = clickhouseOf(engines);
});
afterAll(async () => {
  killChildren();
  await client?.close();
  await engines?.stop();
  directory.remove();
});

async function ask<T>(query: string): Promise<T[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json<T>();
}

async function append(value: Buffer): Promise<void> {
  const producer = kafkaClient(engines.kafkaBrokers, 'test').producer();
  await producer.connect();
  const headers = { 'content-type': REPORT_CONTENT_TYPE };
  await producer.send({ topic: MOVES_TOPIC, messages: [{ partition: 0, key: 'CNSHA', value, headers }] });
  await producer.disconnect();
}

const command = (...args: string[]) => run('stream-processor/src/dead-letters-main.ts', args, engines.env).ended;

test('list, show, redrive', async () => {
  const baseMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const report = makeReport(0, 'lost\u001b[31m', 1, baseMs, [0, 60, 120], { terminal: 'CNSGH:NONE' });
  await append(encodeMoveReport(report));
  await append(Buffer.from([7, 7, 7]));
  const processor = run('stream-processor/src/main.ts', [], engines.env);
  const letters = `SELECT reason FROM ${DATABASE}.dead_letters FINAL WHERE run = 'live'`;
  await eventually('both are dead letters', async () => (await ask(letters)).length === 2, 120_000);

  const listed = await command('list');
  expect(listed.stdout).toMatch(/^0\/0 .* unknown_terminal +3 .*CNSHA CNSGH:NONE/m);
  expect(listed.stdout).toMatch(/^0\/1 .* unreadable +1 /m);
  expect((await command('list', '--reason', 'unreadable', '--json')).stdout).toContain('"offset":1');
  const shown = await command('show', '0/0');
  expect(shown.stdout).toContain('lost\\u{1b}[31m');
  expect(shown.stdout).not.toContain('\u001b');
  expect((await command('show', '0/1')).stdout).toContain('07 07 07');
  expect(await command('show', '3/9')).toMatchObject({ code: 1 });
  expect(await command('redrive', '0/0', '--set', 'terminal=CNSGH:SECT')).toMatchObject({ code: 2 });
  expect(await command('redrive', '0/0', '--yes')).toMatchObject({ code: 1 });
  expect(await command('redrive', '0/1', '--yes')).toMatchObject({ code: 1 });

  for (let i = 0; i < 2; i++) {
    const driven = await command('redrive', '0/0', '--set', 'terminal=CNSGH:SECT', '--yes');
    expect(driven).toMatchObject({ code: 0, stdout: expect.stringContaining('~0/0') });
  }
  const ledger = `SELECT toFloat64(told) AS told, toFloat64(counted) AS counted, toFloat64(duplicates) AS duplicates
    FROM ${DATABASE}.ledger FINAL WHERE run = 'live' AND terminal = 'CNSGH:SECT'`;
  const want = [{ told: 6, counted: 3, duplicates: 3 }];
  await eventually('it counts once', async () => JSON.stringify(await ask(ledger)) === JSON.stringify(want), 120_000);
  const stray = `SELECT rejected FROM ${DATABASE}.ledger FINAL WHERE run = 'live' AND terminal = ''`;
  expect(await ask(stray)).toEqual([{ rejected: { unknown_terminal: 3, unreadable: 1 } }]);
  processor.child.kill('SIGTERM');
  expect((await processor.ended).code).toBe(0);
}, 300_000);

/** 300 reports of three terminals, of a version that nobody knows. */
async function appendUnknown(): Promise<void> {
  const baseMs = Math.floor(Date.now() / 1000) * 1000 - 600_000;
  const terminals = ['CNSGH:SECT', 'CNSGH:SGICT', 'CNSGH:SMCT'];
  const producer = kafkaClient(engines.kafkaBrokers, 'test').producer();
  await producer.connect();
  const messages = Array.from({ length: 300 }, (_, i) => {
    const wrong = { contractMajor: 7, terminal: terminals[i % 3] ?? '' };
    return { partition: 0, key: 'CNSHA', value: encodeMoveReport(makeReport(0, `b${i}`, i, baseMs, [i], wrong)) };
  });
  await producer.send({ topic: MOVES_TOPIC, messages });
  await producer.disconnect();
}

test('when most of what everybody sends is rejected, the processor says so, keeps what it has, and ends for good', async () => {
  await appendUnknown();
  const processor = run('stream-processor/src/main.ts', [], engines.env);
  const { code, stderr, stdout } = await processor.ended;
  expect(code).toBe(3);
  expect(`${stdout}${stderr}`).toMatch(/rejected, from 3 of \d senders, most as unknown_version/);
  const letters = `SELECT toFloat64(count()) AS letters FROM ${DATABASE}.dead_letters FINAL WHERE reason = 'unknown_version'`;
  expect((await ask<{ letters: number }>(letters))[0]?.letters).toBeGreaterThanOrEqual(200);
  await appendUnknown();
  const again = run('stream-processor/src/main.ts', [], { ...engines.env, QUAYWATCH_REJECT_SHARE_MAX: '1' });
  await eventually(
    'the rest is taken',
    async () => (await ask<{ letters: number }>(letters))[0]?.letters === 600,
    60_000,
  );
  again.child.kill('SIGTERM');
  expect((await again.ended).code).toBe(0);
}, 300_000);
