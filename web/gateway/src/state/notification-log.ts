/**
 * What the notifier decided and did, newest records only, in the order of the log, each as the notifier itself reads it; and the receivers that
 * it was started with. It decides and sends nothing.
 */
import { type NotificationRecord, whatCounts } from '@quaywatch/contracts';

/** Records kept; older ones stay in the log. */
export const notificationsMax = 10_000;

type Told = Exclude<NotificationRecord, { kind: 'receivers' }>;
type Receivers = Extract<NotificationRecord, { kind: 'receivers' }>['receivers'];

export type NotificationLog = {
  readonly entries: { readonly record: NotificationRecord; readonly position: number }[];
  /** Undefined until the notifier has told. */
  receivers: Receivers | undefined;
  /** Keys that records which are kept have settled: of two that settle one the first counts. */
  readonly settled: Set<string>;
  position: number;
  oldestPosition: number;
};

export function createNotificationLog(): NotificationLog {
  return { entries: [], receivers: undefined, settled: new Set(), position: 0, oldestPosition: 0 };
}

const settledKey = (key: string, receiver: string): string => `${receiver} ${key}`;

/** What a record settles. */
function keysOf(record: NotificationRecord): string[] {
  if (record.kind === 'held_back') return [settledKey(record.key, record.receiver)];
  if (record.kind !== 'decision') return [];
  const keys = record.items.length === 0 ? [record.id] : record.items.map(({ key }) => key);
  return keys.map((key) => settledKey(key, record.receiver));
}

export function putNotification(log: NotificationLog, given: NotificationRecord, position: number): void {
  if (position <= log.position) return;
  log.position = position;
  const record = whatCounts(given, (key, receiver) => log.settled.has(settledKey(key, receiver)));
  if (record === undefined) return;
  for (const key of keysOf(record)) log.settled.add(key);
  if (record.kind === 'receivers') log.receivers = record.receivers;
  log.entries.push({ record, position });
  if (log.entries.length <= notificationsMax + 500) return;
  const dropped = log.entries.splice(0, log.entries.length - notificationsMax);
  for (const one of dropped) for (const key of keysOf(one.record)) log.settled.delete(key);
  log.oldestPosition = (log.entries[0]?.position ?? 1) - 1;
}

/** Records after a position, in order; undefined when the log no longer reaches so far back. */
export function notificationsAfter(log: NotificationLog, position: number): NotificationRecord[] | undefined {
  if (position < log.oldestPosition) return undefined;
  let first = log.entries.length;
  while (first > 0 && (log.entries[first - 1]?.position ?? 0) > position) first -= 1;
  return log.entries.slice(first).map(({ record }) => record);
}

/** The newest `limit`, in order. */
export function newestNotifications(log: NotificationLog, limit: number): NotificationRecord[] {
  return log.entries.slice(-limit).map(({ record }) => record);
}

/** Whatever concerns one alert, in order: decisions about it, their attempts, and what was held back. */
export function notificationsOfAlert(log: NotificationLog, alertId: string): Told[] {
  const decisions = new Set<string>();
  const told: Told[] = [];
  for (const { record } of log.entries) {
    const isAbout =
      (record.kind === 'decision' && record.items.some((item) => item.alert_id === alertId)) ||
      (record.kind === 'held_back' && record.alert_id === alertId) ||
      (record.kind === 'attempt' && decisions.has(record.id));
    if (!isAbout) continue;
    if (record.kind === 'decision') decisions.add(record.id);
    told.push(record);
  }
  return told;
}
