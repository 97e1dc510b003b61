/**
 * Receivers of notifications on loopback: a webhook, a DingTalk robot and PagerDuty, which check signatures, write down what they hear, act
 * once by key, and now and then answer badly, late or not at all. By seed.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delay } from '@quaywatch/runtime';

export const RECEIVERS = ['hook', 'ding', 'pager'] as const;
export type ReceiverName = (typeof RECEIVERS)[number];
const secrets = { FAULTS_HOOK_SECRET: 'hook-secret', FAULTS_DING_SECRET: 'SECding', FAULTS_TOKEN: 'token' };

export type Heard = {
  readonly receiver: ReceiverName;
  /** What a receiver tells repeated deliveries by. The robot has only the time of sending, which the attempt's record has too. */
  readonly id: string;
  /** Alert ids. */
  readonly about: readonly string[];
  readonly body: string;
  readonly isResolve: boolean;
  isAnswered: boolean;
};

export type Receivers = {
  readonly heard: readonly Heard[];
  readonly wrong: readonly string[];
  /** Deliveries of what had been acted on already. */
  readonly repeated: () => number;
  /** Answers that were bad or never came. */
  readonly refused: () => number;
  /** For QUAYWATCH_RECEIVERS. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
};

function hmac(secret: string, text: string, form: 'hex' | 'base64'): string {
  return createHmac('sha256', secret).update(text).digest(form);
}

function isSigned(receiver: ReceiverName, url: URL, body: string, headers: IncomingMessage['headers']): boolean {
  if (receiver === 'pager') return JSON.parse(body).routing_key === secrets.FAULTS_TOKEN;
  if (receiver === 'hook') {
    const signed = `${headers['x-quaywatch-timestamp']}.${body}`;
    return headers['x-quaywatch-signature'] === `sha256=${hmac(secrets.FAULTS_HOOK_SECRET, signed, 'hex')}`;
  }
  const time = url.searchParams.get('timestamp') ?? '';
  const sign = hmac(secrets.FAULTS_DING_SECRET, `${time}\n${secrets.FAULTS_DING_SECRET}`, 'base64');
  return url.searchParams.get('access_token') === secrets.FAULTS_TOKEN && url.searchParams.get('sign') === sign;
}

function heardOf(receiver: ReceiverName, url: URL, body: string): Heard {
  const value = JSON.parse(body);
  const base = { receiver, body, isAnswered: false };
  switch (receiver) {
    case 'hook': {
      const alerts: { labels: { alert_id: string } }[] = value.alerts;
      const isResolve = value.status === 'resolved';
      return { ...base, id: value.id, about: alerts.map((one) => one.labels.alert_id), isResolve };
    }
    case 'pager': {
      const about = [String(value.dedup_key).replace(/^quaywatch\//, '')];
      const id = value.payload.custom_details.notification;
      return { ...base, id, about, isResolve: value.event_action === 'resolve' };
    }
    case 'ding':
      return { ...base, id: url.searchParams.get('timestamp') ?? '', about: [], isResolve: false };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  return body;
}

export async function startReceivers(random: () => number): Promise<Receivers> {
  const heard: Heard[] = [];
  const wrong: string[] = [];
  const acted = new Set<string>();
  let repeated = 0;
  let refused = 0;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request).catch(() => undefined);
    // Its sender was killed in the middle.
    if (body === undefined) return;
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const receiver = RECEIVERS.find((name) => url.pathname === `/${name}`);
    if (receiver === undefined || !isSigned(receiver, url, body, request.headers)) {
      wrong.push(`${request.url}: ${receiver === undefined ? 'no receiver' : 'wrong signature'}`);
      response.writeHead(403).end();
      return;
    }
    await delay(random() * 80);
    const one = heardOf(receiver, url, body);
    const draw = random();
    // Half of what fails was acted on before it failed.
    if (draw < 0.06 && random() < 0.5) {
      refused++;
      if (draw < 0.01) return;
      response.writeHead(500).end();
      return;
    }
    heard.push(one);
    const key = `${receiver} ${one.id} ${receiver === 'pager' ? one.about[0] : ''}`;
    if (acted.has(key)) repeated++;
    acted.add(key);
    if (draw < 0.06) {
      refused++;
      if (draw >= 0.01) response.writeHead(500).end();
      return;
    }
    one.isAnswered = true;
    response.end('{"errcode":0}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const common = { allow_private: true };
  const token = { env: 'FAULTS_TOKEN' };
  return {
    heard,
    wrong,
    repeated: () => repeated,
    refused: () => refused,
    file: {
      receivers: [
        { name: 'hook', type: 'webhook', url: `${base}/hook`, secret: { env: 'FAULTS_HOOK_SECRET' }, ...common },
        {
          name: 'ding',
          type: 'dingtalk',
          url: `${base}/ding`,
          token,
          secret: { env: 'FAULTS_DING_SECRET' },
          ...common,
        },
        { name: 'pager', type: 'pagerduty', url: `${base}/pager`, token, ...common },
      ],
    },
    env: secrets,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
