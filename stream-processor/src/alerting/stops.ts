/** Terminals that have stopped: how long each has not moved a box, counted in moves that were expected meanwhile. Zero is a reading; no feed is not. */
import type { KindRule } from '@quaywatch/contracts';

/** TEU of an average move. ASSUMPTION, see docs/alerts.md. */
export const teuPerMove = 1.6;
const fiveMs = 300_000;
/** Longer than half an hour: a report that comes late leaves a hole as long as its cadence, and that is no stall. */
const windowsMin = 8;
/**
 * What has not moved a box for three weeks stands still for good: it is what is normal there. ASSUMPTION: Spring Festival, typhoons and strikes
 * have kept whole terminals from work for days, seldom for two weeks.
 */
const usualAfterMs = 21 * 86_400_000;

export type Quiet = { sinceMs: number; expectedTeu: number; windows: number };

/** Takes one terminal's window with a feed; `expected` in TEU, the port's level included. */
export function followQuiet(
  quiet: Record<string, Quiet>,
  terminal: string,
  moves: number,
  expected: number,
  endMs: number,
): void {
  if (moves > 0) {
    delete quiet[terminal];
    return;
  }
  const known = quiet[terminal];
  if (known === undefined) quiet[terminal] = { sinceMs: endMs - fiveMs, expectedTeu: expected, windows: 1 };
  else {
    known.expectedTeu += expected;
    known.windows++;
  }
}

/** Whether standing still has become what is normal for a terminal. A feed that has fallen silent meanwhile has told of no move either. */
export function isIdle(quiet: Readonly<Record<string, Quiet>>, terminal: string, endMs: number): boolean {
  const one = quiet[terminal];
  return one !== undefined && endMs - one.sinceMs >= usualAfterMs;
}

/** Terminals that have been still for so long that it can't be chance, and not for so long that it is no news, by code. */
export function stoppedTerminals(quiet: Readonly<Record<string, Quiet>>, rule: KindRule, endMs: number): string[] {
  const stopped: string[] = [];
  for (const terminal in quiet) {
    const one = quiet[terminal];
    const isStopped = one !== undefined && one.windows >= windowsMin && one.expectedTeu / teuPerMove >= rule.threshold;
    if (isStopped && !isIdle(quiet, terminal, endMs)) stopped.push(terminal);
  }
  return stopped.sort();
}
