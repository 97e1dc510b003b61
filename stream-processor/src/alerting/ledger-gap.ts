/**
 * When what is missing in the ledger is told: moves that a source says there were and that do not count, and reports that it has skipped. Late
 * reports are ordinary, and so nothing is told before they had their time.
 */
import type { KindRule } from '@quaywatch/contracts';

/** A day of one source whose total the count does not reach. */
export type ShortDaySight = {
  /** Stable name of source and day. */
  readonly key: string;
  readonly dayStartMs: number;
  readonly missing: number;
  readonly reported: number;
  /** Its moves can come no more. */
  readonly isSettled: boolean;
};

export type SkippedSight = { readonly sinceMs: number; readonly skipped: number; readonly reports: number };

/** One terminal, as detection sees its ledger. */
export type TerminalLedger = {
  readonly terminal: string;
  readonly short: readonly ShortDaySight[];
  readonly skipped: readonly SkippedSight[];
};

/** What is seen of a port: the terminals where something is missing, since when, and the largest share. */
export type LedgerSight = { readonly terminals: string[]; readonly sinceMs: number; readonly share: number };

/** Since when each short day has been short by the rule's share, log time. */
export type ShortSince = Record<string, number>;

/** A day that has been over for so long should be whole: it settles four hours later. */
const wholeAfterMs = 44 * 3_600_000;
const dayMs = 86_400_000;
/** Fewer moves are one held report of a quiet day. */
const missingMin = 50;

/** Looks at a port's ledgers. `since` is what it remembers. */
export function seeLedger(
  since: ShortSince,
  ledgers: readonly TerminalLedger[],
  rule: Pick<KindRule, 'threshold' | 'min_share'>,
  now: { readonly endMs: number; readonly logTimeMs: number },
): LedgerSight {
  const patienceMs = rule.threshold * 60_000;
  const seen: { terminals: string[]; sinceMs: number; share: number } = { terminals: [], sinceMs: now.endMs, share: 0 };
  const note = (terminal: string, sinceMs: number, share: number) => {
    if (!seen.terminals.includes(terminal)) seen.terminals.push(terminal);
    seen.sinceMs = Math.min(seen.sinceMs, sinceMs);
    seen.share = Math.max(seen.share, share);
  };
  const short = new Set<string>();
  for (const { terminal, short: days, skipped } of ledgers) {
    for (const day of days) {
      const share = day.missing / day.reported;
      const isLarge = share >= rule.min_share && day.missing >= missingMin;
      if (isLarge) since[day.key] ??= now.logTimeMs;
      if (isLarge) short.add(day.key);
      const isOverdue = isLarge && now.logTimeMs - (since[day.key] ?? now.logTimeMs) >= patienceMs;
      const isOver = now.endMs >= day.dayStartMs + dayMs + wholeAfterMs;
      if (day.isSettled || isOver || isOverdue) note(terminal, day.dayStartMs, share);
    }
    for (const gap of skipped)
      if (now.logTimeMs - gap.sinceMs >= patienceMs)
        note(terminal, gap.sinceMs, gap.skipped / (gap.skipped + gap.reports));
  }
  for (const key of Object.keys(since)) if (!short.has(key)) delete since[key];
  return seen;
}
