/** The broker dies, hangs, or cannot be reached while a replay reads from it. */
import { delay } from '@quaywatch/runtime';
import type { Bench, Site } from './bench.ts';
import type { Replay } from './children.ts';
import type { Fault } from './fault.ts';
import { underReplay } from './under-replay.ts';

/** Longer than a member's session in its group, and than a request may take. */
const cutMs = 40_000;
const hungMs = 25_000;

function fault(
  name: string,
  catalogue: string,
  how: string,
  promised: string,
  disturb: (site: Site, replay: Replay, bench: Bench) => Promise<void>,
): Fault {
  return {
    name,
    catalogue,
    how,
    promised,
    run: async (bench) => {
      const site = await bench.site();
      return underReplay(site, {
        name,
        days: bench.days,
        way: { kafka: 'wire' },
        disturb: (replay) => disturb(site, replay, bench),
      });
    },
  };
}

export const BROKER_FAULTS: readonly Fault[] = [
  fault('broker-killed', 'F1', 'SIGKILL, started again', 'the replay goes on; same digest', async (site) => {
    site.kafka.kill('SIGKILL');
    await site.kafka.exited;
    await site.restartKafka();
  }),
  fault(
    'broker-hung',
    'F2',
    `SIGSTOP for ${hungMs / 1000} s`,
    'the replay waits and goes on; same digest',
    async (site, _replay, bench) => {
      site.kafka.kill('SIGSTOP');
      await delay(hungMs, bench.stop);
      site.kafka.kill('SIGCONT');
    },
  ),
  fault(
    'broker-cut-off',
    'F4',
    `the wire to the advertised port cut for ${cutMs / 1000} s, past the session`,
    'the replay waits, joins again and goes on; same digest',
    async (site, _replay, bench) => {
      site.kafkaWire.set({ kind: 'cut' });
      await delay(cutMs, bench.stop);
      site.kafkaWire.set({ kind: 'good' });
    },
  ),
  fault('broker-reset', 'F4', 'all connections reset, 5 times', 'same digest', async (site, replay, bench) => {
    for (let time = 0; time < 5 && replay.isRunning(); time++) {
      site.kafkaWire.reset();
      await delay(700, bench.stop);
    }
  }),
];
