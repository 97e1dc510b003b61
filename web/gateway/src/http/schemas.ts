/**
 * Shapes of requests and of lists, as JSON Schema: what Fastify checks is what the OpenAPI document says.
 */
export const text = (charactersMax: number, description = '') => ({
  type: 'string',
  minLength: 1,
  maxLength: charactersMax,
  ...(description === '' ? {} : { description }),
});
const time = (description: string) => ({
  type: 'string',
  maxLength: 40,
  description: `${description}: UTC milliseconds, or an ISO 8601 date or time (a date is UTC+8)`,
});

export const list = (noun: string, more: Record<string, unknown> = {}) => ({
  type: 'object',
  required: ['as_of', noun],
  additionalProperties: true,
  properties: {
    as_of: { type: ['number', 'null'], description: 'Log time, UTC milliseconds; null before the first record' },
    [noun]: { type: 'array', items: { type: 'object', additionalProperties: true } },
    ...more,
  },
});

export const anything = { type: 'object', additionalProperties: true } as const;

export const throughputQuery = {
  type: 'object',
  additionalProperties: false,
  required: ['port'],
  properties: {
    port: text(10, 'Port code such as CNSHA'),
    size: { type: 'string', enum: ['1m', '5m', '1h', '1d', '60', '300', '3600', '86400'], default: '5m' },
    from: time('First window start'),
    to: time('End, exclusive'),
    run: { ...text(100, 'Run; default live'), default: 'live' },
    terminals: { type: 'boolean', default: false, description: 'Windows of terminals too, not of the port alone' },
    known_at: time('Only what was known then'),
  },
};

export const measuresQuery = {
  ...throughputQuery,
  required: [],
  properties: {
    ...throughputQuery.properties,
    port: text(10, 'Port code; default: all ports'),
    size: { ...throughputQuery.properties.size, default: '1h' },
    terminals: { type: 'boolean', default: false, description: 'One row a terminal instead of one a port' },
  },
};

export const yoyQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { port: text(10, 'Port code; default: the nation') },
};

export const idParams = { type: 'object', required: ['id'], properties: { id: text(200) } };

export const runBody = {
  type: 'object',
  additionalProperties: false,
  required: ['from', 'to'],
  properties: {
    from: text(40, 'First UTC+8 day'),
    to: text(40, 'UTC+8 day after the last'),
    speed: { type: ['string', 'number'], default: 'max', description: 'max, or event seconds per second' },
    rules: {
      type: 'object',
      additionalProperties: false,
      properties: { detection: anything, routing: anything },
      description: 'Alert rules to run under; default: the built-in ones',
    },
  },
};

export const pinBody = {
  type: 'object',
  additionalProperties: false,
  required: ['pinned'],
  properties: {
    pinned: { type: 'boolean', description: 'Whether the run is kept, however many newer ones there are' },
  },
};

export const runsQuery = {
  type: 'object',
  additionalProperties: false,
  properties: { backtests: { type: 'boolean', default: false, description: 'Runs of back-tests too' } },
};

export const deadLettersQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    run: { ...text(100, 'Run; default live'), default: 'live' },
  },
};

export const ledgerQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    run: { ...text(100, 'Run; default live'), default: 'live' },
    day: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'UTC+8 day; default: the newest five' },
    port: text(10, 'Port code; default: all'),
  },
};
