/** Three recorded days through the real engines: the figures against the oracle's, and against themselves after three kills. */
import type { ClickHouseClient } from '@clickhouse/client';
import {
  DATABASE,
  decodeMoveReport,
  FLAGS,
  FUNCTIONS,
  PARTITION_COUNT,
  recordingTopic,
  TICK_CONTENT_TYPE,
} from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  isHeadline,
  type OracleMove,
  type OracleRecord,
  oracleMoves,
  oracleWindows,
} from '../../../stream-processor/src/testing/oracle.ts';
import type { Engines } from '../engines.ts';
import { kafkaClient } from '../kafka-client.ts';
import { eventually, temporaryDirectory } from '../testing.ts';
import {
  checkpointedBy,
  clickhouseOf,
  figuresOf,
  inTheMiddle,
  killChildren,
  numberIn,
  printedBy,
  progressOf,
  run,
  speed,
  startEngines,
  startReplay,
  stretch,
} from './bench.testing.ts';

const seed = Number(process.env['SEED'] ?? 1);
const daySizeMs = 86_400_000;
const directory = temporaryDirectory();
let engines: Engines;
let client: ClickHouseClient;
let ledger: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  engines = await startEngines(directory.path);
  client = clickhouseOf(engines);
  ledger = await printedBy(run('producers/src/record-main.ts', [...stretch, '--name', 'e2e', '--json'], engines.env));
});
afterAll(async () => {
  killChildren();
  await client?.close();
  await engines?.stop();
  directory.remove();
});

/** Every record of a topic by partition, in order. */
async function readTopic(topic: string): Promise<Map<number, OracleRecord[]>> {
  const kafka = kafkaClient(engines.kafkaBrokers, 'quaywatch-oracle');
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const wanted = ends.reduce((sum, end) => sum + Number(end.high) - Number(end.low), 0);
  const records = new Map<number, OracleRecord[]>(ends.map((end) => [end.partition, []]));
  let read = 0;
  const consumer = kafka.consumer({ groupId: 'quaywatch-oracle' });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        records.get(partition)?.push({
          offset: Number(message.offset),
          timestampMs: Number(message.timestamp),
          value: message.value,
          isTick: message.headers?.['content-type']?.toString() === TICK_CONTENT_TYPE,
        });
        read++;
      },
    });
    await eventually(`all ${wanted} records of ${topic} are read`, () => read >= wanted, 30_000);
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** `port|start of the day in ms` → TEU hundredths, days without any left out. */
async function storedDays(name: string): Promise<Map<string, number>> {
  const answer = await client.query({
    query: `SELECT port, toFloat64(toUnixTimestamp(start)) * 1000 AS start_ms, toFloat64(sum(teu)) AS teu
      FROM ${DATABASE}.throughput_current WHERE run = {run:String} AND size_s = 86400
      GROUP BY port, start HAVING teu > 0`,
    query_params: { run: name },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ port: string; start_ms: number; teu: number }>();
  return new Map(rows.map((row) => [`${row.port}|${row.start_ms}`, row.teu]));
}

/** Keys name ports here: the oracle's windows are of terminals. */
function oracleDays(moves: readonly OracleMove[]): Map<string, number> {
  const portOfTerminal = new Map(moves.map((move) => [move.terminal, move.port]));
  const days = new Map<string, number>();
  for (const [key, teu] of oracleWindows(moves, daySizeMs)) {
    const [terminal = '', start = ''] = key.split('|');
    const day = `${portOfTerminal.get(terminal)}|${start}`;
    days.set(day, (days.get(day) ?? 0) + teu);
  }
  return days;
}

/** TEU hundredths by the first character of an ISO 6346 size-type code. */
const teuOfLength: Readonly<Record<string, number>> = { '2': 100, '4': 200, L: 225 };

/**
 * The oracle's moves of one partition. It knows neither messages of a function that is none, which here are no more than ticks, nor boxes whose
 * size is spelled out, which are given their size here.
 */
function countedMoves(log: readonly OracleRecord[]): OracleMove[] {
  const functions: ReadonlySet<number> = new Set(Object.values(FUNCTIONS));
  const known = log.map((record) => {
    const decoded = record.isTick || record.value === null ? undefined : decodeMoveReport(record.value);
    return decoded?.ok === true && !functions.has(decoded.report.function) ? { ...record, isTick: true } : record;
  });
  const moves = oracleMoves(known);
  for (const { isTick, value } of known) {
    const decoded = isTick || value === null ? undefined : decodeMoveReport(value);
    if (decoded?.ok !== true) continue;
    const { report } = decoded;
    for (const { entry, sizeType } of report.exceptions) {
      const eventMs = (report.baseTimeS + (report.offsetS[entry] ?? 0)) * 1000;
      const kind = (report.flags[entry] ?? 0) & FLAGS.kindMask;
      const owner = report.owners[report.owner[entry] ?? 0];
      const call = report.calls[report.call[entry] ?? 0];
      const move = moves.get(`${report.terminal} ${owner} ${report.serial[entry]} ${kind} ${call?.id} ${eventMs}`);
      const teuHundredths = teuOfLength[sizeType.slice(0, 1)];
      if (move !== undefined && teuHundredths !== undefined) move.teuHundredths = teuHundredths;
    }
  }
  return [...moves.values()];
}

test('a replay adds up to what an oracle finds in the same log, and to what the recording says it wrote', async () => {
  const summary = await printedBy(startReplay(engines, ['--run', 'whole']));
  const records = await readTopic(recordingTopic('e2e'));
  expect(records.size).toBe(PARTITION_COUNT);
  // Partition by partition: each has a log time of its own.
  const moves = [...records.values()].flatMap((log) => countedMoves(log));

  const expected = oracleDays(moves);
  expect(expected.size).toBeGreaterThan(36 * 3 - 20);
  expect(Object.fromEntries(await storedDays('whole'))).toEqual(Object.fromEntries(expected));
  const headline = moves.filter(isHeadline).reduce((sum, move) => sum + move.teuHundredths, 0);
  expect(numberIn(summary, 'teu')).toBe(headline / 100);
  expect(numberIn(summary, 'teu')).toBe(numberIn(ledger, 'teu'));
  expect(moves).toHaveLength(numberIn(ledger, 'moves'));

  expect(numberIn(summary, 'duplicates')).toBe(numberIn(ledger, 'duplicates'));
  const refused = ['malformed', 'stranger_entries', 'bad_entries', 'in_future'].map((name) => numberIn(ledger, name));
  expect(refused.every((count) => count > 0)).toBe(true);
  expect(numberIn(summary, 'dead_letters')).toBe(refused.reduce((sum, count) => sum + count, 0));
});

test('a replay that is killed three times and resumed ends with the same digests', async () => {
  // Minute rows are enough for several writes, and so for checkpoints long before the end.
  const calm = await printedBy(startReplay(engines, ['--minutes', '--run', 'calm']));
  const name = 'killed';
  const random = createRandom(seed);
  const positionsMax = await checkpointedBy(client, 'calm');

  let current = startReplay(engines, ['--minutes', '--speed', String(speed), '--run', name]);
  await inTheMiddle('the first progress above zero', current, () => progressOf(current) > 0);
  let reached = await checkpointedBy(client, name);
  expect(reached, 'the first kill comes before anything is stored').toBe(0);
  current.child.kill('SIGKILL');
  expect((await current.ended).signal).toBe('SIGKILL');

  for (const kill of [2, 3]) {
    const share = (random() * kill) / 10;
    const wanted = Math.max(reached + 1, Math.round(positionsMax * share));
    current = startReplay(engines, ['--minutes', '--resume', name]);
    await inTheMiddle(
      `checkpoints beyond ${wanted} of ${positionsMax} records (kill ${kill}, SEED=${seed})`,
      current,
      async () => (await checkpointedBy(client, name)) >= wanted,
    );
    current.child.kill('SIGKILL');
    expect((await current.ended).signal).toBe('SIGKILL');
    reached = await checkpointedBy(client, name);
    expect(reached, `kill ${kill} comes before the end (SEED=${seed})`).toBeLessThan(positionsMax);
  }
  const resumed = await printedBy(startReplay(engines, ['--minutes', '--resume', name]));
  expect(figuresOf(resumed)).toEqual(figuresOf(calm));
});

test('a run that is pinned is said to be, and deleted only when it was let go', async () => {
  const runs = (...args: string[]) => run('stream-processor/src/runs-main.ts', args, engines.env).ended;
  expect(await runs('pin', 'whole')).toMatchObject({ code: 0, stdout: 'pinned whole\n' });
  expect((await runs('list')).stdout).toMatch(/^whole .* pinned$/m);
  const refused = await runs('delete', 'whole');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('npm run runs -- unpin whole');
  expect((await storedDays('whole')).size).toBeGreaterThan(0);

  expect((await runs('pin', 'nothing')).code).toBe(1);
  expect((await runs('pin')).code).toBe(2);
  expect((await runs('pin', 'live')).code).toBe(2);

  expect((await runs('unpin', 'whole')).stdout).toBe('unpinned whole\n');
  expect((await runs('delete', 'whole')).stdout).toBe('deleted whole\n');
  expect((await runs('list')).stdout).not.toMatch(/^whole /m);
  expect((await storedDays('whole')).size).toBe(0);
});
