/** Live processors in one consumer group that come, go, hang and come back, and engines that fail under them. */
import { delay } from '@quaywatch/runtime';
import type { Bench } from './bench.ts';
import type { Child } from './children.ts';
import { clockFlags } from './clock.ts';
import { eventually } from './eventually.ts';
import { type Fault, promise } from './fault.ts';
import { type Disturbance, type LiveSite, runLive, working } from './live-site.ts';

/** Past a member's session in its group, 30 s. */
const zombieMs = 38_000;
const changes = 20;
const hungMs = 30_000;

type Disturb = (given: Disturbance, live: LiveSite) => Promise<readonly Child[]>;

function fault(name: string, catalogue: string, how: string, promised: string, disturb: Disturb): Fault {
  return {
    name,
    catalogue,
    how,
    promised,
    run: async (bench: Bench) => {
      const { live, calm } = await bench.live();
      // Storage takes its time, so that there is something to disturb.
      live.site.clickhouseWire.set({ kind: 'slow', latencyMs: 120 });
      try {
        const stored = await runLive(live, (given) => disturb(given, live));
        promise(stored === calm, `stored differs: ${calm} → ${stored}`);
        return `the same ${stored.split(' ').slice(0, 2).join(' ')} rows, dead letters and transitions, byte for byte`;
      } finally {
        live.site.clickhouseWire.set({ kind: 'good' });
      }
    },
  };
}

const slowly = { clickhouse: 'wire' } as const;

/** Two hours ahead, a day behind and right again, three seconds each, and a second forth and back ten times a second. */
const jumps = clockFlags(
  '([7200000, -86400000, 0][Math.floor(performance.now() / 3000) % 3] + (Math.floor(performance.now() / 100) % 2) * 1000)',
);

const clockJumps: Disturb = async ({ start, feed, during }) => {
  await feed(0.5);
  const processor = await working(start(slowly, jumps));
  await during(12_000);
  return [processor];
};

const joinAndLeave: Disturb = async ({ start, feed, during }) => {
  await feed(0.5);
  const first = await working(start(slowly));
  const second = await working(start(slowly));
  await during(1_500);
  const third = await working(start(slowly));
  await during(1_500);
  first.process.kill('SIGTERM');
  await first.ended;
  await during(1_500);
  second.process.kill('SIGKILL');
  await during(500);
  return [third, await working(start(slowly))];
};

const storm: Disturb = async ({ start, feed, during }) => {
  await feed(0.5);
  const stays = await working(start(slowly));
  const others: Child[] = [];
  for (let change = 0; change < changes; change++) {
    const leaving = others.length > 1 ? others.shift() : undefined;
    if (leaving === undefined) others.push(start(slowly));
    else leaving.process.kill(change % 4 === 0 ? 'SIGKILL' : 'SIGTERM');
    await during(900);
  }
  return [stays, ...others];
};

const zombie: Disturb = async ({ start, feed, during }) => {
  await feed(0.4);
  const [hung, other] = [start(slowly), start(slowly)];
  await Promise.all([working(hung), working(other)]);
  await during(1_500);
  hung.process.kill('SIGSTOP');
  await during(zombieMs);
  hung.process.kill('SIGCONT');
  await during(4_000);
  return [hung, other];
};

const brokerKilled: Disturb = async ({ start, feed, during }, { site }) => {
  await feed(0.5);
  const processor = await working(start(slowly));
  await during(1_000);
  site.kafka.kill('SIGKILL');
  await site.kafka.exited;
  await site.restartKafka();
  await during(2_000);
  return [processor];
};

const brokerHung: Disturb = async ({ start, feed, during }, { site }) => {
  await feed(0.5);
  const processor = await working(start(slowly));
  await during(1_000);
  site.kafka.kill('SIGSTOP');
  await delay(hungMs);
  site.kafka.kill('SIGCONT');
  await during(2_000);
  return [processor];
};

const storageKilled: Disturb = async ({ start, feed, during }, { site }) => {
  await feed(0.5);
  const processor = await working(start(slowly));
  await during(1_000);
  site.clickhouse.kill('SIGKILL');
  await site.clickhouse.exited;
  await eventually('the processor says so', () => processor.said().includes('ClickHouse does not take writes'), 30_000);
  await site.restartClickhouse();
  await during(2_000);
  return [processor];
};

export const GROUP_FAULTS: readonly Fault[] = [
  fault(
    'clock-jumps',
    'F27',
    'the wall clock of a live processor jumps 2 h ahead, a day back and to right again every 3 s, and trembles by a second',
    'the same rows, dead letters and transitions',
    clockJumps,
  ),
  fault(
    'group-changes',
    'F5, F11',
    'three live processors in one group: two join, one leaves, one is killed, one more joins',
    'the same rows, dead letters and transitions',
    joinAndLeave,
  ),
  fault(
    'rebalance-storm',
    'F5',
    `${changes} joins, leaves and kills in a row beside one that stays`,
    'bounded pauses; the same rows',
    storm,
  ),
  fault(
    'zombie',
    'F4, F5',
    `one of two live processors stopped for ${zombieMs / 1000} s, past its session; it comes back and goes on`,
    'the other takes over; what the zombie still writes is the same rows',
    zombie,
  ),
  fault(
    'live-broker-killed',
    'F1',
    'the broker killed under a live processor',
    'it goes on; the same rows',
    brokerKilled,
  ),
  fault(
    'live-broker-hung',
    'F2',
    `the broker stopped for ${hungMs / 1000} s under a live processor`,
    'it goes on; the same rows',
    brokerHung,
  ),
  fault(
    'live-clickhouse-killed',
    'F6',
    'ClickHouse killed under a live processor, back when the processor has said so',
    'it says so once, Kafka waits; the same rows',
    storageKilled,
  ),
];
