// Every receiver against a real server on loopback that checks what the real one checks: paths, signatures, sizes, required fields.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertTransition, ReceiverType } from '@quaywatch/contracts';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Decision } from '../../notification/knowledge.ts';
import { byteLength, messageOf } from '../../notification/message.ts';
import { know, minute, type Said, second, start, transition } from '../../notification/testing.ts';
import { buildReceiver, type ReceiverSettings } from './build.ts';
import type { Receiver } from './receiver.ts';

type Asked = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };
const asked: Asked[] = [];
let answers: { status: number; body: string; headers?: Record<string, string> }[] = [];
const answer = (status: number, body: unknown = { errcode: 0, code: 0 }, headers: Record<string, string> = {}) =>
  answers.push({ status, body: JSON.stringify(body), headers });

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => {
    asked.push({ path: request.url ?? '', headers: request.headers, body });
    const next = answers.shift() ?? { status: 200, body: '{"errcode":0,"code":0}' };
    response.writeHead(next.status, next.headers).end(next.body);
  });
});
let base = '';
beforeEach(async () => {
  if (!server.listening) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  asked.length = 0;
  answers = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const alertOf = (id: string, status: AlertTransition['status'], number: number, more: Partial<AlertTransition> = {}) =>
  ({ at: start + number * minute, transition: transition(id, number, status, start + number * minute, more) }) as Said;

function messageAbout(log: readonly Said[], more: Partial<Decision> = {}) {
  const knowledge = know(log, []);
  const items = [...knowledge.alerts.values()].map((life) => ({
    key: `${life.id}/${life.newest.transition.transition}/r`,
    alert_id: life.id,
    transition: life.newest.transition.transition,
  }));
  const decision: Decision = {
    kind: 'decision',
    id: items[0]?.key ?? 'none',
    receiver: 'r',
    reason: 'new',
    group: { port: 'CNSHA' },
    items,
    rules_version: 0,
    decided_at_ms: start + 60 * minute,
    ...more,
  };
  const message = messageOf(knowledge, [decision]);
  if (message === undefined) throw new Error('A decision makes a message.');
  return message;
}

const firing = messageAbout([alertOf('a1', 'firing', 0)]);
const risen = messageAbout([alertOf('a1', 'firing', 0), alertOf('a1', 'firing', 1, { severity: 'critical' })]);
const resolved = messageAbout([alertOf('a1', 'firing', 0), alertOf('a1', 'resolved', 1)], { reason: 'resolved' });
const many = messageAbout(Array.from({ length: 80 }, (_, i) => alertOf(`a${i}`, 'firing', 0, { port: 'CNNGB' })));
const testing = messageAbout([], { id: 'test/t1/r', reason: 'test', items: [] });

function receiver(type: ReceiverType, more: Partial<ReceiverSettings> = {}): Receiver {
  const settings: ReceiverSettings = {
    name: 'r',
    type,
    url: `${base}/in`,
    allowsPrivate: true,
    secret: undefined,
    token: undefined,
    email: undefined,
    ...more,
  };
  return buildReceiver(settings, 'https://quaywatch.example');
}
const nowMs = start + 61 * minute;
const bodyOf = (one: Asked | undefined) => JSON.parse(one?.body ?? '{}');

test('page: the decision is the delivery', async () => {
  expect(await receiver('page').send(firing, nowMs)).toMatchObject({ kind: 'delivered' });
  expect(asked).toEqual([]);
});

describe('webhook', () => {
  test('an id with half a character in it, as a calendar may be named, is sent', async () => {
    const odd = { ...firing, id: 'a1/0/r#after-\ud83d' };
    expect(await receiver('webhook').send(odd, nowMs)).toMatchObject({ kind: 'delivered' });
    expect(asked[0]?.headers['idempotency-key']).toBe('a1%2F0%2Fr%23after-%EF%BF%BD');
  });

  test('is what Alertmanager would send, version 4, with a key for who acts once', async () => {
    expect(await receiver('webhook').send(firing, nowMs)).toMatchObject({ kind: 'delivered', status: 200 });
    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'a1%2F0%2Fr' });
    expect(bodyOf(asked[0])).toMatchObject({
      version: '4',
      groupKey: '{}:{port="CNSHA"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'r',
      groupLabels: { port: 'CNSHA' },
      externalURL: 'https://quaywatch.example',
      commonLabels: { alertname: 'drop', port: 'CNSHA', severity: 'warning', simulated: 'true' },
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'drop', alert_id: 'a1' },
          annotations: { summary: expect.stringContaining('[Simulated]'), summary_zh: expect.stringContaining('模拟') },
          startsAt: new Date(start - 15 * minute).toISOString(),
          endsAt: '0001-01-01T00:00:00Z',
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ],
    });
  });

  test('resolved, with its end', async () => {
    await receiver('webhook').send(resolved, nowMs);
    expect(bodyOf(asked[0])).toMatchObject({
      status: 'resolved',
      alerts: [{ status: 'resolved', endsAt: new Date(start + minute).toISOString() }],
    });
  });

  test('is signed over time and body', async () => {
    await receiver('webhook', { secret: 'hush' }).send(firing, nowMs);
    const headers: IncomingHttpHeaders = asked[0]?.headers ?? {};
    const seconds = String(headers['x-quaywatch-timestamp']);
    expect(Number(seconds)).toBe(Math.floor(nowMs / 1000));
    const digest = createHmac('sha256', 'hush').update(`${seconds}.${asked[0]?.body}`).digest('hex');
    expect(headers['x-quaywatch-signature']).toBe(`sha256=${digest}`);
    expect(JSON.stringify(asked[0])).not.toContain('hush');
  });

  test.each([
    [500, false, false],
    [503, false, false],
    [429, false, true],
    [408, false, true],
    [400, true, true],
    [404, true, true],
    [302, true, true],
  ])('%i: hopeless %s, reached %s', async (status, isHopeless, isReached) => {
    answer(status, {}, status === 429 ? { 'retry-after': '7' } : {});
    expect(await receiver('webhook').send(firing, nowMs)).toMatchObject({
      kind: 'failed',
      status,
      isHopeless,
      isReached,
      retryInMs: status === 429 ? 7_000 : null,
    });
  });

  test('an address that may not be reached is hopeless, a server that is away is not', async () => {
    expect(
      await receiver('webhook', { allowsPrivate: false, url: 'https://127.0.0.1/' }).send(firing, nowMs),
    ).toMatchObject({ kind: 'failed', isHopeless: true, detail: expect.stringContaining('allow_private') });
    expect(await receiver('webhook', { url: 'http://127.0.0.1:9/' }).send(firing, nowMs)).toMatchObject({
      kind: 'failed',
      isHopeless: false,
      detail: 'ECONNREFUSED',
    });
  });
});

test('CloudEvents: structured JSON with the required attributes', async () => {
  await receiver('cloudevents').send(firing, nowMs);
  expect(asked[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
  expect(bodyOf(asked[0])).toMatchObject({
    specversion: '1.0',
    id: 'a1/0/r',
    source: 'urn:quaywatch:notifier',
    type: 'quaywatch.notification.new.v1',
    time: new Date(start + 60 * minute).toISOString(),
    data: { simulated: true, alerts: [{ alert_id: 'a1' }] },
  });
});

describe('PagerDuty', () => {
  const send = (message: typeof firing) => receiver('pagerduty', { token: 'routing' }).send(message, nowMs);

  test('trigger and resolve share a key', async () => {
    answer(202, { status: 'success' });
    expect(await send(firing)).toMatchObject({ kind: 'delivered', status: 202 });
    await send(resolved);
    const [trigger, resolve] = asked.map(bodyOf);
    expect(trigger).toMatchObject({
      routing_key: 'routing',
      event_action: 'trigger',
      dedup_key: 'quaywatch/a1',
      payload: {
        summary: expect.stringMatching(/^\[Simulated\] /),
        source: 'CNSGH:SGICT',
        severity: 'warning',
        timestamp: new Date(start - 15 * minute).toISOString(),
        class: 'drop',
      },
    });
    expect(resolve).toMatchObject({ event_action: 'resolve', dedup_key: 'quaywatch/a1' });
  });

  test('an acknowledgement, and a key that is too long', async () => {
    const long = 'x'.repeat(400);
    await send(
      messageAbout([alertOf(long, 'firing', 0)], {
        reason: 'changed',
        items: [{ key: `${long}/0/r#acknowledged-k`, alert_id: long, transition: 0 }],
      }),
    );
    expect(bodyOf(asked[0]).event_action).toBe('acknowledge');
    expect(bodyOf(asked[0]).dedup_key).toHaveLength(255);
  });

  test('an event that it will never take does not keep the others from it', async () => {
    answer(400, { status: 'invalid event' });
    const two = messageAbout([alertOf('a1', 'firing', 0), alertOf('a2', 'firing', 0)]);
    expect(await send(two)).toMatchObject({ kind: 'failed', isHopeless: true, status: 400 });
    expect(asked.map((one) => bodyOf(one).dedup_key)).toEqual(['quaywatch/a1', 'quaywatch/a2']);
  });

  test('one event an alert, and the list again after a failure in its middle', async () => {
    answer(202);
    answer(500);
    const two = messageAbout([alertOf('a1', 'firing', 0), alertOf('a2', 'firing', 0)]);
    expect(await send(two)).toMatchObject({ kind: 'failed' });
    expect(await send(two)).toMatchObject({ kind: 'delivered' });
    expect(asked.map((one) => bodyOf(one).dedup_key)).toEqual([
      'quaywatch/a1',
      'quaywatch/a2',
      'quaywatch/a1',
      'quaywatch/a2',
    ]);
  });
});

/** The robots' own checks. */
const robots = [
  {
    type: 'dingtalk',
    text: (body: { markdown: { text: string } }) => body.markdown.text,
    bytesMax: 20_000,
    check: ({ path, body }: Asked) => {
      const { searchParams } = new URL(path, base);
      const time = searchParams.get('timestamp');
      const sign = createHmac('sha256', 'SEChush').update(`${time}\nSEChush`).digest('base64');
      expect(searchParams.get('access_token')).toBe('token');
      expect(searchParams.get('sign')).toBe(sign);
      expect(path).toContain(encodeURIComponent(sign));
      expect(Math.abs(Number(time) - nowMs)).toBeLessThan(3_600_000);
      expect(JSON.parse(body).msgtype).toBe('markdown');
    },
    tooFast: [{ errcode: 130_101 }, 600_000],
    refused: { errcode: 310_000, errmsg: 'sign not match' },
  },
  {
    type: 'wecom',
    text: (body: { markdown: { content: string } }) => body.markdown.content,
    bytesMax: 4_096,
    check: ({ path, body }: Asked) => {
      expect(new URL(path, base).searchParams.get('key')).toBe('token');
      expect(JSON.parse(body).msgtype).toBe('markdown');
    },
    tooFast: [{ errcode: 45_009 }, 60_000],
    refused: { errcode: 93_000, errmsg: 'invalid webhook url' },
  },
  {
    type: 'feishu',
    text: (body: { card: { elements: { text: { content: string } }[] } }) => body.card.elements[0]?.text.content ?? '',
    bytesMax: 20_000,
    check: ({ path, body }: Asked) => {
      const { timestamp, sign, msg_type } = JSON.parse(body);
      expect(path).toBe('/in/token');
      expect(msg_type).toBe('interactive');
      expect(timestamp).toBe(String(Math.floor(nowMs / 1000)));
      expect(sign).toBe(createHmac('sha256', `${timestamp}\nSEChush`).digest('base64'));
      expect(byteLength(body)).toBeLessThan(20_480);
    },
    tooFast: [{ code: 11_232 }, 60_000],
    refused: { code: 19_021, msg: 'sign match fail' },
  },
] as const;

describe.each(robots)('$type', ({ type, text, bytesMax, check, tooFast, refused }) => {
  const send = (message: typeof firing) =>
    receiver(type, { token: 'token', secret: type === 'wecom' ? undefined : 'SEChush' }).send(message, nowMs);

  test('signed, in both languages, saying that it is simulated', async () => {
    expect(await send(firing)).toMatchObject({ kind: 'delivered' });
    const [one] = asked;
    if (one === undefined) throw new Error('It was asked.');
    check(one);
    const said = text(bodyOf(one));
    expect(said).toContain('【模拟】');
    expect(said).toContain('Simulated · ');
    expect(said).toMatch(/Shanghai/);
    expect(said).toMatch(/上海/);
  });

  test('eighty alerts fit, and what is left out is counted', async () => {
    await send(many);
    const said = text(bodyOf(asked[0]));
    expect(byteLength(said)).toBeLessThanOrEqual(bytesMax);
    if (type === 'wecom') expect(said).toMatch(/另有 \d+ 条/);
  });

  test('an error in the body of a 200 is an error', async () => {
    answer(200, tooFast[0]);
    expect(await send(firing)).toMatchObject({
      kind: 'failed',
      isHopeless: false,
      isReached: true,
      retryInMs: tooFast[1],
    });
    answer(200, refused);
    expect(await send(firing)).toMatchObject({ kind: 'failed', isHopeless: true });
    answer(200, {});
    expect(await send(firing)).toMatchObject({ kind: 'failed', isHopeless: false });
  });

  test('a test says that it is one', async () => {
    await send(testing);
    expect(text(bodyOf(asked[0]))).toMatch(/测试[\s\S]*Test notification/);
  });
});

/**
 * github.com/prometheus/alertmanager, api/v2/openapi.yaml, `postableAlert`: labels required; `labelSet` maps strings to strings; times are
 * RFC 3339; `generatorURL` is a uri.
 */
function checkPostable(body: unknown): void {
  expect(Array.isArray(body)).toBe(true);
  for (const alert of body as Record<string, unknown>[]) {
    expect(
      Object.keys(alert).filter(
        (key) => !['labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL'].includes(key),
      ),
    ).toEqual([]);
    expect(
      Object.entries(alert['labels'] as object).every(([name, value]) => /^[a-zA-Z_]\w*$/.test(name) && value !== ''),
    ).toBe(true);
    expect(Object.values(alert['annotations'] as object).every((value) => typeof value === 'string')).toBe(true);
    for (const time of [alert['startsAt'], alert['endsAt']]) expect(new Date(String(time)).toISOString()).toBe(time);
    expect(Date.parse(String(alert['startsAt']))).toBeLessThanOrEqual(Date.parse(String(alert['endsAt'])));
  }
}

test('Alertmanager: postable alerts with an end five minutes ahead; a severity of before is ended', async () => {
  await receiver('alertmanager', { url: base, token: 'bearer' }).send(risen, nowMs);
  expect(asked[0]).toMatchObject({ path: '/api/v2/alerts', headers: { authorization: 'Bearer bearer' } });
  const body = bodyOf(asked[0]);
  checkPostable(body);
  expect(
    body.map((one: { labels: { severity: string }; endsAt: string }) => [one.labels.severity, one.endsAt]),
  ).toEqual([
    ['critical', new Date(nowMs + 300_000).toISOString()],
    ['warning', new Date(nowMs).toISOString()],
  ]);
});

const alertmanager = new URL('../../../../.cache/alertmanager/alertmanager', import.meta.url).pathname;

describe.skipIf(!existsSync(alertmanager))('a real Alertmanager', () => {
  const directory = mkdtempSync(join(tmpdir(), 'quaywatch-alertmanager-'));
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  test('knows what fires, forgets what is resolved, and takes a rise in severity for one alert', async () => {
    const port = 39_593;
    writeFileSync(join(directory, 'config.yml'), 'route: {receiver: none}\nreceivers: [{name: none}]\n');
    child = spawn(
      alertmanager,
      [
        `--config.file=${join(directory, 'config.yml')}`,
        `--storage.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    const url = `http://127.0.0.1:${port}`;
    for (let tries = 0; tries < 100; tries++) {
      if ((await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    const real = receiver('alertmanager', { url });
    const active = async (): Promise<string[]> => {
      const list = (await (await fetch(`${url}/api/v2/alerts`)).json()) as { labels: Record<string, string> }[];
      return list.map(({ labels }) => `${labels['alert_id']} ${labels['severity']}`);
    };
    expect(await real.send(firing, Date.now())).toMatchObject({ kind: 'delivered', status: 200 });
    await expect.poll(active).toEqual(['a1 warning']);
    expect(await real.send(risen, Date.now())).toMatchObject({ kind: 'delivered' });
    await expect.poll(active).toEqual(['a1 critical']);
    expect(await real.keepAlive?.send(risen, Date.now())).toMatchObject({ kind: 'delivered' });
    const over = messageAbout([
      alertOf('a1', 'firing', 0),
      alertOf('a1', 'firing', 1, { severity: 'critical' }),
      alertOf('a1', 'resolved', 2),
    ]);
    expect(await real.send(over, Date.now())).toMatchObject({ kind: 'delivered' });
    await expect.poll(active).toEqual([]);
    expect(await real.send(testing, Date.now())).toMatchObject({ kind: 'delivered' });
  });
});

/** A certificate of this test's own. */
function certificate(directory: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=hooks.example', '-addext', 'subjectAltName=DNS:hooks.example'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

describe('over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'quaywatch-tls-'));
  const { key, cert } = certificate(directory);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const http = { ca: cert, resolve: async () => [{ address: '127.0.0.1', family: 4 as const }] };

  test('the certificate must be the name’s, although the address is pinned', async () => {
    const secure = createTlsServer({ key, cert }, (_, response) => response.end('{}'));
    await new Promise<void>((done) => secure.listen(0, '127.0.0.1', done));
    const { port } = secure.address() as AddressInfo;
    const settings = {
      name: 'r',
      type: 'webhook',
      allowsPrivate: true,
      secret: undefined,
      token: undefined,
      email: undefined,
    } as const;
    const at = (host: string, given: typeof http | { resolve: typeof http.resolve }) =>
      buildReceiver({ ...settings, url: `https://${host}:${port}/` }, '', given).send(firing, nowMs);
    expect(await at('hooks.example', http)).toMatchObject({ kind: 'delivered' });
    expect(await at('other.example', http)).toMatchObject({ kind: 'failed', detail: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(await at('hooks.example', { resolve: http.resolve })).toMatchObject({ kind: 'failed' });
    secure.close();
  });

  test('e-mail: text and HTML, one Message-ID for every attempt, a login that is encrypted', async () => {
    const mails: { from: string; to: string[]; text: string; user: string }[] = [];
    let isFull = true;
    const smtp = new SMTPServer({
      key,
      cert,
      authMethods: ['PLAIN'],
      onAuth: ({ username = '', password }, _session, done) =>
        password === 'hush' ? done(null, { user: username }) : done(new Error('wrong')),
      onData: (stream, session, done) => {
        let text = '';
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        stream.on('end', () => {
          if (isFull) {
            isFull = false;
            done(Object.assign(new Error('mailbox busy'), { responseCode: 452 }));
            return;
          }
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map((one) => one.address),
            text,
            user: String(session.user),
          });
          done();
        });
      },
    });
    await new Promise<void>((done) => smtp.listen(0, '127.0.0.1', done));
    const { port } = smtp.server.address() as AddressInfo;
    const email = (secret: string) =>
      buildReceiver(
        {
          name: 'r',
          type: 'email',
          url: `smtp://hooks.example:${port}`,
          allowsPrivate: true,
          secret,
          token: undefined,
          email: {
            user: 'qw',
            from: 'quaywatch@port.example',
            to: ['a@port.example', 'b@port.example'],
            language: 'zh',
          },
        },
        'https://quaywatch.example',
        http,
      );
    expect(await email('wrong').send(firing, nowMs)).toMatchObject({ kind: 'failed', isHopeless: false });
    expect(await email('hush').send(firing, nowMs)).toMatchObject({ kind: 'failed', status: 452, isHopeless: false });
    expect(await email('hush').send(firing, nowMs)).toMatchObject({ kind: 'delivered' });
    expect(await email('hush').send(firing, nowMs + second)).toMatchObject({ kind: 'delivered' });
    const ids = mails.map(({ text }) => /^Message-ID: (.*)$/im.exec(text)?.[1]);
    expect(ids[0]).toMatch(/^<[0-9a-f]{40}@quaywatch\.invalid>$/);
    expect(ids[1]).toBe(ids[0]);
    expect(mails[0]).toMatchObject({
      from: 'quaywatch@port.example',
      to: ['a@port.example', 'b@port.example'],
      user: 'qw',
    });
    expect(mails[0]?.text).toMatch(/multipart\/alternative/);
    expect(mails[0]?.text).toMatch(/text\/html/);
    await new Promise<void>((done) => smtp.close(done));
  });
});
