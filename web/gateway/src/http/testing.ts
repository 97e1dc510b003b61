/** A gateway's HTTP side over plain objects, for the tests of its routes. */
import { ACTIONS_TOPIC, ALERTS_TOPIC, NOTIFICATIONS_TOPIC, RULES_TOPIC, THROUGHPUT_TOPIC } from '@quaywatch/contracts';
import { createCalendarImport } from '../calendar/import.ts';
import { fakeHistory, fakeKafka, silentLog } from '../fakes.ts';
import { createFeed } from '../feed.ts';
import type { History } from '../history.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { createBacktests } from '../runs/backtests.ts';
import { createRunManager } from '../runs/manager.ts';
import { markOf, NOW, rowOf } from '../testing.ts';
import { createHttp } from './server.ts';

export type ServeOptions = {
  token?: string;
  history?: History;
  host?: string;
  origins?: string[];
  isEchoing?: boolean;
  isSimulated?: boolean;
};

/** `tell` delivers a record; with `isEchoing` what is appended comes back from the log by itself. */
export async function serve(options: ServeOptions = {}) {
  const { kafka, appended, deliver } = fakeKafka();
  const history = options.history ?? fakeHistory([rowOf({ size_s: 300, start_ms: NOW - 600_000 })]);
  const nowMs = () => NOW;
  const feed = createFeed({ kafka, history, log: silentLog, nowMs, unreadable: () => {}, consumed: () => {} });
  const stop = new AbortController();
  await feed.run(stop.signal);
  stop.abort();
  const tell = (topic: string, value: unknown, offset: number) =>
    deliver({ topic, partition: 0, offset, timeMs: NOW, value: Buffer.from(JSON.stringify(value)) });
  for (let partition = 0; partition < 12; partition++) tell(THROUGHPUT_TOPIC, markOf(partition), partition);
  const offsets: Record<string, number> = {
    [ACTIONS_TOPIC]: 0,
    [ALERTS_TOPIC]: 0,
    [NOTIFICATIONS_TOPIC]: 0,
    [RULES_TOPIC]: 0,
  };
  /** The same, at the topic's end. */
  const say = (topic: string, value: unknown) => {
    const offset = offsets[topic] ?? 0;
    offsets[topic] = offset + 1;
    tell(topic, value, offset);
  };
  const echoing: typeof kafka = {
    ...kafka,
    append: async (topic, key, value, headers) => {
      await kafka.append(topic, key, value, headers);
      if (options.isEchoing === true) say(topic, JSON.parse(value));
    },
  };
  const runs = createRunManager({
    spawn: () => ({ done: new Promise(() => {}), kill: () => {} }),
    topics: async () => [],
    coversLive: async () => false,
    keepFile: async () => ({ path: '/nowhere', remove: async () => {} }),
    stored: history.runs,
    log: silentLog,
    nowMs,
  });
  const app = await createHttp({
    feed,
    history,
    kafka: echoing,
    runs,
    backtests: createBacktests({
      runs,
      stored: history.runs,
      firedAlerts: history.firedAlerts,
      version: '0.1.0',
      log: silentLog,
    }),
    calendars: createCalendarImport(),
    metrics: createGatewayMetrics().registry,
    version: '0.1.0',
    isSimulated: options.isSimulated ?? true,
    pageDir: '/nowhere',
    isStopping: () => false,
    nowMs,
    log: silentLog,
    guard: { host: options.host ?? '127.0.0.1', allowedOrigins: options.origins ?? [] },
    token: options.token ?? '',
  });
  const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) =>
    app.inject({ method, url, headers: { host: 'localhost' }, ...(payload === undefined ? {} : { payload }) });
  return { app, appended, tell, say, ask, feed };
}
