/**
 * Which recording covers a stretch, by the names of recordings: `<from>_<to>` with UTC+8 dates, half-open.
 * Recordings under other names are the replay command's own to find.
 */
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
