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

/** Newest row of each window, as the real one answers. */
function newestRows(rows: readonly StoredRow[]): StoredRow[] {
  const newest = new Map<string, StoredRow>();
  for (const row of rows) {
    const key = `${row.terminal}/${row.start_ms}`;
    const held = newest.get(key);
    if (held === undefined || row.revision > held.revision) newest.set(key, row);
  }
  return [...newest.values()].sort((a, b) => a.start_ms - b.start_ms);
}

export function fakeHistory(rows: readonly StoredRow[] = [], runs: readonly RunSummary[] = []): History {
  const rowsOf = ({ run, sizeS, fromMs, toMs, ports, knownAtMs }: WindowQuery) =>
    rows.filter(
      (row) =>
        row.run === run &&
        row.size_s === sizeS &&
        row.start_ms >= fromMs &&
        row.start_ms < toMs &&
        (ports.length === 0 || ports.includes(row.port)) &&
        row.known_at_ms <= (knownAtMs ?? Number.POSITIVE_INFINITY),
    );
  const windows = async (query: WindowQuery) => newestRows(rowsOf(query));
  return {
    windows,
    eachWindow: async (query, take) => {
      const found = await windows(query);
      for (const row of found) take(row);
      return found.length;
    },
    revisions: async (query) =>
      rowsOf(query).filter((row) => row.known_at_ms > (query.knownAfterMs ?? Number.NEGATIVE_INFINITY)),
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
