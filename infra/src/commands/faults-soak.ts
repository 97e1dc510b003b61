/** `npm run faults -- soak`: many days in minutes through one live processor, in engines of its own. */
import type { Bench } from '../faults/bench.ts';
import { soak } from '../faults/soak.ts';
import { wholeOptions } from './command-line.ts';

const HELP = `npm run faults -- soak [options]     memory stays where it is, and the figures too

  --days N      days of the recording, from 2025-01-01     (31)
  --help

Exit code 1 when memory or open files grow, or anything stored differs from that of a processor that got everything at once.`;

/** @returns undefined when help was asked for. */
export function soakGiven(args: readonly string[]): { readonly days: number } | undefined {
  return wholeOptions(args, HELP, { days: { otherwise: 31, least: 12, most: 181 } });
}

export async function faultsOfSoak(bench: Bench): Promise<number> {
  const startedMs = performance.now();
  const { samples, stored, slopeMbPerDay } = await soak(bench);
  for (const { day, residentMb, files } of samples)
    process.stdout.write(`day ${day}: ${residentMb} MB, ${files} files\n`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  process.stdout.write(
    `${samples.length} days in ${seconds} s: ${slopeMbPerDay.toFixed(2)} MB a day; the same ${stored.split(' ').slice(0, 2).join(' ')} rows, dead letters and transitions, byte for byte\n`,
  );
  return 0;
}
