/** Three brokers: a leader dies, partitions move, in-sync replicas are lost and come back, while the product records and replays. */
import { join } from 'node:path';
import { recordingTopic } from '@quaywatch/contracts';
import { type Admin, ConfigResourceTypes, type Kafka } from '@quaywatch/kafka';
import { delay } from '@quaywatch/runtime';
import { type Clickhouse, startClickhouse } from '../clickhouse.ts';
import { engineEnv } from '../engines.ts';
import { kafkaClient } from '../kafka-client.ts';
import { provision, provisionTopics } from '../provision.ts';
import { type Ledger, readNumbers, reckon, startLedger } from './acked.ts';
import { type Bench, paceOf, stretchOf } from './bench.ts';
import { type Env, finished, launch, type Summary, startReplay } from './children.ts';
import { eventually } from './eventually.ts';
import { type Fault, promise } from './fault.ts';
import { type KafkaCluster, startKafkaCluster } from './kafka-cluster.ts';
import { reached, sameFigures } from './under-replay.ts';

const topic = 'faults.acked';
const partitions = 3;

type Place = {
  readonly cluster: KafkaCluster;
  readonly clickhouse: Clickhouse;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly env: Env;
  readonly ledger: Ledger;
  readonly bench: Bench;
};

async function leaderOf(admin: Admin, name: string, partition: number): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return topics[0]?.partitions.find((one) => one.partitionId === partition)?.leader ?? 0;
}

async function inSync(admin: Admin, name: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return Math.min(...(topics[0]?.partitions ?? []).map((one) => one.isr.length));
}

async function record({ env, bench }: Place, name: string): Promise<Readonly<Record<string, unknown>>> {
  const args = [...stretchOf(bench.days), '--name', name, '--json'];
  return finished(launch('producers/src/record-main.ts', args, { env }), `The recording ${name}`);
}

function replay({ env, bench }: Place, run: string, name: string, args: readonly string[]) {
  const all = [...stretchOf(bench.days), '--minutes', '--run', run, '--recording', name, ...args];
  return startReplay(all, { env: { ...env, QUAYWATCH_LOG_LEVEL: 'warn' } });
}

/** The leader of the first partition is killed while the product records and while it replays. */
async function leaderKilled(place: Place, calm: Summary): Promise<string> {
  const { cluster, admin } = place;
  const first = await leaderOf(admin, topic, 0);
  const recording = record(place, 'disturbed');
  await delay(1_500);
  await cluster.kill(first);
  await recording;
  await cluster.restart(first);
  const disturbed = replay(place, 'leader-killed', 'disturbed', paceOf(place.bench));
  await reached(disturbed, 0.1);
  const second = await leaderOf(admin, recordingTopic('disturbed'), 0);
  await cluster.kill(second);
  const same = sameFigures(calm, (await finished(disturbed, 'The replay')) as Summary);
  await cluster.restart(second);
  return `leaders ${first} and ${second} killed, ${same}`;
}

/** Every partition of the recording moves to brokers that it was not on first, while it is replayed. */
async function moved(place: Place, calm: Summary): Promise<string> {
  const { admin } = place;
  const name = recordingTopic('calm');
  const disturbed = replay(place, 'moved', 'calm', paceOf(place.bench));
  await reached(disturbed, 0.1);
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const before = topics[0]?.partitions ?? [];
  const assignment = before.map((one) => {
    const next = (one.leader % 3) + 1;
    return { partition: one.partitionId, replicas: [next, (next % 3) + 1] };
  });
  await admin.alterPartitionReassignments({ topics: [{ topic: name, partitionAssignment: assignment }] });
  await eventually(
    'the partitions have moved',
    async () => {
      const { topics: now } = await admin.fetchTopicMetadata({ topics: [name] });
      return (now[0]?.partitions ?? []).every((one) => one.replicas.length === 2);
    },
    60_000,
  );
  const same = sameFigures(calm, (await finished(disturbed, 'The replay')) as Summary);
  return `${assignment.length} partitions moved, ${same}`;
}

async function requireInSync(admin: Admin, replicas: number): Promise<void> {
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: [{ name: 'min.insync.replicas', value: String(replicas) }],
      },
    ],
  });
}

/** With one broker gone, too few replicas are in sync for a topic that wants three: nothing may be acknowledged then. */
async function tooFewInSync({ cluster, admin, ledger }: Place): Promise<string> {
  await requireInSync(admin, 3);
  const gone = ((await leaderOf(admin, topic, 0)) % 3) + 1;
  await cluster.kill(gone);
  await eventually('the replica has left', async () => (await inSync(admin, topic)) === 2, 60_000);
  // What was on its way may still have been acknowledged by all three.
  await delay(1_000);
  const [sends, refused] = [ledger.sends(), ledger.refused().length];
  await eventually('somebody is told that too few are in sync', () => ledger.refused().length > refused + 3, 45_000);
  promise(ledger.sends() === sends, `${ledger.sends() - sends} sends were acknowledged with too few replicas in sync`);
  await cluster.restart(gone);
  await eventually('sends are acknowledged again', () => ledger.sends() > sends + 5, 60_000);
  return `refused while two of three were in sync (“${ledger.refused().at(-1)?.slice(0, 80)}”), taken again after`;
}

async function reckoned({ ledger, kafka }: Place): Promise<string> {
  await ledger.stop();
  const { lost, twice, outOfOrder } = reckon(ledger.acked, await readNumbers(kafka, topic));
  const acked = [...ledger.acked.values()].reduce((sum, list) => sum + list.length, 0);
  promise(lost === 0, `${lost} of ${acked} acknowledged records are lost`);
  promise(outOfOrder === 0, `${outOfOrder} records are out of order`);
  return `${acked} records acknowledged, none lost, order of keys kept, ${twice} twice`;
}

type Part = (place: Place, calm: Summary) => Promise<string>;

function fault(name: string, how: string, promised: string, part: Part): Fault {
  return {
    name,
    catalogue: 'F3',
    how,
    promised,
    run: async (bench) => {
      const dataDir = join(bench.dataDir, name);
      const cluster = await startKafkaCluster(dataDir, bench.jarsDir);
      let clickhouse: Clickhouse | undefined;
      const kafka = kafkaClient(cluster.brokers, 'quaywatch-faults');
      const admin = kafka.admin();
      let ledger: Ledger | undefined;
      try {
        clickhouse = await startClickhouse({
          dataDir: join(dataDir, 'clickhouse'),
          logFile: join(dataDir, 'clickhouse.log'),
        });
        await admin.connect();
        await provisionTopics(cluster.brokers, [{ name: topic, partitions, configs: {} }]);
        await provision({ kafkaBrokers: cluster.brokers, clickhouse });
        const env = engineEnv(cluster.brokers, clickhouse.url, clickhouse.writer);
        ledger = await startLedger(kafka, topic, partitions);
        const place: Place = { cluster, clickhouse, kafka, admin, env, ledger, bench };
        await record(place, 'calm');
        const calm = (await finished(replay(place, 'calm', 'calm', []), 'The undisturbed replay')) as Summary;
        const seen = await part(place, calm);
        return `${seen}; ${await reckoned(place)}`;
      } finally {
        await ledger?.stop().catch(() => {});
        await admin.disconnect().catch(() => {});
        await Promise.all([cluster.stop(), clickhouse?.stop()]);
      }
    },
  };
}

export const CLUSTER_FAULTS: readonly Fault[] = [
  fault(
    'cluster',
    'three brokers: the leader killed during a recording and another during its replay; all partitions moved during a replay; one of three in-sync replicas lost where three are wanted',
    'no acknowledged record lost, order per key, refused while too few are in sync; same digest',
    async (place, calm) => {
      const parts = [await leaderKilled(place, calm), await moved(place, calm), await tooFewInSync(place)];
      return parts.join('; ');
    },
  ),
];
