/**
 * The seed tables in ClickHouse: their statements and the version of what is loaded into them.
 * It opens no connection; `load.ts` does.
 */
import { DATABASE } from '@quaywatch/contracts';

/**
 * Content version: the first 16 hex digits of the digest over tables and rows, so that it cannot be forgotten.
 * `tables.test.ts` fails when the content changes and says what to write here; the loader then loads anew.
 */
export const SEED_VERSION = '147ed4fa12b1ab74';

/** First UTC+8 year after the hours that are loaded; what comes later is computed, not stored. */
export const SEED_END_YEAR = 2028;

/** `seed_versions` first: a load drops it first and writes it last, so its one row vouches for all the others. */
export const SEED_TABLE_NAMES = ['seed_versions', 'ports', 'terminals', 'reference', 'baseline_hourly'] as const;

/** `CREATE TABLE IF NOT EXISTS` for every seed table, in a database that must exist. */
export function seedTables(database: string): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${database}.seed_versions (
  version String,
  rows UInt64,
  loaded_at DateTime('UTC') DEFAULT now()
) ENGINE = MergeTree ORDER BY version`,
    `CREATE TABLE IF NOT EXISTS ${database}.ports (
  port LowCardinality(String),
  port_index UInt8,
  name_en String,
  name_zh String,
  province LowCardinality(String),
  cluster LowCardinality(String),
  cluster_group LowCardinality(String),
  lat Float64,
  lon Float64,
  aliases Array(String),
  partition UInt8,
  target_teu_2024h1 UInt32,
  target_teu_2025h1 UInt32,
  foreign_trade_share_assumed Float32,
  provenance String
) ENGINE = MergeTree ORDER BY port`,
    `CREATE TABLE IF NOT EXISTS ${database}.terminals (
  terminal LowCardinality(String),
  terminal_index UInt8,
  port LowCardinality(String),
  name_en String,
  lat Float64,
  lon Float64,
  is_ours Bool,
  share_permille_assumed UInt16
) ENGINE = MergeTree ORDER BY (port, terminal)`,
    `CREATE TABLE IF NOT EXISTS ${database}.reference (
  id LowCardinality(String),
  scope LowCardinality(String),
  title_en String,
  title_zh String,
  from_date Date,
  to_date Date,
  days UInt16,
  teu UInt64,
  growth_pct Nullable(Float64),
  provenance LowCardinality(String),
  publisher String,
  source String
) ENGINE = MergeTree ORDER BY id`,
    `CREATE TABLE IF NOT EXISTS ${database}.baseline_hourly (
  port LowCardinality(String),
  hour DateTime('UTC'),
  teu_hundredths UInt32,
  basis LowCardinality(String)
) ENGINE = MergeTree ORDER BY (port, hour)`,
  ];
}

export const SEED_TABLES: readonly string[] = seedTables(DATABASE);
