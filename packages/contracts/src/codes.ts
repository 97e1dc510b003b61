/**
 * Code tables of a move: size-types with their TEU, and the bits of `flags`.
 * Sources: ISO 6346:1995 size-type codes; TEU is length / 20 ft (a 45' is 2.25); DCSA event codes for the kinds of move.
 */

/** Index in this table is `size_type` in a report. Never reorder; append only. Index 0 means "see exceptions". */
export const SIZE_TYPES: readonly { readonly code: string; readonly teuHundredths: number }[] = [
  { code: '', teuHundredths: 200 },
  { code: '22G1', teuHundredths: 100 },
  { code: '22R1', teuHundredths: 100 },
  { code: '22T1', teuHundredths: 100 },
  { code: '22U1', teuHundredths: 100 },
  { code: '22P1', teuHundredths: 100 },
  { code: '42G1', teuHundredths: 200 },
  { code: '45G1', teuHundredths: 200 },
  { code: '45R1', teuHundredths: 200 },
  { code: '42U1', teuHundredths: 200 },
  { code: '42P1', teuHundredths: 200 },
  { code: 'L5G1', teuHundredths: 225 },
  { code: 'L5R1', teuHundredths: 225 },
  { code: '12G1', teuHundredths: 50 },
  { code: '32G1', teuHundredths: 150 },
  { code: 'M5G1', teuHundredths: 240 },
  { code: '2200', teuHundredths: 100 },
  { code: '4200', teuHundredths: 200 },
  { code: '4300', teuHundredths: 200 },
  { code: '4500', teuHundredths: 200 },
  { code: '9500', teuHundredths: 225 },
];

const TEU_BY_LENGTH: Readonly<Record<string, number>> = {
  '1': 50,
  '2': 100,
  '3': 150,
  '4': 200,
  '9': 225,
  L: 225,
  M: 240,
};

/** TEU hundredths of a size-type that came as text; `isEstimated` when its length code is unknown (the box counts as 2 TEU). */
export function teuOfSizeTypeText(code: string): { teuHundredths: number; isEstimated: boolean } {
  const known = TEU_BY_LENGTH[code.charAt(0).toUpperCase()];
  return { teuHundredths: known ?? 200, isEstimated: known === undefined };
}

/** Bits of `flags`. Bits above `reserved` must be 0. */
export const FLAGS = {
  kindMask: 0b11,
  empty: 1 << 2,
  tradeShift: 3,
  tradeMask: 0b11 << 3,
  handlingShift: 5,
  handlingMask: 0b111 << 5,
  departureConfirmed: 1 << 8,
  /** Restow, remain on board or shifter: not throughput. */
  restow: 1 << 9,
  reserved: ~0x3ff,
} as const;

/** Value of the kind bits. DCSA equipment event codes. */
export const KINDS = ['LOAD', 'DISC', 'GTIN', 'GTOT'] as const;
export const TRADES = ['import', 'export', 'domestic', 'transhipment'] as const;
/** Value of the handling bits; 6 and 7 are not assigned. */
export const HANDLINGS = [
  'yard',
  'direct_pick_up',
  'direct_loading',
  'rail_single_waybill',
  'rail_single_container',
  'barge',
] as const;

// ISO 6346: letters count 10, 12, 13, … and skip the multiples of 11. By letter, A first.
const LETTER_VALUES = Uint8Array.from({ length: 26 }, (_, i) => 10 + i + Math.floor((i + 9) / 10));

/** The owner code's share of the ISO 6346 check sum: Σ value·2^position over its four letters; undefined when it is not four letters A–Z. */
export function ownerSum(owner: string): number | undefined {
  if (owner.length !== 4) return undefined;
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    const value = LETTER_VALUES[owner.charCodeAt(i) - 65];
    if (value === undefined) return undefined;
    sum += value << i;
  }
  return sum;
}

/** ISO 6346 check digit (0..9; a remainder of 10 is written 0) out of `ownerSum` and six digits as one number. */
export function checkDigit(sumOfOwner: number, sixDigits: number): number {
  let sum = sumOfOwner;
  let rest = sixDigits;
  for (let position = 9; position >= 4; position--) {
    const quotient = (rest / 10) | 0;
    sum += (rest - quotient * 10) << position;
    rest = quotient;
  }
  return (sum % 11) % 10;
}
