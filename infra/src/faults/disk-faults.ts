/** Disks of the engines that are full or broken: file systems in memory of a fixed size, and system calls that strace makes fail. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { delay } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import { readNumbers, reckon, startLedger } from './acked.ts';
import { type Bench, paceOf, type Site, startSite } from './bench.ts';
import { finished, launch, type Summary } from './children.ts';
import { eventually } from './eventually.ts';
import { Broken, CannotInject, type Fault, promise } from './fault.ts';
import { reached, sameFigures } from './under-replay.ts';

const run = promisify(execFile);
const diskMb = 400;
const topic = 'faults.acked';
const partitions = 3;

type SmallDisk = {
  readonly path: string;
  readonly fill: () => void;
  readonly free: () => void;
  readonly unmount: () => void;
};

const mounted = new Set<string>();

function unmount(path: string): void {
  if (!mounted.delete(path)) return;
  // Lazily: a process that is still ending may hold a file.
  execFileSync('umount', ['-l', path]);
}

/** What a fault that did not come to its end has left mounted. */
export function unmountAll(): void {
  for (const path of [...mounted]) unmount(path);
}

/** @throws CannotInject where nobody may mount. */
async function smallDisk(path: string): Promise<SmallDisk> {
  mkdirSync(path, { recursive: true });
  if (process.platform !== 'linux')
    throw new CannotInject('a file system of a fixed size is made by mount -t tmpfs, on Linux');
  await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', path]).catch((error: Error) => {
    throw new CannotInject(`mount -t tmpfs is not permitted: ${error.message.split('\n')[0]}`);
  });
  mounted.add(path);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => {
      const descriptor = openSync(ballast, 'a');
      const block = Buffer.alloc(1024 * 1024);
      try {
        for (;;) writeSync(descriptor, block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(descriptor);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    unmount: () => unmount(path),
  };
}

async function storageFull(bench: Bench): Promise<string> {
  const disk = await smallDisk(join(bench.dataDir, 'small-clickhouse'));
  let site: Site | undefined;
  try {
    site = await startSite({ ...bench, dataDir: join(bench.dataDir, 'disk-clickhouse'), clickhouseDir: disk.path });
    const calm = await site.calm();
    const replay = site.replay(['--run', 'disk-full', ...paceOf(bench)]);
    await reached(replay, 0.1);
    const isRefused = () => /NOT_ENOUGH_SPACE|No space left|enough space/i.test(replay.said());
    // Merges give room back: it is filled again until an insert was refused.
    const isOver = () => {
      disk.fill();
      return isRefused() || !replay.isRunning();
    };
    await eventually('an insert is refused for want of space', isOver, 60_000);
    promise(isRefused(), `the replay ended and nothing was refused: ${replay.said().slice(-700)}${replay.printed()}`);
    // As the product reads: on a full disk nothing must look as if it had never been stored.
    disk.fill();
    const list = launch('stream-processor/src/runs-main.ts', ['list'], { env: site.env() });
    await list.ended;
    promise(/^calm /m.test(list.printed()), `the run is not found on a full disk: ${list.printed()}${list.said()}`);
    disk.free();
    const same = sameFigures(calm, (await finished(replay, 'The replay')) as Summary);
    return `refused, reading went on, ${same}`;
  } finally {
    await site?.stop();
    disk.unmount();
  }
}

/** @returns what the broker did. `break` makes its disk fail, `mend` ends that; a broker that has ended is started again by then. */
async function brokerLoses(
  bench: Bench,
  name: string,
  kafkaDir: string,
  disk: { readonly fail: (site: Site) => Promise<void> | void; readonly mend: () => Promise<void> | void },
): Promise<string> {
  const site = await startSite({ ...bench, dataDir: join(bench.dataDir, name), kafkaDir, isEmpty: true });
  const kafka = kafkaClient(site.kafka.brokers, 'quaywatch-faults');
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  const ledger = await startLedger(kafka, topic, partitions);
  try {
    await eventually('sends are acknowledged', () => ledger.sends() > 30, 30_000);
    await disk.fail(site);
    await eventually(
      'the broker refuses or ends',
      () => ledger.refused().length > 0 || !site.kafka.isRunning(),
      60_000,
    );
    const hasEnded = await Promise.race([site.kafka.exited.then(() => true), delay(5_000).then(() => false)]);
    await disk.mend();
    if (!hasEnded) await site.kafka.stop();
    await site.restartKafka();
    const before = ledger.sends();
    await eventually('sends are acknowledged again', () => ledger.sends() > before + 30, 60_000);
    await ledger.stop();
    const { lost, twice, outOfOrder } = reckon(ledger.acked, await readNumbers(kafka, topic));
    const acked = [...ledger.acked.values()].reduce((sum, list) => sum + list.length, 0);
    promise(
      lost === 0 && outOfOrder === 0,
      `of ${acked} acknowledged records ${lost} are lost and ${outOfOrder} out of order`,
    );
    return `the broker ${hasEnded ? 'ended itself' : 'refused'}, was started again with room; ${acked} records acknowledged, none lost, ${twice} twice`;
  } finally {
    await disk.mend();
    await ledger.stop().catch(() => {});
    await site.stop();
  }
}

async function brokerFull(bench: Bench): Promise<string> {
  const disk = await smallDisk(join(bench.dataDir, 'small-kafka'));
  try {
    return await brokerLoses(bench, 'disk-kafka', disk.path, { fail: () => disk.fill(), mend: () => disk.free() });
  } finally {
    disk.unmount();
  }
}

/** Every write to the segments of the ledger's topic fails with EIO. */
async function brokerIoErrors(bench: Bench): Promise<string> {
  const strace = ['/usr/bin/strace', '/usr/local/bin/strace'].find((file) => existsSync(file));
  if (strace === undefined) throw new CannotInject('there is no strace');
  const kafkaDir = join(bench.dataDir, 'eio-kafka', 'data');
  let tracer: ReturnType<typeof spawn> | undefined;
  const mend = async () => {
    if (tracer === undefined || tracer.exitCode !== null || tracer.signalCode !== null) return;
    const gone = new Promise((resolve) => tracer?.once('exit', resolve));
    tracer.kill('SIGINT');
    await gone;
  };
  const fail = async (site: Site) => {
    const log = join(kafkaDir, 'log');
    const segments = readdirSync(log)
      .filter((name) => name.startsWith(`${topic}-`))
      .flatMap((name) =>
        readdirSync(join(log, name))
          .filter((file) => file.endsWith('.log'))
          .map((file) => join(log, name, file)),
      );
    const paths = segments.flatMap((file) => ['-P', file]);
    const calls = 'write,pwrite64,writev,pwritev,fsync,fdatasync';
    tracer = spawn(
      strace,
      ['-f', '-qq', '-o', '/dev/null', ...paths, '-e', `inject=${calls}:error=EIO`, '-p', String(site.kafka.pid)],
      { stdio: 'ignore' },
    );
    await delay(1_500);
    // It ends with the broker, which is what is wanted.
    if (tracer.exitCode !== null && site.kafka.isRunning())
      throw new CannotInject('strace may not attach to a process here');
  };
  try {
    return await brokerLoses(bench, 'eio-kafka', kafkaDir, { fail, mend });
  } catch (error) {
    if (error instanceof Broken && /Not in .* the broker refuses/.test(error.message))
      throw new CannotInject('strace made no call fail');
    throw error;
  }
}

export const DISK_FAULTS: readonly Fault[] = [
  {
    name: 'clickhouse-disk-full',
    catalogue: 'F9',
    how: `the data directory on a file system of ${diskMb} MB that is filled, and freed after an insert was refused`,
    promised: 'refused inserts are tried again, reading goes on; same digest',
    run: storageFull,
  },
  {
    name: 'broker-disk-full',
    catalogue: 'F22',
    how: `the broker's directory on a file system of ${diskMb} MB that is filled; freed and started again`,
    promised: 'no acknowledged record lost, order per key',
    run: brokerFull,
  },
  {
    name: 'broker-io-errors',
    catalogue: 'F22',
    how: 'strace makes every write to the segments of a topic fail with EIO; then started again',
    promised: 'no acknowledged record lost, order per key',
    run: brokerIoErrors,
  },
];
