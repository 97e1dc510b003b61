/** Plain objects in the place of engines, for the gateway's tests. */
import type { RunSummary } from '@quaywatch/contracts';
import type { LogPort, LogRecord } from './adapters/kafka.ts';
import type { History, WindowQuery } from './history.ts';
import type { StoredRow } from './state/ring.ts';

export const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type Appended = { topic: string; key: string; value: string };

/** A log of nothing: what is appended is kept, `deliver` hands records to whoever reads. */
export function fakeKafka() {
  const appended: Appended[] = [];
  const readers: ((records: readonly LogRecord[]) => void)[] = [];
  const kafka: LogPort = {
    clusterId: async () => 'test',
    ends: async (topic) => [{ topic, partition: 0, offset: 0 }],
    starts: async (topic) => [{ topic, partition: 0, offset: 0 }],
    offsetsAt: async (topic) => [{ topic, partition: 0, offset: 0 }],
    read: async (_from, take) => {
      readers.push(take);
    },
    append: async (topic, key, value) => {
      appended.push({ topic, key, value });
    },
    topics: async () => [],
    isUp: () => true,
    close: async () => {},
  };
  const deliver = (...records: readonly LogRecord[]) => {
    for (const take of readers) take(records);
  };
  return { kafka, appended, deliver };
}

export function fakeHistory(rows: readonly StoredRow[] = [], runs: readonly RunSummary[] = []): History {
  const windows = async ({ run, sizeS, fromMs, toMs, ports, knownAtMs }: WindowQuery) =>
    rows.filter(
      (row) =>
        row.run === run &&
        row.size_s === sizeS &&
        row.start_ms >= fromMs &&
        row.start_ms < toMs &&
        (ports.length === 0 || ports.includes(row.port)) &&
        row.known_at_ms <= (knownAtMs ?? Number.POSITIVE_INFINITY),
    );
  return {
    windows,
    eachWindow: async (query, take) => {
      const found = await windows(query);
      for (const row of found) take(row);
      return found.length;
    },
    revisions: async (query) =>
      (await windows(query)).filter((row) => row.known_at_ms > (query.knownAfterMs ?? Number.NEGATIVE_INFINITY)),
    firstWindows: async () => new Map(),
    runs: async () => [...runs],
    transitions: async () => [],
    transitionsOf: async () => [],
    alerts: async () => [],
    firedAlerts: async () => [],
    deadLetters: async () => [],
    ledger: async () => [],
    ping: async () => {},
    close: async () => {},
  };
}
