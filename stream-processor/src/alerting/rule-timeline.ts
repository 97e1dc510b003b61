/**
 * The rule sets of a run in the order in which they take effect. A window is decided by the newest set that is in effect when it begins, so
 * the same log and the same timeline give the same alerts.
 */
import { DEFAULT_RULE_SET, type DetectionRules, type RoutingRules, type RuleSet } from '@quaywatch/contracts';

export type RuleTimeline = { readonly sets: RuleSet[] };

export function createRuleTimeline(): RuleTimeline {
  return { sets: [DEFAULT_RULE_SET] };
}

/** One rule set for the whole of a run: a back-test, or a replay under edited rules. */
export function fixedRules(rules: { detection: DetectionRules; routing: RoutingRules }): RuleTimeline {
  return { sets: [{ ...DEFAULT_RULE_SET, ...rules }] };
}

/** The first record of a version counts; a later one with the same number lost the race and is ignored. */
export function addRuleSet(timeline: RuleTimeline, set: RuleSet): boolean {
  if (timeline.sets.some((known) => known.version === set.version)) return false;
  timeline.sets.push(set);
  timeline.sets.sort((a, b) => a.effective_from_ms - b.effective_from_ms || a.version - b.version);
  return true;
}

/** @param windowStartMs start of the window that is decided on, UTC ms. */
export function rulesAt(timeline: RuleTimeline, windowStartMs: number): RuleSet {
  for (let i = timeline.sets.length - 1; i > 0; i--) {
    const set = timeline.sets[i];
    if (set !== undefined && set.effective_from_ms <= windowStartMs) return set;
  }
  return timeline.sets[0] ?? DEFAULT_RULE_SET;
}
