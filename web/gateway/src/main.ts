/**
 * The gateway process: settings, engines, feed, sockets, HTTP, in that order; and back in the other.
 * Decides nothing: every part is elsewhere.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WIRE_LIMITS } from '@quaywatch/contracts';
import { createLog, delay, type Log, runProcess } from '@quaywatch/runtime';
import { connectKafka, type LogPort } from './adapters/kafka.ts';
import { createCalendarImport } from './calendar/import.ts';
import { createViews } from './channels.ts';
import { childEnv, type GatewayConfig, logLevelOf, readGatewayConfig } from './config.ts';
import { createFeed } from './feed.ts';
import { createHistory, type History } from './history.ts';
import { createHttp } from './http/server.ts';
import { createGatewayMetrics } from './metrics.ts';
import { createPlayers } from './player/players.ts';
import { createBacktests } from './runs/backtests.ts';
import { createRunManager, type RunManager } from './runs/manager.ts';
import { coversLive } from './runs/recordings.ts';
import { keepFile, spawnScript } from './runs/spawn.ts';
import { createHub } from './socket/hub.ts';
import { serveSockets } from './socket/server.ts';

const rootDir = fileURLToPath(new URL('../../../', import.meta.url));
const pageDir = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));
const connectionsMax = 12_000;
const closeWithinMs = 1_500;

function productVersion(): string {
  const shape: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof shape === 'object' && shape !== null && 'version' in shape ? String(shape.version) : '0.0.0';
}

/** Calls `tick` at the frame interval with the time and by how much it is late: the event loop's lag. */
function keepTicking(nowMs: () => number, tick: (now: number, lagMs: number) => void): NodeJS.Timeout {
  let tickedMs = nowMs();
  return setInterval(() => {
    const now = nowMs();
    const lagMs = Math.max(0, now - tickedMs - WIRE_LIMITS.frameIntervalMs);
    tickedMs = now;
    tick(now, lagMs);
  }, WIRE_LIMITS.frameIntervalMs);
}

type HubParts = {
  readonly feed: ReturnType<typeof createFeed>;
  readonly players: ReturnType<typeof createPlayers>;
  readonly metrics: ReturnType<typeof createGatewayMetrics>;
  readonly nowMs: () => number;
};

/** One hub for live and played channels: a played one is named play/<session>/…. */
function wireHub({ feed, players, metrics, nowMs }: HubParts): ReturnType<typeof createHub> {
  const liveViews = createViews(feed);
  return createHub({
    viewOf: (channel) => (channel.startsWith('play/') ? players.viewOf(channel) : liveViews(channel)),
    epochOf: (channel) => (channel.startsWith('play/') ? players.epochOf(channel) : feed.epoch()),
    later: setImmediate,
    counters: {
      frames: metrics.frames,
      bytes: metrics.bytes,
      conflated: () => metrics.conflated(1),
      slowCloses: () => metrics.slowCloses(1),
      cut: (channel) => {
        if (channel === 'overview') metrics.latency(Math.max(0, nowMs() - feed.state.newestKnownAtMs) / 1000);
      },
    },
  });
}

function counted(kafka: LogPort, appended: (topic: string) => void): LogPort {
  return {
    ...kafka,
    append: async (topic, key, value, headers) => {
      await kafka.append(topic, key, value, headers);
      appended(topic);
    },
  };
}

function wireRuns(kafka: LogPort, history: History, config: GatewayConfig, log: Log): RunManager {
  return createRunManager({
    spawn: (script, args, onLine) => spawnScript({ rootDir, env: childEnv(config) }, script, args, onLine),
    topics: kafka.topics,
    coversLive: (fromMs, toMs) => coversLive(kafka, fromMs, toMs),
    keepFile,
    stored: history.runs,
    log,
    nowMs: () => Date.now(),
  });
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function main(stop: AbortSignal): Promise<void> {
  const config = readGatewayConfig();
  const log: Log = createLog('gateway', logLevelOf(config));
  const version = productVersion();
  const isSimulated = config.feeds === 'simulated';
  const metrics = createGatewayMetrics();
  const nowMs = () => Date.now();
  const kafka = counted(connectKafka(config, log), (topic) => metrics.appended(1, { topic }));
  const history = createHistory(config);
  const feed = createFeed({
    kafka,
    history,
    log,
    nowMs,
    unreadable: (topic) => metrics.unreadable(1, { topic }),
    consumed: (topic, records) => metrics.consumed(records, { topic }),
  });
  const players = createPlayers({ history, nowMs, log, opened: metrics.players });
  const hub = wireHub({ feed, players, metrics, nowMs });
  const runs = wireRuns(kafka, history, config, log);
  const backtests = createBacktests({ runs, stored: history.runs, firedAlerts: history.firedAlerts, version, log });
  const guard = { host: config.host, allowedOrigins: config.allowedOrigins };
  const http = await createHttp({
    feed,
    history,
    kafka,
    runs,
    backtests,
    calendars: createCalendarImport(),
    metrics: metrics.registry,
    version,
    isSimulated,
    pageDir,
    isStopping: () => stop.aborted,
    nowMs,
    log,
    guard,
    token: config.token,
  });
  const sockets = serveSockets(http.server, {
    guard,
    isReady: () => feed.isCaughtUp() && !stop.aborted,
    connectionsMax,
    connections: (count) => metrics.connections(count),
    ports: {
      hub,
      players,
      token: config.token,
      version,
      isSimulated,
      epoch: feed.epoch,
      nowMs,
      resumed: (result) => metrics.resumes(1, { result }),
    },
  });
  const ticking = keepTicking(nowMs, (now, lagMs) => {
    metrics.sampleProcess(lagMs / 1000);
    if (!feed.isCaughtUp()) return;
    players.advance(now);
    hub.tick(now);
    metrics.subscriptions(hub.subscriptionCount());
  });
  const address = await http.listen({ host: config.host, port: config.port });
  log.info('The gateway listens.', { address, version });
  if (process.send !== undefined) process.send({ kind: 'listening', address });
  await Promise.race([feed.run(stop), untilStopped(stop)]);
  await untilStopped(stop);
  clearInterval(ticking);
  runs.stop();
  sockets.close();
  await http.close();
  // Nothing is left to finish: a broker that does not answer must not hold up the stop.
  await Promise.race([kafka.close(), delay(closeWithinMs)]);
  await history.close();
}

await runProcess(createLog('gateway'), main);
