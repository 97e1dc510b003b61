/**
 * Errors of the API as `{"error":{"code","message"}}`: one shape for all, and no inner detail of a failure that is not the caller's.
 */
import type { Log } from '@quaywatch/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HistoryError } from '../history.ts';

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const notFound = (message: string) => new ApiError(404, 'not_found', message);
export const badRequest = (message: string) => new ApiError(400, 'bad_request', message);

function fastifyStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

export function answerError(reply: FastifyReply, status: number, code: string, message: string): void {
  void reply.code(status).header('cache-control', 'no-store').send({ error: { code, message } });
}

export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ApiError) return answerError(reply, error.status, error.code, error.message);
    if (error instanceof HistoryError) {
      void reply.header('retry-after', '5');
      return answerError(reply, 503, error.code, 'History is not available: ClickHouse does not answer. Live goes on.');
    }
    const status = fastifyStatus(error);
    if (status !== undefined && status < 500 && error instanceof Error)
      return answerError(reply, status, status === 413 ? 'too_large' : 'bad_request', error.message);
    log.error('A request failed.', { error, path: request.routeOptions.url });
    return answerError(reply, 500, 'internal', 'The request failed; the gateway’s log says why.');
  });
}
