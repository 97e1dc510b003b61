/** Waiting for something to become true, with a bound. */
import { delay } from '@quaywatch/runtime';

/** @throws when it does not become true in time. */
export async function eventually(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 30_000,
  everyMs = 50,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms: ${what}`);
    await delay(everyMs);
  }
}
