/** A replay under a fault: begun, disturbed when it is well under way, and compared with the undisturbed one. Injects nothing itself. */

import { type Bench, paceOf, type Way } from './bench.ts';
import { differences, finished, type Replay, type Summary } from './children.ts';
import { eventually } from './eventually.ts';
import { Broken, promise } from './fault.ts';

/** A processor's memory may grow by so much over the undisturbed one's before it counts as unbounded. */
export const growthMbMax = 250;

/** @throws Broken when the replay ends before it has come so far. */
export async function reached(replay: Replay, share: number): Promise<void> {
  await eventually(`the replay has come to ${share}`, () => !replay.isRunning() || replay.progress() >= share, 120_000);
  if (!replay.isRunning())
    throw new Broken(`The replay ended before it could be disturbed: ${replay.said().slice(-2_000)}`);
}

export function sameFigures(calm: Summary, disturbed: Summary): string {
  const found = differences(calm, disturbed);
  promise(found.length === 0, `differs: ${found.join(', ')}`);
  return `the same digest ${String(disturbed.digest).slice(0, 12)}`;
}

export type Plan = {
  readonly name: string;
  readonly way: Way;
  readonly disturb: (replay: Replay) => Promise<void>;
};

/** @returns what was seen. @throws Broken when a figure differs, memory grew without bound, or the replay did not outlive the fault. */
export async function underReplay(bench: Bench, { name, way, disturb }: Plan): Promise<string> {
  const site = await bench.site();
  const calm = await site.calm();
  const replay = site.replay(['--run', name, ...paceOf(bench)], way);
  try {
    await reached(replay, 0.1);
    await disturb(replay);
    const disturbed = (await finished(replay, 'The replay')) as Summary;
    const same = sameFigures(calm, disturbed);
    const grown = disturbed.peak_rss_mb - calm.peak_rss_mb;
    promise(grown <= growthMbMax, `memory grew to ${disturbed.peak_rss_mb} MB from ${calm.peak_rss_mb}`);
    return `${same}, ${disturbed.seconds.toFixed(0)} s, ${disturbed.peak_rss_mb} MB (undisturbed ${calm.peak_rss_mb})`;
  } finally {
    replay.process.kill('SIGKILL');
  }
}
