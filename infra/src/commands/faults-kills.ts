/** `npm run faults -- kills`: random SIGKILLs of processor, broker and ClickHouse during replays at full speed, in engines of its own. */
import type { Bench } from '../faults/bench.ts';
import { killAgainAndAgain, saidOf } from '../faults/kills.ts';
import { wholeOptions } from './command-line.ts';

const HELP = `npm run faults -- kills [options]     the same digest, whatever is killed

  --kills N     SIGKILLs of processor, broker or ClickHouse     (200)
  --days N      days of the recording, from 2025-01-01          (31)
  --lives MS    longest time between one that is back and the next kill, milliseconds   (1500)
  --seed N      of moments and targets                          (1)
  --help

Exit code 1 when a digest differs from the undisturbed one.`;

type Given = { readonly kills: number; readonly days: number; readonly seed: number; readonly livesMsMax: number };

export function killsGiven(args: readonly string[]): Given | undefined {
  const given = wholeOptions(args, HELP, {
    kills: { otherwise: 200, least: 1, most: 10_000 },
    days: { otherwise: 31, least: 1, most: 181 },
    lives: { otherwise: 1_500, least: 1, most: 600_000 },
    seed: { otherwise: 1, least: 1, most: 1_000_000_000 },
  });
  return given === undefined ? undefined : { ...given, livesMsMax: given.lives };
}

export async function faultsOfKills(bench: Bench, given: Given): Promise<number> {
  const startedMs = performance.now();
  bench.tell(`Recording ${given.days} days, and replaying them undisturbed. SEED=${given.seed}`);
  const result = await killAgainAndAgain(bench, await bench.site(), given);
  if (bench.stop.aborted) return 130;
  for (const crash of result.crashes) process.stdout.write(`ended by itself: ${crash}\n`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  process.stdout.write(
    `${given.kills} kills, ${given.days} days, seed ${given.seed}, ${seconds} s: ${saidOf(result)}\n`,
  );
  return 0;
}
