/**
 * The OpenAPI document, written from the schemas that the routes are checked with, so that it cannot lag behind them.
 */
import type { FastifyInstance, RouteOptions } from 'fastify';
import { isPrivatePath } from './guard.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** One line for the OpenAPI document; a route without it is not part of the published interface. */
    summary?: string;
    /** Media type of an answer that is not JSON. */
    produces?: string;
  }
}

type Schema = Readonly<Record<string, unknown>>;
export type Documented = {
  readonly summary: string;
  readonly produces?: string;
  readonly params?: Schema;
  readonly querystring?: Schema;
  readonly body?: Schema;
  readonly response?: Schema;
};

type Operation = Record<string, unknown>;

type Described = { readonly version: string; readonly isSimulated: boolean; readonly hasToken: boolean };

function parametersOf(place: 'path' | 'query', schema: Schema | undefined): unknown[] {
  const properties = Object.entries((schema?.['properties'] ?? {}) as Record<string, Schema>);
  const required = (schema?.['required'] ?? []) as readonly string[];
  return properties.map(([name, own]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(own['description'] === undefined ? {} : { description: own['description'] }),
    schema: own,
  }));
}

function operationOf(schema: Documented, isPrivate: boolean): Operation {
  const error = {
    description: 'Why not',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  const responses: Record<string, unknown> = { default: error };
  const { produces = 'application/json' } = schema;
  const text = { 200: { type: schema.produces === undefined ? 'object' : 'string' } };
  for (const [status, own] of Object.entries(schema.response ?? text))
    responses[status] = { description: 'Answer', content: { [produces]: { schema: own } } };
  return {
    summary: schema.summary,
    ...(isPrivate ? {} : { security: [] }),
    parameters: [...parametersOf('path', schema.params), ...parametersOf('query', schema.querystring)],
    ...(schema.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schema.body } } } }),
    responses,
  };
}

/** Collects every route that is added after it. @returns the document. */
export function documentRoutes(app: FastifyInstance, { version, isSimulated, hasToken }: Described): () => unknown {
  const description = `Times are UTC milliseconds, volumes TEU.${isSimulated ? ' Simulated feeds.' : ''}`;
  const paths: Record<string, Record<string, Operation>> = {};
  app.addHook('onRoute', (route: RouteOptions) => {
    const schema = route.schema as Documented | undefined;
    if (schema?.summary === undefined) return;
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    const methods = [route.method].flat().filter((method) => method !== 'HEAD');
    for (const method of methods) {
      const operations = paths[path] ?? {};
      operations[method.toLowerCase()] = operationOf(schema, isPrivatePath(route.url));
      paths[path] = operations;
    }
  });
  return () => ({
    openapi: '3.1.0',
    info: { title: 'Quaywatch', version, description },
    paths,
    // Where the gateway has no token, none is needed.
    security: hasToken ? [{ token: [] }] : [{}, { token: [] }],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  });
}
