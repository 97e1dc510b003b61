/**
 * Which vessels are at berth. Reports tell of moves and of no departure: a vessel has left when another works at its berth, or when it is
 * quiet for long at a terminal that works. A terminal that has stopped keeps the vessels that it worked when it stopped.
 */
import type { CallSummary, TerminalSummary } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';

/** So long without a move at a terminal that works, and the vessel has left. */
const LEFT_AFTER_MS = 2 * HOUR_MS;

/** Identity of a call: two terminals may give the same one. */
export const callKey = (call: CallSummary): string => `${call.terminal} ${call.id}`;

/** A berth without a name tells nothing of who lies there next. */
const berthOf = (call: CallSummary): string => (call.berth === '' ? callKey(call) : `${call.terminal} ${call.berth}`);

type Stop = Pick<TerminalSummary, 'terminal' | 'state' | 'state_since_ms'>;

/** Calls at berth, by `callKey`. */
export function callsAtBerth(
  calls: Iterable<CallSummary>,
  terminals: Iterable<Stop>,
  asOfMs: number,
): ReadonlyMap<string, CallSummary> {
  const stops = new Map(
    [...terminals].flatMap(({ terminal, state, state_since_ms }) =>
      state === 'stopped' && state_since_ms !== null ? [[terminal, state_since_ms] as const] : [],
    ),
  );
  const newest = new Map<string, CallSummary>();
  for (const call of calls) {
    const known = newest.get(berthOf(call));
    if (known === undefined || known.first_move_ms < call.first_move_ms) newest.set(berthOf(call), call);
  }
  const there = [...newest.values()].filter(
    (call) => (stops.get(call.terminal) ?? asOfMs) - call.last_move_ms < LEFT_AFTER_MS,
  );
  return new Map(there.map((call) => [callKey(call), call]));
}
