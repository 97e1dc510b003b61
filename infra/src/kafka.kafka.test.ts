import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Kafka, startKafka } from './kafka.ts';
import { kafkaClient } from './kafka-client.ts';
import { isAlive, jarsDir, temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
const running: Kafka[] = [];
afterAll(async () => {
  await Promise.all(running.map((kafka) => kafka.stop()));
  directory.remove();
});

async function start(): Promise<Kafka> {
  const kafka = await startKafka({
    dataDir: join(directory.path, 'kafka'),
    jarsDir,
    logFile: join(directory.path, 'kafka.log'),
    heapMb: 256,
  });
  running.push(kafka);
  return kafka;
}

const client = (kafka: Kafka) => kafkaClient(kafka.brokers, 'test');

async function produce(kafka: Kafka, value: string, timestampMs: number): Promise<void> {
  const producer = client(kafka).producer();
  await producer.connect();
  await producer.send({ topic: 'kept', acks: -1, messages: [{ value, timestamp: String(timestampMs) }] });
  await producer.disconnect();
}

async function endOffset(kafka: Kafka): Promise<number> {
  const admin = client(kafka).admin();
  await admin.connect();
  const [partition] = await admin.fetchTopicOffsets('kept');
  await admin.disconnect();
  return Number(partition?.high);
}

describe('the embedded Kafka', () => {
  it('keeps what it acknowledged, over a stop and over kill -9', { timeout: 90_000 }, async () => {
    const first = await start();
    const admin = client(first).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
    await admin.disconnect();
    // Recordings carry the arrival times of other years.
    await produce(first, 'one', Date.UTC(2024, 0, 1));
    await produce(first, 'two', Date.UTC(2030, 0, 1));
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start();
    expect(await endOffset(second)).toBe(2);
    await produce(second, 'three', Date.UTC(2025, 0, 1));
    second.kill('SIGKILL');
    expect(await second.exited).toBe(137);

    const third = await start();
    expect(await endOffset(third)).toBe(3);
    await third.stop();
    expect(existsSync(`${join(directory.path, 'kafka.log')}.input`)).toBe(false);
  });

  it('refuses a topic that nobody created', { timeout: 60_000 }, async () => {
    const kafka = await start();
    const producer = client(kafka).producer({ allowAutoTopicCreation: true, retry: { retries: 1 } });
    await producer.connect();
    await expect(producer.send({ topic: 'never-created', messages: [{ value: 'x' }] })).rejects.toThrow();
    await producer.disconnect();
    await kafka.stop();
  });

  it('says why it does not start', { timeout: 60_000 }, async () => {
    const starting = startKafka({
      dataDir: join(directory.path, 'wrong'),
      jarsDir,
      logFile: join(directory.path, 'wrong.log'),
      extraProperties: { 'log.segment.bytes': 'many' },
    });
    await expect(starting).rejects.toThrow(/could not format|log\.segment\.bytes/);
  });
});
