/**
 * Canaries: each takes one protective line out of the product, and the simulation must then fail. The line is taken out of the source while it is
 * loaded, so the product has no switch for it; a canary whose line is no longer there fails by itself.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

export type Canary = {
  readonly name: string;
  /** Below stream-processor/src. */
  readonly file: string;
  readonly line: string;
  readonly instead: string;
  /** What breaks without it. */
  readonly why: string;
  /** Where the 200 seeds begin, for what happens in fewer than one of 200. */
  readonly first?: number;
};

const processor = 'processor.ts';
const checkpoint = 'core/checkpoint.ts';
const report = 'core/apply-report.ts';
const live = 'follow-live.ts';
const secondStage = 'live-second-stage.ts';
const closedByAll = 'core/closed-by-all.ts';
const rules = 'alerting/rule-timeline.ts';

export const CANARIES: readonly Canary[] = [
  {
    name: 'checkpoint-before-rows',
    file: processor,
    line: 'await this.#sink.rows(written.rows);',
    instead: 'await this.#sink.checkpoints(checkpoints); await this.#sink.rows(written.rows);',
    why: 'a crash between the two loses rows',
  },
  {
    name: 'rows-not-awaited',
    file: processor,
    line: 'await this.#sink.rows(written.rows);',
    instead: 'void this.#sink.rows(written.rows);',
    why: 'the checkpoint does not wait until rows are durable',
  },
  {
    name: 'failure-ignored',
    file: processor,
    line: `    this.#throwIfFailed();
    const written = this.#pending;`,
    instead: '    const written = this.#pending;',
    why: 'after a write that failed for good the next checkpoint covers it',
  },
  {
    name: 'two-writes-at-once',
    file: processor,
    line: 'await awaited;',
    instead: '',
    why: 'a batch is reused while it is being written',
  },
  {
    name: 'records-taken-again',
    file: processor,
    line: 'if (record.offset < state.position) continue;',
    instead: '',
    why: 'records that were handed over twice are stepped twice',
  },
  {
    name: 'gap-not-mended',
    file: processor,
    line: `if (state === undefined) return this.#open(partition);
    if (fromOffset > state.position) return this.#mendGap(partition, state, fromOffset);`,
    instead: 'if (state === undefined) return this.#open(partition);',
    why: 'records that the reader passed over are lost',
  },
  {
    name: 'begins-with-the-batch-at-hand',
    file: processor,
    line: 'state.position = this.#options.firstOffsetOf(partition);',
    instead: 'state.position = 20;',
    why: 'a run without a checkpoint begins in the middle of the log',
  },
  {
    name: 'watermark-rebuilt',
    file: checkpoint,
    line: 'state.watermarkMs = checkpoint.watermarkMs ?? Number.NEGATIVE_INFINITY;',
    instead: '',
    why: 'late is decided again, and otherwise',
    first: 700,
  },
  {
    name: 'closed-through-guessed',
    file: checkpoint,
    line: 'state.closedThroughMs = checkpoint.closedThroughMs;',
    instead: 'state.closedThroughMs = Math.floor(state.logTimeMs / 60_000 - 60) * 60_000;',
    why: 'windows close twice, or never',
  },
  {
    name: 'revision-not-restored',
    file: checkpoint,
    line: 'ledgerIn(state, terminal, day)[sizeS][window] = word;',
    instead: 'continue;',
    why: 'a revision is written again with other content',
  },
  {
    name: 'late-moves-not-restored',
    file: checkpoint,
    line: 'if (sizeS === 300) contents.five[at] = late;',
    instead: '',
    why: 'what was decided as late is not in the log',
  },
  {
    name: 'ledger-forgotten',
    file: checkpoint,
    line: 'for (const terminal of state.terminals.values()) restoreLedgers(state, terminal);',
    instead: '',
    why: 'a closed window looks as if it had never been emitted',
  },
  {
    name: 'zeros-forgotten',
    file: checkpoint,
    line: 'else ledger[sizeS][window] = 1;',
    instead: 'else if (measures[at + MEASURE_INDEX.moves] !== 0) ledger[sizeS][window] = 1;',
    why: 'windows in which nothing moved were emitted too',
  },
  {
    name: 'alerts-forgotten',
    file: checkpoint,
    line: 'state.alerting = restoreAlerting(checkpoint.alerting);',
    instead: '',
    why: 'alerts are raised again',
  },
  {
    name: 'counters-forgotten',
    file: checkpoint,
    line: 'state.counters = structuredClone(checkpoint.counters);',
    instead: '',
    why: 'the totals of a run begin again',
  },
  {
    name: 'accounts-forgotten',
    file: checkpoint,
    line: 'for (const account of ledger.accounts) state.terminals.get(account.terminalIndex)?.accounts.push(account);',
    instead: '',
    why: 'the ledger begins again at every restart',
  },
  {
    name: 'log-read-from-too-late',
    file: 'core/partition.ts',
    line: 'const rebuildDaysBack = 3;',
    instead: 'const rebuildDaysBack = -1;',
    why: 'a restart does not find the moves of days that are still open',
  },
  {
    name: 'settled-day-reopened',
    file: 'core/partition-state.ts',
    line: 'if (day > state.settledThroughDay) return false;',
    instead: 'return false;',
    why: 'a late move overwrites a settled window with a scrap',
  },
  {
    name: 'overdue-source-waited-for',
    file: 'core/partition.ts',
    line: 'if (!isOverdue(clock, state.logTimeMs)) slowest',
    instead: 'slowest',
    why: 'one silent feed holds every window open',
  },
  {
    name: 'clock-heard-twice',
    file: report,
    line: 'if (!state.isRebuilding) application.hearSource();',
    instead: 'application.hearSource();',
    why: 'a recovery hears promises again that were heard at another log time',
  },
  {
    name: 'duplicates-counted',
    file: 'core/terminal-day.ts',
    line: 'if (words[at] === word0 && words[at + 1] === word1 && ((words[at + 2] as number) & 0x1ffff) === secondOfDay) {',
    instead: 'if (words[at] === -1) {',
    why: 'moves that come twice count twice',
  },
  {
    name: 'lower-sequence-wins',
    file: report,
    line: 'if (known !== undefined && sequence < known.sequence) {',
    instead: 'if (known === null) {',
    why: 'the version that comes last counts, not the newest',
  },
  {
    name: 'claims-not-counted',
    file: 'core/terminal-day.ts',
    line: 'if (word2 >>> 17 !== 1) return -1;',
    instead: '',
    why: 'a cancel takes back moves that another report still holds',
  },
  {
    name: 'future-counted',
    file: report,
    line: "if (eventS > latestS) return 'in_future';",
    instead: '',
    why: 'a clock that runs ahead counts what has not happened',
  },
  {
    name: 'future-days-made',
    file: report,
    line: 'if (homeDay > dayOf(this.#state.logTimeMs) + 1 || wasSettled(this.#state, homeDay, this.#offset)) {',
    instead: 'if (wasSettled(this.#state, homeDay, this.#offset)) {',
    why: 'memory grows with every day that a hostile report names',
  },
  {
    name: 'ledger-not-written',
    file: processor,
    line: 'if (written.ledger.length > 0) await this.#sink.ledger?.(written.ledger);',
    instead: '',
    why: 'days of the ledger are not there, and the checkpoint says that they are',
  },
  {
    name: 'published-before-stored',
    file: live,
    line: `await store.writeRows(liveRun, rows);
      await publishClosed(publisher, rows, followOf);`,
    instead: 'await publishClosed(publisher, rows, followOf); await store.writeRows(liveRun, rows);',
    why: 'people see a row that a crash takes back',
  },
  {
    name: 'second-stage-begins-early',
    file: secondStage,
    line: 'oldest === undefined || oldest >= throughMs ? undefined',
    instead: 'oldest === undefined ? undefined',
    why: 'clusters begin with the oldest window of the fastest partition',
    first: 800,
  },
  {
    name: 'rules-after-the-log',
    file: live,
    line: 'const ruleReader = await ports.followRules((set) => {',
    instead: 'const ruleReader = { stop: async () => {} }; void ports.followRules((set) => {',
    why: 'a restart decides by the rules that it happens to know',
  },
  {
    name: 'rules-in-effect-at-once',
    file: rules,
    line: 'if (set !== undefined && set.effective_from_ms <= windowStartMs) return set;',
    instead: 'if (set !== undefined) return set;',
    why: 'which window is the first depends on who read what when',
  },
  {
    name: 'second-of-a-version-counts',
    file: rules,
    line: 'if (timeline.sets.some((known) => known.version === set.version)) return false;',
    instead: '',
    why: 'rules that lost the race are in force',
  },
  {
    name: 'areas-checkpoint-first',
    file: secondStage,
    line: 'await store.writeTransitions(',
    instead:
      'await store.saveCheckpoints(run, [{ partition: SECOND_STAGE_PARTITION, position: toMs, body: JSON.stringify(stage) }]); await store.writeTransitions(',
    why: 'a crash between the two loses transitions of clusters and the nation',
  },
  {
    name: 'areas-not-published',
    file: secondStage,
    line: 'await publisher.transitions(out);',
    instead: '',
    why: 'nobody is told of clusters and the nation',
  },
  {
    name: 'areas-of-the-fastest',
    file: closedByAll,
    line: 'throughMs = Math.min(throughMs, closedBy(known));',
    instead: 'throughMs = closedBy(known);',
    why: 'windows are decided before every partition has closed them',
  },
  {
    name: 'areas-of-who-is-there',
    file: closedByAll,
    line: 'if (known === undefined) return undefined;',
    instead: 'if (known === undefined) continue;',
    why: 'what is decided depends on which partition was read first',
  },
  {
    name: 'areas-forgotten',
    file: secondStage,
    line: 'if (saved?.version === SECOND_STAGE_VERSION) return saved;',
    instead: '',
    why: 'clusters and the nation are raised again after a restart',
  },
  {
    name: 'version-from-the-clock',
    file: 'core/close-windows.ts',
    line: 'rows.version[row] = offset;',
    instead: 'rows.version[row] = Date.now();',
    why: 'what is written again after a lost answer is another row',
  },
  {
    name: 'zombie-checkpoint-wins',
    file: 'simulation/fake-clickhouse.ts',
    line: 'if (known !== undefined && known.position > one.position) return;',
    instead: '',
    why: 'a zombie puts the checkpoint back to where it stood',
  },
];

/** From now on this process loads the product without the line. @throws when the line is not there exactly once. */
export function takeOut(canary: Canary): void {
  const url = new URL(`../${canary.file}`, import.meta.url);
  const found = readFileSync(url, 'utf8').split(canary.line).length - 1;
  if (found !== 1)
    throw new Error(
      `Canary ${canary.name}: its line is ${found} times in ${canary.file}. Look for what protects it now.`,
    );
  registerHooks({
    load(address, context, next) {
      const loaded = next(address, context);
      if (address !== url.href) return loaded;
      return { ...loaded, source: String(loaded.source).replace(canary.line, () => canary.instead) };
    },
  });
}
