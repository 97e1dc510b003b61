/**
 * The second stage of a run: takes closed windows of ports in the order of their ends, once every partition has closed them, and decides what
 * clusters and the nation do. One owner a run. A function of the windows: whether they come from the core or from storage makes no difference.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import { type AreaDecision, type AreasState, createAreas, decideAreas } from './areas.ts';
import { type Orphan, orphansOfAreas } from './orphans.ts';
import { type PortWindows, windowMs } from './port-windows.ts';

/** Bumped when the body changes meaning; of an older one only what was open is kept, to be resolved, and the stage begins anew. */
export const SECOND_STAGE_VERSION = 1;

export type SecondStage = {
  readonly version: number;
  /** Windows that end at or before this are decided, UTC ms. */
  decidedThroughMs: number;
  readonly areas: AreasState;
  /** Open incidents of an older version's checkpoint. */
  readonly orphans?: Orphan[];
};

/** @param fromMs start of the first window to decide on. */
export function createSecondStage(fromMs: number): SecondStage {
  return { version: SECOND_STAGE_VERSION, decidedThroughMs: fromMs, areas: createAreas() };
}

/** Where an older version's stage stood, with nothing learned: what it had open is resolved by the next window, and found again if need be. */
export function upgradedStage(older: Pick<SecondStage, 'decidedThroughMs'>): SecondStage {
  return { ...createSecondStage(older.decidedThroughMs), orphans: orphansOfAreas(older) };
}

/** Decides every window that ends at or before `throughMs`. Transitions are appended to `out`. */
export function decideThrough(
  stage: SecondStage,
  windows: PortWindows,
  throughMs: number,
  decision: Omit<AreaDecision, 'endMs'>,
  out: AlertTransition[],
): void {
  for (let endMs = stage.decidedThroughMs + windowMs; endMs <= throughMs; endMs += windowMs) {
    decideAreas(stage.areas, { ...decision, endMs }, windows.at(endMs), out, stage.orphans);
    stage.decidedThroughMs = endMs;
  }
  windows.dropThrough(stage.decidedThroughMs);
}
