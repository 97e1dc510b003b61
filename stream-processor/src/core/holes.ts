/**
 * Holes in what a source has told: stretches of event time whose moves are not zero but unknown. A hole is noticed by a promise that leaps
 * over a report, by the source's own running total, or by windows that close before the source has promised them. It is filled when the
 * report comes in the end.
 */
import { dayOf, dayStartMs } from './time.ts';

export type Stretch = { fromMs: number; toMs: number };
/** `filledAtMs`: end of the last closed window when the report came in the end; null while it has not. */
export type Hole = Stretch & { filledAtMs: number | null };

/** What a source said its day's total was when it promised `throughMs`, and how many moves it has told since. */
export type ToldTotal = { throughMs: number; dayMoves: number; told: number };

/** A step of the promise longer than this many cadences has a report missing in it. */
const leapCadences = 1.5;
/** A sender whose every report leaps keeps its first holes; later ones are not noticed. */
const holesMax = 512;
const fiveMs = 300_000;
const hourMs = 3_600_000;
/** Fewer untold moves than this, or than this share, are the odd entry that was refused or held back: no hole. */
const untoldMin = 5;
const untoldShare = 0.1;

/** Adds a hole, or lengthens the newest one. Nothing when it would be empty. */
export function addHole(holes: Hole[], fromMs: number, toMs: number): void {
  if (!(fromMs < toMs)) return;
  const last = holes.at(-1);
  if (last !== undefined && last.filledAtMs === null && last.toMs === fromMs) last.toMs = toMs;
  else if (holes.length < holesMax) holes.push({ fromMs, toMs, filledAtMs: null });
}

/**
 * A report fills the parts of holes that it covers: one cadence, or from its first entry. Returns these parts. What is filled before its windows
 * have closed (`closedThroughMs`) was no hole to them, and is forgotten; the rest is remembered, because it has been told: it was a hole to
 * the windows that had closed by then, and to none that close later.
 */
export function fillHoles(
  holes: Hole[],
  completeThroughMs: number,
  cadenceMs: number,
  firstMs: number | null,
  closedThroughMs: number,
): Stretch[] {
  const fromMs = Math.min(completeThroughMs - cadenceMs, firstMs ?? Number.POSITIVE_INFINITY);
  const filled: Stretch[] = [];
  for (let i = holes.length - 1; i >= 0; i--) {
    const hole = holes[i];
    if (hole === undefined || hole.filledAtMs !== null) continue;
    const from = Math.max(hole.fromMs, fromMs);
    const to = Math.min(hole.toMs, completeThroughMs);
    if (from >= to) continue;
    filled.push({ fromMs: from, toMs: to });
    const told = { fromMs: from, toMs: Math.min(to, closedThroughMs), filledAtMs: closedThroughMs };
    const before = from === hole.fromMs ? holes[i - 1] : undefined;
    const isMerged = before !== undefined && isSameToWindows(before, told);
    if (isMerged) before.toMs = told.toMs;
    const parts = [
      { fromMs: hole.fromMs, toMs: from, filledAtMs: null },
      ...(isMerged ? [] : [told]),
      { fromMs: to, toMs: hole.toMs, filledAtMs: null },
    ];
    holes.splice(i, 1, ...parts.filter((part) => part.toMs > part.fromMs));
  }
  return filled;
}

/**
 * Whether what is told now can be one with what was told before it: no window that holds any of it has ended between. A feed that is late for
 * days would otherwise leave a part a report.
 */
function isSameToWindows(
  before: Hole,
  { fromMs, toMs, filledAtMs }: Stretch & { readonly filledAtMs: number },
): boolean {
  if (before.filledAtMs === null || before.toMs !== fromMs || toMs <= fromMs) return false;
  if (before.filledAtMs === filledAtMs) return true;
  const haveFivesEnded = Math.ceil(toMs / fiveMs) * fiveMs <= before.filledAtMs;
  return haveFivesEnded && Math.floor(before.filledAtMs / hourMs) === Math.floor(filledAtMs / hourMs);
}

/** End of what a promise leaps over when it steps from `beforeMs` to `completeMs`; −∞ when the step is one report long. */
export function leapThrough(beforeMs: number, completeMs: number, cadenceMs: number, firstMs: number | null): number {
  if (completeMs - beforeMs <= leapCadences * cadenceMs) return Number.NEGATIVE_INFINITY;
  return Math.min(completeMs - cadenceMs, firstMs ?? Number.POSITIVE_INFINITY);
}

/**
 * Compares the source's running total with what it has told since the last one, and takes the new total. Returns `completeMs` when moves are
 * missing: everything since the last total is in doubt. −∞ otherwise, and where totals cannot be compared: unknown, older, another day.
 */
export function untoldThrough(
  total: ToldTotal,
  completeMs: number,
  heard: { readonly told: number; readonly dayMoves: number; readonly completeThroughMs: number },
): number {
  total.told += heard.told;
  if (heard.dayMoves === 0 || completeMs <= total.throughMs || heard.completeThroughMs < completeMs)
    return Number.NEGATIVE_INFINITY;
  const startMs = dayStartMs(dayOf(completeMs - 1));
  const before = total.throughMs > startMs ? total.dayMoves : total.throughMs === startMs ? 0 : null;
  const delta = before === null ? 0 : heard.dayMoves - before;
  const missing = delta - total.told;
  Object.assign(total, { throughMs: completeMs, dayMoves: heard.dayMoves, told: 0 });
  return missing >= untoldMin && missing >= untoldShare * delta ? completeMs : Number.NEGATIVE_INFINITY;
}
