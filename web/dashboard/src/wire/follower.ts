/**
 * Which frame follows which: proves for every channel that nothing was missed, and names the channel that must be taken anew.
 * Knows no socket; a cursor is compared for equality only.
 */
import type { Channel, Cursor, ServerMessage } from '@quaywatch/contracts';

type Update = Extract<ServerMessage, { t: 'snapshot' | 'frame' }>;
export type Verdict = 'apply' | 'gap' | 'ignore';

export function createFollower() {
  const cursors = new Map<Channel, Cursor>();
  let epoch = '';
  return {
    /** What to do with an update. After a gap the channel is forgotten until its next snapshot. */
    judge(update: Update): Verdict {
      if (update.t === 'snapshot') {
        cursors.set(update.channel, update.seq);
        return 'apply';
      }
      const known = cursors.get(update.channel);
      // Frames that were under way while the channel was asked for anew.
      if (known === undefined) return 'ignore';
      if (update.prev !== known) {
        cursors.delete(update.channel);
        return 'gap';
      }
      cursors.set(update.channel, update.seq);
      return 'apply';
    },
    forget(channel: Channel): void {
      cursors.delete(channel);
    },
    forgetAll(): void {
      cursors.clear();
    },
    /** A new epoch means rebuilt history: no cursor of the old one is good. */
    setEpoch(next: string): void {
      if (next !== epoch) cursors.clear();
      epoch = next;
    },
    /** What to resume from; undefined when there is nothing to go on from. */
    resume(channels: readonly Channel[]): { epoch: string; cursors: Record<Channel, Cursor> } | undefined {
      const entries = channels.flatMap((channel) => {
        const cursor = cursors.get(channel);
        return cursor === undefined ? [] : [[channel, cursor] as const];
      });
      return epoch === '' || entries.length === 0 ? undefined : { epoch, cursors: Object.fromEntries(entries) };
    },
    cursors: (): ReadonlyMap<Channel, Cursor> => cursors,
  };
}
