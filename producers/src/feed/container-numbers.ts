/**
 * Container numbers of the simulated boxes: valid ISO 6346 numbers that no two moves of a terminal's day share.
 * A box is not followed from one day to the next: the simulation has moves, not journeys.
 */
import { checkDigit, ownerSum } from '@quaywatch/contracts';
import { hash4, SALT } from './hash.ts';

/** Owner codes of ours, in no register, so that no simulated box can be taken for a real one. */
export const OWNERS: readonly string[] = [...'ABCDEFGHJKLM'].map((letter) => `QW${letter}U`);

const serialCount = 1_000_000;
/** Prime to a million, so that the walk visits every serial before it repeats one. */
const serialStep = 386_417;
/** Boxes that never were (cancelled, wrong, bad entries) take serials from here on; a day's real moves stay far below. */
export const phantomStart = 500_000;

// Σ digit·2^position splits over the two halves of six digits, so two small tables replace six divisions a move.
const lowSums = Uint16Array.from({ length: 1000 }, (_, digits) => digitSum(digits, 7));
const highSums = Uint16Array.from({ length: 1000 }, (_, digits) => digitSum(digits, 4));
const ownerSums = Uint16Array.from(OWNERS, (owner) => ownerSum(owner) ?? 0);

function digitSum(threeDigits: number, firstPosition: number): number {
  const digits = [Math.floor(threeDigits / 100), Math.floor(threeDigits / 10) % 10, threeDigits % 10];
  return digits.reduce((sum, digit, i) => sum + (digit << (firstPosition + i)), 0);
}

/** First serial of a terminal's UTC+8 day. */
export function firstSerial(seed: number, terminal: number, day: number): number {
  return hash4(seed ^ SALT.serial, terminal, day, 0) % serialCount;
}

export function nextSerial(sixDigits: number): number {
  const next = sixDigits + serialStep;
  return next >= serialCount ? next - serialCount : next;
}

/** The `place`-th serial of the walk from `first`; places below a million are all different. */
export function serialAt(first: number, place: number): number {
  return (first + place * serialStep) % serialCount;
}

/** Six digits and the check digit as one number, as reports carry it. */
export function withCheckDigit(owner: number, sixDigits: number): number {
  const high = (sixDigits / 1000) | 0;
  const low = sixDigits - high * 1000;
  const sum = (ownerSums[owner] as number) + (highSums[high] as number) + (lowSums[low] as number);
  return sixDigits * 10 + ((sum % 11) % 10);
}

/** The same by the contract's own function, for tests. */
export function withCheckDigitSlowly(owner: number, sixDigits: number): number {
  return sixDigits * 10 + checkDigit(ownerSums[owner] ?? 0, sixDigits);
}

/** Text such as `QWAU1234560`. */
export function numberText(owner: number, serial7: number): string {
  return `${OWNERS[owner] ?? ''}${String(serial7).padStart(7, '0')}`;
}
