/**
 * Back-tests over HTTP: edited rules over a stretch of the past, against the rules in force. A stretch is of whole UTC+8 days: one that
 * begins or ends within a day has all of it, and the answer says which it took.
 */
import { DAY_MS, dayNumberOf, isoDateOf } from '@quaywatch/seeds';
import type { FastifyInstance } from 'fastify';
import type { Feed } from '../feed.ts';
import type { Backtests } from '../runs/backtests.ts';
import { midnightMs } from '../state/counts.ts';
import { logTimeMs } from '../state/live-state.ts';
import { ruleSetAt } from '../state/rules-log.ts';
import { badRequest } from './errors.ts';
import { checkRules, type GivenRules } from './routes-rules.ts';
import { anything, idParams } from './schemas.ts';
import { backtestBody } from './schemas-alerts.ts';
import { parseTimeMs } from './times.ts';

const spanMaxMs = 400 * 86_400_000;

export type BacktestRoutePorts = { readonly feed: Feed; readonly backtests: Backtests };

export function backtestRoutes(app: FastifyInstance, { feed, backtests }: BacktestRoutePorts): void {
  const asOf = () => logTimeMs(feed.state) || null;
  app.post<{ Body: { from: string; to: string; rules: GivenRules } }>(
    '/api/v1/backtests',
    {
      bodyLimit: 1_048_576,
      schema: {
        summary: 'What edited rules would have told of a stretch, against the rules in force',
        body: backtestBody,
        response: { 202: anything, 422: anything },
      },
    },
    async (request, reply) => {
      const fromMs = midnightMs(parseTimeMs(request.body.from, 'from'));
      const toMs = midnightMs(parseTimeMs(request.body.to, 'to') + DAY_MS - 1);
      if (fromMs >= toMs) throw badRequest('from must be before to.');
      if (toMs - fromMs > spanMaxMs) throw badRequest('A back-test is over 400 days at most.');
      const checked = checkRules(request.body.rules, feed);
      if (!checked.ok) return reply.code(422).send({ problems: checked.problems });
      const { detection, routing } = ruleSetAt(feed.desk.rules, logTimeMs(feed.state));
      const inForce = { detection, routing };
      const [from, to] = [isoDateOf(dayNumberOf(fromMs)), isoDateOf(dayNumberOf(toMs))];
      const { id, ...backtest } = backtests.start({ from, to, fromMs, toMs, inForce, edited: checked.rules });
      return reply
        .code(202)
        .header('location', `/api/v1/backtests/${id}`)
        .send({ as_of: asOf(), backtest: id, ...backtest });
    },
  );
  app.get<{ Params: { id: string } }>(
    '/api/v1/backtests/:id',
    {
      schema: {
        summary: 'A back-test: how far it is, and what came out',
        params: idParams,
        response: { 200: anything },
      },
    },
    async (request) => ({ as_of: asOf(), ...(await backtests.get(request.params.id)) }),
  );
}
