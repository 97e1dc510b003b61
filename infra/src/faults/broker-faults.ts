/** The broker dies, hangs, or cannot be reached while a replay reads from it. */

import type { Kafka } from '@quaywatch/kafka';
import { delay } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import type { Bench, Site } from './bench.ts';
import type { Replay } from './children.ts';
import { eventually } from './eventually.ts';
import { type Fault, promise } from './fault.ts';
import { endSessions } from './killable.ts';
import { underReplay } from './under-replay.ts';

/** Longer than a member's session in its group, and than a request may take. */
const cutMs = 40_000;
const hungMs = 25_000;

async function groupOf(kafka: Kafka, prefix: string): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    return groups.find((one) => one.groupId.startsWith(prefix))?.groupId ?? '';
  } finally {
    await admin.disconnect();
  }
}

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
      return underReplay(bench, {
        name,
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
  fault(
    'group-forms-anew',
    'F5',
    'the replay is taken out of its group twice, in the middle and when partitions are done',
    'what is done stays done, the rest is read again; same digest',
    async (site, replay) => {
      const kafka = kafkaClient(site.kafka.brokers, 'quaywatch-faults');
      for (const share of [0.3, 0.97]) {
        await eventually(
          'the replay has come further',
          () => !replay.isRunning() || replay.progress() >= share,
          120_000,
        );
        promise(replay.isRunning(), `the replay ended before it was taken out: ${replay.said()}`);
        await endSessions(kafka, site.kafka.brokers, await groupOf(kafka, 'quaywatch-replay-group-forms-anew'));
      }
    },
  ),
  fault('broker-reset', 'F4', 'all connections reset, 5 times', 'same digest', async (site, replay, bench) => {
    for (let time = 0; time < 5 && replay.isRunning(); time++) {
      site.kafkaWire.reset();
      await delay(700, bench.stop);
    }
  }),
];
