/**
 * The live feeds as a process: finds where the log stands, sends what was missed, then speaks every second until asked to stop.
 * Whatever goes wrong with the broker, it begins again from the log; it keeps no state of its own.
 */
import { MOVES_TOPIC, SCENARIO_TOPIC, type ScenarioEvent } from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import { ConfigError, createLog, delay, type Log, runProcess } from '@quaywatch/runtime';
import { connectKafka, createFeedProducer, createSink, ensureTopic, publishScenario } from './adapters/kafka.ts';
import { openLog } from './adapters/kafka-log.ts';
import { type FeedConfig, feedConfig } from './config.ts';
import { createFeeds } from './feed/feeds.ts';
import { readPosition } from './live/position.ts';
import { decodeScenarioEvent, LIVE_STRETCH, nextRound } from './live/rounds.ts';
import { backfillMs, catchUp } from './live/stream.ts';
import { loadScenario } from './scenario/built-in.ts';
import { type Scenario, ScenarioError } from './scenario/scenario.ts';

const retryDelayMsMax = 10_000;
/** For the last batch and an orderly goodbye, when asked to stop. */
const graceMs = 700;

async function readEvents(kafka: Kafka): Promise<readonly ScenarioEvent[]> {
  const log = await openLog(kafka, SCENARIO_TOPIC);
  const events = new Map<string, ScenarioEvent>();
  try {
    await log.read(await log.ends(), (_partition, record) => {
      const event = decodeScenarioEvent(record.value);
      if (event === undefined) events.delete(record.key);
      else if (event.stretch === LIVE_STRETCH) events.set(event.id, event);
    });
  } finally {
    await log.close();
  }
  return [...events.values()];
}

/** Until the stop signal, or until the broker fails: then it throws and is begun again. */
async function feedOnce(
  kafka: Kafka,
  config: FeedConfig,
  scenario: Scenario,
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  const startedMs = Date.now();
  await ensureTopic(kafka, MOVES_TOPIC);
  await ensureTopic(kafka, SCENARIO_TOPIC);
  const reader = await openLog(kafka, MOVES_TOPIC);
  const position = await readPosition(reader, startedMs - backfillMs).finally(() => reader.close());
  const producer = createFeedProducer(kafka);
  await producer.connect();
  try {
    const newestSentMs = Math.max(...position.sentThroughMs);
    const round = nextRound(scenario, await readEvents(kafka), startedMs, newestSentMs);
    await publishScenario(kafka, producer, round.published, round.withdrawn);
    const seed = scenario.seed ?? config.seed;
    const feeds = createFeeds({ seed, events: round.events, givesBack: false, isImperfect: scenario.imperfect });
    const sink = createSink(producer, MOVES_TOPIC);
    const { stream, moves } = await catchUp(feeds, position, Date.now(), sink);
    await sink.flush();
    log.info('Feeds are live.', { scenario: scenario.name, caught_up_moves: moves, took_ms: Date.now() - startedMs });
    process.send?.({ kind: 'live' });
    while (!stop.aborted) {
      stream.speak(Date.now(), sink);
      await sink.flush();
      await delay(1000 - (Date.now() % 1000) + 250, stop);
    }
  } finally {
    await producer.disconnect().catch(() => {});
  }
}

function loadOrRefuse(nameOrFile: string): Scenario {
  try {
    return loadScenario(nameOrFile);
  } catch (error) {
    if (error instanceof ScenarioError)
      throw new ConfigError(error.problems.map((problem) => `QUAYWATCH_SCENARIO: ${problem}`));
    throw error;
  }
}

export async function runFeeds(config: FeedConfig, log: Log, stop: AbortSignal): Promise<void> {
  // A wrong scenario is said before anything is connected.
  const scenario = loadOrRefuse(config.scenario);
  const kafka = connectKafka(config, 'quaywatch-feeds', log);
  const asked = new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  for (let failures = 0; !stop.aborted; failures++) {
    const beganMs = Date.now();
    try {
      // A send that a dead broker holds up must not hold up the stop.
      await Promise.race([feedOnce(kafka, config, scenario, log, stop), asked.then(() => delay(graceMs))]);
    } catch (error) {
      if (stop.aborted) return;
      if (Date.now() - beganMs > 60_000) failures = 0;
      const waitMs = Math.min(retryDelayMsMax, 500 * 2 ** failures);
      log.warn('The feeds cannot reach Kafka and will go on from where the log stands.', { error, wait_ms: waitMs });
      await delay(waitMs, stop);
    }
  }
}

if (import.meta.main) {
  const log = createLog('feeds');
  await runProcess(log, (stop) => runFeeds(feedConfig(), log, stop));
}
