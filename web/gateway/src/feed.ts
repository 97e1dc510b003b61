/**
 * Keeps the live state true to the log: start positions, snapshot from storage, then every record for ever; and reloads when the
 * processor says that it wrote to storage only. Serves nobody.
 */
import { createHash } from 'node:crypto';
import {
  ACTIONS_TOPIC,
  ALERTS_TOPIC,
  PARTITION_COUNT,
  PORTS,
  SCENARIO_TOPIC,
  type ScenarioEvent,
  THROUGHPUT_TOPIC,
} from '@quaywatch/contracts';
import { delay, type Log, retry } from '@quaywatch/runtime';
import type { LogPort, LogRecord, Position } from './adapters/kafka.ts';
import { decodeAction, decodeScenario, decodeThroughput, decodeTransition } from './decode-records.ts';
import type { History } from './history.ts';
import { loadSnapshot } from './snapshot.ts';
import type { Health } from './socket/view.ts';
import { type AlertLog, createAlertLog, putAction, putTransition } from './state/alert-log.ts';
import { createLiveState, type LiveState, step } from './state/live-state.ts';

/** The log is read from so far back: what is open now was open then, or is in storage. */
const readBackMs = 90 * 60_000;
/** A partition's mark older than this means that nobody processes it. */
const marksWithinMs = 30_000;
const scenarioMax = 10_000;
const reloadPauseMs = 2_000;

export type Feed = {
  readonly state: LiveState;
  readonly alerts: AlertLog;
  readonly scenario: ReadonlyMap<string, ScenarioEvent>;
  /** Where the log was begun, by partition of the throughput topic. */
  readonly start: { readonly positions: Float64Array };
  readonly epoch: () => string;
  /** Everything that was in the log at the start has been read, and storage has been asked. */
  readonly isCaughtUp: () => boolean;
  /** Ages of the newest marks, ms of wall clock, by partition; Infinity = none yet. */
  readonly markAgesMs: () => readonly number[];
  readonly health: () => Health;
  /** Begins; resolves when reading has begun. Tries for ever while Kafka is down. */
  readonly run: (stop: AbortSignal) => Promise<void>;
};

export type FeedPorts = {
  readonly kafka: LogPort;
  readonly history: History;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly unreadable: (topic: string) => void;
  readonly consumed: (topic: string, records: number) => void;
};

export function createFeed(ports: FeedPorts): Feed {
  const state = createLiveState('live');
  const alerts = createAlertLog('live');
  const scenario = new Map<string, ScenarioEvent>();
  const start = { positions: new Float64Array(PARTITION_COUNT) };
  const markTimesMs = new Float64Array(PARTITION_COUNT).fill(Number.NEGATIVE_INFINITY);
  const ends = new Map<string, number>();
  let loadedThrough: Float64Array = new Float64Array(PARTITION_COUNT).fill(-1);
  let wasAsked = false;
  let historyIsMissing = false;
  let clusterId = '';
  let lateLoads = 0;
  let epoch = '';
  let isLoading = false;

  const renewEpoch = () => {
    const basis = [clusterId, lateLoads, ...state.rebuiltAt].join('/');
    epoch = createHash('sha256').update(basis).digest('hex').slice(0, 12);
  };

  const take = (records: readonly LogRecord[]): void => {
    for (const record of records) takeOne(record);
    const first = records[0];
    if (first !== undefined) ports.consumed(first.topic, records.length);
  };

  const takeOne = ({ topic, partition, offset, timeMs, value }: LogRecord): void => {
    const position = offset + 1;
    let isRead = value === null;
    if (topic === THROUGHPUT_TOPIC) {
      const message = decodeThroughput(value);
      if (message === undefined) state.positions[partition] = position;
      else {
        isRead = true;
        if (message.kind === 'mark') markTimesMs[message.partition] = timeMs;
        step(state, message, partition, position);
      }
    } else if (topic === ALERTS_TOPIC) {
      const transition = decodeTransition(value);
      alerts.alertsPosition = Math.max(alerts.alertsPosition, position);
      if (transition !== undefined) putTransition(alerts, transition, position);
      isRead ||= transition !== undefined;
    } else if (topic === ACTIONS_TOPIC) {
      const action = decodeAction(value);
      alerts.actionsPosition = Math.max(alerts.actionsPosition, position);
      if (action !== undefined) putAction(alerts, action, position);
      isRead ||= action !== undefined;
    } else {
      const event = decodeScenario(value);
      if (event !== undefined && scenario.size < scenarioMax) scenario.set(event.id, event);
      isRead ||= event !== undefined;
    }
    if (!isRead) ports.unreadable(topic);
  };

  /** @throws HistoryError */
  const load = async (through: Float64Array, codes: readonly string[] = []): Promise<void> => {
    const rows = await loadSnapshot(state, ports.history, ports.nowMs(), codes);
    loadedThrough = through;
    historyIsMissing = false;
    ports.log.info('History is loaded from ClickHouse.', { rows });
  };

  const isBehind = (partition: number) => (state.rebuiltAt[partition] ?? -1) > (loadedThrough[partition] ?? -1);
  const needsReload = () => historyIsMissing || state.rebuiltAt.some((_position, partition) => isBehind(partition));

  /** Reloads while there is a reason to; one at a time. */
  const keepLoaded = async (stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      await delay(reloadPauseMs, stop);
      if (stop.aborted || isLoading || !needsReload()) continue;
      isLoading = true;
      try {
        const wasMissing = historyIsMissing;
        const rebuilt = PORTS.filter((port) => isBehind(port.partition)).map((port) => port.code);
        await load(state.positions.slice(), wasMissing ? [] : rebuilt);
        if (wasMissing) lateLoads += 1;
        renewEpoch();
      } catch (error) {
        ports.log.warn('History could not be reloaded and is tried again.', { error });
      } finally {
        isLoading = false;
      }
    }
  };

  const begin = async (stop: AbortSignal): Promise<void> => {
    clusterId = await ports.kafka.clusterId();
    const from: Position[] = [];
    for (const topic of [THROUGHPUT_TOPIC, ALERTS_TOPIC, ACTIONS_TOPIC, SCENARIO_TOPIC])
      for (const end of await ports.kafka.ends(topic)) ends.set(`${topic}/${end.partition}`, end.offset);
    for (const position of await ports.kafka.offsetsAt(THROUGHPUT_TOPIC, ports.nowMs() - readBackMs)) {
      from.push(position);
      start.positions[position.partition] = position.offset;
      state.positions[position.partition] = position.offset;
    }
    for (const topic of [ALERTS_TOPIC, ACTIONS_TOPIC, SCENARIO_TOPIC]) {
      const starts = await ports.kafka.starts(topic);
      from.push(...starts);
      if (topic === ALERTS_TOPIC) alerts.oldestPosition = alerts.alertsPosition = starts[0]?.offset ?? 0;
      if (topic === ACTIONS_TOPIC) alerts.actionsPosition = starts[0]?.offset ?? 0;
    }
    try {
      const through = Float64Array.from(
        { length: PARTITION_COUNT },
        (_, p) => ends.get(`${THROUGHPUT_TOPIC}/${p}`) ?? 0,
      );
      await retry(() => load(through), { attemptsMax: 3, firstDelayMs: 200, delayMsMax: 1_000, signal: stop });
    } catch (error) {
      historyIsMissing = true;
      ports.log.warn('ClickHouse does not answer: live goes on without history until it does.', { error });
    }
    wasAsked = true;
    await ports.kafka.read(from, take);
  };

  const isCaughtUp = () => {
    if (!wasAsked) return false;
    for (const [key, end] of ends) {
      const [topic, partition] = [key.slice(0, key.lastIndexOf('/')), Number(key.slice(key.lastIndexOf('/') + 1))];
      if (topic === THROUGHPUT_TOPIC && (state.positions[partition] ?? 0) < end) return false;
    }
    return true;
  };
  const markAgesMs = () => Array.from(markTimesMs, (timeMs) => ports.nowMs() - timeMs);

  return {
    state,
    alerts,
    scenario,
    start,
    epoch: () => {
      if (epoch === '' && isCaughtUp()) renewEpoch();
      return epoch;
    },
    isCaughtUp,
    markAgesMs,
    health: () => {
      if (!ports.kafka.isUp()) return { healthy: false, note: 'Kafka does not answer; the last state is shown.' };
      const old = markAgesMs().filter((ageMs) => ageMs > marksWithinMs).length;
      if (old > 0) return { healthy: false, note: `${old} of ${PARTITION_COUNT} partitions are not being processed.` };
      if (historyIsMissing) return { healthy: false, note: 'ClickHouse does not answer; history is missing.' };
      return { healthy: true, note: '' };
    },
    run: async (stop) => {
      const tryToBegin = async () => {
        try {
          await begin(stop);
        } catch (error) {
          // Asked to stop while Kafka was not there: nothing is wrong.
          if (!stop.aborted) throw error;
        }
      };
      await retry(tryToBegin, {
        attemptsMax: Number.POSITIVE_INFINITY,
        firstDelayMs: 250,
        delayMsMax: 5_000,
        signal: stop,
        onRetry: (error, attempt) => {
          if (attempt % 10 === 1) ports.log.warn('Kafka is not ready and is tried again.', { error, attempt });
        },
      });
      void keepLoaded(stop);
    },
  };
}
