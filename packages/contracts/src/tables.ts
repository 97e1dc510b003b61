/**
 * ClickHouse tables, as numbered migrations that may be run again. `infra/src/provision.ts` applies them in order.
 * A migration that has landed is never edited; a change is a new one.
 */
import { LEDGER_COUNTS } from './ledger.ts';
import { MEASURES } from './throughput.ts';

export type Migration = { readonly number: number; readonly name: string; readonly statements: readonly string[] };

export const DATABASE = 'quaywatch';

const measureColumns = MEASURES.map((name) => `  ${name} UInt32`).join(',\n');

// `run` leads every key although a partition holds one run: FINAL merges across partitions, and two runs of a stretch have the same windows.
// Two levels on purpose: every revision stays (identity ends with it, so that "what was known at 09:00" is a query), and the newest
// row of a window is found by revision. `version` is the offset that emitted the row: what is written twice is the same row.
const throughput = `CREATE TABLE IF NOT EXISTS ${DATABASE}.throughput (
  run LowCardinality(String),
  port LowCardinality(String),
  terminal LowCardinality(String),
  size_s UInt32,
  start DateTime('UTC'),
  revision UInt16,
  version UInt64,
  known_at DateTime64(3, 'UTC'),
  completeness Float32,
  backfilled UInt8,
${measureColumns}
) ENGINE = ReplacingMergeTree(version)
PARTITION BY run
ORDER BY (run, size_s, port, terminal, start, revision)
TTL start + INTERVAL 14 DAY DELETE WHERE size_s = 60 AND run = 'live'
SETTINGS min_bytes_for_wide_part = 10737418240, min_rows_for_wide_part = 1000000000, index_granularity = 8192,
  non_replicated_deduplication_window = 1000`;

const current = `CREATE OR REPLACE VIEW ${DATABASE}.throughput_current AS
SELECT * FROM ${DATABASE}.throughput
ORDER BY run, size_s, port, terminal, start, revision DESC, version DESC
LIMIT 1 BY run, size_s, port, terminal, start`;

// One row a day and source: the newest is how it stands, and a settled one is how it ended.
const ledger = `CREATE TABLE IF NOT EXISTS ${DATABASE}.ledger (
  run LowCardinality(String),
  day Date,
  port LowCardinality(String),
  terminal LowCardinality(String),
  source String,
  version UInt64,
  known_at DateTime64(3, 'UTC'),
  settled UInt8,
  reported Nullable(UInt64),
${LEDGER_COUNTS.map((name) => `  ${name} UInt64`).join(',\n')},
  missing Nullable(UInt64),
  sequence_gaps Nullable(UInt64),
  rejected Map(String, UInt64)
) ENGINE = ReplacingMergeTree(version) PARTITION BY run ORDER BY (run, day, port, terminal, source)`;

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'throughput', statements: [throughput, current] },
  {
    number: 2,
    name: 'alerts',
    statements: [
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.alert_transitions (
  run LowCardinality(String),
  alert_id String,
  transition UInt32,
  kind LowCardinality(String),
  severity LowCardinality(String),
  status LowCardinality(String),
  port LowCardinality(String),
  at DateTime64(3, 'UTC'),
  known_at DateTime64(3, 'UTC'),
  version UInt64,
  body String
) ENGINE = ReplacingMergeTree(version) PARTITION BY run ORDER BY (run, alert_id, transition)`,
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.actions (
  id String,
  kind LowCardinality(String),
  alert_id String,
  at DateTime64(3, 'UTC'),
  body String
) ENGINE = ReplacingMergeTree ORDER BY (at, id)`,
    ],
  },
  {
    number: 3,
    name: 'checkpoints, dead letters, runs',
    statements: [
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.checkpoints (
  run LowCardinality(String),
  partition UInt16,
  position UInt64,
  body String CODEC(ZSTD)
) ENGINE = ReplacingMergeTree(position) PARTITION BY run ORDER BY (run, partition)`,
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.dead_letters (
  run LowCardinality(String),
  topic LowCardinality(String),
  partition UInt16,
  offset UInt64,
  entry Int32,
  entries UInt32,
  reason LowCardinality(String),
  at DateTime64(3, 'UTC'),
  port LowCardinality(String),
  terminal LowCardinality(String),
  detail String
) ENGINE = ReplacingMergeTree PARTITION BY run ORDER BY (run, topic, partition, offset, entry, reason)`,
      `CREATE TABLE IF NOT EXISTS ${DATABASE}.runs (
  run String,
  updated_at DateTime64(3, 'UTC'),
  deleted UInt8 DEFAULT 0,
  body String
) ENGINE = ReplacingMergeTree(updated_at) ORDER BY run`,
    ],
  },
  { number: 4, name: 'ledger', statements: [ledger] },
];
