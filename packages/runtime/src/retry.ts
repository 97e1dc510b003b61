/**
 * Tries again after bad weather (broker, database, network), with full jitter and a bound.
 * Decides nothing about which errors are worth it: the caller does.
 */
export type RetryOptions = {
  readonly attemptsMax: number;
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
  readonly isRetriable?: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  readonly signal?: AbortSignal;
};

export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** @throws the last error, when attempts are used up, it is not retriable, or the signal says stop. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const hopeless = options.isRetriable !== undefined && !options.isRetriable(error);
      if (hopeless || attempt >= options.attemptsMax || options.signal?.aborted === true) throw error;
      const ceiling = Math.min(options.delayMsMax, options.firstDelayMs * 2 ** (attempt - 1));
      const delayMs = ceiling * (0.5 + Math.random() * 0.5);
      options.onRetry?.(error, attempt, delayMs);
      await delay(delayMs, options.signal);
    }
  }
}
