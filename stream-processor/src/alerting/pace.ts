/**
 * How each terminal of a port has lately worked against its baseline. The port's level begins anew with it when terminals stand still for good.
 */

/** TEU that came and that the baseline gave, fading; a ratio is what they are for. */
export type Pace = { actual: number; expected: number };

/** Half of what is known is of the last week. */
const keep = 0.5 ** (1 / (7 * 288));

/** Takes one window in which a terminal worked. */
export function notePace(paces: Record<string, Pace>, terminal: string, teu: number, baseline: number): void {
  const pace = paces[terminal] ?? { actual: 0, expected: 0 };
  paces[terminal] = { actual: keep * pace.actual + teu, expected: keep * pace.expected + baseline };
}

/** Work of these terminals together as a multiple of their baseline; 1 where none is known. */
export function paceOf(paces: Readonly<Record<string, Pace>>, terminals: readonly string[]): number {
  let [actual, expected] = [0, 0];
  for (const terminal of terminals) {
    actual += paces[terminal]?.actual ?? 0;
    expected += paces[terminal]?.expected ?? 0;
  }
  return expected > 0 ? actual / expected : 1;
}
