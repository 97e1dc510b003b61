/**
 * Stateless randomness of the simulated feeds: a number is a function of seed and place, so any hour can be made alone.
 * Only integer and + − × ÷ arithmetic: the same feeds on every machine and engine version.
 */

function mix(bits: number): number {
  let h = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Unsigned 32-bit hash of four integers (Murmur3's final mix, chained). */
export function hash4(a: number, b: number, c: number, d: number): number {
  let h = mix(a ^ 0x9e3779b9);
  h = mix(h ^ Math.imul(b, 0xcc9e2d51));
  h = mix((h + Math.imul(c, 0x1b873593)) | 0);
  return mix(h ^ Math.imul(d, 0x85157af5)) >>> 0;
}

/** Uniform in [0, 1). */
export function uniform(a: number, b: number, c: number, d: number): number {
  return hash4(a, b, c, d) / 4_294_967_296;
}

/** Nearly normal with mean 0 and standard deviation 1, within ±3.5: the sum of four uniform 16-bit numbers. */
export function nearlyNormal(a: number, b: number, c: number, d: number): number {
  const first = hash4(a, b, c, d);
  const second = mix(first ^ 0x5bd1e995);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return (sum / 65_535 - 2) * 1.7320508075688772;
}

/** Salts: one a use, so that two uses of the same place are independent. */
export const SALT = {
  portDay: 1,
  terminalDay: 2,
  terminalHour: 3,
  boxes: 4,
  moves: 5,
  minute: 6,
  serial: 7,
  berth: 8,
  call: 9,
  imperfection: 10,
  detail: 11,
  arrival: 12,
  outage: 13,
} as const;
