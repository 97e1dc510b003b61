/** `npm run faults -- kills`: random SIGKILLs of processor, broker and ClickHouse during replays at full speed, in engines of its own. */
import { parseArgs } from 'node:util';
import type { Bench } from '../faults/bench.ts';
import { killAgainAndAgain, saidOf } from '../faults/kills.ts';
import { UsageError, usage } from './command-line.ts';

const HELP = `npm run faults -- kills [options]     the same digest, whatever is killed

  --kills N     SIGKILLs of processor, broker or ClickHouse     (200)
  --days N      days of the recording, from 2025-01-01          (31)
  --lives MS    longest time between one that is back and the next kill, milliseconds   (1500)
  --seed N      of moments and targets                          (1)
  --help

Exit code 1 when a digest differs from the undisturbed one.`;

type Given = { readonly kills: number; readonly days: number; readonly seed: number; readonly livesMsMax: number };

export function killsGiven(args: readonly string[]): Given | undefined {
  const string = { type: 'string' } as const;
  let values: { kills?: string; days?: string; seed?: string; lives?: string; help?: boolean };
  try {
    const options = { kills: string, days: string, seed: string, lives: string, help: { type: 'boolean' } as const };
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw usage(error, HELP);
  }
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`);
    return undefined;
  }
  const whole = (name: string, text: string | undefined, otherwise: number, most: number): number => {
    const value = Number(text ?? otherwise);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new UsageError(`--${name} must be 1 to ${most}.\n\n${HELP}`);
  };
  return {
    kills: whole('kills', values.kills, 200, 10_000),
    days: whole('days', values.days, 31, 181),
    seed: whole('seed', values.seed, 1, 1_000_000_000),
    livesMsMax: whole('lives', values.lives, 1_500, 600_000),
  };
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
