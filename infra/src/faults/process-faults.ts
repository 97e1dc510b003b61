/** The process that counts is killed, asked to stop, or runs out of memory, and goes on from its checkpoint. */
import { type Bench, paceOf, type Site } from './bench.ts';
import { finished, type Replay, type Summary } from './children.ts';
import { type Fault, promise } from './fault.ts';
import { reached, sameFigures } from './under-replay.ts';

/** A process is gone this long after it was asked to stop. */
export const stopWithinMs = 10_000;
/** Too little for a replay, which needs about twice as much. */
const heapMbTooLittle = 28;

/** Ends a replay at these shares and resumes it each time. */
async function interrupted(
  bench: Bench,
  site: Site,
  name: string,
  shares: readonly number[],
  end: (replay: Replay) => Promise<void>,
): Promise<Summary> {
  let replay = site.replay(['--run', name, ...paceOf(bench)]);
  for (const share of shares) {
    await reached(replay, share);
    await end(replay);
    replay = site.replay(['--resume', name]);
  }
  return (await finished(replay, 'The resumed replay')) as Summary;
}

async function killed(bench: Bench): Promise<string> {
  const site = await bench.site();
  const calm = await site.calm();
  const summary = await interrupted(bench, site, 'replay-killed', [0.15, 0.2, 0.25], async ({ process, ended }) => {
    process.kill('SIGKILL');
    await ended;
  });
  return sameFigures(calm, summary);
}

async function asked(bench: Bench): Promise<string> {
  const site = await bench.site();
  const calm = await site.calm();
  let longestMs = 0;
  const summary = await interrupted(bench, site, 'replay-stopped', [0.15], async ({ process, ended }) => {
    const startedMs = performance.now();
    process.kill('SIGTERM');
    await ended;
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  });
  promise(longestMs <= stopWithinMs, `it took ${longestMs.toFixed(0)} ms to stop`);
  return `${sameFigures(calm, summary)}, gone after ${longestMs.toFixed(0)} ms`;
}

async function outOfMemory(bench: Bench): Promise<string> {
  const site = await bench.site();
  const calm = await site.calm();
  const small = site.replay(['--run', 'out-of-memory'], {}, [`--max-old-space-size=${heapMbTooLittle}`]);
  const { code, signal } = await small.ended;
  promise(code !== 0, `${heapMbTooLittle} MB were enough: nothing was tested`);
  const summary = (await finished(site.replay(['--resume', 'out-of-memory']), 'The resumed replay')) as Summary;
  return `died with ${signal ?? `exit code ${code}`}; resumed: ${sameFigures(calm, summary)}`;
}

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'replay-killed',
    catalogue: 'F11',
    how: 'SIGKILL at three moments, resumed each time',
    promised: 'same digest',
    run: killed,
  },
  {
    name: 'replay-stopped',
    catalogue: 'F29',
    how: 'SIGTERM in the middle, resumed',
    promised: `gone within ${stopWithinMs / 1000} s; same digest`,
    run: asked,
  },
  {
    name: 'out-of-memory',
    catalogue: 'F12',
    how: `--max-old-space-size=${heapMbTooLittle}, resumed without`,
    promised: 'dies at once instead of lingering; same digest',
    run: outOfMemory,
  },
];
