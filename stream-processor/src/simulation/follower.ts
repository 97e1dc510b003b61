/**
 * One life of a processor as the live run wires it: a reader's handlers, a sink that stores and then publishes, a beat that flushes. Beside live.ts it
 * leaves out provisional rows and marks, which nothing counts.
 */
import type { AlertTransition, DeadLetter } from '@quaywatch/contracts';
import { delay } from '@quaywatch/runtime';
import type { LogHandlers, LogReader, PartitionEnds } from '../adapters/kafka-log.ts';
import type { LogRecord, PartitionOptions, PartitionState } from '../core/partition-state.ts';
import { Processor } from '../processor.ts';
import type { StorePort } from './fake-clickhouse.ts';

export type PublisherPort = {
  deadLetters(letters: readonly { readonly letter: DeadLetter; readonly bytes: Buffer | null }[]): Promise<void>;
  transitions(transitions: readonly AlertTransition[]): Promise<void>;
  tick(partition: number): Promise<void>;
};

export type FollowerPorts = {
  readonly store: StorePort;
  readonly publisher: PublisherPort;
  readonly ends: () => Promise<PartitionEnds>;
  readonly read: (handlers: LogHandlers) => Promise<LogReader>;
  readonly optionsOf: (partition: number) => PartitionOptions;
  readonly rowsPerWrite: number;
  readonly checkpointEveryMs: number;
  /** Looks at a state between two records. */
  readonly onStepped: (state: PartitionState) => void;
};

const beatMs = 250;
const quietBeforeTickMs = 20_000;
const topic = 'quaywatch.moves.v1';

function processorOf(ports: FollowerPorts, ends: PartitionEnds, heardAt: Map<number, number>): Processor {
  const { store, publisher } = ports;
  const run = 'live';
  const sink: ConstructorParameters<typeof Processor>[0] = {
    rows: (rows) => store.writeRows(run, rows),
    async deadLetters(letters) {
      await store.writeDeadLetters(
        run,
        topic,
        letters.map((one) => one.letter),
      );
      await publisher.deadLetters(letters);
    },
    async transitions(transitions) {
      await store.writeTransitions(transitions);
      await publisher.transitions(transitions.map((one) => one.transition));
    },
    checkpoints: (checkpoints) => store.saveCheckpoints(run, checkpoints),
    loadCheckpoint: (partition) => store.loadCheckpoint(run, partition),
  };
  return new Processor(sink, {
    optionsOf: ports.optionsOf,
    firstOffsetOf: (partition) => ends.get(partition)?.low ?? 0,
    rowsPerWrite: ports.rowsPerWrite,
    checkpointEveryMs: ports.checkpointEveryMs,
    onStepped: (state) => {
      heardAt.set(state.options.partition, Date.now());
      ports.onStepped(state);
    },
  });
}

/** Runs until asked to stop. @throws what ends the process; a supervisor starts it again. */
export async function follow(ports: FollowerPorts, stop: AbortSignal): Promise<void> {
  const heardAt = new Map<number, number>();
  const processor = processorOf(ports, await ports.ends(), heardAt);
  const failed = Promise.withResolvers<never>();
  const handlers: LogHandlers = {
    take: (partition: number, records: readonly LogRecord[], endOffset: number) =>
      processor.take(partition, records, endOffset).catch((error: unknown) => {
        failed.reject(error);
        throw error;
      }),
    assigned: () => processor.forget(),
    failed: failed.reject,
  };
  const reader = await ports.read(handlers);
  const beat = async () => {
    while (!stop.aborted) {
      await processor.flush();
      for (const partition of processor.states.keys()) {
        if (Date.now() - (heardAt.get(partition) ?? Number.POSITIVE_INFINITY) < quietBeforeTickMs) continue;
        heardAt.set(partition, Date.now());
        await ports.publisher.tick(partition);
      }
      await delay(beatMs, stop);
    }
  };
  try {
    await Promise.race([failed.promise, beat()]);
    await reader.stop();
    await processor.close();
  } finally {
    await reader.stop();
  }
}
