/**
 * Which partitions nobody processes: those of which no mark has come of late, although there is something in their log. One in which nobody
 * has ever reported is no fault.
 */
import { MOVES_TOPIC, PARTITION_COUNT } from '@quaywatch/contracts';
import type { LogPort } from './adapters/kafka.ts';

/** A partition's mark older than this means that nobody processes it. */
export const marksWithinMs = 30_000;
const askEveryMs = 10_000;

type Processing = {
  /** When the mark of a partition was written, UTC ms. */
  readonly marked: (partition: number, timeMs: number) => void;
  /** All of them while the whole log is empty. */
  readonly unprocessed: () => readonly number[];
  readonly isLogEmpty: () => boolean;
  /** Asks now and then which partitions hold anything, while there is doubt. @throws when Kafka does not answer. */
  readonly ask: () => Promise<void>;
};

export function createProcessing(kafka: Pick<LogPort, 'starts' | 'ends'>, nowMs: () => number): Processing {
  const markTimesMs = new Float64Array(PARTITION_COUNT).fill(Number.NEGATIVE_INFINITY);
  let empty: ReadonlySet<number> = new Set();
  let askedMs = Number.NEGATIVE_INFINITY;
  const overdue = () =>
    Array.from(markTimesMs, (timeMs, partition) => (nowMs() - timeMs > marksWithinMs ? [partition] : [])).flat();
  const isLogEmpty = () => empty.size === PARTITION_COUNT;
  return {
    marked: (partition, timeMs) => {
      markTimesMs[partition] = timeMs;
    },
    unprocessed: () => overdue().filter((partition) => isLogEmpty() || !empty.has(partition)),
    isLogEmpty,
    ask: async () => {
      if (overdue().length === 0 || nowMs() - askedMs < askEveryMs) return;
      askedMs = nowMs();
      const starts = await kafka.starts(MOVES_TOPIC);
      const ends = await kafka.ends(MOVES_TOPIC);
      const isEmpty = ({ partition, offset }: { partition: number; offset: number }) =>
        starts.some((start) => start.partition === partition && start.offset >= offset);
      empty = new Set(ends.filter(isEmpty).map(({ partition }) => partition));
    },
  };
}
