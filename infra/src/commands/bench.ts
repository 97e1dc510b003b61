/**
 * `npm run bench -- [name] [options]`: one of the benchmarks, in a process of its own, or all of them one after another.
 * Exit code 1 when one misses a target.
 */
import { join } from 'node:path';
import { benchPage } from './bench-page.ts';
import { benchTrials } from './bench-trials.ts';
import { root, runCommand, UsageError } from './command-line.ts';
import { runMain } from './engine-command.ts';

type Bench = (args: readonly string[], stop: AbortSignal) => Promise<number>;
const alone =
  (main: string): Bench =>
  (args, stop) =>
    runMain(join(root, main), args, {}, stop);

const benches: Readonly<Record<string, Bench>> = {
  alerts: alone('stream-processor/src/bench-alerts-main.ts'),
  page: benchPage,
  trials: benchTrials,
};
const help = `Usage: npm run bench -- [${Object.keys(benches).join('|')}] [options] [--help]`;

await runCommand(async (stop) => {
  const [first, ...rest] = process.argv.slice(2);
  const isNamed = first !== undefined && !first.startsWith('-');
  if (isNamed && !Object.hasOwn(benches, first)) throw new UsageError(`There is no benchmark ${first}.\n\n${help}`);
  const chosen = isNamed ? [benches[first]] : Object.values(benches);
  const args = isNamed || first === undefined ? rest : [first, ...rest];
  let worst = 0;
  for (const bench of chosen) worst = Math.max(worst, (await bench?.(args, stop)) ?? 0);
  return worst;
});
