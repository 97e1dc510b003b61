/**
 * Delivers what was decided: one loop a receiver takes from the outbox, sends, and writes down how it went. At least once: what was sent and
 * not yet written down when the process ends is sent again under the same id. Decides nothing about whom to tell.
 */
import type { NotificationRecord } from '@quaywatch/contracts';
import { delay, type Log } from '@quaywatch/runtime';
import type { Outcome, Receiver } from './adapters/receivers/receiver.ts';
import {
  allowance,
  backOffMs,
  type Circuit,
  closedCircuit,
  giveUpAfterMs,
  nextMessage,
  noteOutcome,
  type Queued,
} from './notification/delivery-policy.ts';
import type { Decision, Knowledge } from './notification/knowledge.ts';
import { messageOf, standingMessage } from './notification/message.ts';

const idleMs = 200;
/** A sign of life that is older than this says nothing. */
const watchdogFreshMs = 60_000;
const sentKeptMs = 120_000;
/** A receiver that wants to be left alone for longer is asked again all the same: what is to be told now is old by then. */
const restMsMax = 900_000;

type Attempt = Extract<NotificationRecord, { kind: 'attempt' }>;

export type DeliveryPorts = {
  readonly knowledge: Knowledge;
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** Whether this process may act now. */
  readonly isActing: () => boolean;
  /** Appends, and resolves when the records were read back. @throws when this process may act no more, or was asked to stop. */
  readonly append: (records: readonly NotificationRecord[]) => Promise<void>;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** Between looks at the outbox; tests do not wait. */
  readonly pauseMs?: number;
};

type Line = {
  readonly name: string;
  /** Undefined: a rule names a receiver that is not configured. */
  readonly receiver: Receiver | undefined;
  readonly circuit: Circuit;
  /** Times of messages, ascending. */
  readonly sentMs: number[];
  readonly notBeforeMs: Map<string, number>;
  /** It has asked to be left alone until then, whatever there is to tell. */
  restUntilMs: number;
  keptAliveMs: number;
};

export type Delivery = {
  /** An attempt that was read from the log: the channel's limits count it, whoever sent it. */
  noteAttempt(attempt: Attempt): void;
  run(stop: AbortSignal): Promise<void>;
};

function noteSent(line: Line, atMs: number, nowMs: number): void {
  if (atMs < nowMs - sentKeptMs || line.sentMs.includes(atMs)) return;
  line.sentMs.push(atMs);
  line.sentMs.sort((a, b) => a - b);
  while ((line.sentMs[0] ?? nowMs) < nowMs - sentKeptMs) line.sentMs.shift();
}

export function createDelivery(ports: DeliveryPorts): Delivery {
  const lines = new Map<string, Line>();
  const lineOf = (name: string): Line => {
    const known = lines.get(name);
    if (known !== undefined) return known;
    const receiver = ports.receivers.get(name);
    const made: Line = {
      name,
      receiver,
      circuit: closedCircuit(),
      sentMs: [],
      notBeforeMs: new Map(),
      restUntilMs: 0,
      keptAliveMs: Number.NEGATIVE_INFINITY,
    };
    lines.set(name, made);
    return made;
  };
  return {
    noteAttempt: (attempt) => noteSent(lineOf(attempt.receiver), attempt.at_ms, ports.nowMs()),
    async run(stop) {
      for (const name of ports.receivers.keys()) lineOf(name);
      const running = new Map<string, Promise<void>>();
      while (!stop.aborted) {
        for (const { decision } of ports.knowledge.outbox.values()) lineOf(decision.receiver);
        for (const line of lines.values())
          if (!running.has(line.name)) running.set(line.name, runLine(ports, line, stop));
        await delay(ports.pauseMs ?? 1_000, stop);
      }
      await Promise.all(running.values());
    },
  };
}

async function runLine(ports: DeliveryPorts, line: Line, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      if (!ports.isActing() || !(await sendNext(ports, line))) await delay(ports.pauseMs ?? idleMs, stop);
    } catch (error) {
      if (!stop.aborted)
        ports.log.warn('A delivery was interrupted and is tried again.', { receiver: line.name, error });
      await delay(ports.pauseMs ?? 1_000, stop);
    }
  }
}

/** @returns whether something was sent. */
async function sendNext(ports: DeliveryPorts, line: Line): Promise<boolean> {
  const nowMs = ports.nowMs();
  // Whatever else fails there: what is not told again in time counts as over.
  await keepAlive(ports, line, nowMs);
  if (nowMs < Math.max(line.circuit.openUntilMs, line.restUntilMs)) return false;
  const unsents = [...ports.knowledge.outbox.values()].filter((one) => one.decision.receiver === line.name);
  const queue: Queued[] = unsents.map((unsent) => {
    const { id } = unsent.decision;
    const lastMs = unsent.lastAttemptAtMs;
    const known = line.notBeforeMs.get(id);
    // After a restart the pause of before is drawn again.
    if (known === undefined && lastMs !== undefined)
      line.notBeforeMs.set(id, lastMs + backOffMs(unsent.attempts, ports.random()));
    return { unsent, notBeforeMs: line.notBeforeMs.get(id) ?? 0 };
  });
  for (const id of line.notBeforeMs.keys()) if (!ports.knowledge.outbox.has(id)) line.notBeforeMs.delete(id);
  const { free } = allowance(line.receiver?.limits ?? [], line.sentMs, nowMs);
  const decisions = nextMessage(queue, nowMs, free, line.receiver?.canMerge ?? false);
  if (decisions.length > 0) {
    await deliver(ports, line, decisions);
    return true;
  }
  return false;
}

async function deliver(ports: DeliveryPorts, line: Line, decisions: readonly Decision[]): Promise<void> {
  const { knowledge, log } = ports;
  const message = messageOf(knowledge, decisions);
  const startMs = ports.nowMs();
  const isStale = decisions[0]?.reason === 'watchdog' && startMs - decisions[0].decided_at_ms > watchdogFreshMs;
  const outcome: Outcome =
    line.receiver === undefined
      ? hopeless(`There is no receiver "${line.name}" in the receivers file.`)
      : isStale
        ? hopeless('Too old to be a sign of life.')
        : message === undefined
          ? { kind: 'delivered', status: null, detail: 'Nothing is left to tell.' }
          : await line.receiver.send(message, startMs);
  const endMs = ports.nowMs();
  noteSent(line, startMs, endMs);
  if (outcome.kind === 'failed' && outcome.retryInMs !== null)
    line.restUntilMs = endMs + Math.min(restMsMax, outcome.retryInMs);
  const wasOpen = line.circuit.openUntilMs > 0;
  noteOutcome(line.circuit, outcome.kind === 'delivered' || outcome.isReached, endMs);
  if (!wasOpen && line.circuit.openUntilMs > endMs)
    log.warn('A receiver fails time after time; it is probed now and then.', { receiver: line.name });
  if (wasOpen && line.circuit.openUntilMs === 0) log.info('A receiver answers again.', { receiver: line.name });
  const attempts = decisions.map((decision) => attemptOf(ports, line, decision, outcome, startMs, endMs));
  for (const { outcome: how, id, detail } of attempts)
    if (how === 'given_up' && !id.startsWith('watchdog/'))
      log.error('A notification was given up.', { receiver: line.name, id, detail });
  await ports.append(attempts);
}

function hopeless(detail: string): Outcome {
  return { kind: 'failed', status: null, detail, isHopeless: true, isReached: true, retryInMs: null };
}

function attemptOf(
  ports: DeliveryPorts,
  line: Line,
  decision: Decision,
  outcome: Outcome,
  startMs: number,
  endMs: number,
): Attempt {
  const unsent = ports.knowledge.outbox.get(decision.id);
  const attempt = (unsent?.attempts ?? 0) + 1;
  const firstFailedMs = unsent?.firstFailedAtMs ?? startMs;
  // The next sign of life is the retry of this one.
  const isLastTry = decision.reason === 'watchdog' || endMs - firstFailedMs >= giveUpAfterMs;
  const isGivenUp = outcome.kind === 'failed' && (outcome.isHopeless || isLastTry);
  if (outcome.kind === 'failed') line.notBeforeMs.set(decision.id, endMs + backOffMs(attempt, ports.random()));
  return {
    kind: 'attempt',
    id: decision.id,
    receiver: line.name,
    attempt,
    outcome: isGivenUp ? 'given_up' : outcome.kind,
    status: outcome.status,
    detail: outcome.detail,
    at_ms: startMs,
    took_ms: endMs - startMs,
  };
}

async function keepAlive(ports: DeliveryPorts, line: Line, nowMs: number): Promise<void> {
  const alive = line.receiver?.keepAlive;
  if (alive === undefined || nowMs < line.keptAliveMs + alive.everyMs) return;
  const message = standingMessage(ports.knowledge, line.name, nowMs);
  if (message === undefined) return;
  const outcome = await alive.send(message, nowMs);
  // What failed is tried again soon: it is only in time while it comes before the end that was told last.
  line.keptAliveMs = outcome.kind === 'delivered' ? nowMs : nowMs - alive.everyMs + 10_000;
  if (outcome.kind === 'failed')
    ports.log.warn('A receiver could not be told again what still fires.', {
      receiver: line.name,
      detail: outcome.detail,
    });
}
