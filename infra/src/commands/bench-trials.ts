/**
 * `npm run bench -- trials`: makes the recordings of trials that are missing, and has the processor judge its alerts over them. Engines are
 * those of a running `npm start` on the data directory, or its own.
 */
import { join } from 'node:path';
import { infraConfig } from '../config.ts';
import { useEngines } from '../engines.ts';
import { provision } from '../provision.ts';
import { progressFrom, root, UsageError } from './command-line.ts';
import { runMain, takeDataDir } from './engine-command.ts';

const from = '2025-01-01';
const to = '2025-07-01';
/** An existing recording is refused with this code, and is what we want. */
const exists = 2;

const help = `Usage: npm run bench -- trials [SEED …] [--data DIR]
  SEED          of recorded half-years with known incidents (default 2 and 3)
  --data DIR    data directory of the embedded engines (default .quaywatch)`;

export async function benchTrials(args: readonly string[], stop: AbortSignal): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const config = infraConfig();
  const { dataDir, rest } = takeDataDir(args, config.dataDir);
  const seeds = rest.length === 0 ? [2, 3] : rest.map(Number);
  if (seeds.some((seed) => !Number.isInteger(seed) || seed < 0))
    throw new UsageError(`A seed is a whole number from 0.\n\n${help}`);
  const onProgress = progressFrom(performance.now());
  const lost = new AbortController();
  const onLost = (error: Error) => lost.abort(error);
  const engines = await useEngines({ dataDir, command: 'bench', config, signal: stop, onProgress, onLost });
  const until = AbortSignal.any([stop, lost.signal]);
  const run = (main: string, given: string[]) => runMain(join(root, main), given, engines.env, until);
  try {
    await provision(engines);
    let worst = 0;
    for (const seed of seeds) {
      const stretch = ['--from', from, '--to', to];
      const name = `trials-${seed}`;
      const recorded = await run('producers/src/record-main.ts', [...stretch, '--name', name, '--scenario', name]);
      if (recorded !== 0 && recorded !== exists) return recorded;
      const judged = await run('stream-processor/src/bench-trials-main.ts', [...stretch, '--recording', name]);
      worst = Math.max(worst, judged);
    }
    if (lost.signal.aborted) throw lost.signal.reason;
    return worst;
  } finally {
    await engines.stop();
  }
}
