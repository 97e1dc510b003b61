/**
 * Where the live log stands: what each feed has sent, found in the newest records themselves. There is no other memory of it.
 */
import { decodeMoveReport, PARTITION_COUNT, TERMINALS, terminalOf } from '@quaywatch/contracts';
import type { LogReader, LogRecord, OffsetRange } from '../adapters/kafka-log.ts';
import { partitionOf } from '../feed/feeds.ts';

export type Position = {
  /** Arrival of the newest report by partition, UTC ms; 0: none. Everything that arrives earlier has been sent. */
  readonly arrivedMs: Float64Array;
  /** By terminal: every move before it has been sent, UTC ms; 0: never a word. */
  readonly sentThroughMs: Float64Array;
  /** Arrival of the log's first report, UTC ms; 0: an empty log. */
  startMs: number;
};

const firstTailRecords = 2_000;
const tailGrowth = 6;

export function emptyPosition(): Position {
  return {
    arrivedMs: new Float64Array(PARTITION_COUNT),
    sentThroughMs: new Float64Array(TERMINALS.length),
    startMs: 0,
  };
}

/** Takes a record into the position. Ticks and unreadable records say nothing. */
export function note(position: Position, partition: number, record: LogRecord): void {
  if (record.value.length === 0) return;
  position.arrivedMs[partition] = Math.max(position.arrivedMs[partition] ?? 0, record.timestampMs);
  const decoded = decodeMoveReport(record.value);
  const terminal = decoded.ok ? terminalOf(decoded.report.terminal)?.index : undefined;
  if (!decoded.ok || terminal === undefined || !decoded.report.source.startsWith('urn:quaywatch:sim:')) return;
  const { completeThroughMs } = decoded.report;
  // A clock that ran ahead claimed what it could not know; the next report says it rightly.
  if (completeThroughMs > record.timestampMs) return;
  position.sentThroughMs[terminal] = Math.max(position.sentThroughMs[terminal] ?? 0, completeThroughMs);
}

function isComplete(position: Position, partition: number): boolean {
  return TERMINALS.every(({ index }) => partitionOf(index) !== partition || (position.sentThroughMs[index] ?? 0) > 0);
}

/**
 * Reads back from the end until every terminal has spoken, or until `horizonMs`, before which nothing matters.
 * Costs 2,000 records a partition unless a feed has long been silent.
 */
export async function readPosition(log: LogReader, horizonMs: number): Promise<Position> {
  const position = emptyPosition();
  const ends = await log.ends();
  await readFirst(log, ends, position);
  let unread = new Map([...ends].filter(([, { low, high }]) => low < high));
  let span = firstTailRecords;
  while (unread.size > 0) {
    const oldest = new Map<number, number>();
    const ranges = new Map(
      [...unread].map(([p, { low, high }]) => [p, { low: Math.max(low, high - span), high }] as const),
    );
    await log.read(ranges, (partition, record) => {
      if (!oldest.has(partition)) oldest.set(partition, record.timestampMs);
      note(position, partition, record);
    });
    const next = new Map<number, OffsetRange>();
    for (const [partition, range] of ranges) {
      const low = unread.get(partition)?.low ?? 0;
      const isOldEnough = (oldest.get(partition) ?? 0) < horizonMs;
      if (range.low > low && !isOldEnough && !isComplete(position, partition))
        next.set(partition, { low, high: range.low });
    }
    unread = next;
    span *= tailGrowth;
  }
  return position;
}

async function readFirst(log: LogReader, ends: ReadonlyMap<number, OffsetRange>, position: Position): Promise<void> {
  const firsts = new Map(
    [...ends].filter(([, { low, high }]) => low < high).map(([p, { low }]) => [p, { low, high: low + 1 }] as const),
  );
  await log.read(firsts, (_partition, record) => {
    position.startMs = position.startMs === 0 ? record.timestampMs : Math.min(position.startMs, record.timestampMs);
  });
}
