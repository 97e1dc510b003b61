/**
 * What the notifier decided and did: the records of `quaywatch.notifications.v1`, which is outbox and delivery log in one. A decision is
 * appended before anything is sent and is never taken again; attempts follow it. Times are UTC milliseconds of wall clock.
 */

export const RECEIVER_TYPES = [
  'page',
  'webhook',
  'alertmanager',
  'cloudevents',
  'pagerduty',
  'dingtalk',
  'wecom',
  'feishu',
  'email',
] as const;
export type ReceiverType = (typeof RECEIVER_TYPES)[number];

/** Why somebody is told. */
export type NotificationReason =
  | 'new'
  | 'changed'
  | 'resolved'
  | 'repeat'
  | 'escalation'
  | 'digest'
  | 'test'
  | 'watchdog';

/**
 * `key` = alert id, transition and receiver, joined by '/'; a repeat or a digest adds its own ending. `as_of` is the alert's newest transition
 * when it was decided, which the message tells however often it is sent; records of before have none.
 */
export type NotificationItem = { key: string; alert_id: string; transition: number; as_of?: number };

export type NotificationRecord =
  /** Tell one receiver about some alerts. `id` is what receivers can tell repeated deliveries by. */
  | {
      kind: 'decision';
      id: string;
      receiver: string;
      reason: NotificationReason;
      /** Values of the route's `group_by` fields. */
      group: Record<string, string>;
      items: NotificationItem[];
      rules_version: number;
      decided_at_ms: number;
    }
  /** Do not tell, and why. `by` names the silence, the inhibiting alert or the calendar. */
  | {
      kind: 'held_back';
      key: string;
      alert_id: string;
      transition: number;
      receiver: string;
      because: 'silenced' | 'inhibited' | 'muted' | 'flapping' | 'superseded';
      by: string;
      decided_at_ms: number;
    }
  | {
      kind: 'attempt';
      id: string;
      receiver: string;
      /** 1, 2, 3, … */
      attempt: number;
      outcome: 'delivered' | 'failed' | 'given_up';
      /** HTTP or SMTP status; null when there was no answer. */
      status: number | null;
      detail: string;
      at_ms: number;
      took_ms: number;
    }
  /** What the notifier was started with; addresses without their secrets. */
  | { kind: 'receivers'; receivers: { name: string; type: ReceiverType; target: string }[]; at_ms: number };

/**
 * What of a record counts: of several that settle one key the first in the log does, whoever wrote it. undefined: nothing of it.
 * @param isSettled whether a record before it settled the key of an alert for a receiver, or the decision of that id about no alert ('').
 */
export function whatCounts(
  record: NotificationRecord,
  isSettled: (key: string, receiver: string, alertId: string) => boolean,
): NotificationRecord | undefined {
  switch (record.kind) {
    case 'decision': {
      const { id, receiver } = record;
      if (record.items.length === 0) return isSettled(id, receiver, '') ? undefined : record;
      const items = record.items.filter(({ key, alert_id }) => !isSettled(key, receiver, alert_id));
      if (items.length === record.items.length) return record;
      return items.length === 0 ? undefined : { ...record, items };
    }
    case 'held_back':
      return isSettled(record.key, record.receiver, record.alert_id) ? undefined : record;
    case 'attempt':
    case 'receivers':
      return record;
  }
}
