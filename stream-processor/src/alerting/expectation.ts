/**
 * What is normal for a port: the baseline times a slow level that follows the port, and how far a count may stray from it.
 * Sees closed windows only.
 */

/** Ring length: the longest rate window that any rule may ask for. */
export const ringMax = 36;
/** TEU a box, and how many times a Poisson count's variance port work has (cranes work in bursts). ASSUMPTION, see docs/alerts.md. */
export const teuPerMove = 1.65;
const dispersion = 5;
/** Share of the expectation that a normal day strays by. ASSUMPTION. */
const wander = 0.06;
/** Time constant of the level, in 5-minute windows: three days. */
const levelWindows = 864;
const levelMin = 0.5;
const levelMax = 2;

export type PortHistory = {
  /** Actual over expected, slow; 1 = as the baseline. */
  level: number;
  /** Windows taken, at most `ringMax` matter. */
  count: number;
  /** TEU of the last windows, and the baseline's expectation for the terminals that had a feed; newest at count − 1 modulo ring. */
  actual: number[];
  expected: number[];
};

export function createHistory(): PortHistory {
  return { level: 1, count: 0, actual: new Array(ringMax).fill(0), expected: new Array(ringMax).fill(0) };
}

/** @param isNormal false while an incident is open: a closure must not become the new normal. */
export function remember(history: PortHistory, actual: number, expected: number, isNormal: boolean): void {
  const at = history.count % ringMax;
  history.actual[at] = actual;
  history.expected[at] = expected;
  history.count++;
  if (!isNormal || expected <= 0) return;
  // Weighed by expectation, so that an hour of a shift change does not count as much as a full one.
  const next = history.level + (actual / expected - history.level) / levelWindows;
  history.level = Math.min(levelMax, Math.max(levelMin, next));
}

export type Deviation = {
  readonly windows: number;
  readonly actual: number;
  /** Level included. */
  readonly expected: number;
  readonly sigma: number;
  /** (actual − expected) / expected. */
  readonly share: number;
  readonly z: number;
};

/** Deviation over the last `windows` windows; undefined before there are so many. TEU. */
export function deviationOver(history: PortHistory, windows: number): Deviation | undefined {
  if (history.count < windows) return undefined;
  let actual = 0;
  let baseline = 0;
  for (let i = 1; i <= windows; i++) {
    const at = (history.count - i) % ringMax;
    actual += history.actual[at] ?? 0;
    baseline += history.expected[at] ?? 0;
  }
  const expected = baseline * history.level;
  if (expected <= 0) return undefined;
  const sigma = Math.sqrt(teuPerMove * dispersion * expected + (wander * expected) ** 2);
  return { windows, actual, expected, sigma, share: (actual - expected) / expected, z: (actual - expected) / sigma };
}
