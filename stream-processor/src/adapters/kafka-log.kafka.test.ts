/**
 * What the processor needs of a Kafka client, against a real broker: reading in order from anywhere, seeking and pausing in mid-batch, a group
 * that takes partitions away and gives them back, acknowledged sends, offsets by time, and a broker that dies. A second adapter would have to
 * pass it too (docs/adr/0010).
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TICK_CONTENT_TYPE } from '@quaywatch/contracts';
import { createKafka, createProducer, insist, type Kafka, type Producer } from '@quaywatch/kafka';
import { createLog, delay, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Kafka as Broker, startKafka } from '../../../infra/src/kafka.ts';
import type { LogRecord } from '../core/partition-state.ts';
import { type LogReader, listTopics, logEnds, offsetsAt, readLog, type Taken } from './kafka-log.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });
const jarsRoot = fileURLToPath(new URL('../../../.cache/kafka/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'quaywatch-log-'));
const log = createLog('test', 'error');
const partitions = 4;
const perPartition = 300;
const firstMs = Date.parse('2025-05-01T00:00:00Z');
let broker: Broker;
let kafka: Kafka;
let producer: Producer;
const readers: Reading[] = [];

async function startBroker(): Promise<void> {
  const jars = readdirSync(jarsRoot, { withFileTypes: true }).find((entry) => entry.isDirectory());
  const place = { dataDir: join(directory, 'kafka'), jarsDir: join(jarsRoot, jars?.name ?? '') };
  const before = broker === undefined ? {} : { port: broker.port, controllerPort: broker.controllerPort };
  broker = await startKafka({ ...place, ...before, logFile: join(directory, 'kafka.log'), heapMb: 384 });
}

beforeAll(async () => {
  await startBroker();
  kafka = createKafka(readConfig(KAFKA_FIELDS, { KAFKA_BROKERS: broker.brokers.join(',') }), 'test', log);
  producer = createProducer(kafka, { maxInFlightRequests: 1 });
  await producer.connect();
});
afterEach(async () => {
  for (const one of readers.splice(0)) await one.reader.stop();
});
afterAll(async () => {
  await producer?.disconnect();
  await broker?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Records number 0 to `count` − 1 in every partition, a minute apart; a null value is a tick. */
async function fill(topic: string, count = perPartition, from = 0): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  if (from === 0)
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries: [{ name: 'retention.ms', value: '-1' }] }],
      waitForLeaders: true,
    });
  await admin.disconnect();
  for (let partition = 0; partition < partitions; partition++) {
    const messages = Array.from({ length: count }, (_, i) => ({
      partition,
      value: (from + i) % 50 === 49 ? null : `${partition}/${from + i}`,
      timestamp: String(firstMs + (from + i) * 60_000),
      ...((from + i) % 50 === 49 ? { headers: { 'content-type': TICK_CONTENT_TYPE } } : {}),
    }));
    await producer.send({ topic, acks: -1, messages });
  }
}

type Answer = (partition: number, records: readonly LogRecord[], end: number, from: number) => Taken | Promise<Taken>;
type Reading = {
  reader: LogReader;
  /** By partition: offsets in the order in which they were handed over. */
  readonly offsets: Map<number, number[]>;
  readonly assignments: (readonly number[])[];
  readonly failures: Error[];
};

async function read(
  topic: string,
  groupId: string,
  answer: Answer = () => ({ kind: 'taken' }),
  from = new Map<number, number>(),
): Promise<Reading> {
  const offsets = new Map<number, number[]>();
  const assignments: (readonly number[])[] = [];
  const failures: Error[] = [];
  const handlers = {
    take: async (partition: number, records: readonly LogRecord[], end: number, from: number) => {
      offsets.set(partition, [...(offsets.get(partition) ?? []), ...records.map((one) => one.offset)]);
      return answer(partition, records, end, from);
    },
    assigned: (given: readonly number[]) => {
      assignments.push(given);
    },
    failed: (error: Error) => {
      failures.push(error);
    },
  };
  const reading: Reading = {
    reader: await readLog(kafka, topic, groupId, from, handlers, log),
    offsets,
    assignments,
    failures,
  };
  readers.push(reading);
  return reading;
}

async function until(what: string, isTrue: () => boolean, withinMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms: ${what}`);
    await delay(20);
  }
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const hasAll = ({ offsets }: Reading, count = perPartition): boolean =>
  numbers(0, partitions).every((partition) => (offsets.get(partition)?.at(-1) ?? -1) >= count - 1);

test('reads every partition in order to its end, and says where the end is, what is a tick, and when it was', async () => {
  await fill('whole');
  const seen = new Map<number, LogRecord[]>();
  const ends = new Set<number>();
  const reading = await read('whole', 'whole', (partition, records, end) => {
    seen.set(partition, [...(seen.get(partition) ?? []), ...records]);
    ends.add(end);
    return { kind: 'taken' };
  });
  await until('everything is read', () => hasAll(reading));
  for (let partition = 0; partition < partitions; partition++) {
    const records = seen.get(partition) ?? [];
    expect(records.map((one) => one.offset)).toEqual(numbers(0, perPartition));
    expect(records.map((one) => one.timestampMs)).toEqual(numbers(0, perPartition).map((i) => firstMs + i * 60_000));
    expect(records.filter((one) => one.isTick).map((one) => one.offset)).toEqual([49, 99, 149, 199, 249, 299]);
    expect(records[7]?.value?.toString()).toBe(`${partition}/7`);
    expect(records[49]?.value).toBeNull();
  }
  expect([...ends]).toEqual([perPartition]);
  expect(reading.assignments.flat().sort()).toEqual(numbers(0, partitions));
});

test('begins where it is told, by partition', async () => {
  const reading = await read(
    'whole',
    'from',
    undefined,
    new Map([
      [1, 120],
      [2, 299],
    ]),
  );
  await until('everything is read', () => hasAll(reading));
  // A batch that was fetched before the seek may come first: the processor skips what it has and asks again for what is missing.
  expect(reading.offsets.get(1)).toEqual(expect.arrayContaining(numbers(120, perPartition)));
  expect(reading.offsets.get(2)).toContain(299);
  expect(reading.offsets.get(0)).toEqual(numbers(0, perPartition));
});

test('a seek in the middle of a batch is what comes next, backwards and forwards', async () => {
  let seeks = 0;
  const reading = await read('whole', 'seek', (partition, records): Taken => {
    if (partition !== 3 || seeks >= 2) return { kind: 'taken' };
    seeks++;
    return { kind: 'seek', offset: seeks === 1 ? 250 : Math.max(0, (records[0]?.offset ?? 0) - 200) };
  });
  // What came before the second seek holds every offset already: the end is what was read after it.
  const readAgain = () => {
    const offsets = reading.offsets.get(3) ?? [];
    return offsets.length - offsets.lastIndexOf(50) === perPartition - 50;
  };
  await until('the seeks and the end', () => seeks === 2 && hasAll(reading) && readAgain());
  const offsets = reading.offsets.get(3) ?? [];
  const second = offsets.indexOf(250, 1);
  expect(offsets).toContain(50);
  expect(offsets.slice(-250)).toEqual(numbers(50, perPartition));
  expect(second).toBeGreaterThanOrEqual(0);
});

test('a finished partition is not handed over any more, and holds up no other', async () => {
  await fill('finished');
  const reading = await read('finished', 'finished', (partition) => ({ kind: partition === 0 ? 'finished' : 'taken' }));
  await until('the others are read', () =>
    [1, 2, 3].every((one) => reading.offsets.get(one)?.at(-1) === perPartition - 1),
  );
  const before = reading.offsets.get(0)?.length;
  await fill('finished', 50, perPartition);
  await until('what came later is read', () =>
    [1, 2, 3].every((one) => reading.offsets.get(one)?.at(-1) === perPartition + 49),
  );
  expect(reading.offsets.get(0)?.length).toBe(before);
});

test('a slow taker is waited for: one batch of a partition at a time', async () => {
  let underWay = 0;
  let most = 0;
  const reading = await read('whole', 'slow', async () => {
    most = Math.max(most, ++underWay);
    await delay(150);
    underWay--;
    return { kind: 'taken' };
  });
  await until('everything is read', () => hasAll(reading));
  expect(most).toBe(1);
});

test('members that join and leave are given all partitions between them, and are told so each time', async () => {
  await fill('group');
  const first = await read('group', 'group');
  await until('the first has all', () => first.assignments.at(-1)?.length === partitions && hasAll(first));
  const second = await read('group', 'group');
  await until('they share', () => first.assignments.at(-1)?.length === 2 && second.assignments.at(-1)?.length === 2);
  const shared = [...(first.assignments.at(-1) ?? []), ...(second.assignments.at(-1) ?? [])].sort();
  expect(shared).toEqual(numbers(0, partitions));
  // Nothing is committed: whoever is given a partition begins at its oldest record, and the processor says from where to go on.
  await until('the second reads its own', () =>
    (second.assignments.at(-1) ?? []).every((one) => second.offsets.get(one)?.at(-1) === perPartition - 1),
  );
  for (const one of second.assignments.at(-1) ?? []) expect(second.offsets.get(one)).toEqual(numbers(0, perPartition));

  await second.reader.stop();
  await until('the first has all again', () => first.assignments.at(-1)?.length === partitions);
  await fill('group', 20, perPartition);
  await until('the first reads on', () => hasAll(first, perPartition + 20));
  expect(first.failures).toEqual([]);
});

test('partitions that are taken away in the middle of a batch are handed to their new owner whole', async () => {
  await fill('revoked');
  const gate = Promise.withResolvers<void>();
  const first = await read('revoked', 'revoked', async () => {
    await gate.promise;
    return { kind: 'taken' };
  });
  await until('the first holds a batch', () => first.offsets.size > 0);
  // It joins when the first has come to the end of its batch.
  const joining = read('revoked', 'revoked');
  const admin = kafka.admin();
  await admin.connect();
  const stateOf = async () => (await admin.describeGroups(['revoked'])).groups[0]?.state;
  while ((await stateOf()) !== 'PreparingRebalance') await delay(50);
  await admin.disconnect();
  gate.resolve();
  const second = await joining;
  await until('they share', () => second.assignments.at(-1)?.length === 2 && first.assignments.at(-1)?.length === 2);
  await until('the second reads its own', () =>
    (second.assignments.at(-1) ?? []).every((one) => second.offsets.get(one)?.at(-1) === perPartition - 1),
  );
  for (const one of second.assignments.at(-1) ?? []) expect(second.offsets.get(one)).toEqual(numbers(0, perPartition));
});

test('ends, offsets at a time and topics', async () => {
  expect(await logEnds(kafka, 'whole')).toEqual(
    new Map(numbers(0, partitions).map((one) => [one, { low: 0, high: perPartition }])),
  );
  const at = async (ms: number) => [...(await offsetsAt(kafka, 'whole', ms)).values()];
  expect(await at(firstMs - 1)).toEqual([0, 0, 0, 0]);
  expect(await at(firstMs + 100 * 60_000)).toEqual([100, 100, 100, 100]);
  expect(await at(firstMs + 100 * 60_000 + 1)).toEqual([101, 101, 101, 101]);
  expect(await at(firstMs + 1_000 * 60_000)).toEqual([300, 300, 300, 300]);
  expect(await listTopics(kafka)).toEqual(expect.arrayContaining(['whole', 'group']));
});

test('a batch says where it begins: marks of transactions, and what they took back, are no gap in it', async () => {
  await fill('transactions', 10);
  const outside = createProducer(kafka, { transactionalId: 'outside', maxInFlightRequests: 1 });
  await outside.connect();
  for (const end of ['commit', 'abort', 'commit'] as const) {
    const transaction = await outside.transaction();
    await transaction.send({ topic: 'transactions', messages: [{ partition: 0, value: end }] });
    await transaction[end]();
  }
  await outside.disconnect();
  const batches: { from: number; offsets: number[] }[] = [];
  const answer: Answer = (partition, records, _, from) => {
    if (partition === 0) batches.push({ from, offsets: records.map((one) => one.offset) });
    return { kind: 'taken' };
  };
  // 10 and its mark at 11, 12 taken back by the mark at 13, 14 and its mark at 15.
  await read('transactions', 'transactions', answer, new Map([[0, 11]]));
  await until('the end is read', () => batches.some(({ from }) => from === 11));
  expect(batches).toContainEqual({ from: 11, offsets: [14] });
});

test('after the broker died and came back the reader goes on, and what was acknowledged is there once', async () => {
  await fill('dies', 40);
  const reading = await read('dies', 'dies');
  await until('the reader is there', () => hasAll(reading, 40));
  broker.kill('SIGKILL');
  await broker.exited;
  // A send that begins while nobody is there is acknowledged when somebody is.
  const sent = fill('dies', 40, 40);
  await startBroker();
  await sent;
  await until('the reader goes on', () => hasAll(reading, 80));
  expect(await logEnds(kafka, 'dies')).toEqual(
    new Map(numbers(0, partitions).map((one) => [one, { low: 0, high: 80 }])),
  );
  expect(reading.failures).toEqual([]);
  for (let partition = 0; partition < partitions; partition++)
    expect([...new Set(reading.offsets.get(partition))]).toEqual(numbers(0, 80));
});

test('what a broker that dies did not answer is asked again until it does', async () => {
  await fill('asked', 40);
  const settings = readConfig(KAFKA_FIELDS, { KAFKA_BROKERS: broker.brokers.join(',') });
  // Its own patience is short, so that ours is what is looked at.
  const impatient = createKafka(settings, 'impatient', log, { retry: { retries: 1 } });
  let tries = 0;
  const asked = async () => {
    tries++;
    const admin = impatient.admin();
    try {
      if (tries === 2) await startBroker();
      await admin.connect();
      if (tries > 1) return await admin.fetchTopicOffsets('asked');
      broker.kill('SIGKILL');
      await broker.exited;
      return await admin.fetchTopicOffsets('asked');
    } finally {
      await admin.disconnect();
    }
  };
  const answer = await insist(asked, { what: 'ends', log, stop: AbortSignal.timeout(80_000) });
  expect(answer.map(({ high }) => high)).toEqual(numbers(0, partitions).map(() => '40'));
  expect(tries).toBeGreaterThan(1);
});
