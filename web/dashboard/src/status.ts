/** How good the picture is, in one word: worked out of the link, the age of the data and what the reader has asked for. */
import type { Link } from './wire/connection.ts';

const LAGGING_MS = 3_000;
const STALE_MS = 30_000;

export type Health =
  | { readonly kind: 'connecting' | 'empty' | 'live' }
  | { readonly kind: 'lagging'; readonly lagMs: number }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly inMs: number }
  | { readonly kind: 'stale'; readonly ageMs: number }
  | { readonly kind: 'paused'; readonly waiting: number };

export type Facts = {
  readonly link: Link;
  readonly isPaused: boolean;
  readonly waiting: number;
  /** Log time of the newest record shown; null before the first. */
  readonly asOfMs: number | null;
  /** The gateway's time. */
  readonly nowMs: number;
  /** The wall's time, for the countdown. */
  readonly wallMs: number;
};

export function healthOf({ link, isPaused, waiting, asOfMs, nowMs, wallMs }: Facts): Health {
  if (isPaused) return { kind: 'paused', waiting };
  const lagMs = asOfMs === null ? null : Math.max(0, nowMs - asOfMs);
  if (lagMs !== null && lagMs > STALE_MS) return { kind: 'stale', ageMs: lagMs };
  if (link.kind === 'waiting')
    return { kind: 'reconnecting', attempt: link.attempt, inMs: Math.max(0, link.retryAtMs - wallMs) };
  if (link.kind !== 'open') return { kind: 'connecting' };
  // Connected, and the log has not said anything yet.
  if (lagMs === null) return { kind: 'empty' };
  return lagMs > LAGGING_MS ? { kind: 'lagging', lagMs } : { kind: 'live' };
}
