/**
 * `npm run sim`: seeds over all cores. A failure prints `SEED=…` and why; the last line is `N seeds, F failed`; the exit code is 1 when one failed.
 * `--canary NAME` takes a protective line out first, `--until-failure` stops at the first failure.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CANARIES, takeOut } from './canaries.ts';
import type { SeedReport } from './simulation.ts';

const help = `Usage: npm run sim -- --seeds N [--first K] [--workers N] [--canary NAME] [--until-failure]

Runs the stream processor against engines that fail, in virtual time, once for each seed.
  --seeds N         how many seeds (default 500)
  --first K         the first of them (default 1); --first K --seeds 1 does again what SEED=K did
  --workers N       threads (default: one a core)
  --canary NAME     without one protective line: ${CANARIES.map((one) => one.name).join(', ')}
  --until-failure   ends with the first failure`;

/** A seed takes some 20 ms; one that takes this long will never end. */
const hungAfterMs = 60_000;

type Done = {
  readonly seed: number;
  readonly failure: string | null;
  readonly report: Omit<SeedReport, 'violation'> | null;
};

const ARGUMENTS = {
  seeds: { type: 'string', default: '500' },
  first: { type: 'string', default: '1' },
  workers: { type: 'string', default: String(availableParallelism()) },
  canary: { type: 'string' },
  'until-failure': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function wrongUse(message: string): never {
  process.stderr.write(`${message}\n\n${help}\n`);
  process.exit(2);
}

function settings() {
  try {
    const { values } = parseArgs({ options: ARGUMENTS, strict: true });
    if (values.help) {
      process.stdout.write(`${help}\n`);
      process.exit(0);
    }
    const [seeds, first, workers] = [Number(values.seeds), Number(values.first), Number(values.workers)];
    const problems = Object.entries({ seeds, first, workers }).flatMap(([name, value]) =>
      Number.isSafeInteger(value) && value >= 1 ? [] : [`--${name} must be a whole number from 1.`],
    );
    if (values.canary !== undefined && !CANARIES.some((one) => one.name === values.canary))
      problems.push(`There is no canary ${values.canary}.`);
    if (problems.length > 0) wrongUse(problems.join('\n'));
    return {
      seeds,
      first,
      workers: Math.min(workers, seeds),
      canary: values.canary,
      untilFailure: values['until-failure'],
    };
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

/** A worker's side: one seed at a time. */
async function work(): Promise<void> {
  const name: unknown = workerData?.canary;
  const canary = CANARIES.find((one) => one.name === name);
  if (canary !== undefined) takeOut(canary);
  const { runSeed } = await import('./simulation.ts');
  parentPort?.on('message', async (seed: number) => {
    let done: Done;
    try {
      const { violation, ...report } = await runSeed(seed);
      done = { seed, failure: violation?.message ?? null, report };
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      done = { seed, failure: `the simulation threw: ${text}`, report: null };
    }
    parentPort?.postMessage(done);
  });
  parentPort?.postMessage('ready');
}

const SUMMED = [
  'records',
  'rows',
  'lives',
  'rebalances',
  'transitions',
  'areaTransitions',
  'ruleSets',
  'underSavedRules',
  'virtualMs',
] as const satisfies readonly (keyof SeedReport)[];

type Sum = Record<'seeds' | 'failed' | (typeof SUMMED)[number], number>;

function noSum(): Sum {
  return Object.fromEntries(['seeds', 'failed', ...SUMMED].map((name) => [name, 0])) as Sum;
}

/** Keeps every worker busy until the seeds are used up. */
async function main(): Promise<void> {
  const { seeds, first, workers, canary, untilFailure } = settings();
  const sum = noSum();
  const startedMs = performance.now();
  let next = first;
  const tell = (done: Done) => {
    sum.seeds++;
    for (const name of SUMMED) sum[name] += done.report?.[name] ?? 0;
    if (done.failure === null) return;
    sum.failed++;
    process.stdout.write(`SEED=${done.seed} ${done.failure.slice(0, 2_000)}\n`);
    if (untilFailure) next = first + seeds;
  };
  await Promise.all(
    Array.from({ length: workers }, () => overSeeds(canary, () => (next < first + seeds ? next++ : undefined), tell)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(
    `${seconds.toFixed(1)} s, ${(sum.seeds / seconds).toFixed(1)} seeds/s: ${sum.records} records, ${sum.rows} rows, ${sum.lives} lives of processors, ` +
      `${sum.rebalances} rebalances, ${(sum.virtualMs / 3_600_000).toFixed(1)} h of virtual time; ${sum.transitions} transitions of ports, ` +
      `${sum.areaTransitions} of clusters and the nation; ${sum.ruleSets} rule sets, ${sum.underSavedRules} transitions by them\n`,
  );
  process.stdout.write(`${sum.seeds} seeds, ${sum.failed} failed\n`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
}

function overSeeds(
  canary: string | undefined,
  take: () => number | undefined,
  tell: (done: Done) => void,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const worker = new Worker(new URL(import.meta.url), { workerData: { canary } });
  let seed: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (failure?: string) => {
    clearTimeout(timer);
    if (failure !== undefined) tell({ seed: seed ?? -1, failure, report: null });
    void worker.terminate();
    ended.resolve();
  };
  worker.on('message', (message: Done | 'ready') => {
    clearTimeout(timer);
    if (message !== 'ready') tell(message);
    seed = take();
    if (seed === undefined) return end();
    worker.postMessage(seed);
    timer = setTimeout(() => end(`it did not end within ${hungAfterMs / 1000} s`), hungAfterMs);
  });
  worker.on('error', (error) =>
    end(`the worker died: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  );
  return ended.promise;
}

if (isMainThread) await main();
else await work();
