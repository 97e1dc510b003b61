/**
 * Alerts, and what people do about them: acknowledge, silence, take a silence back. Actions go to Kafka and come back from there.
 */
import { randomUUID } from 'node:crypto';
import {
  ACTIONS_TOPIC,
  type Action,
  type AlertKind,
  type AlertTransition,
  cloudEventHeaders,
} from '@quaywatch/contracts';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import type { Feed } from '../feed.ts';
import type { History } from '../history.ts';
import { alertsOf, createAlertLog, putTransition } from '../state/alert-log.ts';
import { logTimeMs } from '../state/live-state.ts';
import { ApiError, notFound } from './errors.ts';
import { portOrThrow } from './routes-throughput.ts';
import { acknowledgeBody, alertsQuery, anything, idParams, list, silenceBody, unsilenceQuery } from './schemas.ts';

const closedMax = 500;
const storedTransitionsMax = 50_000;
const FAR_MS = 4_102_444_800_000;

/** @throws ApiError 503 when Kafka does not take it. */
async function appendAction(kafka: LogPort, key: string, action: Action): Promise<void> {
  const headers = cloudEventHeaders(`action.${action.kind}`, action.id, 'quaywatch/gateway', action.at_ms);
  try {
    await kafka.append(ACTIONS_TOPIC, key, JSON.stringify(action), headers);
  } catch (error) {
    const failure = new ApiError(
      503,
      'log_unavailable',
      'Kafka did not take the action; nothing was changed. Try again.',
    );
    failure.cause = error;
    throw failure;
  }
}

function stateOfStored(run: string, transitions: readonly AlertTransition[]) {
  const log = createAlertLog(run);
  for (const [place, transition] of transitions.entries()) putTransition(log, transition, place + 1);
  return alertsOf(log, Number.MAX_SAFE_INTEGER);
}

export type AlertPorts = {
  readonly feed: Feed;
  readonly history: History;
  readonly kafka: LogPort;
  readonly nowMs: () => number;
};

export function alertRoutes(app: FastifyInstance, { feed, history, kafka, nowMs }: AlertPorts): void {
  const accepted = { 202: anything };
  app.get<{ Querystring: { run: string; state: 'open' | 'all' } }>(
    '/api/v1/alerts',
    {
      schema: { summary: 'Alerts of a run as they stand', querystring: alertsQuery, response: { 200: list('alerts') } },
    },
    async (request) => {
      const { run, state } = request.query;
      const all =
        run === 'live'
          ? alertsOf(feed.alerts, closedMax)
          : stateOfStored(run, await history.transitions(run, 0, FAR_MS, storedTransitionsMax));
      const alerts = state === 'open' ? all.filter((alert) => alert.status !== 'resolved') : all;
      return { as_of: logTimeMs(feed.state) || null, alerts };
    },
  );
  app.post<{ Params: { id: string }; Body: { by: string; note: string } }>(
    '/api/v1/alerts/:id/acknowledge',
    {
      schema: { summary: 'Say who looks after an alert', params: idParams, body: acknowledgeBody, response: accepted },
    },
    async (request, reply) => {
      const alertId = request.params.id;
      if (!feed.alerts.alerts.has(alertId)) throw notFound(`There is no alert ${alertId}.`);
      const { by, note } = request.body;
      const action: Action = { kind: 'acknowledge', id: randomUUID(), alert_id: alertId, by, note, at_ms: nowMs() };
      await appendAction(kafka, alertId, action);
      return reply.code(202).send({ as_of: logTimeMs(feed.state) || null, action });
    },
  );
  app.post<{ Body: { port: string; alert_kind: AlertKind | null; by: string; note: string; minutes: number } }>(
    '/api/v1/silences',
    { schema: { summary: 'Silence a port’s alerts for a while', body: silenceBody, response: accepted } },
    async (request, reply) => {
      const { alert_kind, by, note, minutes } = request.body;
      const port = portOrThrow(request.body.port).code;
      const atMs = nowMs();
      const until = atMs + minutes * 60_000;
      const id = randomUUID();
      const action: Action = { kind: 'silence', id, port, alert_kind, by, note, at_ms: atMs, until_ms: until };
      await appendAction(kafka, id, action);
      return reply.code(202).send({ as_of: logTimeMs(feed.state) || null, action });
    },
  );
  app.delete<{ Params: { id: string }; Querystring: { by: string } }>(
    '/api/v1/silences/:id',
    { schema: { summary: 'Take a silence back', params: idParams, querystring: unsilenceQuery, response: accepted } },
    async (request, reply) => {
      const silenceId = request.params.id;
      if (!feed.alerts.silences.has(silenceId)) throw notFound(`There is no silence ${silenceId}.`);
      const { by } = request.query;
      const action: Action = { kind: 'unsilence', id: randomUUID(), silence_id: silenceId, by, at_ms: nowMs() };
      await appendAction(kafka, silenceId, action);
      return reply.code(202).send({ as_of: logTimeMs(feed.state) || null, action });
    },
  );
}
