/**
 * The OpenAPI document, written from the schemas that the routes are checked with, so that it cannot lag behind them.
 */
import type { FastifyInstance, RouteOptions } from 'fastify';

declare module 'fastify' {
  interface FastifySchema {
    /** One line for the OpenAPI document; a route without it is not part of the published interface. */
    summary?: string;
  }
}

type Schema = Readonly<Record<string, unknown>>;
export type Documented = {
  readonly summary: string;
  readonly params?: Schema;
  readonly querystring?: Schema;
  readonly body?: Schema;
  readonly response?: Schema;
};

type Operation = Record<string, unknown>;

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

function operationOf(schema: Documented): Operation {
  const error = {
    description: 'Why not',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  const responses: Record<string, unknown> = { default: error };
  for (const [status, own] of Object.entries(schema.response ?? { 200: { type: 'object' } }))
    responses[status] = { description: 'Answer', content: { 'application/json': { schema: own } } };
  return {
    summary: schema.summary,
    parameters: [...parametersOf('path', schema.params), ...parametersOf('query', schema.querystring)],
    ...(schema.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schema.body } } } }),
    responses,
  };
}

/** Collects every route that is added after it. @returns the document. */
export function documentRoutes(app: FastifyInstance, version: string, isSimulated: boolean): () => unknown {
  const description = `Times are UTC milliseconds, volumes TEU.${isSimulated ? ' Simulated feeds.' : ''}`;
  const paths: Record<string, Record<string, Operation>> = {};
  app.addHook('onRoute', (route: RouteOptions) => {
    const schema = route.schema as Documented | undefined;
    if (schema?.summary === undefined) return;
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    const methods = [route.method].flat().filter((method) => method !== 'HEAD');
    for (const method of methods) {
      const operations = paths[path] ?? {};
      operations[method.toLowerCase()] = operationOf(schema);
      paths[path] = operations;
    }
  });
  return () => ({
    openapi: '3.1.0',
    info: { title: 'Quaywatch', version, description },
    paths,
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
