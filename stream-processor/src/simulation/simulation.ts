/**
 * One seed: feeds write, members read, engines fail, processes die and come back; then all faults stop and everything must be as in the undisturbed
 * run. What it asserts is the promise of docs/reliability.md. The same seed does the same, event by event.
 */
import { seedOf } from '@quaywatch/runtime';
import type { PartitionOptions, PartitionState } from '../core/partition-state.ts';
import { dayOf } from '../core/time.ts';
import { startMs } from '../testing/random-log.ts';
import { FakeClickhouse, fairStore } from './fake-clickhouse.ts';
import { FakeLog, fairLog } from './fake-log.ts';
import { follow } from './follower.ts';
import { simulatedOptions } from './options.ts';
import { recordsOf, type SentRecord } from './records.ts';
import { firstDifference, letterKey, normalised, Reference, transitionKey } from './reference.ts';
import { type Accident, type Scenario, scenarioOf } from './scenario.ts';
import { checkTotals } from './totals.ts';
import { newPlace, type Place, type Violation, World } from './world.ts';

/** Virtual time in which a run must have caught up when faults stop: sessions run out, processes start again, the log is read again. */
const catchUpMsMax = 60_000;
const drainMsMax = 10_000;
const clocksMax = 8;
const hourMs = 3_600_000;
const openMsMax = 24 * hourMs + 32 * 60_000;

export type SeedReport = {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly records: number;
  readonly rows: number;
  readonly rowsStored: number;
  readonly deadLetters: number;
  readonly transitions: number;
  readonly lives: number;
  readonly rebalances: number;
  readonly checkpointsCompared: number;
  readonly isTotalled: boolean;
  readonly virtualMs: number;
};

type Member = { place: Place; stop: AbortController; isRunning: boolean; isWanted: boolean; requestsToDeath: number };

/** What ends a process in bad weather; anything else that it throws is a bug. */
const expectedEnds = [
  /^A write failed for good/,
  /^Code: 60\./,
  /^The broker did not take it/,
  /^Code: 252|^Code: 999|^Timeout error|^socket hang up|^connect ECONNREFUSED/,
];
const goneRecords = /are gone from the log before they were counted/;

class Simulation {
  readonly #scenario: Scenario;
  readonly #world: World;
  readonly #log: FakeLog;
  readonly #clickhouse: FakeClickhouse;
  readonly #references = new Map<number, Reference>();
  readonly #members: Member[] = [];
  readonly #published = new Map<string, string>();
  /** Who stepped a partition furthest, of those that live. */
  readonly #stepped = new Map<number, { place: Place; position: number }>();
  readonly #supervisor = newPlace('supervisor');
  readonly #feeds = newPlace('feeds');
  #unsent = 0;
  #lives = 0;
  #weatherIsFair = false;
  #mayLoseRecords = false;
  /** Processes that ended because records were gone. */
  #refusals = 0;
  #isLost = false;

  constructor(seed: number) {
    this.#scenario = scenarioOf(seed);
    this.#world = new World(seedOf('world', seed), startMs);
    const partitions = this.#scenario.plans.map((plan) => plan.partition);
    for (const partition of partitions)
      this.#references.set(partition, new Reference(this.#optionsOf(partition), this.#world));
    this.#log = new FakeLog(this.#world, partitions);
    this.#clickhouse = new FakeClickhouse(this.#world, this.#references);
    this.#clickhouse.served = (place) => this.#served(place);
    for (const plan of this.#scenario.plans) this.#send(plan.partition, recordsOf(plan, seed));
  }

  #optionsOf(partition: number): PartitionOptions {
    const plan = this.#scenario.plans.find((one) => one.partition === partition);
    const { stretchDays, withMinutes } = this.#scenario;
    const firstDay = dayOf(startMs);
    return simulatedOptions({
      partition,
      terminals: plan?.terminals ?? [],
      fromDay: stretchDays === null ? null : firstDay,
      toDay: stretchDays === null ? null : firstDay + stretchDays,
      withMinutes,
    });
  }

  /** Feeds write in bursts: the log's days pass in seconds, and the machines' clocks with them. */
  #send(partition: number, records: readonly SentRecord[]): void {
    const world = this.#world;
    const bursts = Math.min(records.length, world.between(3, 40));
    const times = Array.from({ length: bursts }, () => world.between(0, this.#scenario.faultsUntilMs - 500)).sort(
      (a, b) => a - b,
    );
    this.#unsent += bursts;
    let from = 0;
    times.forEach((atMs, i) => {
      const to =
        i === bursts - 1
          ? records.length
          : world.between(from, from + Math.ceil((records.length - from) / (bursts - i)) * 2);
      const burst = records.slice(from, to);
      from = Math.min(to, records.length);
      world.at(this.#feeds, atMs, () => {
        for (const record of burst) this.#append(partition, record);
        const last = burst.at(-1)?.timestampMs ?? 0;
        if (last > world.wallMs) world.leap(last - world.wallMs);
        this.#unsent--;
      });
    });
  }

  #append(partition: number, record: SentRecord): void {
    this.#log.append(partition, record);
    this.#references.get(partition)?.advance(this.#log.records.get(partition) ?? []);
    this.#boundBatches();
  }

  #boundBatches(): void {
    let most = 0;
    for (const reference of this.#references.values()) most = Math.max(most, reference.rowsOfARecordMax);
    this.#clickhouse.rowsPerInsertMax = this.#scenario.rowsPerWrite + most;
  }

  #start(member: Member): void {
    const { rowsPerWrite, checkpointEveryMs } = this.#scenario;
    const place = newPlace(`processor ${this.#lives++}`);
    const stop = new AbortController();
    Object.assign(member, { place, stop, isRunning: true });
    const ports = {
      store: this.#clickhouse.store(place, stop.signal),
      publisher: {
        transitions: (list: readonly { alert_id: string; transition: number }[]) =>
          this.#publish(
            place,
            list.map((one) => [`transition ${one.alert_id} ${one.transition}`, JSON.stringify(one)]),
          ),
        deadLetters: (list: Parameters<Parameters<typeof follow>[0]['publisher']['deadLetters']>[0]) =>
          this.#publish(
            place,
            list.map(({ letter }) => [`letter ${letter.partition} ${letterKey(letter)}`, JSON.stringify(letter)]),
          ),
        tick: (partition: number) => this.#tick(place, partition),
      },
      ends: () => this.#log.request(place, () => this.#log.ends()).catch(() => this.#log.ends()),
      read: (handlers: Parameters<FakeLog['read']>[1]) => this.#log.read(place, handlers),
      optionsOf: (partition: number) => this.#optionsOf(partition),
      rowsPerWrite,
      checkpointEveryMs,
      onStepped: (state: PartitionState) => this.#look(state, place),
    };
    this.#world.begin(place, () => {
      follow(ports, stop.signal).then(
        () => this.#ended(member, place, undefined),
        (error: unknown) => this.#ended(member, place, error),
      );
    });
  }

  #publish(place: Place, list: readonly (readonly [string, string])[]): Promise<void> {
    if (list.length === 0) return Promise.resolve();
    const fails = !this.#weatherIsFair && this.#world.chance(this.#scenario.publishFails);
    return new Promise((resolve, reject) => {
      this.#world.at(this.#feeds, this.#world.between(0, 10), () => {
        const taken = fails ? list.slice(0, this.#world.between(0, list.length)) : list;
        for (const [key, content] of taken) {
          const known = this.#published.get(key);
          if (known !== undefined && known !== content)
            this.#world.violate('what is published twice differs', `${content} and ${known}`);
          this.#published.set(key, content);
        }
        this.#world.at(place, 2, () => (fails ? reject(new Error('The broker did not take it.')) : resolve()));
      });
    });
  }

  #tick(place: Place, partition: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.at(this.#feeds, 2, () => {
        // Ticks that nobody waits for would keep the log from ever ending.
        if (!this.#weatherIsFair)
          this.#append(partition, { timestampMs: Math.round(this.#world.wallMs), value: null, isTick: true });
        this.#world.at(place, 2, resolve);
      });
    });
  }

  #ended(member: Member, place: Place, error: unknown): void {
    if (place.isDead) return;
    place.isDead = true;
    member.isRunning = false;
    if (error !== undefined && !this.#isExpected(error)) {
      const text =
        error instanceof Error
          ? `${error.message}${error.cause === undefined ? '' : ` (${error.cause})`}`
          : String(error);
      this.#world.violate(
        'the processor threw',
        error instanceof Error && error.cause === undefined ? (error.stack ?? text) : text,
      );
    }
    this.#comeBack(member);
  }

  #isExpected(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if (goneRecords.test(error.message)) {
      this.#refusals++;
      return this.#mayLoseRecords;
    }
    // A write that failed for good has its reason; a bug in the sink is not one.
    const reason = error.cause instanceof Error ? error.cause : error;
    return expectedEnds.some((end) => end.test(reason.message));
  }

  #comeBack(member: Member): void {
    this.#world.at(this.#supervisor, this.#world.between(50, 1_500), () => {
      if (member.isWanted && !member.isRunning) this.#start(member);
    });
  }

  #kill(member: Member): void {
    if (!member.isRunning) return;
    member.place.isDead = true;
    member.isRunning = false;
    this.#comeBack(member);
  }

  #served(place: Place): void {
    for (const member of this.#members)
      if (member.place === place && member.requestsToDeath > 0 && --member.requestsToDeath === 0) this.#kill(member);
  }

  #join(): Member {
    const member: Member = {
      place: newPlace(''),
      stop: new AbortController(),
      isRunning: false,
      isWanted: true,
      requestsToDeath: 0,
    };
    this.#members.push(member);
    this.#start(member);
    return member;
  }

  #happen(kind: Accident): void {
    const world = this.#world;
    const member = world.pick(this.#members);
    if (member === undefined) return;
    switch (kind) {
      case 'kill':
        return this.#kill(member);
      case 'kill_at_request':
        member.requestsToDeath = world.between(1, 8);
        return;
      case 'stop':
        return member.stop.abort();
      case 'pause':
        member.place.pausedUntilMs = world.nowMs + world.between(100, 6_000);
        return;
      case 'cut':
        return this.#log.cut(member.place, world.between(500, 7_000));
      case 'join':
        this.#join();
        return;
      case 'store_down':
        this.#clickhouse.isDown = true;
        world.at(this.#supervisor, world.between(100, 4_000), () => {
          this.#clickhouse.isDown = false;
        });
        return;
      case 'broker_down':
        this.#log.isDown = true;
        world.at(this.#supervisor, world.between(100, 3_000), () => {
          this.#log.isDown = false;
        });
        return;
      case 'retention':
        return this.#retain();
      case 'leap':
        return world.leap(world.between(-6 * hourMs, 6 * hourMs));
    }
  }

  /** Retention takes what no restart needs. A reader that stands further back may find its records gone; it must say so, and start again. */
  #retain(): void {
    for (const partition of this.#references.keys()) {
      const saved = this.#clickhouse.checkpointOf(partition);
      if (saved === undefined) continue;
      this.#mayLoseRecords = true;
      this.#log.trim(partition, (JSON.parse(saved.body) as { rebuildFrom: { offset: number } }).rebuildFrom.offset);
    }
  }

  /** Takes records that no checkpoint covers; what nobody has begun to count is no loss. */
  #lose(): void {
    for (const partition of this.#references.keys()) {
      if (this.#clickhouse.checkpointOf(partition) === undefined || this.#stepped.get(partition) === undefined)
        continue;
      this.#mayLoseRecords = true;
      this.#isLost = true;
      // One stays: without any record after it nobody could know of a gap.
      this.#log.trim(partition, this.#log.end(partition) - 1);
    }
  }

  #look(state: PartitionState, place: Place): void {
    if (place.isDead) return;
    const { partition } = state.options;
    if (this.#steppedTo(partition) <= state.position) this.#stepped.set(partition, { place, position: state.position });
    const today = dayOf(state.logTimeMs);
    const daysMax = today + 1 - state.settledThroughDay;
    for (const terminal of state.terminals.values()) {
      const isOver =
        terminal.days.size > daysMax || terminal.ledgers.size > daysMax || terminal.clocks.length > clocksMax;
      const isAhead = [...terminal.days.keys(), ...terminal.ledgers.keys()].some((day) => day > today + 1);
      if (isOver || isAhead)
        return this.#world.violate(
          'the state is over its bound',
          `${terminal.days.size} days, ${terminal.ledgers.size} ledgers, at most ${daysMax} and none ahead; ${terminal.clocks.length} clocks`,
        );
    }
    if (state.dayStarts.length > daysMax + 4 || state.settlements.length > 8)
      this.#world.violate(
        'the state is over its bound',
        `${state.dayStarts.length} day starts, ${state.settlements.length} settlements`,
      );
  }

  #steppedTo(partition: number): number {
    const stepped = this.#stepped.get(partition);
    const saved = this.#clickhouse.checkpointOf(partition)?.position ?? 0;
    return stepped === undefined || stepped.place.isDead ? saved : Math.max(saved, stepped.position);
  }

  get #isCaughtUp(): boolean {
    if (this.#unsent > 0) return false;
    let toPublish = 0;
    for (const reference of this.#references.values())
      toPublish += reference.letters.length + reference.transitions.length;
    if (this.#published.size < toPublish) return false;
    for (const [partition, reference] of this.#references) {
      if (!reference.isAllStored) return false;
      if (this.#steppedTo(partition) < reference.state.position) return false;
    }
    return true;
  }

  #clearSkies(): void {
    this.#weatherIsFair = true;
    this.#clickhouse.weather = fairStore;
    this.#clickhouse.isDown = false;
    this.#log.weather = fairLog;
    this.#log.isDown = false;
    for (const member of this.#members) {
      member.requestsToDeath = 0;
      member.place.pausedUntilMs = Math.min(member.place.pausedUntilMs, this.#world.nowMs);
    }
  }

  async run(): Promise<void> {
    const world = this.#world;
    const scenario = this.#scenario;
    this.#clickhouse.weather = scenario.store;
    this.#log.weather = scenario.log;
    for (let i = 0; i < scenario.members; i++) this.#join();
    for (const { atMs, kind } of scenario.accidents) world.at(this.#supervisor, atMs, () => this.#happen(kind));
    if (scenario.losesAtMs !== null) world.at(this.#supervisor, scenario.losesAtMs, () => this.#lose());
    await world.run(() => world.nowMs >= scenario.faultsUntilMs, Number.POSITIVE_INFINITY);
    if (world.violation !== undefined) return;
    this.#clearSkies();
    const bound = world.nowMs + catchUpMsMax;
    const isDone = () => this.#isCaughtUp || (this.#isLost && this.#refusals > 2);
    if (!(await world.run(isDone, bound))) return world.violate('it does not catch up', this.#behind());
    // What was lost is not to be had: that nothing wrong was stored, and that somebody was told, is all there is.
    if (!this.#isCaughtUp) return;
    for (const member of this.#members) {
      member.isWanted = false;
      member.stop.abort();
    }
    if (!(await world.run(() => this.#members.every((one) => !one.isRunning), world.nowMs + drainMsMax)))
      return world.violate('it does not stop in time', `${drainMsMax} ms`);
    this.#checkEnd();
  }

  #behind(): string {
    return [...this.#references]
      .map(([partition, { expected, state }]) => {
        const stored = Object.values(expected).map((one) => `${one.storedThrough} of ${one.count} ${one.what}s`);
        return `partition ${partition}: taken ${this.#steppedTo(partition)} of ${state.position}, stored ${stored.join(', ')}`;
      })
      .concat(`published ${this.#published.size}`)
      .join('; ');
  }

  checkpointsCompared = 0;
  isTotalled = false;

  #checkEnd(): void {
    for (const [partition, reference] of this.#references) {
      const saved = this.#clickhouse.checkpointOf(partition);
      if (saved !== undefined && saved.position === reference.state.position) {
        this.checkpointsCompared++;
        const [got, want] = [normalised(saved.body), reference.checkpoint()];
        if (got !== want)
          this.#world.violate('the last checkpoint differs from the undisturbed run', firstDifference(got, want));
      }
      this.#checkPublished(partition, reference);
      this.#checkClosed(partition, reference.state);
      this.isTotalled = checkTotals(reference, this.#log.records.get(partition) ?? [], this.#world);
    }
  }

  /** A source holds windows open for its cadence and half an hour at most, and a cadence is a day at most. */
  #checkClosed(partition: number, { logTimeMs, closedThroughMs, options }: PartitionState): void {
    if (options.toDay !== null || logTimeMs - closedThroughMs <= openMsMax) return;
    const detail = `partition ${partition}: log time ${logTimeMs}, closed through ${closedThroughMs}`;
    this.#world.violate('windows stay open', detail);
  }

  #checkPublished(partition: number, reference: Reference): void {
    for (const letter of reference.letters)
      if (!this.#published.has(`letter ${partition} ${letterKey(letter)}`))
        return this.#world.violate('a dead letter was never published', JSON.stringify(letter));
    for (const one of reference.transitions)
      if (!this.#published.has(`transition ${transitionKey(one)}`))
        return this.#world.violate('a transition was never published', JSON.stringify(one));
  }

  report(seed: number): SeedReport {
    const references = [...this.#references.values()];
    const sum = (of: (reference: Reference) => number) => references.reduce((total, one) => total + of(one), 0);
    return {
      seed,
      violation: this.#world.violation,
      records: sum((one) => one.state.position),
      rows: sum((one) => one.rows.count),
      rowsStored: this.#clickhouse.rowsStored,
      deadLetters: sum((one) => one.letters.length),
      transitions: sum((one) => one.transitions.length),
      lives: this.#lives,
      rebalances: this.#log.rebalances,
      checkpointsCompared: this.checkpointsCompared,
      isTotalled: this.isTotalled,
      virtualMs: this.#world.nowMs,
    };
  }
}

export async function runSeed(seed: number): Promise<SeedReport> {
  const simulation = new Simulation(seed);
  await simulation.run();
  return simulation.report(seed);
}
