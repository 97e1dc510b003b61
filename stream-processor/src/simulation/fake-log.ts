/**
 * A topic and its consumer group behind the reader's interface: partitions with offsets, batches, members that join, leave, fall silent and go on as
 * zombies, seek and pause, retention. Assigns eagerly and without waiting for the old owner, which is more than Kafka would dare.
 */
import { retry } from '@quaywatch/runtime';
import type { LogHandlers, LogReader, PartitionEnds } from '../adapters/kafka-log.ts';
import type { LogRecord } from '../core/partition-state.ts';
import type { SentRecord } from './records.ts';
import { newPlace, type Place, type World } from './world.ts';

export type LogWeather = {
  /** A fetch fails or hangs for a while. */
  readonly fetchFails: number;
  /** A batch is handed over twice. */
  readonly repeats: number;
  /** A batch begins after the position: the reader passed records over. */
  readonly skips: number;
  /** A batch fetched before a rebalance is handed over after it. */
  readonly stale: number;
  /** The member learns of a rebalance while a batch of it is being taken. */
  readonly midBatch: number;
  /** Records of one batch at most. */
  readonly batchMax: number;
};

export const fairLog: LogWeather = { fetchFails: 0, repeats: 0, skips: 0, stale: 0, midBatch: 0, batchMax: 200 };

/** Kafka's are 30 s and 3 s; virtual time is dear. */
const sessionMs = 3_000;
const heartbeatMs = 300;

type Member = {
  readonly place: Place;
  generation: number;
  lastHeartbeatMs: number;
  /** Heartbeats do not come through before this: the coordinator takes it for dead, and it goes on. */
  cutUntilMs: number;
};

type Batch = { readonly partition: number; readonly records: readonly LogRecord[]; readonly endOffset: number };

export class FakeLog {
  readonly records = new Map<number, LogRecord[]>();
  readonly #low = new Map<number, number>();
  readonly #world: World;
  readonly #broker = newPlace('kafka');
  readonly #members: Member[] = [];
  #assignment = new Map<Member, readonly number[]>();
  #generation = 0;
  weather: LogWeather = fairLog;
  isDown = false;
  rebalances = 0;

  constructor(world: World, partitions: readonly number[]) {
    this.#world = world;
    for (const partition of partitions) {
      this.records.set(partition, []);
      this.#low.set(partition, 0);
    }
    this.#coordinate();
  }

  append(partition: number, { timestampMs, value, isTick }: SentRecord): void {
    const list = this.records.get(partition);
    list?.push({ offset: list.length, timestampMs, value, isTick });
  }

  low(partition: number): number {
    return this.#low.get(partition) ?? 0;
  }

  end(partition: number): number {
    return this.records.get(partition)?.length ?? 0;
  }

  ends(): PartitionEnds {
    return new Map(
      [...this.records].map(([partition, list]) => [partition, { low: this.low(partition), high: list.length }]),
    );
  }

  /** Retention takes away what is before `offset`. */
  trim(partition: number, offset: number): void {
    this.#low.set(partition, Math.max(this.low(partition), Math.min(offset, this.end(partition))));
  }

  /** The coordinator no longer hears this process; it goes on reading and writing. */
  cut(place: Place, forMs: number): void {
    for (const member of this.#members) if (member.place === place) member.cutUntilMs = this.#world.nowMs + forMs;
  }

  async read(place: Place, handlers: LogHandlers): Promise<LogReader> {
    const member: Member = { place, generation: -1, lastHeartbeatMs: this.#world.nowMs, cutUntilMs: 0 };
    const reader = new Reader(this, this.#world, member, handlers);
    const done = reader.follow();
    return {
      stop: async () => {
        reader.isStopped = true;
        await done;
        this.leave(member);
      },
    };
  }

  isCut(member: Member): boolean {
    return member.cutUntilMs > this.#world.nowMs;
  }

  /** Whether the member knows that the group has gone on without it. */
  knowsRebalance(member: Member): boolean {
    return member.generation !== this.#generation && !this.isCut(member);
  }

  join(member: Member): readonly number[] {
    member.lastHeartbeatMs = this.#world.nowMs;
    if (!this.#members.includes(member)) {
      this.#members.push(member);
      this.#rebalance();
    }
    member.generation = this.#generation;
    return this.#assignment.get(member) ?? [];
  }

  leave(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at < 0) return;
    this.#members.splice(at, 1);
    this.#rebalance();
  }

  /** There and back to the broker, which may be away. */
  request<T>(place: Place, answer: () => T): Promise<T> {
    const world = this.#world;
    return new Promise((resolve, reject) => {
      world.at(this.#broker, world.between(0, 10), () => {
        const isLost = this.isDown || world.chance(this.weather.fetchFails);
        if (isLost)
          return world.at(place, world.between(1, 1_000), () => reject(new Error('The broker did not answer.')));
        const result = answer();
        return world.at(place, world.between(0, 10), () => resolve(result));
      });
    });
  }

  /** As an administrating client does: asks again a number of times. */
  insist<T>(place: Place, answer: () => T): Promise<T> {
    return retry(() => this.request(place, answer), { attemptsMax: 12, firstDelayMs: 100, delayMsMax: 1_000 });
  }

  slice(partition: number, from: number): Batch | undefined {
    const list = this.records.get(partition) ?? [];
    // Out of range: the reader begins at the oldest record.
    const at = Math.max(from, this.low(partition));
    if (at >= list.length) return undefined;
    const count = this.#world.between(1, this.weather.batchMax);
    return { partition, records: list.slice(at, at + count), endOffset: list.length };
  }

  #rebalance(): void {
    this.rebalances++;
    this.#generation++;
    const assignment = new Map<Member, number[]>(this.#members.map((member) => [member, []]));
    for (const partition of this.records.keys()) {
      const owner = this.#world.pick(this.#members);
      if (owner !== undefined) assignment.get(owner)?.push(partition);
    }
    this.#assignment = assignment;
  }

  /** Hears the members, and goes on without those it has not heard for a session. */
  #coordinate(): void {
    const now = this.#world.nowMs;
    for (const member of [...this.#members]) {
      const isHeard = !member.place.isDead && member.place.pausedUntilMs <= now && !this.isCut(member);
      if (isHeard) member.lastHeartbeatMs = now;
      else if (now - member.lastHeartbeatMs > sessionMs) this.leave(member);
    }
    this.#world.at(this.#broker, heartbeatMs, () => this.#coordinate());
  }
}

/** The reader's side of kafka-log.ts: one loop that joins, fetches, hands over and obeys. */
class Reader {
  readonly #log: FakeLog;
  readonly #world: World;
  readonly #member: Member;
  readonly #handlers: LogHandlers;
  readonly #positions = new Map<number, number>();
  readonly #finished = new Set<number>();
  readonly #seeked = new Set<number>();
  /** Partitions that were passed over last time: a reader that is told where to read does. */
  readonly #passed = new Set<number>();
  #before: readonly Batch[] = [];
  #joins = 0;
  isStopped = false;

  constructor(log: FakeLog, world: World, member: Member, handlers: LogHandlers) {
    this.#log = log;
    this.#world = world;
    this.#member = member;
    this.#handlers = handlers;
  }

  async follow(): Promise<void> {
    const { place } = this.#member;
    while (!this.isStopped) {
      try {
        if (this.#log.knowsRebalance(this.#member)) await this.#rejoinBetweenBatches();
        const batches = await this.#log.request(place, () => this.#fetch());
        if (batches.length === 0) await this.#world.sleep(place, this.#world.between(20, 300));
        this.#seeked.clear();
        for (const batch of batches) await this.#handOver(batch);
        this.#before = batches;
      } catch {
        // The broker is away, or the processor threw: kafkajs tries again after a while.
        await this.#world.sleep(place, this.#world.between(50, 500));
      }
    }
  }

  async #rejoin(): Promise<readonly number[]> {
    const assigned = await this.#log.request(this.#member.place, () => this.#log.join(this.#member));
    this.#joins++;
    this.#positions.clear();
    this.#finished.clear();
    this.#handlers.assigned(assigned);
    for (const partition of assigned) this.#positions.set(partition, this.#log.low(partition));
    return assigned;
  }

  async #rejoinBetweenBatches(): Promise<void> {
    const assigned = await this.#rejoin();
    const stale = this.#before.find((batch) => assigned.includes(batch.partition));
    if (stale !== undefined && this.#world.chance(this.#log.weather.stale)) await this.#handOver(stale);
  }

  /** What becomes of the batch is told by `taking`; here it is only waited for. */
  async #rejoinMeanwhile(taking: Promise<unknown>): Promise<void> {
    const { place } = this.#member;
    const rejoining = this.#world.sleep(place, this.#world.between(0, 30)).then(async () => {
      if (this.#log.knowsRebalance(this.#member)) await this.#rejoin();
    });
    await Promise.allSettled([taking, rejoining]);
  }

  #fetch(): Batch[] {
    const batches: Batch[] = [];
    for (const [partition, position] of this.#positions) {
      if (this.#finished.has(partition)) continue;
      const isPassed = !this.#passed.delete(partition) && this.#world.chance(this.#log.weather.skips);
      const passed = isPassed ? this.#world.between(1, 40) : 0;
      if (isPassed) this.#passed.add(partition);
      const batch = this.#log.slice(partition, position + passed);
      if (batch !== undefined) batches.push(batch);
    }
    return batches;
  }

  async #handOver(batch: Batch): Promise<void> {
    if (this.isStopped || this.#seeked.has(batch.partition)) return;
    const { partition, records, endOffset } = batch;
    const joined = this.#joins;
    const taking = this.#handlers.take(partition, records, endOffset, records[0]?.offset ?? 0);
    if (this.#world.chance(this.#log.weather.midBatch)) await this.#rejoinMeanwhile(taking);
    const taken = await taking;
    if (this.#joins !== joined || !this.#positions.has(partition)) return;
    if (taken.kind === 'seek') {
      this.#seeked.add(partition);
      this.#positions.set(partition, taken.offset);
      return;
    }
    if (taken.kind === 'finished') this.#finished.add(partition);
    // A batch whose answer was not noted is fetched and handed over again.
    if (!this.#world.chance(this.#log.weather.repeats))
      this.#positions.set(partition, (records.at(-1)?.offset ?? -1) + 1);
  }
}
