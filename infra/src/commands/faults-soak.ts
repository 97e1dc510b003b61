/** `npm run faults -- soak`: many days in minutes through one live processor, in engines of its own. */
import { parseArgs } from 'node:util';
import type { Bench } from '../faults/bench.ts';
import { soak } from '../faults/soak.ts';
import { UsageError, usage } from './command-line.ts';

const HELP = `npm run faults -- soak [options]     memory stays where it is, and the figures too

  --days N      days of the recording, from 2025-01-01     (31)
  --help

Exit code 1 when memory or open files grow, or anything stored differs from that of a processor that got everything at once.`;

/** @returns undefined when help was asked for. */
export function soakGiven(args: readonly string[]): { readonly days: number } | undefined {
  let values: { days?: string; help?: boolean };
  try {
    const options = { days: { type: 'string' }, help: { type: 'boolean' } } as const;
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw usage(error, HELP);
  }
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`);
    return undefined;
  }
  const days = Number(values.days ?? 31);
  if (!Number.isInteger(days) || days < 12 || days > 181) throw new UsageError(`--days must be 12 to 181.\n\n${HELP}`);
  return { days };
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
