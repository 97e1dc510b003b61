/**
 * Runs over HTTP: list them, ask for a replay, pin, cancel or delete one.
 */
import { dayNumberOf, isoDateOf } from '@quaywatch/seeds';
import type { FastifyInstance } from 'fastify';
import type { Feed } from '../feed.ts';
import { isBacktestRun } from '../runs/backtests.ts';
import type { RunManager } from '../runs/manager.ts';
import { midnightMs } from '../state/counts.ts';
import { logTimeMs } from '../state/live-state.ts';
import { badRequest } from './errors.ts';
import { checkRules, type GivenRules } from './routes-rules.ts';
import { anything, idParams, list, pinBody, runBody, runsQuery } from './schemas.ts';
import { parseTimeMs } from './times.ts';

export type RunPorts = { readonly feed: Feed; readonly runs: RunManager };

type RunRequest = { from: string; to: string; speed: string | number; rules?: GivenRules };

/** 'max', or event seconds per second. @throws ApiError 400 */
function speedOf(value: string | number): string {
  const number = Number(value);
  if (value === 'max') return 'max';
  if (Number.isFinite(number) && number > 0 && number <= 1_000_000) return String(number);
  throw badRequest('speed: is max, or event seconds per second up to 1,000,000.');
}

/** A run is of whole UTC+8 days: its date, and its first moment. @throws ApiError 400 */
function dayOf(text: string, name: string): [date: string, startMs: number] {
  const timeMs = parseTimeMs(text, name);
  if (midnightMs(timeMs) !== timeMs)
    throw badRequest(`${name}: must be the beginning of a UTC+8 day, such as 2025-01-01.`);
  return [isoDateOf(dayNumberOf(timeMs)), timeMs];
}

export function runRoutes(app: FastifyInstance, { feed, runs }: RunPorts): void {
  const asOf = () => logTimeMs(feed.state) || null;
  app.get<{ Querystring: { backtests: boolean } }>(
    '/api/v1/runs',
    {
      schema: {
        summary: 'Live and replays, newest first; those of back-tests when asked',
        querystring: runsQuery,
        response: { 200: list('runs') },
      },
    },
    async (request) => {
      const all = await runs.list();
      const wanted = request.query.backtests ? all : all.filter(({ run }) => !isBacktestRun(run));
      return { as_of: asOf(), runs: wanted };
    },
  );
  app.post<{ Body: RunRequest }>(
    '/api/v1/runs',
    {
      schema: {
        summary: 'Replay a stretch; it is recorded first when nothing covers it',
        body: runBody,
        response: { 202: anything, 422: anything },
      },
    },
    async (request, reply) => {
      const { speed, rules } = request.body;
      const checked = rules === undefined ? undefined : checkRules(rules, feed);
      if (checked?.ok === false) return reply.code(422).send({ problems: checked.problems });
      const [from, fromMs] = dayOf(request.body.from, 'from');
      const [to, toMs] = dayOf(request.body.to, 'to');
      if (fromMs >= toMs) throw badRequest('from must be before to.');
      const run = runs.start({
        ...{ from, to, fromMs, toMs, speed: speedOf(speed) },
        ...(checked === undefined ? {} : { rules: checked.rules }),
      });
      return reply
        .code(202)
        .header('location', '/api/v1/runs')
        .send({ as_of: asOf(), ...run });
    },
  );
  app.patch<{ Params: { id: string }; Body: { pinned: boolean } }>(
    '/api/v1/runs/:id',
    {
      schema: {
        summary: 'Pin a finished run, so that newer ones do not push it out, or let it go',
        params: idParams,
        body: pinBody,
        response: { 200: anything },
      },
    },
    async (request) => ({ as_of: asOf(), ...(await runs.pin(request.params.id, request.body.pinned)) }),
  );
  app.delete<{ Params: { id: string } }>(
    '/api/v1/runs/:id',
    { schema: { summary: 'Cancel a run, or delete a finished one', params: idParams, response: { 202: anything } } },
    async (request, reply) => reply.code(202).send({ as_of: asOf(), ...(await runs.remove(request.params.id)) }),
  );
}
