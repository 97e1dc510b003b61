/**
 * `npm run faults`: injects the faults of the catalogue into the real engines and processes, one after the other, and prints a table of what
 * was promised and what was seen. Uses engines of its own in a directory that it removes; touches nothing else.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { infraConfig } from '../config.ts';
import type { Bench } from '../faults/bench.ts';
import { type Fault, inject, type Line, tableOf } from '../faults/fault.ts';
import { openBench } from '../faults/open-bench.ts';
import { FAULTS } from '../faults/registry.ts';
import { progressFrom, runCommand, UsageError, usage } from './command-line.ts';
import { faultsOfAlerts } from './faults-alerts.ts';
import { faultsOfKills, killsGiven } from './faults-kills.ts';
import { faultsOfSoak, soakGiven } from './faults-soak.ts';

const HELP = `npm run faults -- [NAME …] [options]   the same figures come out, whatever fails
npm run faults -- alerts [options]     the same of alerts and notifications; it has a --help of its own
npm run faults -- kills [options]      SIGKILLs at random moments; it has a --help of its own
npm run faults -- soak [options]       many days in minutes; it has a --help of its own

  NAME       one or more of the faults below; all without
  --days N   days of the recording, from 2025-01-01     (7)
  --list     names the faults
  --help

Exit code 1 when a promise is broken.`;

type Settings = { readonly days: number; readonly faults: readonly Fault[] };

function list(): string {
  return FAULTS.map((one) => `  ${one.name.padEnd(28)} ${one.catalogue.padEnd(8)} ${one.how}\n`).join('');
}

function settings(args: readonly string[]): Settings | undefined {
  let given: { values: { days?: string; help?: boolean; list?: boolean }; positionals: string[] };
  try {
    const boolean = { type: 'boolean' } as const;
    const options = { days: { type: 'string' }, help: boolean, list: boolean } as const;
    given = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw usage(error, HELP);
  }
  const { values, positionals } = given;
  if (values.help === true || values.list === true) {
    process.stdout.write(values.list === true ? list() : `${HELP}\n\n${list()}`);
    return undefined;
  }
  const unknown = positionals.filter((name) => !FAULTS.some((one) => one.name === name));
  if (unknown.length > 0) throw new UsageError(`There is no fault ${unknown.join(', ')}.\n\n${HELP}\n\n${list()}`);
  const days = Number(values.days ?? 7);
  if (!Number.isInteger(days) || days < 2 || days > 60) throw new UsageError(`--days must be 2 to 60.\n\n${HELP}`);
  return { days, faults: FAULTS.filter((one) => positionals.length === 0 || positionals.includes(one.name)) };
}

async function injectAll(faults: readonly Fault[], bench: Bench): Promise<Line[]> {
  const lines: Line[] = [];
  for (const fault of faults) {
    if (bench.stop.aborted) break;
    bench.tell(`${fault.name}: ${fault.how}`);
    const line = await inject(fault, bench);
    lines.push(line);
    bench.tell(`${fault.name}: ${line.verdict}: ${line.seen}`);
  }
  return lines;
}

/** Engines of their own for `work`, gone when it is over, in whichever way: one that is asked to end does not wait for the fault at hand. */
async function withBench(days: number, stop: AbortSignal, work: (bench: Bench) => Promise<number>): Promise<number> {
  const { bench, close } = openBench({
    dataDir: mkdtempSync(join(tmpdir(), 'quaywatch-faults-')),
    jarsDir: resolve(infraConfig().kafkaJarsDir),
    days,
    replaySeconds: 8,
    tell: progressFrom(performance.now()),
    stop,
  });
  const asked = Promise.withResolvers<number>();
  stop.addEventListener('abort', () => asked.resolve(130), { once: true });
  try {
    return await Promise.race([work(bench), asked.promise]);
  } finally {
    await close();
  }
}

async function table(faults: readonly Fault[], bench: Bench): Promise<number> {
  const startedMs = performance.now();
  const lines = await injectAll(faults, bench);
  if (bench.stop.aborted) return 130;
  process.stdout.write(tableOf(lines));
  const broken = lines.filter((one) => one.verdict === 'BROKEN').length;
  const skipped = lines.filter((one) => one.verdict === 'skipped').length;
  const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
  process.stdout.write(`${lines.length} faults, ${broken} broken, ${skipped} skipped, ${minutes} min\n`);
  return broken === 0 ? 0 : 1;
}

await runCommand(async (stop) => {
  const [kind, ...rest] = process.argv.slice(2);
  if (kind === 'alerts') return faultsOfAlerts(rest, stop);
  if (kind === 'kills') {
    const kills = killsGiven(rest);
    return kills === undefined ? 0 : withBench(kills.days, stop, (bench) => faultsOfKills(bench, kills));
  }
  if (kind === 'soak') {
    const soak = soakGiven(rest);
    return soak === undefined ? 0 : withBench(soak.days, stop, faultsOfSoak);
  }
  const given = settings(process.argv.slice(2));
  return given === undefined ? 0 : withBench(given.days, stop, (bench) => table(given.faults, bench));
});
