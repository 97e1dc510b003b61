/**
 * The notifier, in one order: read everything to its end, decide, append, read back, and only then send. The log is what it knows and the
 * outbox at once; of two notifiers that are wrong about who may act, whatever comes first in the log counts for both.
 */
import type { NotificationRecord } from '@quaywatch/contracts';
import { createRandom, delay, type Log, retry, seedOf } from '@quaywatch/runtime';
import type { Arrived, NotificationKafka } from './adapters/notification-kafka.ts';
import { FOLLOWED } from './adapters/notification-kafka.ts';
import { takeRecord } from './adapters/notification-records.ts';
import type { Receiver } from './adapters/receivers/receiver.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { decide } from './notification/decide.ts';
import { createKnowledge, forget, type Knowledge } from './notification/knowledge.ts';

const beatMs = 500;
const retryMs = 1_000;
const forgetEveryMs = 3_600_000;
/** Log time that has not moved for so long means that the pipeline is dead, and the watchdog is silent. */
const aliveWithinMs = 120_000;

export type NotifierPorts = {
  readonly kafka: NotificationKafka;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly watchdog: { readonly receiver: string; readonly everyMs: number } | undefined;
  readonly nowMs: () => number;
  readonly log: Log;
};

type State = {
  readonly knowledge: Knowledge;
  readonly positions: Map<string, number>;
  readonly unreadable: Map<string, number>;
  /** The term for which everything was read to its end; deciding needs it to be the present one. */
  readTerm: number | undefined;
  aliveAtMs: number;
  logTimeMs: number;
};

/** Runs until asked to stop. What Kafka does not answer is tried again for ever: a notifier that is away tells nobody anything. */
export async function runNotifier(ports: NotifierPorts, stop: AbortSignal, onBegun: () => void): Promise<void> {
  const { kafka, log, nowMs } = ports;
  const state: State = {
    knowledge: createKnowledge(),
    positions: new Map(),
    unreadable: new Map(),
    readTerm: undefined,
    aliveAtMs: 0,
    logTimeMs: 0,
  };
  const isActing = () => state.readTerm !== undefined && kafka.leadership() === state.readTerm;
  const append = (records: readonly NotificationRecord[]) => appendAndRead(ports, state, records, stop);
  const delivery = createDelivery({
    knowledge: state.knowledge,
    receivers: ports.receivers,
    isActing,
    append,
    nowMs,
    random: createRandom(seedOf(process.pid, Date.now())),
    log,
  });
  const always = (what: string, work: () => Promise<void>) =>
    retry(work, {
      attemptsMax: Number.POSITIVE_INFINITY,
      firstDelayMs: 500,
      delayMsMax: 5_000,
      signal: stop,
      onRetry: (error, attempt) => {
        if (attempt === 1) log.warn('Kafka does not answer yet; it is tried again.', { what, error });
      },
    });
  try {
    await always('reading', () => kafka.follow((records) => take(ports, state, delivery, records)));
    if (ports.watchdog !== undefined)
      await always('marks', () => kafka.watchMarks((logTimeMs) => noteLogTime(state, logTimeMs, nowMs())));
    // Whoever stands may be told to decide.
    onBegun();
    await always('election', () => kafka.stand());
    await Promise.all([keepDeciding(ports, state, append, stop), delivery.run(stop)]);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await kafka.close();
  }
}

function noteLogTime(state: State, logTimeMs: number, nowMs: number): void {
  if (logTimeMs <= state.logTimeMs) return;
  state.logTimeMs = logTimeMs;
  state.aliveAtMs = nowMs;
}

function take(ports: NotifierPorts, state: State, delivery: Delivery, records: readonly Arrived[]): void {
  for (const { topic, offset, timeMs, value } of records) {
    const taken = takeRecord(state.knowledge, topic, value, timeMs);
    state.positions.set(topic, offset + 1);
    if (taken === 'unreadable') noteUnreadable(ports.log, state, topic, offset);
    else if (taken !== 'taken') delivery.noteAttempt(taken);
  }
}

function noteUnreadable(log: Log, state: State, topic: string, offset: number): void {
  const count = (state.unreadable.get(topic) ?? 0) + 1;
  state.unreadable.set(topic, count);
  // Told at 1, 10, 100, …: a bad deploy of somebody else must not fill the log.
  if (Number.isInteger(Math.log10(count)))
    log.warn('Records could not be read and are passed over.', { topic, offset, count });
}

async function until(isTrue: () => boolean, stop: AbortSignal, withinMs: number, what: string): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (stop.aborted || performance.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms: ${what}`);
    await delay(10, stop);
  }
}

/** Only what was read back is known: another notifier's record may have come first. */
async function appendAndRead(
  { kafka }: NotifierPorts,
  state: State,
  records: readonly NotificationRecord[],
  stop: AbortSignal,
): Promise<void> {
  if (records.length === 0) return;
  let next: number;
  try {
    next = await kafka.append(records);
  } catch (error) {
    // It may be in the log or not: nothing is decided and nothing sent before the log was read to its end.
    state.readTerm = undefined;
    throw error;
  }
  await until(() => (state.positions.get(notifications) ?? 0) >= next, stop, 15_000, 'reading back').catch((error) => {
    state.readTerm = undefined;
    throw error;
  });
}
const notifications = FOLLOWED[3];

async function readToEnds({ kafka }: NotifierPorts, state: State, stop: AbortSignal): Promise<void> {
  const ends = await kafka.ends();
  const isThere = () => [...ends].every(([topic, end]) => (state.positions.get(topic) ?? 0) >= end);
  // The first reading is of the whole log.
  await until(isThere, stop, 120_000, 'reading everything');
}

async function keepDeciding(
  ports: NotifierPorts,
  state: State,
  append: (records: readonly NotificationRecord[]) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  const { kafka, log, nowMs } = ports;
  let toldTerm: number | undefined;
  let forgotMs = 0;
  while (!stop.aborted) {
    const term = kafka.leadership();
    try {
      if (term !== undefined && state.readTerm !== term) {
        await readToEnds(ports, state, stop);
        if (toldTerm === undefined) {
          log.info('Everything was read; this notifier decides.', { alerts: state.knowledge.alerts.size });
          await append([receiversRecord(ports)]);
        }
        toldTerm = term;
        state.readTerm = term;
      }
      if (nowMs() - forgotMs > forgetEveryMs && state.readTerm !== undefined) {
        forget(state.knowledge, nowMs());
        forgotMs = nowMs();
      }
      // A beat that finds nothing more to decide ends the round; what one record makes due comes with the next.
      if (term !== undefined && state.readTerm === term && kafka.leadership() === term) {
        const setup = {
          receivers: new Map([...ports.receivers].map(([name, { type }]) => [name, type])),
          watchdog: ports.watchdog,
          isPipelineAlive: nowMs() - state.aliveAtMs < aliveWithinMs,
        };
        await append(decide(state.knowledge, setup, nowMs()));
      }
      await delay(beatMs, stop);
    } catch (error) {
      if (stop.aborted) return;
      log.warn('Deciding was interrupted and is tried again.', { error });
      await delay(retryMs, stop);
    }
  }
}

function receiversRecord({ receivers, nowMs }: NotifierPorts): NotificationRecord {
  return {
    kind: 'receivers',
    receivers: [...receivers.values()].map(({ name, type, target }) => ({ name, type, target })),
    at_ms: nowMs(),
  };
}
