/**
 * The ladder that a slow client goes down: at pace → conflated → 1 Hz → closed. It decides; it sends nothing.
 * Rungs by bytes waiting in the process, and by the age of the oldest frame that was not acknowledged: the kernel hides megabytes.
 */
export type Rung = 'at_pace' | 'conflated' | 'once_a_second' | 'closed';

const KIB = 1024;

/** @param unackedMs 0 for clients that never acknowledge: only bytes say how they are. */
export function rungOf(bufferedBytes: number, unackedMs: number): Rung {
  if (bufferedBytes > KIB * KIB || unackedMs > 30_000) return 'closed';
  if (bufferedBytes > 256 * KIB || unackedMs > 10_000) return 'once_a_second';
  if (bufferedBytes > 64 * KIB || unackedMs > 2_000) return 'conflated';
  return 'at_pace';
}

/** Least time between two frames of a channel to one client, ms. */
export function paceMs(rung: Rung): number {
  switch (rung) {
    case 'at_pace':
      return 0;
    case 'conflated':
      return 500;
    case 'once_a_second':
    case 'closed':
      return 1_000;
  }
}

/** Sent and not yet acknowledged frames of one subscription, oldest first, bounded. */
export type Unacked = { readonly seq: string; readonly atMs: number }[];
const unackedMax = 160;

export function noteSent(unacked: Unacked, seq: string, atMs: number): void {
  if (unacked.length < unackedMax) unacked.push({ seq, atMs });
}

/** An acknowledgement covers everything sent up to it. */
export function noteAcked(unacked: Unacked, seq: string): void {
  const place = unacked.findLastIndex((sent) => sent.seq === seq);
  if (place >= 0) unacked.splice(0, place + 1);
}
