/**
 * Rule sets out of the log. Readers take the first record of each version and ignore every later one with the same number: two people
 * who save at once through two gateways both write version n + 1, and whose record comes second has not saved.
 */
import { DEFAULT_RULE_SET, type RuleSet } from '@quaywatch/contracts';

export type RulesLog = {
  readonly versions: Map<number, RuleSet>;
  newest: RuleSet;
  position: number;
  /** Position after the newest record that counted. */
  changedAt: number;
};

const WINDOW_MS = 300_000;
/** A version takes effect so long after everything that is decided already. */
const marginMs = 600_000;

export function createRulesLog(): RulesLog {
  return { versions: new Map(), newest: DEFAULT_RULE_SET, position: 0, changedAt: 0 };
}

export function putRuleSet(log: RulesLog, ruleSet: RuleSet, position: number): void {
  if (position <= log.position) return;
  log.position = position;
  if (ruleSet.version < 1 || log.versions.has(ruleSet.version)) return;
  log.versions.set(ruleSet.version, ruleSet);
  if (ruleSet.version > log.newest.version) log.newest = ruleSet;
  log.changedAt = position;
}

/** All versions, newest first, the built-in default last. */
export function ruleSetsOf(log: RulesLog): RuleSet[] {
  return [...[...log.versions.values()].sort((a, b) => b.version - a.version), DEFAULT_RULE_SET];
}

/** What is in force at a log time: the newest version whose time has come. */
export function ruleSetAt(log: RulesLog, logTimeMs: number): RuleSet {
  return ruleSetsOf(log).find((one) => one.effective_from_ms <= logTimeMs) ?? DEFAULT_RULE_SET;
}

/** The rule set in force and those to come, oldest first. */
export function currentAndUpcoming(log: RulesLog, logTimeMs: number): RuleSet[] {
  const current = ruleSetAt(log, logTimeMs);
  return ruleSetsOf(log)
    .filter((one) => one.version >= current.version)
    .reverse();
}

/**
 * First 5-minute boundary 10 minutes after all that is closed and known, and later than the newest version's.
 * @param decidedMs greatest closed-through of all partitions, or log time when that is larger.
 */
export function effectiveFromMs(log: RulesLog, decidedMs: number): number {
  const boundary = Math.ceil((decidedMs + marginMs) / WINDOW_MS) * WINDOW_MS;
  return Math.max(boundary, log.newest.effective_from_ms + WINDOW_MS);
}
