/** Rules of the feed itself: how much of it reports, and how much of what it sends was held out as duplicates. No throughput. */
import { slotMs } from './evidence.ts';
import type { ReadyRule, SeriesRules } from './series-rules.ts';
import type { Step, StepReason } from './step.ts';

export type FeedIncident = { status: 'pending' | 'firing' | 'resolved'; sinceMs: number; held: number };

/** `value` speaks when it is `isAbnormal`; `value` and `expected` are shares 0..1. */
function follow(
  incident: FeedIncident | null,
  kind: 'feed_silent' | 'double_counting',
  rule: ReadyRule,
  isAbnormal: boolean,
  value: number,
  endMs: number,
  out: Step[],
): FeedIncident | null {
  if (!rule.isEnabled) return null;
  const [opens, closes]: StepReason[] =
    kind === 'feed_silent' ? ['feed_overdue', 'feed_back'] : ['duplicates_above_share', 'duplicates_gone'];
  if (incident === null) {
    if (!isAbnormal) return null;
    const status = rule.holdSlots === 0 ? 'firing' : 'pending';
    const made: FeedIncident = { status, sinceMs: endMs - slotMs, held: 0 };
    tell(made, kind, value, endMs, opens ?? 'feed_overdue', out);
    return made;
  }
  if (incident.status === 'pending') {
    if (!isAbnormal) {
      incident.status = 'resolved';
      tell(incident, kind, value, endMs, 'did_not_hold', out);
      return null;
    }
    if (++incident.held < rule.holdSlots) return incident;
    Object.assign(incident, { status: 'firing', held: 0 });
    tell(incident, kind, value, endMs, opens ?? 'feed_overdue', out);
    return incident;
  }
  incident.held = isAbnormal ? 0 : incident.held + 1;
  if (incident.held < Math.max(1, rule.clearSlots)) return incident;
  incident.status = 'resolved';
  tell(incident, kind, value, endMs, closes ?? 'feed_back', out);
  return null;
}

/** `covered`: share of the feeds that reported. */
export function followSilence(
  incident: FeedIncident | null,
  covered: number,
  rules: SeriesRules,
  endMs: number,
  out: Step[],
): FeedIncident | null {
  const rule = rules.feed_silent;
  return follow(incident, 'feed_silent', rule, covered < 1 && 1 - covered >= rule.shareMin, covered, endMs, out);
}

/** `duplicates`: share of all that was received; null: nobody knows, and nothing changes. */
export function followDuplicates(
  incident: FeedIncident | null,
  duplicates: number | null,
  rules: SeriesRules,
  endMs: number,
  out: Step[],
): FeedIncident | null {
  if (duplicates === null) return incident;
  const rule = rules.double_counting;
  const isAbnormal = duplicates > 0 && duplicates >= Math.max(rule.threshold, rule.shareMin);
  return follow(incident, 'double_counting', rule, isAbnormal, duplicates, endMs, out);
}

function tell(
  incident: FeedIncident,
  kind: 'feed_silent' | 'double_counting',
  value: number,
  endMs: number,
  reason: StepReason,
  out: Step[],
): void {
  const expected = kind === 'feed_silent' ? 1 : 0;
  out.push({
    kind,
    status: incident.status,
    phase: 'normal',
    reason,
    sinceMs: incident.sinceMs,
    endMs,
    windowMs: slotMs,
    value,
    expected,
    sigma: null,
    share: value - expected,
    z: null,
  });
}
