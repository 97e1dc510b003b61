/**
 * What is wrong with a port's feeds rather than with its work: silent, late, sending everything twice, or short of its
 * own total. One incident a port and kind, with
 * the terminals that are in it.
 */
import type { AlertTransition } from '@quaywatch/contracts';
import {
  endBy,
  type Incident,
  type Look,
  type Moment,
  newIncident,
  type Place,
  raiseSeverity,
  tell,
} from './incident.ts';
import type { PlaceRules } from './place-rules.ts';

export type FeedKind = 'feed_silent' | 'feed_late' | 'double_counting' | 'ledger_gap';
export type FeedIncident = Incident & {
  /** End of the window with which this status began, UTC ms. */
  heldSinceMs: number;
};

type Words = { opens: string; more: string; fewer: string; closes: string; family: string };

const WORDS: Readonly<Record<FeedKind, Words>> = {
  feed_silent: {
    opens: 'feed_overdue',
    more: 'more_feeds_overdue',
    fewer: 'fewer_feeds_overdue',
    closes: 'feed_back',
    family: 'feed',
  },
  feed_late: {
    opens: 'feed_behind',
    more: 'more_feeds_behind',
    fewer: 'fewer_feeds_behind',
    closes: 'feed_caught_up',
    family: 'late',
  },
  double_counting: {
    opens: 'duplicates_above_share',
    more: 'more_feeds_double',
    fewer: 'fewer_feeds_double',
    closes: 'duplicates_gone',
    family: 'double',
  },
  ledger_gap: {
    opens: 'ledger_short',
    more: 'more_ledgers_short',
    fewer: 'fewer_ledgers_short',
    closes: 'ledger_whole',
    family: 'ledger',
  },
};

/** What is seen of one kind now. */
export type FeedSight = {
  readonly terminals: readonly string[];
  /** Event time where it began. */
  readonly sinceMs: number;
  /** Share of the port's expected work that these terminals are, 0..1. */
  readonly share: number;
  /** double_counting: duplicates among what was received; ledger_gap: what is missing; per cent. null otherwise. */
  readonly value: number | null;
};

/** One step of a feed incident. Returns the one that goes on, or null. */
export function followFeed(
  incident: FeedIncident | null,
  kind: FeedKind,
  seen: FeedSight,
  place: Place,
  rules: PlaceRules,
  moment: Moment,
  out: AlertTransition[],
): FeedIncident | null {
  const rule = rules.kinds[kind];
  if (!rule.enabled) {
    if (incident !== null) endBy('rule_switched_off', incident, placeOf(incident, place), moment, rule, false, out);
    return null;
  }
  const isThere = seen.terminals.length > 0;
  const words = WORDS[kind];
  const say = (one: FeedIncident, reason: string): FeedIncident | null => {
    raiseSeverity(one, seen.share, rule);
    const look: Look = {
      reason,
      windowMs: 300_000,
      value: seen.value,
      expected: null,
      sigma: null,
      share: null,
      z: null,
    };
    tell(one, placeOf(one, place), moment, look, rule, false, out);
    return one.status === 'resolved' ? null : one;
  };
  if (incident === null) {
    if (!isThere) return null;
    const base = newIncident(place, words.family, kind, seen.sinceMs, moment.endMs);
    const made: FeedIncident = { ...base, heldSinceMs: moment.endMs };
    made.terminals = [...seen.terminals].sort();
    if (rule.hold_min === 0) made.status = 'firing';
    return say(made, words.opens);
  }
  const change = isThere ? nameTerminals(incident, seen.terminals) : '';
  if (change !== '') say(incident, words[change]);
  const heldMs = moment.endMs - incident.heldSinceMs;
  switch (incident.status) {
    case 'pending':
      if (!isThere) return say(Object.assign(incident, { status: 'resolved' as const }), 'did_not_hold');
      if (heldMs < rule.hold_min * 60_000) return incident;
      return say(Object.assign(incident, { status: 'firing' as const }), 'threshold_held');
    case 'firing':
      if (isThere) return incident;
      if (rule.clear_hold_min === 0) return say(Object.assign(incident, { status: 'resolved' as const }), words.closes);
      return say(Object.assign(incident, { status: 'recovering' as const, heldSinceMs: moment.endMs }), words.closes);
    case 'recovering':
      if (isThere) return say(Object.assign(incident, { status: 'firing' as const }), words.opens);
      if (heldMs < rule.clear_hold_min * 60_000) return incident;
      return say(Object.assign(incident, { status: 'resolved' as const }), 'hold_elapsed');
    case 'resolved':
      return null;
  }
}

/** It names those that are in it now, and at its end those that were last: what a feed explains ends when that feed is well. */
function nameTerminals(incident: FeedIncident, now: readonly string[]): '' | 'more' | 'fewer' {
  const before = incident.terminals;
  incident.terminals = [...now].sort();
  if (now.some((terminal) => !before.includes(terminal))) return 'more';
  return before.length > now.length ? 'fewer' : '';
}

function placeOf(incident: FeedIncident, place: Place): Place {
  return incident.terminals.length === 1 && place.level === 'port' ? { ...place, level: 'terminal' } : place;
}
