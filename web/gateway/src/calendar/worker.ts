/** The thread in which one calendar is read: it may be ended at any time. */
import { parentPort, workerData } from 'node:worker_threads';
import { expandCalendar } from './expand.ts';

const { name, ics, nowMs } = workerData as { name: string; ics: string; nowMs: number };
parentPort?.postMessage(expandCalendar(name, ics, nowMs));
