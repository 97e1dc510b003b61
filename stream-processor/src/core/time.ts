/** UTC+8 days and window arithmetic. A day is its number since 1970-01-01 UTC+8; nothing here reads a clock. */
export const dayMs = 86_400_000;
const zoneMs = 8 * 3_600_000;

export function dayOf(timeMs: number): number {
  return Math.floor((timeMs + zoneMs) / dayMs);
}

/** UTC milliseconds at which the UTC+8 day begins. */
export function dayStartMs(day: number): number {
  return day * dayMs - zoneMs;
}
