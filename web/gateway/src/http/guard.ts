/**
 * What every request passes: Host, Origin of what changes something, the token, and the headers that protect the page.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type GuardSettings, isHostAllowed, isOriginAllowed } from '../socket/guard.ts';
import { ApiError } from './errors.ts';
import { PAGE_HEADERS } from './headers.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

function hasToken(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What is behind the token, where there is one: neither the page nor its health. */
export function isPrivatePath(path: string): boolean {
  return path.startsWith('/api/') || path === '/metrics';
}

/** Asked of the route that will answer, and of the address as it was written: `/%61pi/…` and `http://host/api/…` lead there too. */
function isPrivate(request: FastifyRequest): boolean {
  return isPrivatePath(request.routeOptions.url ?? '') || isPrivatePath(request.url.split('?')[0] ?? '');
}

export function guardRequests(app: FastifyInstance, guard: GuardSettings, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(PAGE_HEADERS);
    const { host, origin } = request.headers;
    if (!isHostAllowed(host, guard))
      throw new ApiError(403, 'host_not_allowed', 'This gateway does not answer to this host name.');
    if (!READING.has(request.method) && !isOriginAllowed(origin, host, guard))
      throw new ApiError(403, 'origin_not_allowed', 'Pages of this origin may not change anything here.');
    if (token !== '' && isPrivate(request) && !hasToken(request, token)) {
      void reply.header('www-authenticate', 'Bearer');
      throw new ApiError(401, 'unauthorised', 'A bearer token is needed.');
    }
  });
}
