/** How long to wait before the next attempt: exponential with full jitter, 0.5 s to 30 s, so that a restarted gateway is not stormed. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** @param attempt 1 for the first retry. @param random 0..1 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(FIRST_MS, Math.round(ceiling * random));
}
