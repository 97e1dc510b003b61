/**
 * Rules over HTTP: read, check, save; and calendars brought in from outside. A rule set counts when it has come back from the log as the
 * first record of its version, so that several gateways agree.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Route, RuleSet } from '@quaywatch/contracts';
import { parseRules, type RuleFile } from '@quaywatch/contracts/rules-schema';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import type { CalendarImport } from '../calendar/import.ts';
import type { Feed } from '../feed.ts';
import { logTimeMs } from '../state/live-state.ts';
import { currentAndUpcoming, effectiveFromMs, ruleSetAt, ruleSetsOf } from '../state/rules-log.ts';
import { appendRuleSet } from './append.ts';
import { ApiError } from './errors.ts';
import { anything } from './schemas.ts';
import { calendarBody, rulesBody, saveRulesBody } from './schemas-alerts.ts';

const historyMax = 50;
/** A record of Kafka's is 1 MB at most, headers and all. */
const ruleSetBytesMax = 900_000;
const rulesBodyBytesMax = 1_048_576;
const calendarBodyBytesMax = 1_048_576;
const calendarBytesMax = 524_288;
const readBackWithinMs = 10_000;

export type RulesPorts = {
  readonly feed: Feed;
  readonly kafka: LogPort;
  readonly calendars: CalendarImport;
  readonly nowMs: () => number;
};

export type GivenRules = { detection?: unknown; routing?: unknown };
type Save = GivenRules & { base_version: number; by: string; note: string };

function receiversOf(route: Route): string[] {
  const own = [route.receiver, ...route.escalate.map((step) => step.receiver)];
  return [...own.filter((name) => name !== ''), ...route.routes.flatMap(receiversOf)];
}

/** Rules out of a body, or everything that is wrong with them: also receivers that the notifier does not have, once it has said which it has. */
export function checkRules(
  given: GivenRules,
  feed: Feed,
): { ok: true; rules: RuleFile } | { ok: false; problems: string[] } {
  const { detection, routing } = given;
  const parsed = parseRules({ detection, routing });
  const { receivers } = feed.desk.notifications;
  if (!parsed.ok || receivers === undefined) return parsed;
  const known = new Set(['page', ...receivers.map(({ name }) => name)]);
  const unknown = new Set(receiversOf(parsed.rules.routing.route).filter((name) => !known.has(name)));
  if (unknown.size === 0) return parsed;
  return { ok: false, problems: [...unknown].map((name) => `routing.route: there is no receiver "${name}"`) };
}

/** The rule set that a save would be. Later than all that is decided: a rule never judges a window twice. */
function ruleSetOf(save: Save, rules: RuleFile, feed: Feed, nowMs: number): RuleSet {
  const log = feed.desk.rules;
  const closed = feed.state.marks.map((mark) => mark?.closed_through_ms ?? 0);
  const decidedMs = Math.max(logTimeMs(feed.state), ...closed) || nowMs;
  return {
    version: log.newest.version + 1,
    effective_from_ms: effectiveFromMs(log, decidedMs),
    saved_at_ms: nowMs,
    by: save.by,
    note: save.note,
    ...rules,
  };
}

/** Appends and waits until the log has decided. @returns undefined: another record of this version came first. @throws ApiError */
async function saveRules(ruleSet: RuleSet, { feed, kafka }: RulesPorts): Promise<RuleSet | undefined> {
  const log = feed.desk.rules;
  await appendRuleSet(kafka, randomUUID(), ruleSet);
  const isBack = await feed.until(() => log.versions.has(ruleSet.version), readBackWithinMs);
  if (!isBack)
    throw new ApiError(
      504,
      'not_confirmed',
      `Kafka took version ${ruleSet.version}, and it has not come back yet. GET /api/v1/rules will tell whether it counts.`,
    );
  const kept = log.versions.get(ruleSet.version);
  return isDeepStrictEqual(kept, ruleSet) ? kept : undefined;
}

export function rulesRoutes(app: FastifyInstance, ports: RulesPorts): void {
  const { feed, nowMs } = ports;
  const log = feed.desk.rules;
  const asOf = () => logTimeMs(feed.state) || null;
  app.get(
    '/api/v1/rules',
    { schema: { summary: 'The rules in force, those to come, and earlier ones', response: { 200: anything } } },
    () => ({
      as_of: asOf(),
      current: ruleSetAt(log, logTimeMs(feed.state)),
      upcoming: currentAndUpcoming(log, logTimeMs(feed.state)).slice(1),
      history: ruleSetsOf(log).slice(0, historyMax),
    }),
  );
  app.post<{ Body: GivenRules }>(
    '/api/v1/rules/check',
    {
      bodyLimit: rulesBodyBytesMax,
      schema: { summary: 'What is wrong with some rules', body: rulesBody, response: { 200: anything } },
    },
    (request) => {
      const checked = checkRules(request.body, feed);
      return { problems: checked.ok ? [] : checked.problems };
    },
  );
  app.put<{ Body: Save }>(
    '/api/v1/rules',
    {
      bodyLimit: rulesBodyBytesMax,
      schema: {
        summary: 'Save a new version of the rules',
        body: saveRulesBody,
        response: { 202: anything, 409: anything, 422: anything },
      },
    },
    async (request, reply) => {
      if (!feed.isCaughtUp()) throw new ApiError(503, 'starting', 'The log is not read yet. Try again in a moment.');
      const checked = checkRules(request.body, feed);
      if (!checked.ok) return reply.code(422).send({ problems: checked.problems });
      const conflict = () => reply.code(409).send({ error: 'conflict', current: log.newest });
      if (request.body.base_version !== log.newest.version) return conflict();
      const ruleSet = ruleSetOf(request.body, checked.rules, feed, nowMs());
      const bytes = Buffer.byteLength(JSON.stringify(ruleSet));
      if (bytes > ruleSetBytesMax)
        return reply.code(422).send({ problems: [`rules: ${bytes} bytes; ${ruleSetBytesMax} fit into one record`] });
      const saved = await saveRules(ruleSet, ports);
      return saved === undefined ? conflict() : reply.code(202).send({ as_of: asOf(), rule_set: saved });
    },
  );
  app.post<{ Body: { name: string; ics: string } }>(
    '/api/v1/calendars',
    {
      bodyLimit: calendarBodyBytesMax,
      schema: {
        summary: 'An iCalendar file as a mute calendar, recurrences written out; nothing is saved',
        body: calendarBody,
        response: { 200: anything, 422: anything },
      },
    },
    async (request, reply) => {
      const { name, ics } = request.body;
      if (Buffer.byteLength(ics) > calendarBytesMax)
        throw new ApiError(413, 'too_large', `A calendar has ${calendarBytesMax} bytes at most.`);
      const result = await ports.calendars(name, ics, nowMs());
      if (!result.ok) return reply.code(422).send({ problems: result.problems });
      return { calendar: result.calendar, problems: result.problems };
    },
  );
}
