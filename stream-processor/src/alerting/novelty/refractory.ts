/**
 * One alarm an incident: after an alarm the score stays low for a while. The pause grows with the length of the history,
 * a young series having less to be sure of, and is never longer than a day.
 */
import { type Cadence, recordsIn } from './cadence.ts';

const dayMs = 86_400_000;
const recordsMin = 30;
const historyShare = 0.04;
/** A score from here on is an alarm. */
export const alarmScore = 0.5;
/** What is left of a score in a pause: enough to draw, never an alarm. */
const pausedShare = 0.25;

/** @returns a function that takes each score in order, 0…1, and gives the one to show. */
export function createRefractory(cadence: Cadence): (score: number) => number {
  let count = 0;
  let pausedUntil = 0;
  return (score) => {
    const at = count++;
    if (at < pausedUntil) return score * pausedShare;
    if (score >= alarmScore)
      pausedUntil = at + Math.min(Math.max(recordsMin, historyShare * at), recordsIn(cadence, dayMs));
    return score;
  };
}
