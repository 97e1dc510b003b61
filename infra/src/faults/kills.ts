/**
 * Random SIGKILLs of processor, broker and ClickHouse while a recording is replayed at full speed: as soon as one is back, the next one goes. A
 * replay that comes to its end in between is compared with the undisturbed one, and another begins.
 */
import { createRandom, delay, seedOf } from '@quaywatch/runtime';
import { kafkaClient } from '../kafka-client.ts';
import type { Bench, Site } from './bench.ts';
import { finished, type Replay, type Summary } from './children.ts';
import { eventually } from './eventually.ts';
import { type Fault, promise } from './fault.ts';
import { endSessions } from './killable.ts';
import { sameFigures } from './under-replay.ts';

export type KillsSettings = {
  readonly kills: number;
  readonly seed: number;
  /** Longest time that everything lives between two kills. */
  readonly livesMsMax: number;
};

const targets = ['processor', 'processor', 'broker', 'clickhouse'] as const;
type Target = (typeof targets)[number];

export type KillsResult = {
  readonly byTarget: Readonly<Record<Target, number>>;
  /** Replays that came to their end, each with the digest of the undisturbed one. */
  readonly replays: number;
  /** Ends of a replay that nobody had asked for; it was resumed as by a supervisor. */
  readonly crashes: readonly string[];
  readonly same: string;
};

async function endReplaySessions(site: Site): Promise<void> {
  const kafka = kafkaClient(site.kafka.brokers, 'quaywatch-faults');
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    // The members of before keep the group waiting until their sessions have run out; the one that lives joins again.
    for (const { groupId } of groups.filter((one) => one.groupId.startsWith('quaywatch-replay-kills-')))
      await endSessions(kafka, site.kafka.brokers, groupId);
  } finally {
    await admin.disconnect();
  }
}

/** A broker that has just started is loading its groups. */
async function insistOnSessions(site: Site): Promise<void> {
  const isDone = () =>
    endReplaySessions(site).then(
      () => true,
      () => false,
    );
  await eventually('the sessions are ended', isDone, 30_000, 250);
}

/** @throws Broken when a digest differs. */
export async function killAgainAndAgain(bench: Bench, site: Site, settings: KillsSettings): Promise<KillsResult> {
  const random = createRandom(seedOf('faults-kills', settings.seed));
  const calm = await site.calm();
  const byTarget = { processor: 0, broker: 0, clickhouse: 0 };
  const crashes: string[] = [];
  let replays = 0;
  let same = '';
  let furthest = 0;
  let replay: Replay | undefined;
  const begin = () => site.replay(['--run', `kills-${replays}`]);
  const resume = () => site.replay(['--resume', `kills-${replays}`]);
  const take = (summary: Summary) => {
    same = sameFigures(calm, summary);
    replays++;
    furthest = 0;
  };
  /** One that has ended by itself is compared or resumed. */
  const lookAfter = async (current: Replay): Promise<Replay> => {
    if (current.isRunning()) return current;
    const { code, signal } = await current.ended;
    if (code !== 0) {
      crashes.push(`${signal ?? `exit code ${code}`}: ${current.said().slice(-700)}`);
      bench.tell(`The replay ended by itself: ${crashes.at(-1)}`);
      return resume();
    }
    take(JSON.parse(current.printed()));
    return begin();
  };
  const kill = async (target: Target, current: Replay): Promise<Replay> => {
    byTarget[target]++;
    switch (target) {
      case 'processor':
        current.process.kill('SIGKILL');
        await current.ended;
        return resume();
      case 'broker':
        site.kafka.kill('SIGKILL');
        await site.kafka.exited;
        await site.restartKafka();
        await insistOnSessions(site);
        return current;
      case 'clickhouse':
        site.clickhouse.kill('SIGKILL');
        await site.clickhouse.exited;
        await site.restartClickhouse();
        return current;
    }
  };
  try {
    replay = begin();
    for (let killed = 0; killed < settings.kills && !bench.stop.aborted; killed++) {
      await delay(random() * settings.livesMsMax, bench.stop);
      furthest = Math.max(furthest, replay.progress());
      replay = await lookAfter(replay);
      replay = await kill(targets[Math.floor(random() * targets.length)] ?? 'processor', replay);
      if ((killed + 1) % 20 === 0)
        bench.tell(`${killed + 1} kills, ${replays} replays, ${crashes.length} crashes, last at ${furthest}.`);
    }
    while (!replay.isRunning()) replay = await lookAfter(replay);
    take((await finished(replay, 'The last replay')) as Summary);
    return { byTarget, replays, crashes, same };
  } finally {
    replay?.process.kill('SIGKILL');
  }
}

export function saidOf({ byTarget, replays, crashes, same }: KillsResult): string {
  const counts = Object.entries(byTarget).map(([name, count]) => `${name} ${count}`);
  return `${counts.join(', ')}; ${replays} replays, each with ${same}; ${crashes.length} ended by themselves and were resumed`;
}

const few = { kills: 10, seed: 1, livesMsMax: 1_500 };

export const KILLS: Fault = {
  name: 'random-kills',
  catalogue: 'F11',
  how: `${few.kills} SIGKILLs of processor, broker or ClickHouse at random moments of a replay at full speed`,
  promised: 'same digest',
  run: async (bench) => {
    const result = await killAgainAndAgain(bench, await bench.site(), few);
    promise(result.crashes.length <= 2, `ended by itself: ${result.crashes.join('; ')}`);
    return saidOf(result);
  },
};
