/**
 * Rules made ready for a decision: minutes as slots, windows as places in `windowSlots`, one threshold a window.
 * Decides nothing.
 */
import type { AlertKind, KindRule } from '@quaywatch/contracts';
import { windowSlots } from './evidence.ts';
import { blockSlots } from './level.ts';

/** The part of a kind's rule that a series decides by. */
type Rule = Pick<KindRule, 'enabled' | 'threshold' | 'min_share' | 'windows_min' | 'hold_min' | 'clear_hold_min'>;

export type ReadyRule = {
  readonly isEnabled: boolean;
  /** In the unit of the kind, see `THRESHOLD_UNITS`. */
  readonly threshold: number;
  readonly shareMin: number;
  /** Places in `windowSlots` that are looked over. */
  readonly windows: readonly number[];
  /** Standard deviations from which each of `windowSlots` speaks. */
  readonly sigmas: readonly number[];
  /** Lengths in blocks of six hours, for what is looked over in days. */
  readonly blocks: readonly number[];
  readonly holdSlots: number;
  readonly clearSlots: number;
};

const seriesKinds = [
  'surge',
  'drop',
  'stall',
  'drift',
  'year_on_year',
  'feed_silent',
  'double_counting',
] as const satisfies readonly AlertKind[];
export type SeriesKind = (typeof seriesKinds)[number];
export type SeriesRules = Readonly<Record<SeriesKind, ReadyRule>>;

const slotMin = 5;
const sigmaMin = 3;

/** Twice the log of the lengths would give every window as many false openings; a little more, since single slots have the heavier tails. */
const lengthWeight = 2.25;

/** There are fewer independent long windows than short ones, so they may speak at less: squared thresholds fall with the log of the length. */
function sigmasOf(threshold: number): number[] {
  return windowSlots.map((slots) =>
    Math.max(sigmaMin, Math.sqrt(Math.max(0, threshold ** 2 - lengthWeight * Math.log(slots / (windowSlots[0] ?? 1))))),
  );
}

function readyRule(rule: Rule): ReadyRule {
  return {
    isEnabled: rule.enabled,
    threshold: rule.threshold,
    shareMin: rule.min_share,
    windows: windowSlots.flatMap((slots, place) => (rule.windows_min.includes(slots * slotMin) ? [place] : [])),
    sigmas: sigmasOf(rule.threshold),
    blocks: rule.windows_min
      .map((minutes) => Math.round(minutes / slotMin / blockSlots))
      .filter((blocks) => blocks > 0),
    holdSlots: Math.ceil(rule.hold_min / slotMin),
    clearSlots: Math.ceil(rule.clear_hold_min / slotMin),
  };
}

/** Done once for each place and rule version; overrides have been applied by then. */
export function readyRules(kinds: Readonly<Record<SeriesKind, Rule>>): SeriesRules {
  return {
    surge: readyRule(kinds.surge),
    drop: readyRule(kinds.drop),
    stall: readyRule(kinds.stall),
    drift: readyRule(kinds.drift),
    year_on_year: readyRule(kinds.year_on_year),
    feed_silent: readyRule(kinds.feed_silent),
    double_counting: readyRule(kinds.double_counting),
  };
}
