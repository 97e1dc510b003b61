/**
 * Which recording covers a stretch, by the names of recordings: `<from>_<to>` with UTC+8 dates, half-open.
 * Recordings under other names are the replay command's own to find.
 */
import { MOVES_TOPIC } from '@quaywatch/contracts';
import type { LogPort } from '../adapters/kafka.ts';

const ZONE_MS = 8 * 3_600_000;

const dateOf = (timeMs: number): string => new Date(timeMs + ZONE_MS).toISOString().slice(0, 10);

export function defaultRecordingName(fromMs: number, toMs: number): string {
  return `${dateOf(fromMs)}_${dateOf(toMs)}`;
}

/** Name of a recording that holds [fromMs, toMs); undefined: none does. */
export function coveringRecording(names: readonly string[], fromMs: number, toMs: number): string | undefined {
  return names.find((name) => {
    const match = /^(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})$/.exec(name);
    if (match === null) return false;
    const [from, to] = [match[1], match[2]].map((date) => Date.parse(`${date}T00:00:00Z`) - ZONE_MS);
    return from !== undefined && to !== undefined && from <= fromMs && to >= toMs;
  });
}

/** Whether every partition of the live log begins before a stretch and has gone beyond its end: as the replay command asks. */
export async function coversLive(kafka: LogPort, fromMs: number, toMs: number): Promise<boolean> {
  if (!(await kafka.topics()).includes(MOVES_TOPIC)) return false;
  const [starts, ends] = [await kafka.starts(MOVES_TOPIC), await kafka.ends(MOVES_TOPIC)];
  const [from, to] = [await kafka.offsetsAt(MOVES_TOPIC, fromMs), await kafka.offsetsAt(MOVES_TOPIC, toMs)];
  const offsetOf = (positions: typeof from, partition: number) =>
    positions.find((position) => position.partition === partition)?.offset ?? 0;
  return (
    from.length > 0 &&
    from.every(({ partition, offset }) => {
      const end = offsetOf(ends, partition);
      return offset > offsetOf(starts, partition) && offset < end && offsetOf(to, partition) < end;
    })
  );
}
