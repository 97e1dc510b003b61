/**
 * The HTTP server: guard, API, page. One port carries all of it; the WebSocket is hung on beside.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyCompress from '@fastify/compress';
import fastifyStatic from '@fastify/static';
import type { Log } from '@quaywatch/runtime';
import Fastify, { type FastifyInstance } from 'fastify';
import type { GuardSettings } from '../socket/guard.ts';
import { answerError, answerErrors } from './errors.ts';
import { guardRequests } from './guard.ts';
import { documentRoutes } from './openapi.ts';
import { type AlertPorts, alertRoutes } from './routes-alerts.ts';
import { type BacktestRoutePorts, backtestRoutes } from './routes-backtests.ts';
import { ledgerRoutes } from './routes-ledger.ts';
import { measureRoutes } from './routes-measures.ts';
import { type NotificationPorts, notificationRoutes } from './routes-notifications.ts';
import { type RulesPorts, rulesRoutes } from './routes-rules.ts';
import { type RunPorts, runRoutes } from './routes-runs.ts';
import { silenceRoutes } from './routes-silences.ts';
import { type SystemPorts, systemRoutes } from './routes-system.ts';
import { throughputRoutes } from './routes-throughput.ts';
import { anything } from './schemas.ts';

const bodyBytesMax = 256 * 1024;

export type HttpPorts = AlertPorts &
  RunPorts &
  RulesPorts &
  NotificationPorts &
  BacktestRoutePorts &
  SystemPorts & { readonly log: Log; readonly guard: GuardSettings; readonly token: string };

/** Files under assets/ carry a hash of their content in their names; everything else is asked for again each time. */
async function servePage(app: FastifyInstance, pageDir: string): Promise<void> {
  const hasPage = existsSync(join(pageDir, 'index.html'));
  if (hasPage)
    await app.register(fastifyStatic, {
      root: pageDir,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(pageDir, 'assets'));
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    const isApi = request.url.startsWith('/api/');
    if (!isPage || isApi) return answerError(reply, 404, 'not_found', 'There is nothing at this address.');
    if (!hasPage)
      return answerError(reply, 503, 'page_not_built', 'The page is not built. Run: npx vite build web/dashboard');
    // The page reads its own addresses.
    return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
  });
}

/** Everything but listening; tests use `inject`. */
export async function createHttp(ports: HttpPorts): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    http: { maxHeaderSize: 16 * 1024 },
    logger: false,
    // A member that a schema does not name is refused, not taken away in silence.
    ajv: { customOptions: { allowUnionTypes: true, removeAdditional: false } },
  });
  await app.register(fastifyCompress, { encodings: ['gzip', 'identity'] });
  answerErrors(app, ports.log);
  guardRequests(app, ports.guard, ports.token);
  const { version, isSimulated, token } = ports;
  const document = documentRoutes(app, { version, isSimulated, hasToken: token !== '' });
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control'))
      void reply.header('cache-control', 'no-store');
  });
  throughputRoutes(app, ports.feed, ports.history, ports.nowMs);
  measureRoutes(app, ports.feed, ports.history, ports.nowMs);
  alertRoutes(app, ports);
  silenceRoutes(app, ports);
  ledgerRoutes(app, ports);
  rulesRoutes(app, ports);
  notificationRoutes(app, ports);
  backtestRoutes(app, ports);
  runRoutes(app, ports);
  systemRoutes(app, ports);
  app.get('/api/v1/openapi.json', { schema: { summary: 'This document', response: { 200: anything } } }, () =>
    document(),
  );
  await servePage(app, ports.pageDir);
  await app.ready();
  return app;
}
