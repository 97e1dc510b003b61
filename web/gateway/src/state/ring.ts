/**
 * Fixed-size memory of one terminal's windows of one size: typed arrays, one slot a window, the newest windows win.
 * It decides which of two rows about a window is newer; it adds nothing up.
 */
import { MEASURE_INDEX, type ThroughputRow, type WindowSizeS } from '@quaywatch/contracts';

/** Windows kept by size: 26 h of minutes, 72 h of five minutes, 45 days of hours, 800 days. */
export const RING_SLOTS: Readonly<Record<WindowSizeS, number>> = { 60: 1_560, 300: 864, 3600: 1_080, 86400: 800 };

const OPEN = 1;
const BACKFILLED = 2;
const FIRST_KNOWN = 4;

export type Ring = {
  readonly sizeMs: number;
  readonly slots: number;
  /** UTC milliseconds; −1 = empty. */
  readonly startMs: Float64Array;
  /** Hundredths of a TEU. */
  readonly teu: Int32Array;
  readonly moves: Int32Array;
  /** TEU hundredths at revision 0, when FIRST_KNOWN. */
  readonly firstTeu: Int32Array;
  readonly revision: Uint16Array;
  readonly version: Float64Array;
  readonly knownAtMs: Float64Array;
  readonly completeness: Float32Array;
  readonly flags: Uint8Array;
  /** Position after the record that changed the slot last; 0 = came from storage. */
  readonly changedAt: Float64Array;
  /** Starts of the oldest and the newest window that it was ever given: nothing else needs to be looked for. */
  oldestMs: number;
  newestMs: number;
};

export function createRing(sizeS: WindowSizeS): Ring {
  const slots = RING_SLOTS[sizeS];
  return {
    sizeMs: sizeS * 1000,
    slots,
    startMs: new Float64Array(slots).fill(-1),
    teu: new Int32Array(slots),
    moves: new Int32Array(slots),
    firstTeu: new Int32Array(slots),
    revision: new Uint16Array(slots),
    version: new Float64Array(slots),
    knownAtMs: new Float64Array(slots),
    completeness: new Float32Array(slots),
    flags: new Uint8Array(slots),
    changedAt: new Float64Array(slots),
    oldestMs: Number.POSITIVE_INFINITY,
    newestMs: Number.NEGATIVE_INFINITY,
  };
}

function slotOf(ring: Ring, startMs: number): number {
  return Math.floor(startMs / ring.sizeMs) % ring.slots;
}

/** Slot of a window that the ring holds, or −1. */
function findSlot(ring: Ring, startMs: number): number {
  const slot = slotOf(ring, startMs);
  return ring.startMs[slot] === startMs ? slot : -1;
}

type RowOrder = Pick<ThroughputRow, 'provisional' | 'revision' | 'version' | 'known_at_ms'>;

/** Whether `row` says something newer about the window than the slot does. A closed row is never undone by an open one. */
function isNewer(ring: Ring, slot: number, row: RowOrder): boolean {
  const isOpen = ((ring.flags[slot] ?? 0) & OPEN) !== 0;
  if (row.provisional) return isOpen && row.known_at_ms >= (ring.knownAtMs[slot] ?? 0);
  if (isOpen) return true;
  const revision = ring.revision[slot] ?? 0;
  return row.revision > revision || (row.revision === revision && row.version > (ring.version[slot] ?? 0));
}

/** What storage knows beyond the newest row: TEU hundredths at revision 0. */
export type StoredRow = ThroughputRow & { readonly first_teu?: number };

/** @returns the slot when the ring took the row, −1 when it already knew as much or has no room for so old a window. */
export function putRow(ring: Ring, row: StoredRow, changedAt: number): number {
  const slot = slotOf(ring, row.start_ms);
  const held = ring.startMs[slot] ?? -1;
  if (held > row.start_ms) return -1;
  const isSame = held === row.start_ms;
  if (isSame && !isNewer(ring, slot, row)) return -1;
  const teu = row.measures[MEASURE_INDEX.teu] ?? 0;
  const wasFirst = isSame && ((ring.flags[slot] ?? 0) & (FIRST_KNOWN | OPEN)) === FIRST_KNOWN;
  const first = row.revision === 0 ? teu : row.first_teu;
  ring.startMs[slot] = row.start_ms;
  ring.oldestMs = Math.min(ring.oldestMs, row.start_ms);
  ring.newestMs = Math.max(ring.newestMs, row.start_ms);
  ring.teu[slot] = teu;
  ring.moves[slot] = row.measures[MEASURE_INDEX.moves] ?? 0;
  if (first !== undefined) ring.firstTeu[slot] = first;
  ring.revision[slot] = row.revision;
  ring.version[slot] = row.version;
  ring.knownAtMs[slot] = row.known_at_ms;
  ring.completeness[slot] = row.completeness;
  ring.flags[slot] =
    (row.provisional ? OPEN : 0) |
    (row.backfilled ? BACKFILLED : 0) |
    (!row.provisional && (first !== undefined || wasFirst) ? FIRST_KNOWN : 0);
  ring.changedAt[slot] = changedAt;
  return slot;
}

export type Cell = {
  /** Hundredths; null: no feed covered the window and nothing came. */
  readonly teu: number | null;
  readonly moves: number;
  readonly was: number | undefined;
  readonly revision: number;
  readonly completeness: number;
  readonly isOpen: boolean;
  readonly isBackfilled: boolean;
  readonly changedAt: number;
};

/** The window as the ring knows it; undefined when it has no row for it. */
export function readCell(ring: Ring, startMs: number): Cell | undefined {
  const slot = findSlot(ring, startMs);
  if (slot < 0) return undefined;
  const flags = ring.flags[slot] ?? 0;
  const moves = ring.moves[slot] ?? 0;
  const completeness = ring.completeness[slot] ?? 0;
  const revision = ring.revision[slot] ?? 0;
  return {
    teu: completeness === 0 && moves === 0 ? null : (ring.teu[slot] ?? 0),
    moves,
    was: revision > 0 && (flags & FIRST_KNOWN) !== 0 ? (ring.firstTeu[slot] ?? 0) : undefined,
    revision,
    completeness,
    isOpen: (flags & OPEN) !== 0,
    isBackfilled: (flags & BACKFILLED) !== 0,
    changedAt: ring.changedAt[slot] ?? 0,
  };
}

/** Forgets open windows: after a rebuild, what was known of them may be behind storage. */
export function dropOpen(ring: Ring): void {
  for (let slot = 0; slot < ring.slots; slot++) {
    if (((ring.flags[slot] ?? 0) & OPEN) === 0) continue;
    ring.startMs[slot] = -1;
    ring.flags[slot] = 0;
  }
}
