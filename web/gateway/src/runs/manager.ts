/**
 * Replays asked for over HTTP: one at a time, the others wait in a short queue. The work is done by the processor's and the producers'
 * own commands in child processes; the gateway starts them, reads their progress, and ends them.
 */
import { randomBytes } from 'node:crypto';
import { isUnderWay, type RunSummary, recordingName } from '@quaywatch/contracts';
import type { RuleFile } from '@quaywatch/contracts/rules-schema';
import type { Log } from '@quaywatch/runtime';
import { ApiError, notFound } from '../http/errors.ts';
import { coveringRecording, defaultRecordingName } from './recordings.ts';

/** Runs that wait beside the one that works; more are refused with 429. */
export const queuedRunsMax = 8;
/** Finished runs remembered here; the runs table has all of them. */
const finishedMax = 50;
const errorLinesMax = 40;

export type RunRequest = {
  /** UTC+8 dates, for the commands. */
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly speed: string;
  /** Other rules than the built-in ones. */
  readonly rules?: RuleFile;
  /** Under a name of its own, with alerts and no rows: half a back-test. */
  readonly backtest?: { readonly run: string };
};

export type Child = {
  /** Resolves with the exit code. Lines come from standard error, one at a time. */
  readonly done: Promise<number>;
  readonly kill: () => void;
};

export type RunManagerPorts = {
  readonly spawn: (script: string, args: readonly string[], onLine: (line: string) => void) => Child;
  readonly topics: () => Promise<readonly string[]>;
  /** Whether the live log holds [fromMs, toMs). */
  readonly coversLive: (fromMs: number, toMs: number) => Promise<boolean>;
  /** Keeps a text in a file until it is let go. */
  readonly keepFile: (text: string) => Promise<{ readonly path: string; readonly remove: () => Promise<void> }>;
  /** The runs table. */
  readonly stored: () => Promise<readonly RunSummary[]>;
  readonly log: Log;
  readonly nowMs: () => number;
};

type Job = {
  summary: RunSummary;
  readonly request: RunRequest;
  child: Child | undefined;
  isCancelled: boolean;
  lines: string[];
  readonly ended: PromiseWithResolvers<RunSummary>;
};

export type RunManager = {
  readonly start: (request: RunRequest) => RunSummary;
  /** How a run of this gateway's stands; undefined: it is not one, or was forgotten. */
  readonly find: (run: string) => RunSummary | undefined;
  /** Resolves with how a started run ended. Never rejects. */
  readonly ended: (run: string) => Promise<RunSummary | undefined>;
  readonly list: () => Promise<RunSummary[]>;
  /** @throws ApiError 404; 409 when it is not done. */
  readonly pin: (run: string, pinned: boolean) => Promise<{ run: string; pinned: boolean }>;
  /** @throws ApiError 404; 409 for a pinned one. */
  readonly remove: (run: string) => Promise<{ run: string; state: string }>;
  readonly stop: () => void;
};

/** Progress 0..1 out of a child's line, when it is one. */
export function progressOf(line: string): number | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('progress' in value)) return undefined;
    const progress = Number(value.progress);
    return Number.isFinite(progress) ? Math.min(1, Math.max(0, progress)) : undefined;
  } catch {
    return undefined;
  }
}

function newRunId(request: RunRequest): string {
  return `replay-${request.from}-${request.to}-${randomBytes(3).toString('hex')}`;
}

export function createRunManager(ports: RunManagerPorts): RunManager {
  const jobs = new Map<string, Job>();
  const queue: Job[] = [];
  let working: Job | undefined;

  const set = (job: Job, change: Partial<RunSummary>) => {
    job.summary = { ...job.summary, ...change };
  };

  /** @throws when the command fails. */
  const command = async (job: Job, script: string, args: readonly string[]): Promise<void> => {
    if (job.isCancelled) return;
    job.lines = [];
    job.child = ports.spawn(script, args, (line) => {
      const progress = progressOf(line);
      if (progress !== undefined) return set(job, { progress });
      job.lines = [...job.lines, line].slice(-errorLinesMax);
    });
    const code = await job.child.done;
    job.child = undefined;
    if (code !== 0 && !job.isCancelled) throw new Error(messageOf(job.lines, script, code));
  };

  const perform = async (job: Job): Promise<void> => {
    const { request } = job;
    const stretch = ['--from', request.from, '--to', request.to];
    const recordings = (await ports.topics()).flatMap((topic) => recordingName(topic) ?? []);
    const isRecorded = coveringRecording(recordings, request.fromMs, request.toMs) !== undefined;
    if (!isRecorded && !(await ports.coversLive(request.fromMs, request.toMs))) {
      set(job, { state: 'recording', source: `recording ${defaultRecordingName(request.fromMs, request.toMs)}` });
      await command(job, 'producers/src/record-main.ts', stretch);
    }
    set(job, { state: 'running', progress: 0 });
    const more = ['--speed', request.speed, '--json', '--run', job.summary.run];
    const alertsOnly = request.backtest === undefined ? [] : ['--alerts-only'];
    const file = request.rules === undefined ? undefined : await ports.keepFile(JSON.stringify(request.rules));
    const rules = file === undefined ? [] : ['--rules', file.path];
    try {
      await command(job, 'stream-processor/src/replay-main.ts', [...stretch, ...more, ...alertsOnly, ...rules]);
    } finally {
      await file?.remove();
    }
  };

  const next = async (): Promise<void> => {
    if (working !== undefined) return;
    working = queue.shift();
    const job = working;
    if (job === undefined) return;
    set(job, { state: 'running' });
    try {
      await perform(job);
      set(job, job.isCancelled ? { state: 'cancelled' } : { state: 'done', progress: 1 });
    } catch (error) {
      ports.log.warn('A replay failed.', { run: job.summary.run, error });
      set(job, { state: 'failed', error: error instanceof Error ? error.message : String(error) });
    }
    working = undefined;
    job.ended.resolve(job.summary);
    forgetOldest(jobs);
    void next();
  };

  const list = async (): Promise<RunSummary[]> => {
    const stored = await ports.stored();
    const known = new Map(stored.map((run) => [run.run, run]));
    for (const { summary } of jobs.values()) {
      const own = known.get(summary.run);
      // The table knows figures, we know how far it is and how it ended.
      if (own === undefined) known.set(summary.run, summary);
      else if (isUnderWay(own))
        known.set(summary.run, {
          ...own,
          state: summary.state,
          progress: Math.max(own.progress, summary.progress),
          error: summary.error,
        });
    }
    return [...known.values()].sort((a, b) => b.created_at_ms - a.created_at_ms);
  };

  /** @throws ApiError 404 */
  const stored = async (run: string): Promise<RunSummary> => {
    const known = (await list()).find((one) => one.run === run);
    if (known === undefined || run === 'live') throw notFound(`There is no stored run ${run}.`);
    return known;
  };

  /** @throws ApiError 503 when the command fails. */
  const change = async (what: 'pin' | 'unpin' | 'delete', run: string): Promise<void> => {
    const lines: string[] = [];
    const child = ports.spawn('stream-processor/src/runs-main.ts', [what, run], (line) => lines.push(line));
    const code = await child.done;
    if (code !== 0) throw new ApiError(503, 'not_changed', messageOf(lines, `runs ${what}`, code));
  };

  return {
    start(request) {
      if (queue.length >= queuedRunsMax)
        throw new ApiError(429, 'too_many_runs', `${queuedRunsMax} runs are waiting. Try again when one is done.`);
      const summary: RunSummary = {
        run: request.backtest?.run ?? newRunId(request),
        kind: 'replay',
        state: 'queued',
        from_ms: request.fromMs,
        to_ms: request.toMs,
        source: '',
        created_at_ms: ports.nowMs(),
        progress: 0,
        teu: null,
        yoy_pct: null,
        alerts: null,
        digest: '',
        pinned: false,
        error: '',
      };
      const job: Job = {
        summary,
        request,
        child: undefined,
        isCancelled: false,
        lines: [],
        ended: Promise.withResolvers(),
      };
      jobs.set(summary.run, job);
      queue.push(job);
      void next();
      return job.summary;
    },
    find: (run) => jobs.get(run)?.summary,
    ended: async (run) => jobs.get(run)?.ended.promise,
    list,
    async pin(run, pinned) {
      const { state } = await stored(run);
      if (state !== 'done')
        throw new ApiError(409, 'not_done', `The run ${run} is ${state}: only one that is done can be pinned.`);
      await change(pinned ? 'pin' : 'unpin', run);
      return { run, pinned };
    },
    async remove(run) {
      const job = jobs.get(run);
      if (job !== undefined && isUnderWay(job.summary)) {
        job.isCancelled = true;
        job.child?.kill();
        const place = queue.indexOf(job);
        if (place >= 0) queue.splice(place, 1);
        set(job, { state: 'cancelled' });
        if (place >= 0) job.ended.resolve(job.summary);
        return { run, state: 'cancelled' };
      }
      const { pinned } = await stored(run);
      if (pinned) throw new ApiError(409, 'pinned', `The run ${run} is pinned: unpin it first.`);
      await change('delete', run);
      jobs.delete(run);
      return { run, state: 'deleted' };
    },
    stop() {
      for (const job of jobs.values()) job.child?.kill();
    },
  };
}

function messageOf(lines: readonly string[], script: string, code: number): string {
  // Exit code 2 is a wrong use: the problem stands above the usage. Otherwise the newest line says most.
  const said = (code === 2 ? lines.find((line) => line !== '') : lines.at(-1)) ?? '';
  return `${script} ended with ${code}${said === '' ? '' : `: ${said.slice(0, 500)}`}`;
}

function forgetOldest(jobs: Map<string, Job>): void {
  const finished = [...jobs].filter(([, job]) => !isUnderWay(job.summary));
  for (const [run] of finished.slice(0, Math.max(0, finished.length - finishedMax))) jobs.delete(run);
}
