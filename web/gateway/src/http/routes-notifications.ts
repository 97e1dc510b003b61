/**
 * Who is told, and who was: receivers, a test of one, the newest notifications, and open alerts for what reads from an Alertmanager.
 */
import { randomUUID } from 'node:crypto';
import type { Action } from '@quaywatch/contracts';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import { alertmanagerAlerts } from '../alertmanager.ts';
import type { Feed } from '../feed.ts';
import { logTimeMs } from '../state/live-state.ts';
import { newestNotifications, notificationsOfAlert } from '../state/notification-log.ts';
import { appendAction } from './append.ts';
import { notFound } from './errors.ts';
import { anything, list } from './schemas.ts';
import { alertmanagerQuery, nameParams, notificationsQuery, testBody } from './schemas-alerts.ts';

export type NotificationPorts = { readonly feed: Feed; readonly kafka: LogPort; readonly nowMs: () => number };

type Wanted = { active: boolean; silenced: boolean; inhibited: boolean };

export function notificationRoutes(app: FastifyInstance, { feed, kafka, nowMs }: NotificationPorts): void {
  const asOf = () => logTimeMs(feed.state) || null;
  const { notifications } = feed.desk;
  app.get(
    '/api/v1/receivers',
    { schema: { summary: 'Receivers that the notifier has', response: { 200: list('receivers') } } },
    () => ({ as_of: asOf(), receivers: notifications.receivers ?? [] }),
  );
  app.post<{ Params: { name: string }; Body: { by: string } }>(
    '/api/v1/receivers/:name/test',
    {
      schema: { summary: 'Send a receiver a test', params: nameParams, body: testBody, response: { 202: anything } },
    },
    async (request, reply) => {
      const { name } = request.params;
      if (notifications.receivers?.some((receiver) => receiver.name === name) !== true)
        throw notFound(`There is no receiver ${name}. /api/v1/receivers lists those there are.`);
      const { by } = request.body;
      const action: Action = { kind: 'test_receiver', id: randomUUID(), receiver: name, by, at_ms: nowMs() };
      await appendAction(kafka, name, action);
      return reply.code(202).send({ as_of: asOf(), action });
    },
  );
  app.get<{ Querystring: { limit: number; alert_id?: string } }>(
    '/api/v1/notifications',
    {
      schema: {
        summary: 'Decisions and delivery attempts, newest first, of the newest 10,000',
        querystring: notificationsQuery,
        response: { 200: list('notifications') },
      },
    },
    (request) => {
      const { limit, alert_id: alertId } = request.query;
      const found =
        alertId === undefined
          ? newestNotifications(notifications, limit)
          : notificationsOfAlert(notifications, alertId).slice(-limit);
      return { as_of: asOf(), notifications: found.reverse() };
    },
  );
  app.get<{ Querystring: Wanted }>(
    '/api/v2/alerts',
    {
      schema: {
        summary: 'Open alerts as an Alertmanager would give them',
        querystring: alertmanagerQuery,
        response: { 200: { type: 'array', items: anything } },
      },
    },
    (request) => {
      const { active, silenced, inhibited } = request.query;
      return alertmanagerAlerts(feed.alerts, notifications, nowMs(), `${request.protocol}://${request.host}`).filter(
        ({ status }) =>
          (active || status.state !== 'active') &&
          (silenced || status.silencedBy.length === 0) &&
          (inhibited || status.inhibitedBy.length === 0),
      );
    },
  );
}
