/** Who was told of an alert, who was not and why, and which notifications the page itself has to make heard. Records in, lists out. */
import type { NotificationRecord } from '@quaywatch/contracts';

type Decision = Extract<NotificationRecord, { kind: 'decision' }>;
type Attempt = Extract<NotificationRecord, { kind: 'attempt' }>;
type HeldBack = Extract<NotificationRecord, { kind: 'held_back' }>;

export type Told = {
  readonly decision: Decision;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  readonly outcome: 'waiting' | Attempt['outcome'];
};

function attemptsOf(records: readonly NotificationRecord[], decision: Decision): Attempt[] {
  return records
    .filter(
      (record): record is Attempt =>
        record.kind === 'attempt' && record.id === decision.id && record.receiver === decision.receiver,
    )
    .sort((a, b) => a.attempt - b.attempt);
}

function toldBy(records: readonly NotificationRecord[], decision: Decision): Told {
  const attempts = attemptsOf(records, decision);
  const isDelivered = attempts.some((attempt) => attempt.outcome === 'delivered');
  return { decision, attempts, outcome: isDelivered ? 'delivered' : (attempts.at(-1)?.outcome ?? 'waiting') };
}

/** Decisions about an alert with their attempts, oldest first. */
export function toldOf(records: readonly NotificationRecord[], alertId: string): Told[] {
  return records
    .filter(
      (record): record is Decision =>
        record.kind === 'decision' && record.items.some((item) => item.alert_id === alertId),
    )
    .map((decision) => toldBy(records, decision))
    .sort((a, b) => a.decision.decided_at_ms - b.decision.decided_at_ms);
}

/** What was held back, oldest first; the same receiver, reason and cause are told once, at their first time, with a count. */
export function heldBackOf(
  records: readonly NotificationRecord[],
  alertId: string,
): { readonly record: HeldBack; readonly count: number }[] {
  const byCause = new Map<string, { record: HeldBack; count: number }>();
  for (const record of records) {
    if (record.kind !== 'held_back' || record.alert_id !== alertId) continue;
    const cause = `${record.receiver}/${record.because}/${record.by}`;
    const known = byCause.get(cause);
    if (known === undefined) byCause.set(cause, { record, count: 1 });
    else known.count += 1;
  }
  return [...byCause.values()].sort((a, b) => a.record.decided_at_ms - b.record.decided_at_ms);
}

/** The newest test of a receiver that was decided at or after a moment. */
export function testOf(records: readonly NotificationRecord[], receiver: string, sinceMs: number): Told | undefined {
  const decision = records
    .filter(
      (record): record is Decision =>
        record.kind === 'decision' &&
        record.reason === 'test' &&
        record.receiver === receiver &&
        record.decided_at_ms >= sinceMs,
    )
    .sort((a, b) => b.decided_at_ms - a.decided_at_ms)[0];
  return decision === undefined ? undefined : toldBy(records, decision);
}

/** A decision and those of its keys that have not been made heard, in its order. */
export type Heard = { readonly decision: Decision; readonly keys: readonly string[] };

/** Notifications that the page must make heard: decided for the receiver `page` since it was opened, and not made heard yet. */
export function toBeHeard(
  records: readonly NotificationRecord[],
  isHeard: (key: string) => boolean,
  openedAtMs: number,
): Heard[] {
  return records.flatMap((record) => {
    if (record.kind !== 'decision' || record.receiver !== 'page' || record.decided_at_ms < openedAtMs) return [];
    const keys = record.items.length === 0 ? [record.id] : record.items.map((item) => item.key);
    const fresh = keys.filter((key) => !isHeard(key));
    return fresh.length === 0 ? [] : [{ decision: record, keys: fresh }];
  });
}
