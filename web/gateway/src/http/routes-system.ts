/**
 * How the gateway is: alive, ready, measured, which version. Liveness depends on nothing else; readiness on everything.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@quaywatch/contracts';
import type { Metrics } from '@quaywatch/runtime';
import type { FastifyInstance } from 'fastify';
import type { LogPort } from '../adapters/kafka.ts';
import type { Feed } from '../feed.ts';
import type { History } from '../history.ts';
import { marksWithinMs } from '../unprocessed.ts';
import { anything } from './schemas.ts';

export type SystemPorts = {
  readonly feed: Feed;
  readonly history: History;
  readonly kafka: LogPort;
  readonly metrics: Metrics;
  readonly version: string;
  readonly isSimulated: boolean;
  readonly pageDir: string;
  readonly isStopping: () => boolean;
};

export type Check = { readonly ok: boolean; readonly detail: string };

async function readinessOf(ports: SystemPorts): Promise<Record<string, Check>> {
  const old = ports.feed.unprocessed();
  const storage = await ports.history.ping().then(
    () => ({ ok: true, detail: '' }),
    () => ({ ok: false, detail: 'ClickHouse does not answer.' }),
  );
  const halted = ports.feed.state.marks.find((mark) => mark?.halted !== undefined)?.halted;
  const say = (ok: boolean, detail: string): Check => ({ ok, detail: ok ? '' : detail });
  return {
    kafka: say(
      ports.kafka.isUp() && ports.feed.isCaughtUp(),
      ports.kafka.isUp() ? 'The log is not read up to where it was at the start.' : 'Kafka does not answer.',
    ),
    marks: say(old.length === 0, `No word of partitions ${old.join(', ')} within ${marksWithinMs / 1000} s.`),
    processor: say(halted === undefined, `The processor has stopped itself: ${halted}`),
    clickhouse: storage,
    page: say(existsSync(join(ports.pageDir, 'index.html')), 'The page is not built: npm start builds it.'),
    running: say(!ports.isStopping(), 'The gateway is stopping.'),
  };
}

export function systemRoutes(app: FastifyInstance, ports: SystemPorts): void {
  app.get('/healthz', { schema: { summary: 'The process is alive', response: { 200: anything } } }, () => ({
    ok: true,
  }));
  app.get(
    '/readyz',
    { schema: { summary: 'The page shows live data', response: { 200: anything, 503: anything } } },
    async (_request, reply) => {
      const checks = await readinessOf(ports);
      const ok = Object.values(checks).every((check) => check.ok);
      return reply
        .code(ok ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ok, checks });
    },
  );
  app.get(
    '/metrics',
    { schema: { summary: 'Measures in Prometheus’ text form', produces: 'text/plain' } },
    async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(ports.metrics.render()),
  );
  app.get(
    '/version',
    { schema: { summary: 'Version of the product and of the wire', response: { 200: anything } } },
    () => ({
      version: ports.version,
      protocol: PROTOCOL_VERSION,
      node: process.version,
      simulated: ports.isSimulated,
    }),
  );
}
