/** Against a real broker and real receivers: the notifier is killed at random moments while alerts come in. SEED=… repeats one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ACTIONS_TOPIC,
  ALERTS_TOPIC,
  DEFAULT_ROUTING,
  DEFAULT_RULE_SET,
  NOTIFICATIONS_TOPIC,
  type NotificationRecord,
  RULES_TOPIC,
  THROUGHPUT_TOPIC,
} from '@quaywatch/contracts';
import type { Kafka, Producer } from '@quaywatch/kafka';
import { createKafka } from '@quaywatch/kafka';
import { createLog, createRandom, delay, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Kafka as Broker, startKafka } from '../../infra/src/kafka.ts';
import { provisionTopics } from '../../infra/src/provision.ts';
import { eventually, jarsDir } from '../../infra/src/testing.ts';
import { minute, rootRoute, second, transition } from './notification/testing.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });
const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const random = createRandom(seed);
const directory = mkdtempSync(join(tmpdir(), 'quaywatch-notifier-'));
const file = join(directory, 'receivers.json');
const main = fileURLToPath(new URL('./notify-main.ts', import.meta.url));
const children: ChildProcess[] = [];

type Heard = { readonly receiver: string; readonly id: string; readonly alerts: string[] };
const heard: Heard[] = [];
/** Answers late, and now and then badly: a kill then falls between sending and writing down. */
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', async () => {
    await delay(random() * 150);
    const { id, alerts, data } = JSON.parse(body);
    const list: { labels?: { alert_id: string }; alert_id?: string }[] = alerts ?? data?.alerts ?? [];
    const ids = list.map((one) => one.labels?.alert_id ?? one.alert_id ?? '');
    if (random() < 0.1) response.writeHead(503).end();
    else {
      heard.push({ receiver: (request.url ?? '').slice(1), id, alerts: ids });
      response.end('{}');
    }
  });
});

let broker: Broker;
let kafka: Kafka;
let producer: Producer;
let env: Record<string, string | undefined>;

// The same address after a restart, away from a broker that people use.
const startBroker = () =>
  startKafka({
    dataDir: join(directory, 'kafka'),
    jarsDir,
    logFile: join(directory, 'kafka.log'),
    heapMb: 384,
    port: 39_692,
  });

beforeAll(async () => {
  broker = await startBroker();
  await provisionTopics(broker.brokers);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    file,
    JSON.stringify({
      receivers: [
        { name: 'hook', type: 'webhook', url: `${url}/hook`, allow_private: true },
        { name: 'events', type: 'cloudevents', url: `${url}/events`, allow_private: true },
      ],
    }),
  );
  env = { ...process.env, KAFKA_BROKERS: broker.brokers.join(','), QUAYWATCH_RECEIVERS: file };
  kafka = createKafka(readConfig(KAFKA_FIELDS, env), 'test', createLog('test', 'error'));
  producer = kafka.producer();
  await producer.connect();
  await append(RULES_TOPIC, '1', {
    ...DEFAULT_RULE_SET,
    version: 1,
    routing: {
      ...DEFAULT_ROUTING,
      inhibitions: [],
      flapping: { changes: 100, within_s: 60, digest_every_s: 60 },
      route: rootRoute({
        group_by: ['port', 'kind'],
        group_wait_s: 0,
        group_interval_s: 1,
        routes: [
          rootRoute({ receiver: 'hook', group_wait_s: 0, group_interval_s: 1, continue: true }),
          rootRoute({ receiver: 'events', group_wait_s: 1, group_interval_s: 2, continue: true }),
          rootRoute({ receiver: 'page', group_wait_s: 0, group_interval_s: 1 }),
        ],
      }),
    },
  });
});

// One that a failed test left behind would decide in place of those of the next.
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await producer.disconnect();
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
});

function startNotifier(): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  return { child, said: () => said };
}

const append = (topic: string, key: string, value: unknown) =>
  producer.send({ topic, messages: [{ key, value: JSON.stringify(value) }] });

async function records(): Promise<NotificationRecord[]> {
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(NOTIFICATIONS_TOPIC);
  await admin.disconnect();
  const last = Number(end?.high ?? 0);
  const list: NotificationRecord[] = [];
  if (last === 0) return list;
  const consumer = kafka.consumer({ groupId: `test-${Math.floor(performance.now() * 1000)}` });
  await consumer.connect();
  await consumer.subscribe({ topic: NOTIFICATIONS_TOPIC, fromBeginning: true });
  const whole = Promise.withResolvers<void>();
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      list.push(JSON.parse(message.value?.toString() ?? ''));
      if (Number(message.offset) >= last - 1) whole.resolve();
    },
  });
  await whole.promise;
  await consumer.disconnect();
  return list;
}

type Decision = Extract<NotificationRecord, { kind: 'decision' }>;
const decisionsIn = (list: readonly NotificationRecord[]): Decision[] => list.filter((one) => one.kind === 'decision');

function unfinished(list: readonly NotificationRecord[]): string[] {
  const ended = new Set(list.flatMap((one) => (one.kind === 'attempt' && one.outcome !== 'failed' ? [one.id] : [])));
  return decisionsIn(list).flatMap(({ id }) => (ended.has(id) ? [] : [id]));
}

test(`killed ten times while alerts come in (SEED=${seed}): every key is decided once and reaches its receivers`, async () => {
  const ports = ['CNSHA', 'CNNBO', 'CNTAO', 'CNTXG'];
  let isFeeding = true;
  const ends: { readonly id: string; readonly atMs: number }[] = [];
  const feed = (async () => {
    for (let i = 0; isFeeding; i++) {
      const [id, more] = [`alert-${i}`, { port: ports[i % ports.length] ?? '' }];
      const now = Date.now();
      await append(ALERTS_TOPIC, id, transition(id, 0, 'pending', now - minute, more));
      await append(ALERTS_TOPIC, id, transition(id, 1, 'firing', now, more));
      if (i >= 10) {
        const old = `alert-${i - 10}`;
        const port = { port: ports[(i - 10) % ports.length] ?? '' };
        await append(ALERTS_TOPIC, old, transition(old, 2, 'resolved', now, port));
        ends.push({ id: old, atMs: now });
      }
      await delay(200 + random() * 800);
    }
  })();
  await append(ACTIONS_TOPIC, 't', {
    kind: 'test_receiver',
    id: 't1',
    receiver: 'hook',
    by: 'li',
    at_ms: Date.now(),
  });
  for (let kills = 0; kills < 10; kills++) {
    const { child, said } = startNotifier();
    await eventually('the notifier decides', () => said().includes('this notifier decides'), 30_000).catch((cause) => {
      throw new Error(`It said:\n${said()}`, { cause });
    });
    await delay(random() * 4_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  isFeeding = false;
  await feed;
  const { child, said } = startNotifier();
  let open: string[] = [];
  await eventually(
    'everything is delivered',
    async () => {
      const list = await records();
      const told = new Set(decisionsIn(list).flatMap(({ items }) => items.map((item) => item.key)));
      const isSettled = (id: string, receiver: string) =>
        told.has(`${id}/2/${receiver}`) ||
        list.some((one) => one.kind === 'held_back' && one.key === `${id}/1/${receiver}`);
      // What was over before a notifier first wrote anything is history, and told to nobody.
      const began = Math.min(...list.map((one) => ('decided_at_ms' in one ? one.decided_at_ms : one.at_ms)));
      const owed = ends
        .filter(({ atMs }) => atMs >= began)
        .flatMap(({ id }) => ['hook', 'events', 'page'].map((name) => ({ id, name })));
      open = [
        ...owed.filter(({ id, name }) => !isSettled(id, name)).map(({ id, name }) => `${id} to ${name}`),
        ...unfinished(list),
      ];
      return open.length === 0;
    },
    150_000,
  ).catch((cause) => {
    throw new Error(`Open: ${open.join(', ')}. It said:\n${said()}`, { cause });
  });

  const list = await records();
  const decisions = decisionsIn(list);
  const keys = decisions.flatMap(({ items }) => items.map((item) => item.key));
  expect(new Set(keys).size, 'no key is decided twice').toBe(keys.length);
  expect(new Set(decisions.map((one) => one.id)).size).toBe(decisions.length);
  expect(keys.length).toBeGreaterThan(60);
  for (const receiver of ['hook', 'events']) {
    const wanted = decisions.filter((one) => one.receiver === receiver);
    const got = heard.filter((one) => one.receiver === receiver);
    const missing = wanted.filter(({ id }) => !got.some((one) => one.id === id)).map(({ id }) => id);
    expect(missing, `${receiver} heard everything`).toEqual([]);
    expect(
      got.filter(({ id }) => !wanted.some((one) => one.id === id)),
      'nothing undecided was sent',
    ).toEqual([]);
    // Acting once by id is acting once by key: a repeated delivery says the same.
    for (const { id, items } of wanted)
      for (const one of got.filter((message) => message.id === id))
        expect([...one.alerts].sort()).toEqual(items.map((item) => item.alert_id).sort());
  }
  expect(decisions.filter((one) => one.reason === 'test').map((one) => one.id)).toEqual(['test/t1/hook']);
  process.stderr.write(
    `${decisions.length} decisions, ${keys.length} keys, ${heard.length} deliveries, of them ${heard.length - new Set(heard.map((one) => `${one.receiver} ${one.id}`)).size} repeated\n`,
  );
  const stopped = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await stopped)[0]).toBe(0);
});

test('a broker that dies is waited for; the watchdog is sent while marks of the processor move on', async () => {
  const plain = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...plain, watchdog: { receiver: 'hook', every_s: 30 } }));
  const { child, said } = startNotifier();
  await eventually('it decides', () => said().includes('this notifier decides'), 30_000);
  const beats = () => heard.filter((one) => one.id.startsWith('watchdog/')).length;
  await delay(2 * second);
  expect(beats()).toBe(0);
  // The consumer begins at the end, wherever that is by then.
  let logTimeMs = Date.now();
  await eventually(
    'a sign of life',
    async () => {
      logTimeMs += 1_000;
      await append(THROUGHPUT_TOPIC, 'live/mark/0', { kind: 'mark', run: 'live', log_time_ms: logTimeMs });
      return beats() > 0;
    },
    60_000,
  );

  broker.kill('SIGKILL');
  await broker.exited;
  await delay(3 * second);
  broker = await startBroker();
  await eventually(
    'alerts can be appended again',
    () =>
      append(ALERTS_TOPIC, 'after', transition('after', 0, 'firing', Date.now(), { port: 'CNQIN' })).then(
        () => true,
        () => false,
      ),
    40_000,
  );
  await eventually('it is told', () => heard.some((one) => one.alerts.includes('after')), 60_000).catch((cause) => {
    throw new Error(`It said:\n${said()}`, { cause });
  });
  expect(child.exitCode).toBe(null);
  child.kill('SIGTERM');
  await once(child, 'exit');
  writeFileSync(file, JSON.stringify(plain));
});

test('of two notifiers one decides; when it is gone the other takes over, and a wrong receivers file ends with exit code 2', async () => {
  const first = startNotifier();
  await eventually('the first decides', () => first.said().includes('this notifier decides'), 30_000);
  const second_ = startNotifier();
  await delay(3 * second);
  const id = 'pair';
  await append(ALERTS_TOPIC, id, transition(id, 0, 'firing', Date.now(), { port: 'CNCAN' }));
  await eventually('it is told', async () => heard.some((one) => one.alerts.includes(id)), 30_000);
  first.child.kill('SIGKILL');
  await append(ALERTS_TOPIC, id, transition(id, 1, 'resolved', Date.now(), { port: 'CNCAN' }));
  await eventually(
    'the other tells the end',
    () => heard.filter((one) => one.receiver === 'hook' && one.alerts.includes(id)).length >= 2,
    40_000,
  ).catch((cause) => {
    throw new Error(`It said:\n${second_.said()}`, { cause });
  });
  second_.child.kill('SIGTERM');

  writeFileSync(file, JSON.stringify({ receivers: [{ name: 'x y', type: 'webhook', url: 'gopher://a' }], extra: 1 }));
  const wrong = startNotifier();
  const [code] = await once(wrong.child, 'exit');
  expect(code).toBe(2);
  expect(wrong.said()).toContain('receivers.0.name');
  expect(wrong.said()).toContain('receivers.0.url');
});
