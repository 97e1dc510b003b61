/** When to send what is in the outbox: order, back-off, circuit and the channel's limits, as arithmetic on given times. Sends nothing. */
import type { Decision, Unsent } from './knowledge.ts';

const firstDelayMs = 1_000;
const delayMsMax = 300_000;
/** A decision whose first attempt failed so long ago is given up with the next failure. */
export const giveUpAfterMs = 3_600_000;
const failuresToOpen = 5;
const openFirstMs = 30_000;
const openMsMax = 300_000;

/** Exponential back-off with full jitter, 1 s to 5 min: AWS Architecture Blog, "Exponential Backoff And Jitter", 2015. */
export function backOffMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(attempt - 1, 20));
  return Math.max(Math.min(firstDelayMs, ceilingMs), Math.round(ceilingMs * random));
}

/** One receiver's circuit: open after failures in a row, then one probe at a time, each failed one doubling the pause. */
export type Circuit = { failures: number; openUntilMs: number; pauseMs: number };

export function closedCircuit(): Circuit {
  return { failures: 0, openUntilMs: 0, pauseMs: openFirstMs };
}

export function noteOutcome(circuit: Circuit, isReached: boolean, nowMs: number): void {
  if (isReached) {
    Object.assign(circuit, closedCircuit());
    return;
  }
  circuit.failures += 1;
  if (circuit.failures < failuresToOpen) return;
  circuit.openUntilMs = nowMs + circuit.pauseMs;
  circuit.pauseMs = Math.min(openMsMax, circuit.pauseMs * 2);
}

/** At most `count` messages in any `withinMs`. */
export type Limit = { readonly count: number; readonly withinMs: number };

/** How many messages the limits leave now, and when the next one is free. @param sentMs times of sending, ascending. */
export function allowance(
  limits: readonly Limit[],
  sentMs: readonly number[],
  nowMs: number,
): { readonly free: number; readonly atMs: number } {
  let free = Number.POSITIVE_INFINITY;
  let atMs = nowMs;
  for (const { count, withinMs } of limits) {
    const recent = sentMs.filter((one) => one > nowMs - withinMs);
    free = Math.min(free, count - recent.length);
    const oldest = recent[recent.length - count];
    if (oldest !== undefined) atMs = Math.max(atMs, oldest + withinMs);
  }
  return { free: Math.max(0, free), atMs };
}

export type Queued = { readonly unsent: Unsent; readonly notBeforeMs: number };

const aboutOf = (decision: Decision): readonly string[] => decision.items.map((item) => item.alert_id);

/**
 * What goes into the next message: the oldest decision that is due and has no undelivered one about the same alert before it. Where the
 * channel's limit is tighter than the queue, everything that is due at once, in order, as one digest.
 */
export function nextMessage(
  queue: readonly Queued[],
  nowMs: number,
  free: number,
  canMerge: boolean,
): readonly Decision[] {
  if (free <= 0) return [];
  const waiting = new Set<string>();
  const due: Decision[] = [];
  const alone: Decision[] = [];
  for (const { unsent, notBeforeMs } of queue) {
    const { decision } = unsent;
    const isBehind = aboutOf(decision).some((id) => waiting.has(id));
    if (notBeforeMs > nowMs || isBehind) {
      for (const id of aboutOf(decision)) waiting.add(id);
      continue;
    }
    due.push(decision);
    if (!aboutOf(decision).some((id) => due.slice(0, -1).some((one) => aboutOf(one).includes(id))))
      alone.push(decision);
  }
  if (canMerge && due.length > free) return due;
  return alone.slice(0, 1);
}
