import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { ACTIONS_TOPIC, ALERTS_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { fakeHistory } from '../fakes.ts';
import { HistoryError } from '../history.ts';
import { NOW, transitionOf } from '../testing.ts';
import { serve } from './testing.ts';

const TOKEN = 'a long enough one';

const SILENCE = { matchers: [{ name: 'port', op: '=', values: ['CNSHA'] }], by: 'a', minutes: 5 };

type Asked = { url: string; method?: 'GET' | 'POST' | 'DELETE'; headers?: Record<string, string>; payload?: object };

test.each<[string, Parameters<typeof serve>[0], Asked, number]>([
  ['its own host', {}, { url: '/version' }, 200],
  ['a rebound host name', {}, { url: '/version', headers: { host: 'evil.example' } }, 403],
  [
    'an allowed host name',
    { origins: ['https://w.example'] },
    { url: '/version', headers: { host: 'w.example' } },
    200,
  ],
  [
    'an address, behind a token',
    { host: '0.0.0.0', token: TOKEN },
    { url: '/healthz', headers: { host: '10.0.0.7:80' } },
    200,
  ],
  ['the API without the token', { token: TOKEN }, { url: '/api/v1/ports' }, 401],
  ['the API with a wrong one', { token: TOKEN }, { url: '/api/v1/ports', headers: { authorization: 'Bearer x' } }, 401],
  ['the API with it', { token: TOKEN }, { url: '/api/v1/ports', headers: { authorization: `Bearer ${TOKEN}` } }, 200],
  ['metrics without it', { token: TOKEN }, { url: '/metrics' }, 401],
  ['health without it', { token: TOKEN }, { url: '/healthz' }, 200],
  ['an address of the API that there is not', { token: TOKEN }, { url: '/api/v1/nothing' }, 401],
  [
    'a change from another site',
    {},
    {
      url: '/api/v1/silences',
      method: 'POST',
      headers: { origin: 'http://evil.example' },
      payload: SILENCE,
    },
    403,
  ],
  [
    'a change from its own page',
    {},
    {
      url: '/api/v1/silences',
      method: 'POST',
      headers: { host: 'localhost:80', origin: 'http://localhost:80' },
      payload: SILENCE,
    },
    202,
  ],
  [
    'a silence without an end',
    {},
    { url: '/api/v1/silences', method: 'POST', payload: { matchers: SILENCE.matchers, by: 'a' } },
    400,
  ],
  [
    'a silence of no port',
    {},
    {
      url: '/api/v1/silences',
      method: 'POST',
      payload: { ...SILENCE, matchers: [{ name: 'port', op: '=', values: ['XX'] }] },
    },
    400,
  ],
  [
    'too much body',
    {},
    {
      url: '/api/v1/silences',
      method: 'POST',
      payload: { ...SILENCE, note: 'x'.repeat(300_000) },
    },
    413,
  ],
  ['an unknown alert', {}, { url: '/api/v1/alerts/x/acknowledge', method: 'POST', payload: { by: 'a' } }, 404],
  ['an unknown silence', {}, { url: '/api/v1/silences/x', method: 'DELETE' }, 404],
  ['throughput of no port', {}, { url: '/api/v1/throughput' }, 400],
  ['throughput backwards', {}, { url: '/api/v1/throughput?port=CNSHA&from=2025-01-02&to=2025-01-01' }, 400],
  ['throughput from a day that there is not', {}, { url: '/api/v1/throughput?port=CNSHA&from=2025-02-30' }, 400],
  ['a ledger of a day that there is not', {}, { url: '/api/v1/ledger?day=2025-02-30' }, 400],
  ['throughput of nonsense', {}, { url: '/api/v1/throughput?port=CNSHA&from=now' }, 400],
  [
    'SQL in a parameter',
    {},
    { url: `/api/v1/throughput?port=CNSHA&run=${encodeURIComponent("'; DROP TABLE x --")}` },
    200,
  ],
  [
    'a run of part of a day',
    {},
    { url: '/api/v1/runs', method: 'POST', payload: { from: '2025-01-01T05:00', to: '2025-01-02' } },
    400,
  ],
  ['a run', {}, { url: '/api/v1/runs', method: 'POST', payload: { from: '2025-01-01', to: '2025-01-02' } }, 202],
  [
    'a run of rules that hold',
    {},
    { url: '/api/v1/runs', method: 'POST', payload: { from: '2025-01-01', to: '2025-01-02', rules: {} } },
    202,
  ],
  [
    'a silence as it was asked for before',
    {},
    { url: '/api/v1/silences', method: 'POST', payload: { port: 'CNSHA', by: 'a', minutes: 5 } },
    400,
  ],
  [
    'a silence with more than there is',
    {},
    { url: '/api/v1/silences', method: 'POST', payload: { ...SILENCE, until: 1 } },
    400,
  ],
  [
    'a silence of everything',
    {},
    { url: '/api/v1/silences', method: 'POST', payload: { ...SILENCE, matchers: [] } },
    400,
  ],
  ['a test of no receiver', {}, { url: '/api/v1/receivers/x/test', method: 'POST', payload: { by: 'a' } }, 404],
  ['a note of nothing', {}, { url: '/api/v1/alerts/x/notes', method: 'POST', payload: { by: 'a', note: '' } }, 400],
  ['the CAP of no alert', {}, { url: '/api/v1/alerts/x/cap' }, 404],
  ['a cursor of nobody', {}, { url: '/api/v1/alerts?cursor=x' }, 400],
  ['a back-test of no id', {}, { url: '/api/v1/backtests/x' }, 404],
  ['live cannot be deleted', {}, { url: '/api/v1/runs/live', method: 'DELETE' }, 404],
  ['nothing there', {}, { url: '/api/v1/nothing' }, 404],
  ['a page that is not built', {}, { url: '/', headers: { accept: 'text/html' } }, 503],
])('%s', async (_what, options, asked, status) => {
  const { app } = await serve(options);
  const { url, method = 'GET', headers = {}, payload } = asked;
  const answer = await app.inject({
    url,
    method,
    headers: { host: '127.0.0.1:8080', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  if (status >= 400)
    expect(answer.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
});

const get = async (app: Awaited<ReturnType<typeof serve>>['app'], url: string) =>
  app.inject({ url, headers: { host: 'localhost' } });

test('36 ports, as of the log', async () => {
  const { app } = await serve();
  const { as_of, ports } = (await get(app, '/api/v1/ports')).json();
  expect(as_of).toBe(NOW);
  expect(ports).toHaveLength(36);
});

test('answers are packed for who says that it can unpack them', async () => {
  const { app } = await serve();
  const plain = await app.inject({ url: '/api/v1/ports', headers: { 'accept-encoding': 'identity' } });
  const packed = await app.inject({ url: '/api/v1/ports', headers: { 'accept-encoding': 'gzip' } });
  expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([undefined, 'gzip']);
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.payload);
  expect(packed.rawPayload.length).toBeLessThan(plain.payload.length / 4);
});

test('windows of a port, with its terminals when asked', async () => {
  const { app } = await serve();
  const url = `/api/v1/throughput?port=CNRZH&size=5m&from=${NOW - 3_600_000}&to=${NOW}`;
  expect((await get(app, url)).json()).toMatchObject({
    size_s: 300,
    windows: [{ terminal: '', teu: 1.65, completeness: 1 }],
  });
  expect((await get(app, `${url}&terminals=true`)).json().windows).toHaveLength(2);
});

test('year on year with its series, and the finished reference', async () => {
  const { app } = await serve();
  const body = (await get(app, '/api/v1/yoy')).json();
  expect(body.finished).toMatchObject({ period: '2025H1', count: 67_410_000, yoy_pct: 11.3 });
  expect(body.path_series.at(-1).count).toBeCloseTo(body.path.count, -1);
});

test('whether the feeds are simulated is a setting of the deployment', async () => {
  for (const isSimulated of [true, false]) {
    const { app } = await serve({ isSimulated });
    expect((await get(app, '/version')).json()).toMatchObject({ simulated: isSimulated });
  }
});

test('an acknowledgement goes to the log and comes back in the alert', async () => {
  const { app, appended, tell } = await serve();
  const transition = transitionOf({ alert_id: 'a1' });
  tell(ALERTS_TOPIC, transition, 0);
  const headers = { host: 'localhost' };
  const asked = {
    method: 'POST',
    url: '/api/v1/alerts/a1/acknowledge',
    headers,
    payload: { by: 'ann', note: 'on it' },
  } as const;
  expect((await app.inject(asked)).statusCode).toBe(202);
  expect(appended).toMatchObject([{ topic: ACTIONS_TOPIC, key: 'a1' }]);
  tell(ACTIONS_TOPIC, JSON.parse(appended[0]?.value ?? ''), 0);
  expect((await get(app, '/api/v1/alerts?state=open')).json().alerts).toMatchObject([
    { alert_id: 'a1', acknowledged: { by: 'ann', note: 'on it', severity: transition.severity } },
  ]);
  tell(ALERTS_TOPIC, { ...transition, transition: 1, severity: 'critical' }, 1);
  expect((await get(app, '/api/v1/alerts?state=open')).json().alerts).toMatchObject([{ acknowledged: null }]);
});

test('without ClickHouse history says when to come back, and live goes on', async () => {
  const down = () => Promise.reject(new HistoryError('down'));
  const { app } = await serve({ history: { ...fakeHistory(), windows: down, ping: down } });
  const answer = await get(app, '/api/v1/throughput?port=CNSHA');
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['retry-after']).toBe('5');
  expect((await get(app, '/api/v1/ports')).statusCode).toBe(200);
  expect((await get(app, '/readyz')).json().checks.clickhouse.ok).toBe(false);
});

test('the OpenAPI document names every route of the source', async () => {
  const { app } = await serve();
  const { paths } = (await get(app, '/api/v1/openapi.json')).json();
  const written = readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(
        /app\s*\.(get|post|put|patch|delete)(?:<[^(]*>)?\(\s*'([^']+)'/g,
      ),
    ])
    .map(([, method, url]) => `${method} ${url?.replace(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(paths as Record<string, object>).flatMap(([url, operations]) =>
    Object.keys(operations).map((method) => `${method} ${url}`),
  );
  expect(written.length).toBeGreaterThan(30);
  expect(documented.toSorted()).toEqual(written.toSorted());
});

test.each([
  ['', [{}, { token: [] }]],
  ['a-token-of-some-length', [{ token: [] }]],
])('the OpenAPI document says who needs the token %j, and what is not JSON', async (token, security) => {
  const { app } = await serve({ token });
  const headers = { host: 'localhost', authorization: `Bearer ${token}` };
  const { paths, ...document } = (await app.inject({ url: '/api/v1/openapi.json', headers })).json();
  expect(document.security).toEqual(security);
  expect(paths['/api/v1/ports'].get).not.toHaveProperty('security');
  expect(paths['/readyz'].get.security).toEqual([]);
  const typesOf = (path: string) => Object.keys(paths[path].get.responses[200].content);
  expect(typesOf('/metrics')).toEqual(['text/plain']);
  expect(typesOf('/api/v1/alerts/{id}/cap')).toEqual(['application/cap+xml']);
  expect(typesOf('/api/v1/ports')).toEqual(['application/json']);
});

test.each([
  '/%61pi/v1/ports',
  '/ap%69/v1/alerts',
  'http://127.0.0.1/api/v1/ports',
  '/%6detrics',
  '/metrics#x',
  '/api/v1/rules#',
])('however its address is written, what is private asks for the token: %s', async (target) => {
  const { app } = await serve({ token: TOKEN });
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  // A client of ours would write the address its own way.
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  await app.close();
  expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 401 Unauthorized');
});
