/**
 * What a move adds to a window's measures. The one home of "which flag counts where"; windows, rows and storage only carry the numbers.
 */
import { FLAGS, MEASURE_COUNT, MEASURE_INDEX } from '@quaywatch/contracts';

/**
 * A counted move in one number: bits 0–9 the contract's flags, 10–19 TEU hundredths, 20 bad check digit, 21 estimated size-type,
 * 22 the call carries domestic and foreign boxes, 23–30 which of the terminal's sources have told it.
 */
export type MovePayload = number;

export const PAYLOAD = {
  teuShift: 10,
  teuMask: 0x3ff,
  badCheckDigit: 1 << 20,
  estimatedSize: 1 << 21,
  mixedTrade: 1 << 22,
} as const;

/** One bit a source, in the order in which the terminal heard of them. */
export const TELLERS = { shift: 23, mask: 0xff << 23 } as const;

const M = MEASURE_INDEX;
const HANDLING_MEASURES = [
  -1,
  M.direct_pick_up_teu,
  M.direct_loading_teu,
  M.rail_single_waybill_teu,
  M.rail_single_container_teu,
  M.barge_teu,
] as const;

/** Adds (`sign` 1) or takes back (−1) one move in the window whose measures begin at `at`. */
export function countMove(measures: Uint32Array, at: number, payload: MovePayload, sign: 1 | -1): void {
  const add = (index: number, by: number) => {
    measures[at + index] = (measures[at + index] as number) + sign * by;
  };
  if ((payload & (PAYLOAD.badCheckDigit | PAYLOAD.estimatedSize)) !== 0) {
    if ((payload & PAYLOAD.badCheckDigit) !== 0) add(M.bad_check_digits, 1);
    if ((payload & PAYLOAD.estimatedSize) !== 0) add(M.estimated_sizes, 1);
  }
  if ((payload & FLAGS.restow) !== 0) return add(M.restow_moves, 1);
  if ((payload & 2) !== 0) return add(M.gate_moves, 1);
  const teu = (payload >> PAYLOAD.teuShift) & PAYLOAD.teuMask;
  const trade = (payload & FLAGS.tradeMask) >> FLAGS.tradeShift;
  if (trade >= 2) {
    add(trade === 2 ? M.domestic_moves : M.transhipment_moves, 1);
    return add(trade === 2 ? M.domestic_teu : M.transhipment_teu, teu);
  }
  countHeadline(measures, at, payload, sign, sign * teu);
}

/** The customs scope: LOAD and DISC with trade import or export. Written out without closures: a replay comes here 40 million times. */
function countHeadline(measures: Uint32Array, at: number, payload: MovePayload, sign: number, teu: number): void {
  measures[at + M.moves] = (measures[at + M.moves] as number) + sign;
  measures[at + M.teu] = (measures[at + M.teu] as number) + teu;
  if ((payload & FLAGS.kindMask) === 0) measures[at + M.load_teu] = (measures[at + M.load_teu] as number) + teu;
  if ((payload & FLAGS.tradeMask) !== 0) measures[at + M.export_teu] = (measures[at + M.export_teu] as number) + teu;
  if ((payload & FLAGS.empty) !== 0) measures[at + M.empty_teu] = (measures[at + M.empty_teu] as number) + teu;
  const handling = HANDLING_MEASURES[(payload & FLAGS.handlingMask) >> FLAGS.handlingShift] ?? -1;
  if (handling >= 0) measures[at + handling] = (measures[at + handling] as number) + teu;
  if ((payload & FLAGS.departureConfirmed) !== 0) {
    measures[at + M.departure_confirmed_teu] = (measures[at + M.departure_confirmed_teu] as number) + teu;
  }
  if ((payload & PAYLOAD.mixedTrade) !== 0)
    measures[at + M.mixed_trade_teu] = (measures[at + M.mixed_trade_teu] as number) + teu;
}

/** Adds `count` windows of `from`, beginning with window `first`, into `into` (which is overwritten). */
export function sumWindows(from: Uint32Array, first: number, count: number, into: Uint32Array): void {
  into.fill(0);
  let at = first * MEASURE_COUNT;
  for (let window = 0; window < count; window++) {
    for (let i = 0; i < MEASURE_COUNT; i++) into[i] = (into[i] as number) + (from[at++] as number);
  }
}
