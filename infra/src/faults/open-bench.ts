/** The bench of a command or a test: what faults share is started by the first that asks, and everything goes when it is closed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endEngines } from '../engine-process.ts';
import { type Bench, type Site, startSite } from './bench.ts';
import { endChildren } from './children.ts';
import { unmountAll } from './disk-faults.ts';
import { openLive, undisturbed } from './live-site.ts';

export type OpenBench = { readonly bench: Bench; readonly close: () => Promise<void> };

/** @param given its data directory is removed at the end. */
export function openBench(given: Omit<Bench, 'site' | 'live'>): OpenBench {
  let site: Promise<Site> | undefined;
  let live: ReturnType<Bench['live']> | undefined;
  const openUndisturbed = async () => {
    const opened = await openLive(await bench.site());
    return { live: opened, calm: await undisturbed(opened) };
  };
  const bench: Bench = {
    ...given,
    site: () => {
      site ??= startSite({ ...given, dataDir: join(given.dataDir, 'site') });
      return site;
    },
    live: () => {
      live ??= openUndisturbed();
      return live;
    },
  };
  const close = async () => {
    endChildren();
    // What could not be opened was told by the fault that asked for it. Asked to end, nobody waits for what a fault is in the middle of.
    if (!given.stop.aborted) {
      await live?.then((one) => one.live.stop()).catch(() => {});
      await site?.then((one) => one.stop()).catch(() => {});
    }
    await endEngines();
    unmountAll();
    rmSync(given.dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { bench, close };
}
