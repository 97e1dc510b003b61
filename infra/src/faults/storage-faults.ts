/** ClickHouse dies, hangs, is slow, refuses, or does not answer for what it did, while a replay writes to it. */
import { DATABASE } from '@quaywatch/contracts';
import { delay } from '@quaywatch/runtime';
import type { Bench, Site } from './bench.ts';
import type { Replay } from './children.ts';
import { eventually } from './eventually.ts';
import { type Fault, promise } from './fault.ts';
import { underReplay } from './under-replay.ts';

const downMs = 30_000;
const hungMs = 10_000;
const answersLostMin = 3;
const words = `${DATABASE}.throughput`;

type Disturb = (site: Site, replay: Replay, bench: Bench) => Promise<void>;

function fault(name: string, catalogue: string, how: string, promised: string, disturb: Disturb): Fault {
  return {
    name,
    catalogue,
    how,
    promised,
    run: async (bench) => {
      const site = await bench.site();
      try {
        return await underReplay(bench, {
          name,
          way: { clickhouse: 'wire' },
          disturb: (replay) => disturb(site, replay, bench),
        });
      } finally {
        site.clickhouseWire.set({ kind: 'good' });
      }
    },
  };
}

const killed: Disturb = async (site, _replay, bench) => {
  site.clickhouse.kill('SIGKILL');
  await site.clickhouse.exited;
  await delay(downMs, bench.stop);
  await site.restartClickhouse();
};

const hung: Disturb = async (site, _replay, bench) => {
  site.clickhouse.kill('SIGSTOP');
  await delay(hungMs, bench.stop);
  site.clickhouse.kill('SIGCONT');
};

const slow: Disturb = async (site, replay, bench) => {
  site.clickhouseWire.set({ kind: 'slow', latencyMs: 1_000, bytesPerSecond: 2_000_000 });
  await delay(15_000, bench.stop);
  promise(replay.isRunning(), `the replay ended on a slow wire: ${replay.said()}`);
  site.clickhouseWire.set({ kind: 'good' });
};

const answersLost: Disturb = async (site, replay) => {
  const before = site.clickhouseWire.lost();
  site.clickhouseWire.set({ kind: 'answers_lost', to: words });
  const isEnough = () => site.clickhouseWire.lost() - before >= answersLostMin;
  await eventually('answers are lost', () => !replay.isRunning() || isEnough(), 60_000);
  site.clickhouseWire.set({ kind: 'good' });
  promise(isEnough(), 'the replay ended before answers were lost');
};

/** Merges stand still until an insert was refused. */
const tooManyParts: Disturb = async (site, replay) => {
  await site.command(`ALTER TABLE ${words} MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 2`);
  await site.command(`SYSTEM STOP MERGES ${words}`);
  try {
    const isRefused = () => replay.said().includes('TOO_MANY_PARTS') || replay.said().includes('Too many parts');
    await eventually('an insert is refused', () => !replay.isRunning() || isRefused(), 90_000);
    promise(isRefused(), 'the replay ended before an insert was refused');
  } finally {
    await site.command(`SYSTEM START MERGES ${words}`);
    await site.command(`OPTIMIZE TABLE ${words}`);
    await delay(2_000);
    await site.command(`ALTER TABLE ${words} RESET SETTING parts_to_delay_insert, parts_to_throw_insert`);
  }
};

export const STORAGE_FAULTS: readonly Fault[] = [
  fault(
    'clickhouse-killed',
    'F6',
    `SIGKILL, down for ${downMs / 1000} s`,
    'Kafka is not read meanwhile, memory is bounded; same digest',
    killed,
  ),
  fault('clickhouse-hung', 'F7', `SIGSTOP for ${hungMs / 1000} s`, 'no write twice over another; same digest', hung),
  fault(
    'clickhouse-slow',
    'F7',
    '1 s latency and 2 MB/s on the wire for 15 s',
    'the log waits, memory is bounded; same digest',
    slow,
  ),
  fault(
    'clickhouse-answer-lost',
    'F8',
    `${answersLostMin} inserts carried out, their connections reset before the answer`,
    'what is written again is the same rows; same digest',
    answersLost,
  ),
  fault(
    'clickhouse-too-many-parts',
    'F10',
    'parts_to_throw_insert = 2 and no merges until one insert was refused',
    'backs off and goes on by itself; same digest',
    tooManyParts,
  ),
];
