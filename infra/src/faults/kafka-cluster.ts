/** Three brokers on loopback, each replicating all: formed, and single nodes killed and started again. Injects nothing by itself. */
import { join } from 'node:path';
import { type Kafka, newClusterId, startKafka } from '../kafka.ts';
import { freePort } from '../ports.ts';

export type KafkaCluster = {
  /** By node: 1 is the first. */
  readonly nodes: Kafka[];
  readonly brokers: readonly string[];
  /** SIGKILL; resolves when it is gone. */
  readonly kill: (node: number) => Promise<void>;
  readonly restart: (node: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const size = 3;

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

export async function startKafkaCluster(dataDir: string, jarsDir: string): Promise<KafkaCluster> {
  const clusterId = newClusterId();
  const controllerPorts = await freePorts(size);
  const ports = await freePorts(size);
  const start = (node: number): Promise<Kafka> =>
    startKafka({
      dataDir: join(dataDir, `kafka-${node}`),
      jarsDir,
      logFile: join(dataDir, `kafka-${node}.log`),
      heapMb: 384,
      port: ports[node - 1] ?? 0,
      cluster: { clusterId, node, controllerPorts },
      extraProperties: {
        'default.replication.factor': '3',
        'min.insync.replicas': '2',
        'offsets.topic.replication.factor': '3',
        'transaction.state.log.replication.factor': '3',
        'transaction.state.log.min.isr': '2',
        'unclean.leader.election.enable': 'false',
        // A replica that is gone leaves the in-sync set after so long: 30 s otherwise.
        'replica.lag.time.max.ms': '5000',
      },
    });
  const nodes: Kafka[] = [];
  const started = await Promise.allSettled(Array.from({ length: size }, (_, i) => start(i + 1)));
  for (const one of started) if (one.status === 'fulfilled') nodes.push(one.value);
  const stop = async () => {
    // All at once: the last two alone would wait for each other.
    for (const node of nodes) node.kill('SIGKILL');
    await Promise.all(nodes.map((node) => node.exited));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    nodes,
    brokers: nodes.flatMap((node) => node.brokers),
    kill: async (node) => {
      nodes[node - 1]?.kill('SIGKILL');
      await nodes[node - 1]?.exited;
    },
    restart: async (node) => {
      nodes[node - 1] = await start(node);
    },
    stop,
  };
}
