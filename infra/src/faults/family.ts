/** The product's processes on a site: started in any order, asked to stop, killed, and waited for until they are live. Injects nothing itself. */
import { engineEnv } from '../engines.ts';
import type { Site } from './bench.ts';
import { type Child, type Env, launch } from './children.ts';
import { eventually } from './eventually.ts';
import { Broken, promise } from './fault.ts';
import { stopWithinMs } from './process-faults.ts';

export const names = ['processor', 'notifier', 'gateway', 'feeds'] as const;
type Name = (typeof names)[number];
const mains: Readonly<Record<Name, string>> = {
  processor: 'stream-processor/src/main.ts',
  notifier: 'stream-processor/src/notify-main.ts',
  gateway: 'web/gateway/src/main.ts',
  feeds: 'producers/src/main.ts',
};
export type Family = {
  readonly start: (name: Name, nodeFlags?: readonly string[]) => void;
  readonly child: (name: Name) => Child;
  /** SIGKILL; resolves when it is gone. */
  readonly killOne: (name: Name) => Promise<void>;
  /** SIGKILL to whoever is left. */
  readonly kill: () => void;
  readonly ends: () => readonly string[];
  /** @returns milliseconds that the slowest took. */
  readonly stop: () => Promise<number>;
};

export function family(env: Env, port: number, site: Site): Family {
  const children = new Map<Name, Child>();
  const ends: string[] = [];
  const asked = new Set<Child>();
  const { reader, writer, url } = site.clickhouse;
  const common = { ...env, QUAYWATCH_HOST: '127.0.0.1', QUAYWATCH_PORT: String(port), QUAYWATCH_DATA: site.dataDir };
  const gateway = {
    ...common,
    ...engineEnv(site.kafka.brokers, url, reader),
    QUAYWATCH_CLICKHOUSE_WRITER_USER: writer.user,
    QUAYWATCH_CLICKHOUSE_WRITER_PASSWORD: writer.password,
  };
  return {
    start: (name, nodeFlags = []) => {
      const child = launch(mains[name], [], { env: name === 'gateway' ? gateway : common, nodeFlags });
      children.set(name, child);
      void child.ended.then(({ code, signal }) => {
        if (!asked.has(child))
          ends.push(`${name} ended with ${signal ?? `exit code ${code}`}: ${child.said().slice(-700)}`);
      });
    },
    child: (name) => {
      const child = children.get(name);
      if (child === undefined) throw new Error(`${name} was not started.`);
      return child;
    },
    killOne: async (name) => {
      const child = children.get(name);
      if (child === undefined) return;
      asked.add(child);
      child.process.kill('SIGKILL');
      await child.ended;
    },
    kill: () => {
      for (const child of children.values()) child.process.kill('SIGKILL');
    },
    ends: () => ends,
    stop: async () => {
      const took = await Promise.all(
        [...children].map(async ([name, child]) => {
          if (!child.isRunning()) return 0;
          asked.add(child);
          const startedMs = performance.now();
          child.process.kill('SIGTERM');
          const { code, signal } = await child.ended;
          const tookMs = performance.now() - startedMs;
          promise(
            code === 0,
            `${name}, asked to stop, ended with ${signal ?? `exit code ${code}`} after ${tookMs.toFixed(0)} ms: ${child.said().slice(-700)}`,
          );
          promise(tookMs < stopWithinMs, `${name} took ${tookMs.toFixed(0)} ms to stop`);
          return tookMs;
        }),
      );
      return Math.max(...took);
    },
  };
}

/** What the page waits for; empty when it is ready. Whether the page itself is built is no matter here. */
async function notReady(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    const { checks } = (await response.json()) as { checks: Record<string, { ok: boolean }> };
    const missing = Object.entries(checks).filter(([name, check]) => name !== 'page' && !check.ok);
    return missing.map(([name, check]) => `${name}: ${JSON.stringify(check)}`).join(', ');
  } catch (error) {
    return String(error);
  }
}

export async function untilLive(all: Family, port: number): Promise<void> {
  const isLive = async () => {
    promise(all.ends().length === 0, all.ends().join('; '));
    return (
      all.child('processor').said().includes('Following the log.') &&
      all.child('notifier').said().includes('this notifier decides') &&
      all.child('feeds').said().includes('Feeds are live.') &&
      (await notReady(port)) === ''
    );
  };
  await eventually('everything is live', isLive, 120_000, 250).catch(async (error: unknown) => {
    if (error instanceof Broken) throw error;
    const said = names.map((name) => `${name}: ${all.child(name).said().slice(-300)}`);
    throw new Broken(`not live two minutes after everything was there (${await notReady(port)}): ${said.join('; ')}`);
  });
}
