/**
 * The one entry to the detection of a series: a terminal, a port, a cluster, the nation, or a port of somebody else's data. One decision a closed
 * 5-minute window. A function of its state and its readings: no clock, no randomness, nothing kept outside of `SeriesState`, which is plain
 * data. Knows neither alert ids nor people.
 */
import { addEvidence, createEvidence, dayOfEvidence, type Evidence, resetEvidence, slotMs } from './evidence.ts';
import { type FeedIncident, followDuplicates, followSilence } from './feed.ts';
import { type LastingIncident, lastOn } from './lasting.ts';
import { addToLevel, beginAt, createLevel, forgetNewest, keepNewest, type Level } from './level.ts';
import { liveOn } from './life.ts';
import { createProfile, learnProfile, type Profile, profileAt, renewProfile } from './profile.ts';
import type { SeriesRules } from './series-rules.ts';
import type { Incident } from './signs.ts';
import { createSpread, learnSpread, type Spread, sparsePenalty } from './spread.ts';
import type { Step } from './step.ts';

/** One closed 5-minute window of one series. */
export type Reading = {
  /** End of the window, event time. */
  readonly endMs: number;
  /** TEU of the feeds that reported, duplicates held out. 0 is a reading; null: no feed, no data. */
  readonly teu: number | null;
  /** TEU that the baseline gives for the same feeds, calendar included; null: none is known, and hours and weekdays are learned. */
  readonly baseline: number | null;
  /** Factor of the calendar on an ordinary day, for a learned profile; 1 with a baseline. */
  readonly calendar: number;
  /** Standard deviation of the expectation itself on days like this, as a share: holidays are known less well. 0 ordinarily. */
  readonly doubt: number;
  /** Share of the series' feeds that reported, 0..1. */
  readonly covered: number;
  /** Share of the moves received that were duplicates and held out, 0..1; null: unknown. */
  readonly duplicates: number | null;
  /** TEU of the comparable window a year ago; null: there is none. */
  readonly lastYear: number | null;
  /** Inside a planned stoppage: nothing is expected. */
  readonly isPlanned: boolean;
};

export type SeriesState = {
  evidence: Evidence;
  spread: Spread;
  level: Level;
  /** Against last year; null until a reading brings it. */
  yearLevel: Level | null;
  profile: Profile | null;
  throughput: Incident | null;
  lasting: LastingIncident | null;
  silence: FeedIncident | null;
  duplicates: FeedIncident | null;
  /** Readings taken. */
  readings: number;
  /** The doubt that still sits in the windows, and how many slots ago a planned stoppage ended. */
  doubt: number;
  sincePlanned: number;
};

/** Readings before the first decision: two weeks when hours and weekdays must be learned, two hours with a baseline. */
const learnSlots = 14 * 288;
const trustSlots = 24;
/** A doubt fades with the windows that hold it. */
const doubtKeep = 1 - 1 / 144;
/** Days less known than this teach no level, hours with such a doubt in their windows no spread. */
const levelDoubtMax = 0.055;
const plainDoubtMax = 0.012;
/** Over days the errors of single days' factors cancel in part. */
const lastingDoubtShare = 0.7;
/** After a planned stoppage work starts by and by: for a day more must speak. */
const afterPlannedSlots = 288;
const afterPlannedSigmas = 2;
const afterPlannedDoubt = 0.06;
const dayMs = 86_400_000;

/** `days`: factors of the weekdays (Sunday first, mean 1, UTC) as last year had them and the weeks they stand on, where no baseline is known. */
export function createSeries(days: readonly number[] | null = null, weeks = 0): SeriesState {
  return {
    evidence: createEvidence(),
    spread: createSpread(),
    level: createLevel(),
    yearLevel: null,
    profile: days === null ? null : createProfile(days, weeks),
    throughput: null,
    lasting: null,
    silence: null,
    duplicates: null,
    readings: 0,
    doubt: 0,
    sincePlanned: afterPlannedSlots,
  };
}

/** Takes one reading; what changes in the lives of the series' incidents is appended to `out`. Readings come in the order of `endMs`. */
export function decideSeries(state: SeriesState, reading: Reading, rules: SeriesRules, out: Step[]): void {
  state.silence = followSilence(state.silence, reading.covered, rules, reading.endMs, out);
  state.duplicates = followDuplicates(state.duplicates, reading.duplicates, rules, reading.endMs, out);
  state.doubt = Math.max(reading.doubt, state.doubt * doubtKeep);
  if (state.sincePlanned < afterPlannedSlots) state.sincePlanned++;
  if (reading.isPlanned) {
    state.sincePlanned = 0;
    return;
  }
  if (reading.teu === null) return;
  decideThroughput(state, reading, reading.teu, rules, out);
  if (state.profile !== null && reading.endMs % dayMs === 0) renewProfile(state.profile);
}

/** TEU expected of a reading, for level 1. */
function baselineOf(state: SeriesState, reading: Reading): number {
  if (reading.baseline !== null) return reading.baseline;
  state.profile ??= createProfile(null, 0);
  return profileAt(state.profile, reading.endMs) * reading.calendar;
}

function decideThroughput(state: SeriesState, reading: Reading, teu: number, rules: SeriesRules, out: Step[]): void {
  const { evidence, level } = state;
  const baseline = baselineOf(state, reading);
  addEvidence(evidence, teu, baseline);
  state.readings++;
  if (state.readings > (reading.baseline === null ? learnSlots : trustSlots)) {
    const before = state.throughput;
    state.throughput = liveOn(
      before,
      evidence,
      state.spread,
      rules,
      {
        endMs: reading.endMs,
        teu,
        baseline,
        low: Math.min(level.recent, level.lasting),
        high: Math.max(level.recent, level.lasting),
        doubt: state.doubt,
        extra:
          (state.sincePlanned < afterPlannedSlots ? afterPlannedSigmas : 0) +
          sparsePenalty(dayOfEvidence(evidence) * level.recent),
      },
      out,
    );
    if (state.throughput?.status === 'resolved') takeAsUsual(state);
    else if (before?.status !== 'firing' && state.throughput?.status === 'firing')
      forgetOpening(state, state.throughput, reading.endMs);
  }
  if (state.throughput === null && reading.covered >= 1 && reading.doubt < levelDoubtMax)
    learn(state, reading, teu, baseline, rules, out);
}

/** The window that an incident opened by has gone into the level before anybody knew. */
function forgetOpening(state: SeriesState, { sinceMs }: Incident, endMs: number): void {
  const slots = Math.min(288, (endMs - sinceMs) / slotMs);
  forgetNewest(state.level, slots);
  if (state.yearLevel !== null) forgetNewest(state.yearLevel, slots);
}

/** What lasted too long for an incident is the level from now on. */
function takeAsUsual(state: SeriesState): void {
  const incident = state.throughput;
  if (incident === null) return;
  keepNewest(state.level, 0);
  if (incident.expected > 0) state.level.recent *= incident.actual / incident.expected;
  resetEvidence(state.evidence);
  state.throughput = null;
}

/** Some of what it was the sum of stands still for good and is no longer in its readings; the rest works at `ratio` of its baseline. */
export function beginWithout(state: SeriesState, ratio: number): void {
  beginAt(state.level, ratio);
  resetEvidence(state.evidence);
  if (state.lasting?.kind === 'drift') state.lasting = null;
}

/** Calm readings teach: the spread, the level, hours and weekdays. */
function learn(
  state: SeriesState,
  reading: Reading,
  teu: number,
  baseline: number,
  rules: SeriesRules,
  out: Step[],
): void {
  const { level, evidence, spread } = state;
  if (state.readings > 288 && state.doubt < plainDoubtMax) learnSpread(spread, evidence, level.recent, state.readings);
  if (state.profile !== null && reading.baseline === null)
    learnProfile(state.profile, reading.endMs, teu, level.recent, reading.calendar);
  const isHeld = state.lasting !== null;
  const doubt = Math.max(
    lastingDoubtShare * state.doubt,
    state.sincePlanned < afterPlannedSlots ? afterPlannedDoubt : 0,
  );
  if (baseline > 0 && addToLevel(level, teu, baseline, isHeld))
    state.lasting = lastOn(state.lasting, 'drift', level, spread, rules, reading.endMs, doubt, out);
  if (reading.lastYear === null) return;
  state.yearLevel ??= createLevel();
  if (addToLevel(state.yearLevel, teu, reading.lastYear, isHeld))
    state.lasting = lastOn(state.lasting, 'year_on_year', state.yearLevel, spread, rules, reading.endMs, doubt, out);
}
