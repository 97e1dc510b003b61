/**
 * Keeps the live state true to the log: start positions, snapshot from storage, then every record for ever; and reloads when the
 * processor says that it wrote to storage only. Serves nobody.
 */
import { createHash } from 'node:crypto';
import {
  ACTIONS_TOPIC,
  ALERTS_TOPIC,
  NOTIFICATIONS_TOPIC,
  PARTITION_COUNT,
  PORTS,
  RULES_TOPIC,
  SCENARIO_TOPIC,
  type ScenarioEvent,
  THROUGHPUT_TOPIC,
} from '@quaywatch/contracts';
import { decodeRuleSet } from '@quaywatch/contracts/rules-schema';
import { delay, type Log, retry } from '@quaywatch/runtime';
import type { LogPort, LogRecord, Position } from './adapters/kafka.ts';
import {
  decodeAction,
  decodeNotification,
  decodeScenario,
  decodeThroughput,
  decodeTransition,
} from './decode-records.ts';
import type { History } from './history.ts';
import { loadSnapshot } from './snapshot.ts';
import type { Desk } from './socket/alerts-view.ts';
import type { Health } from './socket/view.ts';
import { type AlertLog, createAlertLog, putAction, putTransition } from './state/alert-log.ts';
import { createLiveState, type LiveState, step } from './state/live-state.ts';
import { createNotificationLog, notificationsMax, putNotification } from './state/notification-log.ts';
import { createRulesLog, putRuleSet } from './state/rules-log.ts';
import { createProcessing } from './unprocessed.ts';

/** The log is read from so far back: what is open now was open then, or is in storage. */
const readBackMs = 90 * 60_000;
const scenarioMax = 10_000;
/** A silence lasts 30 days at most, so an older action changes nothing that is open. */
const actionsBackMs = 31 * 86_400_000;
const reloadPauseMs = 2_000;

export type Feed = {
  readonly state: LiveState;
  readonly alerts: AlertLog;
  /** Rules, notifications, and the clock that silences are told by. */
  readonly desk: Desk;
  readonly scenario: ReadonlyMap<string, ScenarioEvent>;
  /** Where the log was begun, by partition of the throughput topic. */
  readonly start: { readonly positions: Float64Array };
  readonly epoch: () => string;
  /** Everything that was in the log at the start has been read, and storage has been asked. */
  readonly isCaughtUp: () => boolean;
  /** Partitions that nobody processes, of those that hold records; all of them while none does. */
  readonly unprocessed: () => readonly number[];
  readonly health: () => Health;
  /** Waits until what was read makes it true. @returns false when it did not within the time. */
  readonly until: (isTrue: () => boolean, withinMs: number) => Promise<boolean>;
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
  const rules = createRulesLog();
  const notifications = createNotificationLog();
  const waiting = new Set<() => void>();
  const scenario = new Map<string, ScenarioEvent>();
  const start = { positions: new Float64Array(PARTITION_COUNT) };
  const processing = createProcessing(ports.kafka, ports.nowMs);
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
    for (const look of waiting) look();
  };

  const takeThroughput = ({ partition, offset, timeMs, value }: LogRecord): boolean => {
    const message = decodeThroughput(value);
    if (message === undefined) {
      state.positions[partition] = offset + 1;
      return false;
    }
    if (message.kind === 'mark') processing.marked(message.partition, timeMs);
    step(state, message, partition, offset + 1);
    return true;
  };

  /** By topic: whether the record is what the topic holds. The position moves in either case. */
  const takers: Readonly<Record<string, (record: LogRecord) => boolean>> = {
    [THROUGHPUT_TOPIC]: takeThroughput,
    [ALERTS_TOPIC]: ({ offset, value }) => {
      const transition = decodeTransition(value);
      if (transition !== undefined) putTransition(alerts, transition, offset + 1);
      alerts.alertsPosition = Math.max(alerts.alertsPosition, offset + 1);
      return transition !== undefined;
    },
    [ACTIONS_TOPIC]: ({ offset, value }) => {
      const action = decodeAction(value);
      if (action !== undefined) putAction(alerts, action, offset + 1);
      alerts.actionsPosition = Math.max(alerts.actionsPosition, offset + 1);
      return action !== undefined;
    },
    [RULES_TOPIC]: ({ offset, value }) => {
      const ruleSet = decodeRuleSet(value);
      if (ruleSet !== undefined) putRuleSet(rules, ruleSet, offset + 1);
      rules.position = Math.max(rules.position, offset + 1);
      return ruleSet !== undefined;
    },
    [NOTIFICATIONS_TOPIC]: ({ offset, value }) => {
      const record = decodeNotification(value);
      if (record !== undefined) putNotification(notifications, record, offset + 1);
      notifications.position = Math.max(notifications.position, offset + 1);
      return record !== undefined;
    },
    [SCENARIO_TOPIC]: ({ value }) => {
      const event = decodeScenario(value);
      if (event !== undefined && scenario.size < scenarioMax) scenario.set(event.id, event);
      return event !== undefined;
    },
  };

  const takeOne = (record: LogRecord): void => {
    const isRead = takers[record.topic]?.(record) ?? false;
    if (!isRead && record.value !== null) ports.unreadable(record.topic);
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
      // What was known of empty partitions stays known while Kafka does not answer.
      if (!stop.aborted) void processing.ask().catch(() => undefined);
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

  /** Where the low-volume topics are read from: all that matters for what is open now. */
  const beginEvents = async (): Promise<Position[]> => {
    const starts = async (topic: string) => (await ports.kafka.starts(topic))[0] ?? { topic, partition: 0, offset: 0 };
    const alertsFrom = await starts(ALERTS_TOPIC);
    alerts.oldestPosition = alerts.alertsPosition = alertsFrom.offset;
    // What the topic no longer holds is in storage.
    if (alertsFrom.offset > 0) alerts.forgotten = Math.max(1, alerts.forgotten);
    const [actionsFrom = await starts(ACTIONS_TOPIC)] = await ports.kafka.offsetsAt(
      ACTIONS_TOPIC,
      ports.nowMs() - actionsBackMs,
    );
    alerts.oldestActionsPosition = alerts.actionsPosition = actionsFrom.offset;
    const rulesFrom = await starts(RULES_TOPIC);
    rules.position = rulesFrom.offset;
    const firstNotification = await starts(NOTIFICATIONS_TOPIC);
    const newest = (ends.get(`${NOTIFICATIONS_TOPIC}/0`) ?? 0) - notificationsMax;
    const notificationsFrom = { ...firstNotification, offset: Math.max(firstNotification.offset, newest) };
    notifications.oldestPosition = notifications.position = notificationsFrom.offset;
    return [alertsFrom, actionsFrom, rulesFrom, notificationsFrom, ...(await ports.kafka.starts(SCENARIO_TOPIC))];
  };

  const begin = async (stop: AbortSignal): Promise<void> => {
    clusterId = await ports.kafka.clusterId();
    const from: Position[] = [];
    for (const topic of Object.keys(takers))
      for (const end of await ports.kafka.ends(topic)) ends.set(`${topic}/${end.partition}`, end.offset);
    for (const position of await ports.kafka.offsetsAt(THROUGHPUT_TOPIC, ports.nowMs() - readBackMs)) {
      from.push(position);
      start.positions[position.partition] = position.offset;
      state.positions[position.partition] = position.offset;
    }
    from.push(...(await beginEvents()));
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
    const events: Readonly<Record<string, number>> = {
      [ALERTS_TOPIC]: alerts.alertsPosition,
      [ACTIONS_TOPIC]: alerts.actionsPosition,
      [RULES_TOPIC]: rules.position,
      [NOTIFICATIONS_TOPIC]: notifications.position,
    };
    for (const [key, end] of ends) {
      const [topic, partition] = [key.slice(0, key.lastIndexOf('/')), Number(key.slice(key.lastIndexOf('/') + 1))];
      const position = topic === THROUGHPUT_TOPIC ? (state.positions[partition] ?? 0) : (events[topic] ?? end);
      if (position < end) return false;
    }
    return true;
  };

  const until = (isTrue: () => boolean, withinMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (result: boolean) => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve(result);
      };
      const look = () => {
        if (isTrue()) end(true);
      };
      const timer = setTimeout(() => end(false), withinMs);
      waiting.add(look);
      look();
    });

  return {
    state,
    alerts,
    desk: { rules, notifications, nowMs: ports.nowMs },
    scenario,
    start,
    epoch: () => {
      if (epoch === '' && isCaughtUp()) renewEpoch();
      return epoch;
    },
    isCaughtUp,
    unprocessed: processing.unprocessed,
    until,
    health: () => {
      if (!ports.kafka.isUp()) return { healthy: false, note: 'Kafka does not answer; the last state is shown.' };
      const halted = state.marks.find((mark) => mark?.halted !== undefined)?.halted;
      if (halted !== undefined) return { healthy: false, note: `The processor has stopped itself: ${halted}` };
      const old = processing.unprocessed().length;
      if (old > 0 && processing.isLogEmpty()) return { healthy: false, note: 'Nobody has reported yet.' };
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
