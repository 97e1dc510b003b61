/** Whose turn it is on a wall: open incidents in order of urgency, the worst twice as long. Pure: the time is told. */
export const TURN_MS = 12_000;

/** @returns which of `count` is shown; -1 of none. The first has two turns in every round. */
export function turnOf(count: number, timeMs: number): number {
  if (count <= 1) return count - 1;
  const turn = Math.floor(timeMs / TURN_MS) % (count + 1);
  return Math.max(0, turn - 1);
}
