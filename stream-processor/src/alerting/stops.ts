/** Terminals that have stopped: how long each has not moved a box, counted in moves that were expected meanwhile. Zero is a reading; no feed is not. */
import type { KindRule } from '@quaywatch/contracts';

/** TEU of an average move. ASSUMPTION, see docs/alerts.md. */
const teuPerMove = 1.6;
const fiveMs = 300_000;
/** Longer than half an hour: a report that comes late leaves a hole as long as its cadence, and that is no stall. */
const windowsMin = 8;
/**
 * What has not moved a box in three weeks of windows that were seen stands still for good: it is what is normal there. ASSUMPTION: Spring
 * Festival, typhoons and strikes have kept whole terminals from work for days, seldom for two weeks.
 */
const usualWindows = 21 * 288;
/** Of whom nobody has heard for so long, what was seen before says nothing any more. */
const unheardAfterMs = usualWindows * fiveMs;

/** One terminal that does not move: since when, when its feed last said so, and what was expected in how many windows that were seen. */
export type Quiet = { sinceMs: number; heardMs: number; expectedTeu: number; windows: number };

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
  if (known === undefined || (isUnheard(known, endMs) && !isIdle(quiet, terminal)))
    quiet[terminal] = { sinceMs: endMs - fiveMs, heardMs: endMs, expectedTeu: expected, windows: 1 };
  else {
    known.heardMs = endMs;
    known.expectedTeu += expected;
    known.windows++;
  }
}

/** Whether standing still has become what is normal for a terminal: nothing is expected of it until it moves. */
export function isIdle(quiet: Readonly<Record<string, Quiet>>, terminal: string): boolean {
  return (quiet[terminal]?.windows ?? 0) >= usualWindows;
}

function isUnheard(one: Quiet, endMs: number): boolean {
  return endMs - one.heardMs >= unheardAfterMs;
}

/** Whether nobody waits for a terminal that stands still: that is normal there, or its feed has been silent for as long. */
export function isGivenUp(quiet: Readonly<Record<string, Quiet>>, terminal: string, endMs: number): boolean {
  const one = quiet[terminal];
  return one !== undefined && (isIdle(quiet, terminal) || isUnheard(one, endMs));
}

/** Whether a terminal has been still for longer than a report is late. */
export function isStill(quiet: Readonly<Record<string, Quiet>>, terminal: string): boolean {
  return (quiet[terminal]?.windows ?? 0) >= windowsMin;
}

/** Terminals that have been still for so long that it can't be chance, and that somebody waits for, by code. */
export function stoppedTerminals(quiet: Readonly<Record<string, Quiet>>, rule: KindRule, endMs: number): string[] {
  const stopped: string[] = [];
  for (const terminal in quiet) {
    const one = quiet[terminal];
    const isStopped = one !== undefined && one.windows >= windowsMin && one.expectedTeu / teuPerMove >= rule.threshold;
    if (isStopped && !isGivenUp(quiet, terminal, endMs)) stopped.push(terminal);
  }
  return stopped.sort();
}
