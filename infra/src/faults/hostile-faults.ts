/** One record in a hundred is hostile: each is a dead letter with a reason and a number in the ledger, and nothing else changes. */
import { DATABASE, RECORDING_CONFIGS, recordingTopic } from '@quaywatch/contracts';
import { type Admin, createProducer, type Kafka, sendInOrder } from '@quaywatch/kafka';
import { createRandom, seedOf } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import type { Bench, Site } from './bench.ts';
import { differences, finished, type Summary } from './children.ts';
import { type Fault, promise } from './fault.ts';
import { copyOf, type Hostile, hostileAfter, kindOf } from './hostile-records.ts';
import { type Recorded, type RecordedLog, readRecording } from './recorded-log.ts';
import { growthMbMax } from './under-replay.ts';

const name = 'hostile';
const topic = recordingTopic(name);
const oneIn = 100;
const seed = 1;
/** docs/performance.md, of a replay of half a year. */
const rssMbMax = 2_048;
const dayMs = 86_400_000;
/** A day settles 48 h after its end, by the watermark, which a source that is late holds back. */
const firstSettledAfterMs = 3.5 * dayMs;

type Mixed = {
  readonly partitions: readonly (readonly Recorded[])[];
  /** By 'partition/offset'. */
  readonly hostile: ReadonlyMap<string, Hostile>;
  /** By partition: where the good record of an offset stands now. */
  readonly moved: readonly (readonly number[])[];
};

/** Hostile records among good ones, each right after a good report of the same partition. */
function mix(log: RecordedLog, days: number): Mixed {
  const random = createRandom(seedOf('faults-hostile', seed));
  const fromMs = Date.parse('2025-01-01T00:00:00+08:00');
  // What is before or after the days that are replayed is read for its clocks alone.
  const isReplayed = ({ timestamp }: Recorded) =>
    Number(timestamp) >= fromMs && Number(timestamp) < fromMs + days * dayMs;
  const reportOf = (good: Recorded) => (good.value === null || !isReplayed(good) ? undefined : copyOf(good.value));
  const places = log.partitions.flat().filter((good) => reportOf(good) !== undefined).length;
  const share = log.records / (oneIn - 1) / places;
  const hostile = new Map<string, Hostile>();
  const turns = new Map<string, number>();
  const moved: number[][] = [];
  let owed = 0;
  const partitions = log.partitions.map((list, partition) => {
    const records: Recorded[] = [];
    const to: number[] = [];
    for (const good of list) {
      to.push(records.length);
      records.push(good);
      const report = reportOf(good);
      if (report === undefined) continue;
      owed += share;
      for (; owed >= 1; owed--) {
        const isAnyDaySettled = Number(good.timestamp) > fromMs + firstSettledAfterMs;
        const kind = kindOf(hostile.size, isAnyDaySettled);
        const turn = turns.get(kind) ?? 0;
        turns.set(kind, turn + 1);
        const given = { partition, random, turn, ...(isAnyDaySettled ? { settledS: fromMs / 1000 + 3_600 } : {}) };
        const one = hostileAfter(good, report, kind, given);
        hostile.set(`${partition}/${records.length}`, one);
        records.push(one.record);
      }
    }
    moved.push(to);
    return records;
  });
  return { partitions, hostile, moved };
}

async function write(kafka: Kafka, { partitions }: Mixed): Promise<void> {
  const producer = createProducer(kafka, { maxInFlightRequests: 1 });
  await producer.connect();
  try {
    for (const [partition, records] of partitions.entries()) {
      const messages = records.map((record) => ({ ...record, partition }));
      await sendInOrder(producer, topic, messages);
    }
  } finally {
    await producer.disconnect();
  }
}

/** What is larger than the topic permits never gets into the log: the sender is told. */
async function refusedByBroker(kafka: Kafka): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
  await producer.connect();
  try {
    const value = Buffer.alloc(Number(RECORDING_CONFIGS['max.message.bytes']) + 1);
    const said = await producer.send({ topic, acks: -1, messages: [{ partition: 0, value }] }).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    promise(
      /larger than the max message size/.test(said),
      `a record over the topic's maximum: the broker said ${said}`,
    );
  } finally {
    await producer.disconnect();
  }
}

type Letter = { partition: number; offset: number; entry: number; entries: number; reason: string };

const lettersOf = (site: Site, run: string): Promise<Letter[]> =>
  site.query<Letter>(
    `SELECT DISTINCT partition, toFloat64(offset) AS offset, entry, entries, reason FROM ${DATABASE}.dead_letters WHERE run = '${run}'`,
  );

const textOf = (one: Letter): string => [one.partition, one.offset, one.entry, one.entries, one.reason].join('/');

/** The exact set: those of the undisturbed run where they stand now, and for each hostile record what it is owed. */
async function sameLetters(site: Site, mixed: Mixed): Promise<Map<string, number>> {
  const calm = (await lettersOf(site, 'calm')).map((one) => ({
    ...one,
    offset: mixed.moved[one.partition]?.[one.offset] ?? Number.NaN,
  }));
  const found = await lettersOf(site, name);
  const expected = new Set(calm.map(textOf));
  const others = found.filter((one) => !mixed.hostile.has(`${one.partition}/${one.offset}`));
  const wrong = [
    ...others.filter((one) => !expected.delete(textOf(one))).map((one) => `not owed: ${textOf(one)}`),
    ...[...expected].map((one) => `missing: ${one}`),
  ];
  const byReason = new Map<string, number>();
  const byPlace = Map.groupBy(found, (one) => `${one.partition}/${one.offset}`);
  for (const [place, { kind, reasons, entries }] of mixed.hostile) {
    const letters = byPlace.get(place) ?? [];
    const told = letters.reduce((sum, one) => sum + one.entries, 0);
    const isOwed = letters.every(({ reason }) => reasons.some((one) => one === reason)) && told === entries;
    if (!isOwed)
      wrong.push(
        `${kind} at ${place}: ${letters.map(textOf).join(', ') || 'nothing'}, owed ${entries} ${reasons.join(' or ')}`,
      );
    for (const one of letters) byReason.set(one.reason, (byReason.get(one.reason) ?? 0) + one.entries);
  }
  promise(wrong.length === 0, `${wrong.length} dead letters differ: ${wrong.slice(0, 8).join('; ')}`);
  return byReason;
}

/** By reason, what the ledger has as rejected. */
async function rejectedOf(site: Site, run: string): Promise<Map<string, number>> {
  const rows = await site.query<{ reason: string; count: number }>(
    `SELECT reason, toFloat64(sum(count)) AS count FROM ${DATABASE}.ledger FINAL
     ARRAY JOIN mapKeys(rejected) AS reason, mapValues(rejected) AS count WHERE run = '${run}' GROUP BY reason`,
  );
  return new Map(rows.map((row) => [row.reason, row.count]));
}

async function sameLedger(site: Site, owed: ReadonlyMap<string, number>): Promise<void> {
  const calm = await rejectedOf(site, 'calm');
  const found = await rejectedOf(site, name);
  const wrong = [...new Set([...found.keys(), ...owed.keys()])]
    .map((reason) => ({
      reason,
      more: (found.get(reason) ?? 0) - (calm.get(reason) ?? 0),
      owed: owed.get(reason) ?? 0,
    }))
    .filter(({ more, owed: expected }) => more !== expected);
  promise(
    wrong.length === 0,
    `the ledger differs: ${wrong.map((one) => `${one.reason} ${one.more}, owed ${one.owed}`).join('; ')}`,
  );
}

function sameCount(calm: Summary, found: Summary, mixed: Mixed): void {
  const rejected = [...mixed.hostile.values()].reduce((sum, one) => sum + one.entries, 0);
  const expected = {
    ...calm,
    reports: Number(calm.reports) + mixed.hostile.size,
    dead_letters: Number(calm.dead_letters) + rejected,
    // A report whose header is good was told by its source, whatever became of its entries: that may close a window earlier, or fill a hole.
    rows: found.rows,
    digest: found.digest,
  };
  const wrong = differences(expected, found);
  promise(wrong.length === 0, `differs: ${wrong.join(', ')}`);
  promise(
    found.peak_rss_mb <= Math.min(rssMbMax, calm.peak_rss_mb + growthMbMax),
    `memory grew to ${found.peak_rss_mb} MB from ${calm.peak_rss_mb}`,
  );
}

async function afresh(admin: Admin): Promise<void> {
  const configEntries = Object.entries(RECORDING_CONFIGS).map(([key, value]) => ({ name: key, value }));
  await admin.createTopics({ topics: [{ topic, numPartitions: 12, configEntries }], waitForLeaders: true });
}

async function amongGood(bench: Bench): Promise<string> {
  const site = await bench.site();
  const calm = await site.calm();
  const kafka = kafkaClient(site.kafka.brokers, 'quaywatch-faults');
  const admin = kafka.admin();
  await admin.connect();
  await afresh(admin);
  try {
    const log = await readRecording(kafka, site.recording);
    const mixed = mix(log, bench.days);
    const hostile = mixed.hostile.size;
    const records = log.records + hostile;
    promise(Math.abs(hostile * oneIn - records) <= oneIn, `only ${hostile} of ${records} records are hostile`);
    await refusedByBroker(kafka);
    await write(kafka, mixed);
    const found = (await finished(site.replay(['--recording', name, '--run', name]), 'The replay')) as Summary;
    const byReason = await sameLetters(site, mixed);
    await sameLedger(site, byReason);
    sameCount(calm, found, mixed);
    const large = [...mixed.hostile.values()].filter((one) => (one.record.value?.length ?? 0) > 9_000_000).length;
    return `${hostile} of ${records} records hostile, ${large} of them of 10 to 16 MB; all dead letters at their offsets for ${byReason.size} reasons, in the ledger; the others' totals the same ${String(found.totals_digest).slice(0, 12)}; ${found.peak_rss_mb} MB (undisturbed ${calm.peak_rss_mb})`;
  } finally {
    // Otherwise it would be the recording of whoever comes next.
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  }
}

export const HOSTILE_FAULTS: readonly Fault[] = [
  {
    name,
    catalogue: 'F15, F17',
    how: '1 % of all records: fuzzed and cut-off bytes, 10 MB and the most that the broker takes, deep JSON, wrong types, invalid UTF-8, no value, other major versions, absurd values',
    promised: `each is in the dead letters by offset with its reason and in the ledger; TEU, moves, duplicates, late, alerts and the totals digest as without them; memory grows by less than ${growthMbMax} MB`,
    run: amongGood,
  },
];
