/**
 * One seed: feeds write, members read, engines fail, processes die and come back; then all faults stop and everything must be as in the undisturbed
 * run. What it asserts is the promise of docs/reliability.md. The same seed does the same, event by event.
 */
import { type AlertTransition, PORTS, TERMINALS } from '@quaywatch/contracts';
import { createLog, seedOf, stoppableBeforeItBegins } from '@quaywatch/runtime';
import { PortWindows } from '../alerting/port-windows.ts';
import { createRuleTimeline, type RuleTimeline } from '../alerting/rule-timeline.ts';
import type { LedgerEntry } from '../core/ledger-rows.ts';
import type { PartitionOptions, PartitionState } from '../core/partition-state.ts';
import { dayOf } from '../core/time.ts';
import { followLive, type LivePorts } from '../follow-live.ts';
import { startMs } from '../testing/random-log.ts';
import { checkBounds } from './bounds.ts';
import { FakeClickhouse, fairStore } from './fake-clickhouse.ts';
import { FakeLog, fairLog } from './fake-log.ts';
import { FakeRules, rulesHeardWithinMs, savedRules } from './fake-rules.ts';
import { FakeTopics } from './fake-topics.ts';
import { simulatedExpectations, simulatedOptions } from './options.ts';
import { recordsOf, type SentRecord } from './records.ts';
import { firstDifference, normalised, Reference } from './reference.ts';
import { type Accident, type Scenario, scenarioOf } from './scenario.ts';
import { SecondStageReference } from './second-stage-reference.ts';
import { checkTotals } from './totals.ts';
import { newPlace, type Place, type Violation, World } from './world.ts';

/** Virtual time in which a run must have caught up when faults stop: sessions run out, processes start again, the log is read again. */
const catchUpMsMax = 60_000;
const drainMsMax = 10_000;
const hourMs = 3_600_000;
const openMsMax = 24 * hourMs + 32 * 60_000;
/** Rules that are saved take effect so long after all that the log holds (docs/adr/0009). */
const rulesMarginMs = 600_000;
const windowMs = 300_000;
/** The product's are 20 s and 5 s; virtual time is dear. */
const quietBeforeTickMs = 1_500;
const secondStageEveryMs = 400;
const silent = createLog('simulation', 'error');

export type SeedReport = {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly records: number;
  readonly rows: number;
  readonly rowsStored: number;
  readonly deadLetters: number;
  readonly transitions: number;
  /** Of clusters and the nation, decided by the second stage. */
  readonly areaTransitions: number;
  /** Rule sets that somebody saved while it ran, and transitions that were decided by them. */
  readonly ruleSets: number;
  readonly underSavedRules: number;
  readonly marks: number;
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
  /^The broker did not answer/,
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
  readonly #topics: FakeTopics;
  readonly #rules: FakeRules;
  /** Of the undisturbed run. */
  readonly #timeline = createRuleTimeline();
  readonly #secondStage: SecondStageReference;
  readonly #terminals: readonly number[];
  readonly #bursts: { readonly atMs: number; readonly lastMs: number }[] = [];
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
    this.#terminals = this.#scenario.plans.flatMap((plan) => plan.terminals);
    const windows = new PortWindows();
    for (const partition of partitions)
      this.#references.set(partition, new Reference(this.#optionsOf(partition, this.#timeline), this.#world, windows));
    const expectations = simulatedExpectations(this.#terminals);
    this.#secondStage = new SecondStageReference(this.#references, windows, expectations, this.#timeline, this.#world);
    this.#log = new FakeLog(this.#world, partitions);
    this.#clickhouse = new FakeClickhouse(this.#world, this.#references, this.#secondStage);
    this.#clickhouse.served = (place) => this.#served(place);
    this.#rules = new FakeRules(this.#world, this.#log);
    this.#topics = new FakeTopics(this.#world, this.#references);
    this.#topics.tick = (partition) => this.#tick(partition);
    if (this.#scenario.hasRulesBefore) this.#putRules(seed, 1, startMs - 7 * 24 * hourMs);
    for (const plan of this.#scenario.plans) this.#send(plan.partition, recordsOf(plan, seed));
    for (const atMs of this.#scenario.ruleSavesMs)
      this.#world.at(this.#feeds, atMs, () => this.#saveRules(seed, this.#timeline.sets.length));
  }

  #optionsOf(partition: number, rules: RuleTimeline): PartitionOptions {
    const plan = this.#scenario.plans.find((one) => one.partition === partition);
    const { stretchDays, withMinutes } = this.#scenario;
    const firstDay = dayOf(startMs);
    const chosen = {
      partition,
      terminals: plan?.terminals ?? [],
      fromDay: stretchDays === null ? null : firstDay,
      toDay: stretchDays === null ? null : firstDay + stretchDays,
      withMinutes,
    };
    return simulatedOptions(chosen, rules);
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
    if (this.#scenario.hasAreas) this.#append(partition, records[from++] as SentRecord);
    times.forEach((atMs, i) => {
      const to =
        i === bursts - 1
          ? records.length
          : world.between(from, from + Math.ceil((records.length - from) / (bursts - i)) * 2);
      const burst = records.slice(from, to);
      from = Math.min(to, records.length);
      this.#bursts.push({ atMs, lastMs: burst.at(-1)?.timestampMs ?? 0 });
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

  /** As the gateway does it. What takes effect later than all that comes before every reader has heard of it is a function of the log. */
  #saveRules(seed: number, version: number): void {
    const world = this.#world;
    const soon = this.#bursts.filter(({ atMs }) => atMs <= world.nowMs + rulesHeardWithinMs);
    const logTimeMs = Math.max(world.wallMs, ...soon.map(({ lastMs }) => lastMs));
    const boundary = Math.ceil((logTimeMs + rulesMarginMs) / windowMs) * windowMs;
    const newestMs = this.#timeline.sets.at(-1)?.effective_from_ms ?? 0;
    this.#putRules(seed, version, Math.max(boundary, newestMs + windowMs));
  }

  #putRules(seed: number, version: number, effectiveFromMs: number): void {
    const world = this.#world;
    const ports = this.#terminals.map((index) => PORTS[TERMINALS[index]?.portIndex ?? -1]?.code ?? '');
    const save = (isSecond: boolean) => {
      const set = savedRules({ seed, version, effectiveFromMs, ports, isSecond });
      this.#rules.append(Buffer.from(JSON.stringify(set)));
      return set;
    };
    this.#timeline.sets.push(save(false));
    if (world.chance(0.3)) save(true);
    if (world.chance(0.2)) this.#rules.append(Buffer.from('{"version":99,"detection":'));
  }

  #start(member: Member): void {
    const { rowsPerWrite, checkpointEveryMs } = this.#scenario;
    const place = newPlace(`processor ${this.#lives++}`);
    const stop = new AbortController();
    Object.assign(member, { place, stop, isRunning: true });
    const ports: LivePorts = {
      ...{ log: silent, rowsPerWrite, checkpointEveryMs, quietBeforeTickMs, secondStageEveryMs },
      store: this.#clickhouse.store(place, stop.signal),
      publisher: this.#topics.publisher(place),
      followRules: (take) => this.#rules.follow(place, take),
      ends: () => this.#log.insist(place, () => this.#log.ends()),
      read: (handlers) => this.#log.read(place, handlers),
      optionsOf: (partition, rules) => this.#optionsOf(partition, rules),
      expectations: simulatedExpectations(this.#terminals),
      // Many seeds are as hostile as a bad deploy.
      rejectShareMax: 1,
      isSimulated: true,
      onStepped: (state) => this.#look(state, place),
    };
    this.#world.begin(place, () => {
      stoppableBeforeItBegins(stop.signal, (begun) => followLive(ports, stop.signal, begun)).then(
        () => this.#ended(member, place, undefined),
        (error: unknown) => this.#ended(member, place, error),
      );
    });
  }

  #tick(partition: number): void {
    // Ticks that nobody waits for would keep the log from ever ending.
    if (this.#weatherIsFair) return;
    this.#append(partition, { timestampMs: Math.round(this.#world.wallMs), value: null, isTick: true });
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
    checkBounds(state, this.#world);
  }

  #steppedTo(partition: number): number {
    const stepped = this.#stepped.get(partition);
    const saved = this.#clickhouse.checkpointOf(partition)?.position ?? 0;
    return stepped === undefined || stepped.place.isDead ? saved : Math.max(saved, stepped.position);
  }

  get #isCaughtUp(): boolean {
    if (this.#unsent > 0) return false;
    let toPublish = this.#hasSecondStage ? this.#secondStage.transitions.length : 0;
    for (const reference of this.#references.values())
      toPublish += reference.letters.length + reference.transitions.length;
    if (this.#hasSecondStage && !this.#secondStage.isAllStored) return false;
    if (this.#topics.count < toPublish) return false;
    for (const [partition, reference] of this.#references) {
      if (!reference.isAllStored) return false;
      if (this.#steppedTo(partition) < reference.state.position) return false;
    }
    return true;
  }

  /** The owner of partition 0 holds it. */
  get #hasSecondStage(): boolean {
    return this.#references.has(0);
  }

  #clearSkies(): void {
    this.#weatherIsFair = true;
    this.#clickhouse.weather = fairStore;
    this.#clickhouse.isDown = false;
    this.#log.weather = fairLog;
    this.#topics.failing = 0;
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
    this.#topics.failing = scenario.publishFails;
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
      .concat(this.#secondStage.behind, `published ${this.#topics.count}`)
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
        this.#checkLedger(reference);
      }
      this.#checkPublished(reference);
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

  #checkPublished(reference: Reference): void {
    for (const letter of reference.letters)
      if (!this.#topics.hasLetter(letter))
        return this.#world.violate('a dead letter was never published', JSON.stringify(letter));
    const ofAreas = this.#hasSecondStage ? this.#secondStage.transitions : [];
    for (const one of [...reference.transitions, ...ofAreas])
      if (!this.#topics.hasTransition(one))
        return this.#world.violate('a transition was never published', JSON.stringify(one));
  }

  /** Of a day in which nothing was booked since it was told, version and time are those of then. */
  #checkLedger(reference: Reference): void {
    const of = (entry: LedgerEntry | undefined) =>
      JSON.stringify(entry?.settled === false ? { ...entry, version: 0, known_at_ms: 0 } : entry);
    for (const [key, entry] of reference.ledger()) {
      const [got, want] = [of(this.#clickhouse.ledger.get(key)) ?? 'none', of(entry) ?? ''];
      if (got !== want)
        return this.#world.violate('the ledger differs from the undisturbed run', firstDifference(got, want));
    }
  }

  report(seed: number): SeedReport {
    const references = [...this.#references.values()];
    const sum = (of: (reference: Reference) => number) => references.reduce((total, one) => total + of(one), 0);
    const areas = this.#hasSecondStage ? this.#secondStage.transitions : [];
    const isUnderSaved = (one: AlertTransition) => one.rules_version > 0;
    return {
      seed,
      violation: this.#world.violation,
      records: sum((one) => one.state.position),
      rows: sum((one) => one.rows.count),
      rowsStored: this.#clickhouse.rowsStored,
      deadLetters: sum((one) => one.letters.length),
      transitions: sum((one) => one.transitions.length),
      areaTransitions: areas.length,
      ruleSets: this.#timeline.sets.length - 1,
      underSavedRules: sum((one) => one.transitions.filter(isUnderSaved).length) + areas.filter(isUnderSaved).length,
      marks: this.#topics.marks,
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
