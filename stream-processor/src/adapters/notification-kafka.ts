/**
 * The notifier's Kafka: follows its topics from their beginning, appends what it decided, and says who of several notifiers may decide
 * (whoever has the one partition of the alerts topic in their consumer group). Decides nothing.
 */
import { randomUUID } from 'node:crypto';
import {
  ACTIONS_TOPIC,
  ALERTS_TOPIC,
  cloudEventHeaders,
  NOTIFICATIONS_TOPIC,
  type NotificationRecord,
  RULES_TOPIC,
  THROUGHPUT_TOPIC,
} from '@quaywatch/contracts';
import {
  type Consumer,
  createKafka,
  createProducer,
  type Kafka,
  type Producer,
  RETRY_FOR_EVER,
  sendsOf,
} from '@quaywatch/kafka';
import type { KafkaSettings, Log } from '@quaywatch/runtime';

export const FOLLOWED = [RULES_TOPIC, ACTIONS_TOPIC, ALERTS_TOPIC, NOTIFICATIONS_TOPIC] as const;
const groupId = 'quaywatch-notifier';
/** The least that brokers take by default: so long nobody decides after a notifier was killed. */
const sessionMs = 6_000;
const heartbeatMs = 1_500;
/** Without a heartbeat for so long another one may have been chosen. */
const leaseMs = sessionMs - heartbeatMs;

export type Arrived = {
  readonly topic: string;
  readonly offset: number;
  readonly timeMs: number;
  readonly value: Buffer | null;
};

export type NotificationKafka = {
  /** Begins to read; hands over every record once, in the order of its topic. */
  follow(take: (records: readonly Arrived[]) => void): Promise<void>;
  /** Begins to stand for election. */
  stand(): Promise<void>;
  /** Whether this process may decide now. Counts how often that began: a new number means that everything must be read to its end first. */
  leadership(): number | undefined;
  /** Calls back with the log time of marks of the processor. */
  watchMarks(seen: (logTimeMs: number) => void): Promise<void>;
  ends(): Promise<ReadonlyMap<string, number>>;
  /** Appends in order. @returns the offset after the last one. @throws when it is not known to be appended. */
  append(records: readonly NotificationRecord[]): Promise<number>;
  close(): Promise<void>;
};

function recordKey(record: NotificationRecord): string {
  switch (record.kind) {
    case 'decision':
    case 'attempt':
      return record.id;
    case 'held_back':
      return record.key;
    case 'receivers':
      return 'receivers';
  }
}

function toMessage(record: NotificationRecord) {
  const atMs = record.kind === 'decision' || record.kind === 'held_back' ? record.decided_at_ms : record.at_ms;
  const key = recordKey(record);
  const id = record.kind === 'attempt' ? `${key}/attempt/${record.attempt}` : `${record.kind}/${key}`;
  return {
    key,
    partition: 0,
    value: JSON.stringify(record),
    // Header values are bytes, but ids may hold what people typed: keep them to what any reader of headers takes.
    headers: cloudEventHeaders(
      `notification.${record.kind}.v1`,
      encodeURI(id.toWellFormed()),
      'urn:quaywatch:notifier',
      atMs,
    ),
  };
}

function createAppender(kafka: Kafka) {
  let ready: Promise<Producer> | undefined;
  const connect = async (): Promise<Producer> => {
    const producer = createProducer(kafka, { maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  };
  return {
    async append(records: readonly NotificationRecord[]): Promise<number> {
      let next = 0;
      for (const messages of sendsOf(records.map(toMessage))) {
        ready ??= connect();
        try {
          const [sent] = await (await ready).send({ topic: NOTIFICATIONS_TOPIC, acks: -1, messages });
          next = Number(sent?.baseOffset ?? 0) + messages.length;
        } catch (error) {
          // Its sequence numbers may be out of step now: the next append begins with a new producer.
          const broken = ready;
          ready = undefined;
          broken.then((producer) => producer.disconnect()).catch(() => {});
          throw error;
        }
      }
      return next;
    },
    close: () => ready?.then((producer) => producer.disconnect()).catch(() => {}) ?? Promise.resolve(),
  };
}

async function follow(consumer: Consumer, take: (records: readonly Arrived[]) => void): Promise<void> {
  const next = new Map<string, number>();
  await consumer.connect();
  await consumer.subscribe({ topics: [...FOLLOWED], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      // After a lost connection kafkajs may begin again: what was handed over is skipped.
      const from = next.get(batch.topic) ?? 0;
      const records = batch.messages
        .map(({ offset, timestamp, value }) => ({
          topic: batch.topic,
          offset: Number(offset),
          timeMs: Number(timestamp),
          value,
        }))
        .filter(({ offset }) => offset >= from);
      const last = records.at(-1);
      if (last === undefined) return;
      next.set(batch.topic, last.offset + 1);
      take(records);
    },
  });
}

function createElection(kafka: Kafka, log: Log) {
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: sessionMs,
    rebalanceTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: 500,
    retry: RETRY_FOR_EVER,
  });
  let term = 0;
  let isChosen = false;
  let heardAtMs = 0;
  const lose = () => {
    if (isChosen) log.info('Another notifier may decide now; standing by.');
    isChosen = false;
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const isMine = (payload.memberAssignment[ALERTS_TOPIC] ?? []).includes(0);
    if (!isMine) return lose();
    isChosen = true;
    heardAtMs = performance.now();
    term += 1;
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    // A lease that ran out is not renewed by the heartbeat that came too late: everything is read to its end again.
    if (isChosen && performance.now() - heardAtMs > leaseMs) term += 1;
    heardAtMs = performance.now();
  });
  for (const event of [
    consumer.events.REBALANCING,
    consumer.events.CRASH,
    consumer.events.STOP,
    consumer.events.DISCONNECT,
  ] as const)
    consumer.on(event, () => {
      isChosen = false;
    });
  return {
    async stand(): Promise<void> {
      await consumer.connect();
      await consumer.subscribe({ topic: ALERTS_TOPIC, fromBeginning: false });
      await consumer.run({ autoCommit: false, eachBatch: async () => {} });
    },
    leadership: () => (isChosen && performance.now() - heardAtMs < leaseMs ? term : undefined),
    close: () => consumer.disconnect(),
  };
}

/** Marks say how far the processor is; rows are passed over unread. */
async function watchMarks(consumer: Consumer, seen: (logTimeMs: number) => void): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic: THROUGHPUT_TOPIC, fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) {
        if (value === null || key?.toString().startsWith('live/mark/') !== true) continue;
        const mark: unknown = JSON.parse(value.toString('utf8'));
        const logTimeMs = typeof mark === 'object' && mark !== null ? Reflect.get(mark, 'log_time_ms') : undefined;
        if (typeof logTimeMs === 'number') seen(logTimeMs);
      }
    },
  });
}

export function createNotificationKafka(settings: KafkaSettings, log: Log): NotificationKafka {
  const kafka = createKafka(settings, 'quaywatch-notifier', log);
  const admin = kafka.admin();
  const appender = createAppender(kafka);
  const consumerOf = (name: string) =>
    kafka.consumer({
      groupId: `${groupId}-${name}-${randomUUID()}`,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 200,
      sessionTimeout: 30_000,
      retry: RETRY_FOR_EVER,
    });
  const election = createElection(kafka, log);
  const consumers: Consumer[] = [];
  const begun = async (consumer: Consumer, begin: () => Promise<void>): Promise<void> => {
    try {
      await begin();
      consumers.push(consumer);
    } catch (error) {
      await consumer.disconnect().catch(() => {});
      throw error;
    }
  };
  let adminReady: Promise<void> | undefined;
  return {
    follow: (take) => {
      const consumer = consumerOf('follow');
      return begun(consumer, () => follow(consumer, take));
    },
    stand: () => election.stand(),
    leadership: () => election.leadership(),
    watchMarks: (seen) => {
      const consumer = consumerOf('marks');
      return begun(consumer, () => watchMarks(consumer, seen));
    },
    async ends() {
      adminReady ??= admin.connect();
      try {
        await adminReady;
        const ends = new Map<string, number>();
        for (const topic of FOLLOWED) {
          const [only] = await admin.fetchTopicOffsets(topic);
          // A topic whose records are all gone has nothing to wait for.
          ends.set(topic, only === undefined || only.low === only.high ? 0 : Number(only.high));
        }
        return ends;
      } catch (error) {
        adminReady = undefined;
        throw error;
      }
    },
    append: (records) => appender.append(records),
    close: async () => {
      await Promise.allSettled([
        election.close(),
        ...consumers.map((consumer) => consumer.disconnect()),
        appender.close(),
        admin.disconnect(),
      ]);
    },
  };
}
