/**
 * Silences: by matchers, with an author and an end, looked at before they are made. They are actions of the log.
 */
import { randomUUID } from 'node:crypto';
import { type Action, ALERT_KINDS, ALERT_LEVELS, type Matcher, PORTS, SEVERITIES } from '@quaywatch/contracts';
import { matcherSchema } from '@quaywatch/contracts/rules-schema';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import type { Feed } from '../feed.ts';
import { openMatching } from '../state/alert-log.ts';
import { logTimeMs } from '../state/live-state.ts';
import { terminalByCode } from '../state/places.ts';
import { appendAction } from './append.ts';
import { badRequest, notFound } from './errors.ts';
import { anything, idParams, list } from './schemas.ts';
import { previewBody, silenceBody, unsilenceQuery } from './schemas-alerts.ts';

export type SilencePorts = { readonly feed: Feed; readonly kafka: LogPort; readonly nowMs: () => number };

const CLUSTERS = new Set<string>(PORTS.map((port) => port.clusterGroup));
const PORT_CODES = new Set(PORTS.map((port) => port.code));
const isOneOf = (known: readonly string[]) => (value: string) => known.includes(value);

/** A value that no alert can have is a slip, and a silence that never holds: better said than kept. */
const IS_KNOWN: Readonly<Record<Matcher['name'], (value: string) => boolean>> = {
  kind: isOneOf(ALERT_KINDS),
  level: isOneOf(ALERT_LEVELS),
  severity: isOneOf(SEVERITIES),
  cluster: (value) => value === '' || CLUSTERS.has(value),
  port: (value) => value === '' || PORT_CODES.has(value),
  terminal: (value) => terminalByCode(value) !== undefined,
  phase: isOneOf(['closed', 'rebound', 'normal']),
  rule: (value) => value !== '',
};

/** @throws ApiError 400 that names every fault. */
function matchersOf(given: readonly unknown[]): Matcher[] {
  const problems: string[] = [];
  const matchers = given.flatMap((one, place) => {
    const parsed = matcherSchema.safeParse(one);
    if (!parsed.success) {
      problems.push(
        ...parsed.error.issues.map((issue) => `matchers.${[place, ...issue.path].join('.')}: ${issue.message}`),
      );
      return [];
    }
    const { name, values } = parsed.data;
    const unknown = values.filter((value) => !IS_KNOWN[name](value));
    problems.push(...unknown.map((value) => `matchers.${place}.values: no ${name} is ${JSON.stringify(value)}`));
    return [parsed.data];
  });
  if (problems.length > 0) throw badRequest(problems.slice(0, 20).join('; '));
  return matchers;
}

export function silenceRoutes(app: FastifyInstance, { feed, kafka, nowMs }: SilencePorts): void {
  const asOf = () => logTimeMs(feed.state) || null;
  const accepted = { 202: anything };
  app.get(
    '/api/v1/silences',
    { schema: { summary: 'Silences of the last 30 days that nobody took back', response: { 200: list('silences') } } },
    () => {
      const now = nowMs();
      const silences = [...feed.alerts.silences.values()].reverse().map((silence) => ({
        ...silence,
        is_active: silence.from_ms <= now && silence.until_ms > now,
        matching: openMatching(feed.alerts, silence.matchers).length,
      }));
      return { as_of: asOf(), silences };
    },
  );
  app.post<{ Body: { matchers: unknown[]; by: string; note: string; minutes: number } }>(
    '/api/v1/silences',
    { schema: { summary: 'Silence alerts for a while', body: silenceBody, response: accepted } },
    async (request, reply) => {
      const { by, note, minutes } = request.body;
      const matchers = matchersOf(request.body.matchers);
      const [id, now] = [randomUUID(), nowMs()];
      const span = { at_ms: now, from_ms: now, until_ms: now + minutes * 60_000 };
      const action: Action = { kind: 'silence', id, matchers, by, note, ...span };
      await appendAction(kafka, id, action);
      return reply.code(202).send({ as_of: asOf(), action });
    },
  );
  app.post<{ Body: { matchers: unknown[] } }>(
    '/api/v1/silences/preview',
    {
      schema: {
        summary: 'Open alerts that a silence would hold',
        body: previewBody,
        response: { 200: list('alerts') },
      },
    },
    (request) => ({ as_of: asOf(), alerts: openMatching(feed.alerts, matchersOf(request.body.matchers)) }),
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
      return reply.code(202).send({ as_of: asOf(), action });
    },
  );
}
