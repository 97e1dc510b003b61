/** The ledger: what each source says it moved, against what came. Straight from storage. */
import { dayNumberOfIso } from '@quaywatch/seeds';
import type { FastifyInstance } from 'fastify';
import type { Feed } from '../feed.ts';
import type { History } from '../history.ts';
import { logTimeMs } from '../state/live-state.ts';
import { badRequest } from './errors.ts';
import { portOrThrow } from './routes-throughput.ts';
import { ledgerQuery, list } from './schemas.ts';

export type LedgerPorts = { readonly feed: Feed; readonly history: History };

export function ledgerRoutes(app: FastifyInstance, { feed, history }: LedgerPorts): void {
  app.get<{ Querystring: { run: string; day?: string; port?: string } }>(
    '/api/v1/ledger',
    {
      schema: {
        summary: 'By source and day: reported, told, counted, held out, refused, missing',
        querystring: ledgerQuery,
        response: { 200: list('ledger') },
      },
    },
    async (request) => {
      const { run, day, port } = request.query;
      if (day !== undefined && dayNumberOfIso(day) === undefined) throw badRequest(`day: ${day} is none.`);
      const code = port === undefined ? undefined : portOrThrow(port).code;
      return { as_of: logTimeMs(feed.state) || null, ledger: await history.ledger(run, day, code) };
    },
  );
}
