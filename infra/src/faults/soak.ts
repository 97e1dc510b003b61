/**
 * Many days in minutes: a recording fed to one live processor a day at a time, its memory and open files looked at after each, and what it stores
 * compared with what a processor stores that was given everything at once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { DATABASE } from '@quaywatch/contracts';
import type { Bench } from './bench.ts';
import type { Child } from './children.ts';
import { eventually } from './eventually.ts';
import { promise } from './fault.ts';
import { type LiveSite, openLive, runLive, undisturbed, working } from './live-site.ts';

const dayMs = 86_400_000;
/** Days until as many are open as ever will be: those that have not settled, and one more for the heap to have been collected. */
const warmUpDays = 5;
/** Growth of memory from the first half of what follows to the second one. */
const grownMbMax = 60;
const filesMoreMax = 8;

type Sample = { readonly day: number; readonly residentMb: number; readonly files: number };

export type Soak = {
  readonly samples: readonly Sample[];
  readonly stored: string;
  readonly slopeMbPerDay: number;
};

/** As Linux says. */
function residentMbOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024);
}

function sampleOf(day: number, { process: { pid } }: Child): Sample {
  return { day, residentMb: residentMbOf(pid), files: readdirSync(`/proc/${pid}/fd`).length };
}

/** By least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (one: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [day, mb] = [mean((one) => one.day), mean((one) => one.residentMb)];
  const over = samples.reduce((sum, one) => sum + (one.day - day) * (one.residentMb - mb), 0);
  return over / samples.reduce((sum, one) => sum + (one.day - day) ** 2, 0);
}

const highest = (samples: readonly Sample[], of: (one: Sample) => number) => Math.max(...samples.map(of));

/** Log times to which every partition's checkpoint has come. */
async function reachedMs({ site, log }: LiveSite): Promise<number> {
  const rows = await site.query<{ partition: number; reached: number }>(
    `SELECT partition, toFloat64(max(position)) AS reached FROM ${DATABASE}.checkpoints WHERE run = 'live' GROUP BY partition`,
  );
  const byPartition = new Map(rows.map((row) => [row.partition, row.reached]));
  return Math.min(
    ...log.partitions.map((list, partition) => Number(list[(byPartition.get(partition) ?? 0) - 1]?.timestamp ?? 0)),
  );
}

/** @throws Broken when memory or files grow, or anything stored differs. */
export async function soak(bench: Bench): Promise<Soak> {
  const live = await openLive(await bench.site(), bench.days * dayMs);
  const { fromMs, toMs } = live.log;
  const days = Math.floor((toMs - fromMs) / dayMs);
  bench.tell(`${live.log.records} records of ${days} days, all at once.`);
  const calm = await undisturbed(live);
  const samples: Sample[] = [];
  const stored = await runLive(live, async ({ start, feed }) => {
    const processor = await working(start());
    for (let day = 1; day <= days; day++) {
      let fedDays = day;
      const feedThrough = () => feed((Math.min(days, fedDays) * dayMs) / (toMs - fromMs));
      await feedThrough();
      // A checkpoint comes with rows: the last hour of the day may still be under way.
      const due = fromMs + (day - 0.1) * dayMs;
      const isCounted = async () => {
        // A trickle of the next day, so that nobody takes waiting for silence.
        fedDays += 0.01;
        await feedThrough();
        return (await reachedMs(live)) >= due;
      };
      await eventually(`day ${day} is counted`, isCounted, 120_000, 1_000);
      samples.push(sampleOf(day, processor));
      if (day % 5 === 0) bench.tell(`day ${day}: ${samples.at(-1)?.residentMb} MB, ${samples.at(-1)?.files} files`);
    }
    return [processor];
  });
  await live.stop();
  promise(stored === calm, `stored differs: ${calm} → ${stored}`);
  const steady = samples.slice(warmUpDays);
  const half = Math.floor(steady.length / 2);
  const grown =
    highest(steady.slice(half), (one) => one.residentMb) - highest(steady.slice(0, half), (one) => one.residentMb);
  const files = highest(steady.slice(half), (one) => one.files) - highest(steady.slice(0, half), (one) => one.files);
  promise(grown <= grownMbMax, `memory grew by ${grown} MB: ${samples.map((one) => one.residentMb).join(' ')}`);
  promise(files <= filesMoreMax, `open files grew by ${files}: ${samples.map((one) => one.files).join(' ')}`);
  return { samples, stored, slopeMbPerDay: slopeOf(steady) };
}
