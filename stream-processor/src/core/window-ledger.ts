/**
 * Which windows of one terminal's day have been emitted, and with which revision. Forgetting this would let a late move reopen a settled
 * window and overwrite it; so it is part of the checkpoint.
 */
import type { WindowSizeS } from '@quaywatch/contracts';

/** Set when the watermark passed a window that had no feed and no moves: no row stands for it, and its first one is revision 1. */
const skippedBit = 0x8000;
const emittedMask = 0x7fff;
/** Further revisions of one window go on under this number; storage keeps the newest version of it. */
const revisionsMax = 0x7ffe;

export type WindowLedger = Readonly<Record<WindowSizeS, Uint16Array>>;

export function createLedger(withMinutes: boolean): WindowLedger {
  return {
    60: new Uint16Array(withMinutes ? 1440 : 0),
    300: new Uint16Array(288),
    3600: new Uint16Array(24),
    86400: new Uint16Array(1),
  };
}

/** Marks a window as passed without a row. */
export function skip(ledger: WindowLedger, sizeS: WindowSizeS, window: number): void {
  ledger[sizeS][window] = 1 | skippedBit;
}

/** Whether the window closed with a row. */
export function hasRow(ledger: WindowLedger, sizeS: WindowSizeS, window: number): boolean {
  const state = ledger[sizeS][window] ?? 0;
  return state !== 0 && (state & skippedBit) === 0;
}

/** Takes the next revision of a window. */
export function nextRevision(
  ledger: WindowLedger,
  sizeS: WindowSizeS,
  window: number,
): { revision: number; isBackfilled: boolean } {
  const state = ledger[sizeS][window] ?? 0;
  const revision = state & emittedMask;
  ledger[sizeS][window] = Math.min(revision + 1, revisionsMax + 1) | (state & skippedBit);
  return { revision, isBackfilled: (state & skippedBit) !== 0 };
}

/** True when the window was revised since it closed: what a checkpoint must name one by one. */
export function isRevised(ledger: WindowLedger, sizeS: WindowSizeS, window: number): boolean {
  return ((ledger[sizeS][window] ?? 0) & emittedMask) > 1;
}
