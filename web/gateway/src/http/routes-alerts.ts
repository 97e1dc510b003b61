/**
 * Alerts, one by one and in pages, and what people say about one: acknowledge, note. Actions go to Kafka and come back from there.
 */
import { randomUUID } from 'node:crypto';
import { type Action, isAcknowledgedStill, type Severity } from '@quaywatch/contracts';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import { type AlertQuery, decodeKey, encodeKey, readAlert, readAlerts } from '../alert-pages.ts';
import { capOf } from '../cap.ts';
import type { Feed } from '../feed.ts';
import type { History } from '../history.ts';
import { deedsOf } from '../state/alert-log.ts';
import { logTimeMs } from '../state/live-state.ts';
import { notificationsOfAlert } from '../state/notification-log.ts';
import { appendAction } from './append.ts';
import { ApiError, badRequest, notFound } from './errors.ts';
import { portOrThrow } from './routes-throughput.ts';
import { anything, idParams, list } from './schemas.ts';
import { acknowledgeBody, alertsQuery, capQuery, noteBody, runQuery } from './schemas-alerts.ts';

export type AlertPorts = {
  readonly feed: Feed;
  readonly history: History;
  readonly kafka: LogPort;
  readonly nowMs: () => number;
};

type Ids = { Params: { id: string } };
type Said = { by: string; note: string };

export function alertRoutes(app: FastifyInstance, ports: AlertPorts): void {
  const { feed, history } = ports;
  const asOf = () => logTimeMs(feed.state) || null;
  app.get<{ Querystring: AlertQuery & { cursor?: string } }>(
    '/api/v1/alerts',
    {
      schema: {
        summary: 'Alerts of a run as they stand, newest beginning first, in pages',
        querystring: alertsQuery,
        response: { 200: list('alerts', { next_cursor: { type: ['string', 'null'] } }) },
      },
    },
    async (request) => {
      const { cursor, ...query } = request.query;
      const before = cursor === undefined ? undefined : decodeKey(cursor);
      if (cursor !== undefined && before === undefined) throw badRequest('cursor: is not a next_cursor of ours.');
      const port = query.port === undefined ? {} : { port: portOrThrow(query.port).code };
      const { alerts, next } = await readAlerts(feed.alerts, history, { ...query, ...port }, before);
      return { as_of: asOf(), alerts, next_cursor: next === undefined ? null : encodeKey(next) };
    },
  );
  app.get<Ids & { Querystring: { run: string } }>(
    '/api/v1/alerts/:id/history',
    {
      schema: {
        summary: 'Every transition of an alert, what people said about it, and who was told of it',
        params: idParams,
        querystring: runQuery,
        response: { 200: list('transitions') },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { transitions } = await readAlert(feed.alerts, history, request.query.run, id);
      const isLive = request.query.run === feed.alerts.run;
      const notifications = isLive ? notificationsOfAlert(feed.desk.notifications, id) : [];
      return { as_of: asOf(), transitions, actions: isLive ? deedsOf(feed.alerts, id) : [], notifications };
    },
  );
  app.get<Ids & { Querystring: { run: string; language?: string } }>(
    '/api/v1/alerts/:id/cap',
    {
      schema: {
        summary: 'An alert as a CAP 1.2 message, in XML',
        produces: 'application/cap+xml',
        params: idParams,
        querystring: capQuery,
      },
    },
    async (request, reply) => {
      const { run, language } = request.query;
      const known = await readAlert(feed.alerts, history, run, request.params.id);
      const only = language === undefined ? undefined : language.startsWith('zh') ? 'zh' : 'en';
      return reply.type('application/cap+xml; charset=utf-8').send(capOf(known.alert, known.transitions, only));
    },
  );
  sayRoutes(app, ports);
}

/** What people say about an alert that live knows. */
function sayRoutes(app: FastifyInstance, { feed, kafka, nowMs }: AlertPorts): void {
  const asOf = () => logTimeMs(feed.state) || null;
  const accepted = { 202: anything };
  const stateOf = (alertId: string) => {
    const known = feed.alerts.alerts.get(alertId);
    if (known === undefined) throw notFound(`There is no alert ${alertId}.`);
    return known.state;
  };
  const said = ({ id }: { id: string }, { by, note }: Said) => ({
    id: randomUUID(),
    alert_id: id,
    by,
    note,
    at_ms: nowMs(),
  });
  app.post<Ids & { Body: Said & { severity?: Severity } }>(
    '/api/v1/alerts/:id/acknowledge',
    {
      schema: { summary: 'Say who looks after an alert', params: idParams, body: acknowledgeBody, response: accepted },
    },
    async (request, reply) => {
      const alert = stateOf(request.params.id);
      const { alert_id, severity } = alert;
      if (alert.status === 'resolved')
        throw new ApiError(409, 'already_resolved', `Alert ${alert_id} is resolved; there is nothing to look after.`);
      // Nobody has taken up what they have not seen.
      const seen = { severity: request.body.severity ?? severity, at_ms: nowMs() };
      if (!isAcknowledgedStill(seen, alert, 0))
        throw new ApiError(409, 'more_severe', `Alert ${alert_id} is ${severity} by now, not ${seen.severity}.`);
      const action: Action = { kind: 'acknowledge', ...said(request.params, request.body), severity };
      await appendAction(kafka, alert_id, action);
      return reply.code(202).send({ as_of: asOf(), action });
    },
  );
  app.post<Ids & { Body: Said }>(
    '/api/v1/alerts/:id/notes',
    { schema: { summary: 'Write a note about an alert', params: idParams, body: noteBody, response: accepted } },
    async (request, reply) => {
      const { alert_id } = stateOf(request.params.id);
      const action: Action = { kind: 'note', ...said(request.params, request.body) };
      await appendAction(kafka, alert_id, action);
      return reply.code(202).send({ as_of: asOf(), action });
    },
  );
}
