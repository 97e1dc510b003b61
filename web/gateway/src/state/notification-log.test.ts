import type { NotificationRecord } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { NOW } from '../testing.ts';
import {
  createNotificationLog,
  newestNotifications,
  notificationsAfter,
  notificationsMax,
  notificationsOfAlert,
  putNotification,
} from './notification-log.ts';

const decision = (id: string, ...alerts: readonly string[]): NotificationRecord => ({
  kind: 'decision',
  ...{ id, receiver: 'ops', reason: 'new', group: {}, rules_version: 0, decided_at_ms: NOW },
  items: alerts.map((alert_id) => ({ key: `${alert_id}/0/ops`, alert_id, transition: 0 })),
});
const attempt = (id: string): NotificationRecord => ({
  kind: 'attempt',
  ...{ id, receiver: 'ops', attempt: 1, outcome: 'delivered', status: 200, detail: '', at_ms: NOW, took_ms: 9 },
});
const heldBack = (alert_id: string): NotificationRecord => ({
  kind: 'held_back',
  ...{ key: `${alert_id}/0/ops`, alert_id, transition: 0, receiver: 'ops', because: 'silenced', by: 's' },
  decided_at_ms: NOW,
});
const receivers: NotificationRecord = {
  kind: 'receivers',
  receivers: [{ name: 'ops', type: 'webhook', target: 'https://ops.example' }],
  at_ms: NOW,
};

function logOf(...records: readonly NotificationRecord[]) {
  const log = createNotificationLog();
  for (const [place, record] of records.entries()) putNotification(log, record, place + 1);
  return log;
}

test('of one alert: what was decided, tried and held back, and nothing of others', () => {
  const heldLater = { ...heldBack('a1'), key: 'a1/1/ops' } as const;
  const all = [decision('d1', 'a1', 'a2'), decision('d2', 'a3'), attempt('d2'), attempt('d1'), heldLater, receivers];
  expect(notificationsOfAlert(logOf(...all), 'a1')).toEqual([all[0], all[3], all[4]]);
});

test('the receivers are those last told', () => {
  expect(logOf().receivers).toBeUndefined();
  expect(logOf(receivers, { ...receivers, receivers: [] }).receivers).toEqual([]);
});

test('in order, from a position; a repeated position is nothing new', () => {
  const log = logOf(decision('d1', 'a1'), attempt('d1'));
  putNotification(log, attempt('d1'), 2);
  expect(notificationsAfter(log, 1)).toEqual([attempt('d1')]);
  expect(newestNotifications(log, 5)).toHaveLength(2);
});

test('of records that settle one key the first counts, and the others are read without it: as the notifier reads them', () => {
  const test = { ...decision('test/t1/ops'), reason: 'test' } as const;
  const all = [
    heldBack('a1'),
    decision('d1', 'a1', 'a2'),
    decision('d2', 'a2'),
    heldBack('a2'),
    test,
    test,
    attempt('d1'),
  ];
  expect(newestNotifications(logOf(...all), 9)).toEqual([all[0], decision('d1', 'a2'), test, attempt('d1')]);
});

test('what is forgotten cannot be resumed from', () => {
  const log = createNotificationLog();
  for (let i = 1; i <= notificationsMax + 501; i++) putNotification(log, attempt(`d${i}`), i);
  expect(log.entries).toHaveLength(notificationsMax);
  expect(notificationsAfter(log, 500)).toBeUndefined();
  expect(notificationsAfter(log, 501)).toHaveLength(notificationsMax);
});
