/**
 * Asks again what a broker that went away did not answer. kafkajs gives up an admin's request and a subscription at the first connection that is
 * lost, whatever its patience (docs/adr/0010). For work that may be done twice; knows no topic.
 */
import { type Log, retry } from '@quaywatch/runtime';

/** As long as a command waits for storage. */
const patienceMs = 180_000;

/** What should have come did not, and may when it is asked for again. */
export class NoAnswerError extends Error {
  readonly code = 'no_answer';
  readonly retriable = true;
}

/** kafkajs marks what may go better another time, and wraps it when its own tries are used up. */
function mayGoBetter(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return Reflect.get(error, 'retriable') === true || mayGoBetter(error.cause);
}

export type InsistOptions = {
  /** What is asked for, as the log has it. */
  readonly what: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Ends the waiting at once. */
  readonly stop: AbortSignal;
};

/** @throws what was no weather, the last error after three minutes of it, or that it was stopped. */
export async function insist<T>(work: () => Promise<T>, { what, log, stop }: InsistOptions): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const wasStopped = () => new Error(`Stopped while waiting for Kafka: ${what}.`);
  if (stop.aborted) throw wasStopped();
  const onStop = () => stopped.reject(wasStopped());
  stop.addEventListener('abort', onStop, { once: true });
  const begunMs = performance.now();
  let isAway = false;
  try {
    const asked = retry(work, {
      attemptsMax: Number.POSITIVE_INFINITY,
      firstDelayMs: 250,
      delayMsMax: 5_000,
      isRetriable: (error) => mayGoBetter(error) && performance.now() - begunMs < patienceMs,
      signal: stop,
      onRetry: (error) => {
        if (!isAway) log.warn('Kafka does not answer; it is asked again until it does.', { what, error });
        isAway = true;
      },
    });
    const answer = await Promise.race([stopped.promise, asked]);
    if (isAway) log.info('Kafka answers again.', { what });
    return answer;
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}
