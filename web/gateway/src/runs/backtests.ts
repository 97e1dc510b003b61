/**
 * Back-tests: one stretch under the rules in force and under edited ones, compared. Runs are named after the stretch and what they ran
 * under, so the same question is computed once, and its answer is found again after a restart. It keeps nothing of its own but what is
 * under way.
 */
import { createHash } from 'node:crypto';
import { isUnderWay, type RunSummary } from '@quaywatch/contracts';
import type { RuleFile } from '@quaywatch/contracts/rules-schema';
import type { Log } from '@quaywatch/runtime';
import { ApiError, notFound } from '../http/errors.ts';
import type { FiredAlert } from '../stored-alerts.ts';
import { type Comparison, compareRuns } from './compare.ts';
import type { RunManager } from './manager.ts';

/** Runs of back-tests begin with it; lists of runs leave them out. */
const PREFIX = 'bt-';
/** Alerts of one side; more than that is no rule to save. */
const firedMax = 20_000;
const rememberedMax = 50;
const underWayMax = 4;

export const isBacktestRun = (run: string): boolean => run.startsWith(PREFIX);

export type BacktestRequest = {
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly inForce: RuleFile;
  readonly edited: RuleFile;
};

export type Backtest = {
  readonly id: string;
  /** Queued: the run of one side waits for runs asked for before. */
  readonly state: 'queued' | 'recording' | 'running' | 'done' | 'failed';
  readonly from_ms: number;
  readonly to_ms: number;
  /** 0..1 over both runs. */
  readonly progress: number;
  readonly error: string;
  readonly run_before: string;
  readonly run_after: string;
  readonly result?: Comparison & { readonly run_before: string; readonly run_after: string };
};

export type Backtests = {
  /** @throws ApiError 429 */
  readonly start: (request: BacktestRequest) => Backtest;
  /** @throws ApiError 404, HistoryError */
  readonly get: (id: string) => Promise<Backtest>;
};

export type BacktestPorts = {
  readonly runs: RunManager;
  readonly stored: () => Promise<readonly RunSummary[]>;
  readonly firedAlerts: (run: string, rowsMax: number) => Promise<readonly FiredAlert[]>;
  /** Of the product: another version may judge otherwise. */
  readonly version: string;
  readonly log: Log;
};

/** `bt-20250101-20250201-<what it ran under>`. */
function runOf(request: BacktestRequest, rules: RuleFile, version: string): string {
  const under = createHash('sha256')
    .update(JSON.stringify([version, rules.detection]))
    .digest('hex')
    .slice(0, 10);
  return `${PREFIX}${[request.from, request.to].map((date) => date.replace(/-/g, '')).join('-')}-${under}`;
}

const idOf = (before: string, after: string) => `${before.slice(PREFIX.length)}-${after.split('-').at(-1)}`;

/** Undefined: not the id of a back-test. */
function runsOfId(id: string): { before: string; after: string } | undefined {
  const [, stretch, before, after] = /^(\d{8}-\d{8})-([0-9a-f]{10})-([0-9a-f]{10})$/.exec(id) ?? [];
  if (stretch === undefined) return undefined;
  return { before: `${PREFIX}${stretch}-${before}`, after: `${PREFIX}${stretch}-${after}` };
}

type Job = {
  readonly run_before: string;
  readonly run_after: string;
  readonly from_ms: number;
  readonly to_ms: number;
  state: 'running' | 'done' | 'failed';
  error: string;
};

export function createBacktests(ports: BacktestPorts): Backtests {
  const jobs = new Map<string, Job>();

  /** Makes sure of one side. @throws when it ends otherwise than done. */
  const ensure = async (run: string, request: BacktestRequest, rules: RuleFile): Promise<void> => {
    const known = (await ports.stored()).find((one) => one.run === run);
    if (known?.state === 'done') return;
    const own = ports.runs.find(run);
    if (own === undefined || !isUnderWay(own)) {
      // What an interrupted one left would be counted with the new.
      if (known !== undefined) await ports.runs.remove(run);
      const { from, to, fromMs, toMs } = request;
      ports.runs.start({ from, to, fromMs, toMs, speed: 'max', rules, backtest: { run } });
    }
    const ended = await ports.runs.ended(run);
    if (ended?.state !== 'done') throw new Error(ended?.error || `The run ${run} was ${ended?.state ?? 'lost'}.`);
  };

  const perform = async (job: Job, request: BacktestRequest): Promise<void> => {
    try {
      await ensure(job.run_before, request, request.inForce);
      if (job.run_after !== job.run_before) await ensure(job.run_after, request, request.edited);
      job.state = 'done';
    } catch (error) {
      ports.log.warn('A back-test failed.', { run_before: job.run_before, run_after: job.run_after, error });
      job.error = error instanceof Error ? error.message : String(error);
      job.state = 'failed';
    }
  };

  const shareOf = (run: string): number => {
    const known = ports.runs.find(run);
    return known === undefined || known.state === 'recording' ? 0 : known.progress;
  };

  const viewOf = (id: string, job: Job): Backtest => {
    const { state: ended, error, run_before, run_after, from_ms, to_ms } = job;
    const side = [run_before, run_after].flatMap((run) => ports.runs.find(run) ?? []).find(isUnderWay);
    const state = ended === 'running' && side !== undefined ? side.state : ended;
    const progress = state === 'done' ? 1 : (shareOf(run_before) + shareOf(run_after)) / 2;
    return { id, state, from_ms, to_ms, progress, error, run_before, run_after };
  };

  /** A back-test of before a restart, or of another gateway: done when both its runs are there. */
  const found = async (id: string): Promise<Job | undefined> => {
    const runs = runsOfId(id);
    if (runs === undefined) return undefined;
    const stored = await ports.stored();
    const done = (run: string) => stored.find((one) => one.run === run && one.state === 'done');
    const [before, after] = [done(runs.before), done(runs.after)];
    if (before === undefined || after === undefined) return undefined;
    const { from_ms, to_ms } = before;
    return { run_before: before.run, run_after: after.run, from_ms, to_ms, state: 'done', error: '' };
  };

  return {
    start(request) {
      const run_before = runOf(request, request.inForce, ports.version);
      const run_after = runOf(request, request.edited, ports.version);
      const id = idOf(run_before, run_after);
      const known = jobs.get(id);
      if (known !== undefined && known.state === 'running') return viewOf(id, known);
      const underWay = [...jobs.values()].filter(({ state }) => state === 'running').length;
      if (underWay >= underWayMax)
        throw new ApiError(429, 'too_many_backtests', `${underWayMax} back-tests are under way. Try again later.`);
      const stretch = { from_ms: request.fromMs, to_ms: request.toMs };
      const job: Job = { run_before, run_after, ...stretch, state: 'running', error: '' };
      jobs.delete(id);
      jobs.set(id, job);
      const oldest = jobs.keys().next().value;
      if (jobs.size > rememberedMax && oldest !== undefined) jobs.delete(oldest);
      void perform(job, request);
      return viewOf(id, job);
    },
    async get(id) {
      const job = jobs.get(id) ?? (await found(id));
      if (job === undefined) throw notFound(`There is no back-test ${id}, or its runs were deleted since.`);
      const view = viewOf(id, job);
      if (job.state !== 'done') return view;
      const { run_before, run_after } = job;
      const [before, after] = await Promise.all(
        [run_before, run_after].map((run) => ports.firedAlerts(run, firedMax + 1)),
      );
      if (before === undefined || after === undefined || Math.max(before.length, after.length) > firedMax)
        return { ...view, state: 'failed', error: `More than ${firedMax} alerts fired on one side.` };
      return { ...view, result: { ...compareRuns(before, after), run_before, run_after } };
    },
  };
}
