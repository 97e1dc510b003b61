/**
 * How a process lives: it runs until asked to stop, stops within a bound, and never outlives its supervisor.
 * Starts nothing by itself.
 */
import { ConfigError } from './config.ts';
import type { Log } from './log.ts';

const stopWithinMs = 8_000;

/** A process stops itself because going on would do harm and starting again would not help: a person is needed. Exit code 3. */
export class Halt extends Error {
  readonly code = 'halted';
}

/**
 * Runs `main`; until it has called `begun`, a request to stop ends it at once: there is nothing to finish yet, and what it still waits for may
 * be long in coming.
 */
export async function stoppableBeforeItBegins(
  stop: AbortSignal,
  main: (begun: () => void) => Promise<void>,
): Promise<void> {
  let hasBegun = false;
  const asked = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  const running = main(() => {
    hasBegun = true;
  });
  await Promise.race([running, asked.then(() => (hasBegun ? running : undefined))]);
}

/**
 * Runs `main` until it returns or the process is asked to stop (SIGINT, SIGTERM, or the supervisor's IPC channel closes).
 * `main` is given the signal of that request. Exit codes: 0 stopped as asked, 1 failed, 2 used wrongly, 3 halted.
 */
export async function runProcess(log: Log, main: (stop: AbortSignal) => Promise<void>): Promise<never> {
  const stopping = new AbortController();
  const ask = (why: string) => () => {
    if (stopping.signal.aborted) return;
    log.info('Stopping.', { why });
    stopping.abort();
    setTimeout(() => {
      log.error('Did not stop in time and is ended.', { within_ms: stopWithinMs });
      process.exit(1);
    }, stopWithinMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask(signal));
  if (process.channel !== undefined) process.on('disconnect', ask('the supervisor is gone'));
  try {
    await main(stopping.signal);
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else log.error('Failed.', { error });
    process.exit(error instanceof ConfigError ? 2 : error instanceof Halt ? 3 : 1);
  }
}
