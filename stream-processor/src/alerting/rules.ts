/** Detection rules as data: levels, windows and holds. Defaults need no tuning; every alert names the version it was decided by. */
export type AlertRules = {
  readonly version: number;
  /** 5-minute windows that a rate is looked at over, short for speed, long for patience. */
  readonly rateWindows: readonly number[];
  /** Opens when |z| and |deviation| reach both; holds for `openHold` decisions. */
  readonly openSigma: number;
  readonly openShare: number;
  readonly openHold: number;
  /** Recovering when below both; resolved after `closeHold` decisions of it. */
  readonly closeSigma: number;
  readonly closeShare: number;
  readonly closeHold: number;
  /** A terminal is stopped when this many moves were expected since its last one, and this many windows passed. */
  readonly stallMoves: number;
  /** Longer than half an hour: a report that comes late leaves a hole as long as its cadence, and that is no stall. */
  readonly stallWindowsMin: number;
  /** A firing incident tells its size again after this many decisions. */
  readonly tellEvery: number;
  /** A rebound is a rate above expected by this share after a closure. */
  readonly reboundShare: number;
  /** An incident that lost or gained less than this many TEU and this share of an hour's expectation stays info. */
  readonly criticalShare: number;
  /** Below this expected number of moves in the longest window nothing but silence is judged: a count that small is noise. */
  readonly expectedMovesMin: number;
};

export const DEFAULT_RULES: AlertRules = {
  version: 1,
  rateWindows: [6, 12, 36],
  openSigma: 4,
  openShare: 0.2,
  openHold: 3,
  closeSigma: 2.5,
  closeShare: 0.1,
  closeHold: 6,
  stallMoves: 40,
  stallWindowsMin: 8,
  tellEvery: 3,
  reboundShare: 0.05,
  criticalShare: 0.3,
  expectedMovesMin: 40,
};
