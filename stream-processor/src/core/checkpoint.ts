/**
 * What a restart needs: where the log was read to, what had been decided by then, and from where the log must be read again to rebuild the
 * windows. Contents of windows are not in it: the log has them.
 */
import { MEASURE_COUNT, MEASURE_INDEX, type WindowSizeS } from '@quaywatch/contracts';
import { orphansOf } from '../alerting/orphans.ts';
import { type AlertingState, createAlerting, restoreAlerting } from '../alerting/port-state.ts';
import { isSilent, measuresOf } from './close-windows.ts';
import type { Hole, Stretch } from './holes.ts';
import {
  type Counters,
  createPartition,
  dayIn,
  forgetSettled,
  ledgerIn,
  type PartitionOptions,
  type PartitionState,
  type TerminalState,
} from './partition-state.ts';
import { createAccount, type SourceAccount, strayAccount } from './source-account.ts';
import type { SourceClock } from './source-clock.ts';
import { dayOf } from './time.ts';
import { isRevised, skip } from './window-ledger.ts';

/** Bumped when the body changes meaning. What an older one lacks begins anew (`upgraded`); a newer one is refused with a clear message. */
export const CHECKPOINT_VERSION = 5;

export type Checkpoint = {
  readonly version: number;
  readonly partition: number;
  /** Next offset to take. */
  readonly position: number;
  /** Where to begin reading again, and the log time before that record. */
  readonly rebuildFrom: { readonly offset: number; readonly logTimeMs: number };
  readonly logTimeMs: number;
  /** null before any source was accepted: JSON has no -Infinity. */
  readonly watermarkMs: number | null;
  readonly closedThroughMs: number;
  readonly settledThroughDay: number;
  readonly settlements: PartitionState['settlements'];
  readonly dayStarts: PartitionState['dayStarts'];
  readonly clocks: readonly SourceClock[];
  /** Unsettled windows revised since they closed: [terminal, day, size, window, ledger word, late moves]. */
  readonly revised: readonly (readonly [number, number, WindowSizeS, number, number, number])[];
  readonly counters: Counters;
  readonly ledger: Ledger;
  readonly alerting: AlertingState;
};

/** Accounts stand in the order of the clocks. */
type Ledger = { readonly fromDay: number; readonly strays: SourceAccount; readonly accounts: readonly SourceAccount[] };

const SIZES: readonly WindowSizeS[] = [60, 300, 3600, 86400];

function lateMovesOf(terminal: TerminalState, day: number, sizeS: WindowSizeS, window: number): number {
  const contents = terminal.days.get(day);
  if (contents === undefined || sizeS > 300) return 0;
  const { measures, at } = measuresOf(contents, sizeS, window);
  return measures[at + MEASURE_INDEX.late_moves] ?? 0;
}

function revisedWindows(state: PartitionState): Checkpoint['revised'] {
  const revised: [number, number, WindowSizeS, number, number, number][] = [];
  for (const terminal of state.terminals.values()) {
    for (const [day, ledger] of terminal.ledgers) {
      for (const sizeS of SIZES) {
        for (let window = 0; window < ledger[sizeS].length; window++) {
          if (!isRevised(ledger, sizeS, window)) continue;
          revised.push([
            terminal.index,
            day,
            sizeS,
            window,
            ledger[sizeS][window] ?? 0,
            lateMovesOf(terminal, day, sizeS, window),
          ]);
        }
      }
    }
  }
  return revised;
}

/** undefined before the first record: there is nothing to recover. */
export function checkpointOf(state: PartitionState): Checkpoint | undefined {
  const first = state.dayStarts[0];
  if (first === undefined) return undefined;
  return {
    version: CHECKPOINT_VERSION,
    partition: state.options.partition,
    position: state.position,
    rebuildFrom: { offset: first.offset, logTimeMs: first.logTimeMs },
    logTimeMs: state.logTimeMs,
    watermarkMs: Number.isFinite(state.watermarkMs) ? state.watermarkMs : null,
    closedThroughMs: state.closedThroughMs,
    settledThroughDay: state.settledThroughDay,
    settlements: state.settlements,
    dayStarts: state.dayStarts,
    clocks: [...state.terminals.values()].flatMap((terminal) => terminal.clocks),
    revised: revisedWindows(state),
    counters: state.counters,
    ledger: {
      fromDay: state.ledgerFromDay,
      strays: state.strays,
      accounts: [...state.terminals.values()].flatMap((terminal) => terminal.accounts),
    },
    alerting: state.alerting,
  };
}

/**
 * A state that is ready to take the records from `rebuildFrom.offset` up to `position` with `rebuildStep`; then `finishRebuild`.
 * @throws when the checkpoint is of a newer version.
 */
export function beginRebuild(options: PartitionOptions, checkpoint: Checkpoint): PartitionState {
  if (checkpoint.version > CHECKPOINT_VERSION) {
    throw new Error(
      `Checkpoint version ${checkpoint.version} was written by a newer Quaywatch (this one writes ${CHECKPOINT_VERSION}): run that one, or delete the run ${options.run} and replay.`,
    );
  }
  const state = createPartition(options);
  state.isRebuilding = true;
  state.position = checkpoint.rebuildFrom.offset;
  state.logTimeMs = checkpoint.rebuildFrom.logTimeMs;
  state.settledThroughDay = checkpoint.settledThroughDay;
  state.settlements = [...checkpoint.settlements];
  for (const clock of checkpoint.clocks) {
    state.terminals.get(clock.terminalIndex)?.clocks.push(structuredClone(clock));
  }
  return state;
}

/**
 * A checkpoint as this version reads it. Version 1 knew no holes. Version 2 knew no ledger: it begins with the next day. Version 3 knew
 * standstills by the clock alone: detection begins anew, alerts that were open are resolved, and found again when there is still reason to.
 * Version 4 knew of a hole that it was filled, but not when. Counts go on exactly.
 */
export function upgraded(checkpoint: Checkpoint): Checkpoint {
  const { version } = checkpoint;
  if (version >= CHECKPOINT_VERSION) return checkpoint;
  const noHoles = { holes: [], total: { throughMs: 0, dayMoves: 0, told: 0 } };
  const clocks = checkpoint.clocks.map((clock) =>
    version >= 2
      ? { ...clock, holes: clock.holes.map((hole) => datedHole(hole, checkpoint)) }
      : { ...clock, ...noHoles },
  );
  const ledger = version >= 3 ? checkpoint.ledger : newLedger(checkpoint);
  const alerting =
    version >= 4 ? checkpoint.alerting : { ...createAlerting(), orphans: orphansOf(checkpoint.alerting) };
  return { ...checkpoint, version: CHECKPOINT_VERSION, clocks, ledger, alerting };
}

/** A hole of version 2 to 4. What had been filled is a hole to every window that has closed, as it was, and to no other. */
function datedHole(hole: Stretch & { readonly isFilled?: boolean }, { closedThroughMs }: Checkpoint): Hole {
  return { fromMs: hole.fromMs, toMs: hole.toMs, filledAtMs: hole.isFilled === true ? closedThroughMs : null };
}

function newLedger({ partition, clocks, logTimeMs }: Checkpoint): Ledger {
  const fromDay = dayOf(logTimeMs) + 1;
  const accounts = clocks.map((clock) => createAccount(clock.terminalIndex, clock.source, fromDay));
  return { fromDay, strays: strayAccount(partition), accounts };
}

/** Puts back what had been decided, over the rebuilt contents. */
export function finishRebuild(state: PartitionState, checkpoint: Checkpoint): void {
  if (state.position !== checkpoint.position)
    throw new Error(`Rebuilt to offset ${state.position}, but the checkpoint stands at ${checkpoint.position}.`);
  state.isRebuilding = false;
  state.logTimeMs = checkpoint.logTimeMs;
  state.watermarkMs = checkpoint.watermarkMs ?? Number.NEGATIVE_INFINITY;
  state.closedThroughMs = checkpoint.closedThroughMs;
  state.dayStarts = checkpoint.dayStarts.map((one) => ({ ...one }));
  state.counters = structuredClone(checkpoint.counters);
  const ledger = structuredClone(checkpoint.ledger);
  state.ledgerFromDay = ledger.fromDay;
  state.strays = ledger.strays;
  for (const account of ledger.accounts) state.terminals.get(account.terminalIndex)?.accounts.push(account);
  state.alerting = restoreAlerting(checkpoint.alerting);
  state.touched.clear();
  forgetSettled(state);
  // Late moves make an hour that closes over them no silent one: they come before the ledgers.
  for (const one of checkpoint.revised) restoreLateMoves(state, one);
  for (const terminal of state.terminals.values()) restoreLedgers(state, terminal);
  for (const [index, day, sizeS, window, word] of checkpoint.revised) {
    const terminal = state.terminals.get(index);
    if (terminal !== undefined) ledgerIn(state, terminal, day)[sizeS][window] = word;
  }
}

/** The log tells moves, but not which of them came after their window had closed. */
function restoreLateMoves(state: PartitionState, revised: Checkpoint['revised'][number]): void {
  const [index, day, sizeS, window, , late] = revised;
  const terminal = state.terminals.get(index);
  if (terminal === undefined) return;
  const contents = dayIn(state, terminal, day);
  const at = window * MEASURE_COUNT + MEASURE_INDEX.late_moves;
  if (sizeS === 300) contents.five[at] = late;
  if (sizeS === 60 && contents.minute !== undefined) contents.minute[at] = late;
}

/** Every closed window had been emitted once, or skipped when it had neither feed nor moves; revised ones are named in the checkpoint. */
function restoreLedgers(state: PartitionState, terminal: TerminalState): void {
  if (terminal.clocks.length > 0) {
    // Days in which nothing moved left nothing in the log, but their zeros were emitted.
    for (let day = state.settledThroughDay + 1; day <= dayOf(state.closedThroughMs - 1); day++)
      dayIn(state, terminal, day);
  }
  for (const contents of terminal.days.values()) {
    const ledger = ledgerIn(state, terminal, contents.day);
    for (const sizeS of SIZES) {
      for (let window = 0; window < ledger[sizeS].length; window++) {
        if ((contents.startS + (window + 1) * sizeS) * 1000 > state.closedThroughMs) break;
        const { measures, at } = measuresOf(contents, sizeS, window);
        if (isSilent(terminal, contents, sizeS, window, measures, at)) skip(ledger, sizeS, window);
        else ledger[sizeS][window] = 1;
      }
    }
  }
}
