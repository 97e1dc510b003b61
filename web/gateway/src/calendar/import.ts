/**
 * Reads a calendar of unknown origin in a thread of its own, with bounds on time and memory: a rule such as the 30th of every February keeps
 * a parser busy for ever.
 */
import { Worker } from 'node:worker_threads';
import { ApiError } from '../http/errors.ts';
import type { Expanded } from './expand.ts';

export type CalendarImport = (name: string, ics: string, nowMs: number) => Promise<Expanded>;

const withinMs = 5_000;
const memoryMbMax = 128;
const atOnceMax = 2;

/** @throws ApiError 429 when too many are being read. */
export function createCalendarImport(limitMs = withinMs): CalendarImport {
  let reading = 0;
  return async (name, ics, nowMs) => {
    if (reading >= atOnceMax) throw new ApiError(429, 'busy', 'Other calendars are being read. Try again in a moment.');
    reading += 1;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { name, ics, nowMs },
      resourceLimits: { maxOldGenerationSizeMb: memoryMbMax },
      env: {},
    });
    const refused = (why: string): Expanded => ({ ok: false, problems: [why] });
    try {
      return await new Promise<Expanded>((resolve) => {
        const tooLong = `Reading it takes longer than ${limitMs / 1000} s: a recurrence has no end, or no day.`;
        const timer = setTimeout(() => resolve(refused(tooLong)), limitMs);
        worker.once('message', (message: Expanded) => {
          clearTimeout(timer);
          resolve(message);
        });
        worker.once('error', (error) => {
          clearTimeout(timer);
          resolve(refused(`The file could not be read: ${error.message}`));
        });
      });
    } finally {
      reading -= 1;
      await worker.terminate();
    }
  };
}
