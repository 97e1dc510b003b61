/**
 * Makes the topics and tables that `@quaywatch/contracts` names; what is already there stays.
 * Deletes nothing, and changes the settings of no topic that exists.
 */
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { DATABASE, MIGRATIONS, type Migration, TOPICS, type TopicSpec } from '@quaywatch/contracts';
import type { Admin, ITopicMetadata } from '@quaywatch/kafka';
import { delay } from '@quaywatch/runtime';
import type { ClickhouseAddress } from './engines.ts';
import { kafkaClient } from './kafka-client.ts';

const madeWithinMs = 10_000;

/** `code` is 'migration_failed' or 'topic_mismatch'. */
class ProvisionError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export async function provision(engines: {
  readonly kafkaBrokers: readonly string[];
  readonly clickhouse: ClickhouseAddress;
}): Promise<void> {
  await Promise.all([provisionTopics(engines.kafkaBrokers), provisionTables(engines.clickhouse)]);
}

export async function provisionTopics(
  brokers: readonly string[],
  topics: readonly TopicSpec[] = TOPICS,
): Promise<void> {
  const admin = kafkaClient(brokers, 'quaywatch-provision').admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic.name));
    let refusal: unknown;
    if (missing.length > 0) {
      await admin
        .createTopics({
          waitForLeaders: true,
          topics: missing.map(({ name, partitions, configs }) => ({
            topic: name,
            numPartitions: partitions,
            // The cluster's own default, which is 1 for the embedded broker.
            replicationFactor: -1,
            configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
          })),
        })
        .catch((error: unknown) => {
          refusal = error;
        });
    }
    const found = await described(admin, topics, refusal);
    for (const { name, partitions } of topics) {
      const count = found.find((topic) => topic.name === name)?.partitions.length ?? 0;
      // Which partition a port is in is fixed for ever, so another number would be counted wrongly.
      if (count !== partitions)
        throw new ProvisionError(
          'topic_mismatch',
          `Topic ${name} has ${count} partitions and must have ${partitions}.`,
        );
    }
  } finally {
    await admin.disconnect();
  }
}

/**
 * In a cluster a broker may be asked for the leaders of a topic of which it has not heard yet: the answer to its making is then an error although
 * it is made. @throws the refusal when the topics are not there in time.
 */
async function described(
  admin: Admin,
  topics: readonly TopicSpec[],
  refusal: unknown,
): Promise<readonly ITopicMetadata[]> {
  const deadlineMs = performance.now() + madeWithinMs;
  for (;;) {
    try {
      return (await admin.fetchTopicMetadata({ topics: topics.map((topic) => topic.name) })).topics;
    } catch (error) {
      if (performance.now() > deadlineMs) throw refusal ?? error;
      await delay(200);
    }
  }
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS ${DATABASE}.migrations (
  number UInt32, name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree ORDER BY number`;

/** Applies, in order, the migrations that have not been applied. One that fails half-way is run again from its beginning. */
export async function provisionTables(
  clickhouse: ClickhouseAddress,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const client = createClient({
    url: clickhouse.url,
    username: clickhouse.writer.user,
    password: clickhouse.writer.password,
    // What fails is thrown, with its reason.
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` });
    await client.command({ query: MIGRATIONS_TABLE });
    const answer = await client.query({
      query: `SELECT number FROM ${DATABASE}.migrations FINAL`,
      format: 'JSONEachRow',
    });
    const applied = new Set((await answer.json<{ number: number }>()).map((row) => row.number));
    for (const { number, name, statements } of migrations.toSorted((a, b) => a.number - b.number)) {
      if (applied.has(number)) continue;
      for (const query of statements) {
        await client.command({ query }).catch((cause: unknown) => {
          throw new ProvisionError(
            'migration_failed',
            `Migration ${number} (${name}) failed at: ${query.slice(0, 200)}`,
            { cause },
          );
        });
      }
      await client.insert({ table: `${DATABASE}.migrations`, values: [{ number, name }], format: 'JSONEachRow' });
    }
  } finally {
    await client.close();
  }
}
