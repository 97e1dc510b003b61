/**
 * What live feeds send next: first what was missed, in half-hour reports with the arrivals that they would have had, then moves as they happen.
 * Everything is derived anew from the plans and a position, so nothing is buffered while the broker is away. It sends nothing itself.
 */
import { TERMINALS } from '@quaywatch/contracts';
import { dayNumberOf } from '@quaywatch/seeds';
import { isHeld } from '../feed/entries.ts';
import { arrivalsOf, dayOfSlot, type Feeds, keyOf, partitionOf, slotOf } from '../feed/feeds.ts';
import { type Dispatch, type HoldOut, slotMs } from '../feed/imperfections.ts';
import { type BuiltReport, buildHeartbeat, buildLive, buildReport, cadenceS } from '../feed/reports.ts';
import type { RecordSink } from '../record.ts';
import type { Position } from './position.ts';

export const backfillMs = 72 * 3_600_000;
/** Slots whose late reports may still be on their way: 40 h and an hour. */
const lookBackSlots = 82;
/** A live report comes within this many seconds, a heartbeat at the latest. */
const liveCadenceS = 20;
const heartbeatAfterMs = 18_000;
/** Each feed speaks in every fourth second, so that moves are told within 5 s and feeds do not all speak at once. */
const batchSeconds = 4;
/** A move is told after its second is over. */
const settleMs = 200;

type State = {
  readonly feeds: Feeds;
  readonly sentThroughMs: Float64Array;
  readonly spokeMs: Float64Array;
  readonly createdMs: Float64Array;
  /** Late, repeated and odd reports that are not due yet, in order of arrival. */
  pending: Dispatch[];
  /** Slots before this have their extras in `pending` or sent. */
  plannedSlot: number;
};

export type Stream = {
  /** Puts everything that should have arrived by `nowMs` into the sink. Returns the number of moves told. */
  readonly speak: (nowMs: number, sink: RecordSink) => number;
  readonly sentThroughMs: Float64Array;
};

function holdOutOf(feeds: Feeds, terminal: number, slot: number): HoldOut {
  switch (feeds.imperfections.fateOf(terminal, slot)) {
    // Streams two thirds: a terminal that tells nothing for half an hour would look like one that stands still. The late report holds all.
    case 'late':
    case 'replace':
    case 'ahead':
      return 'third';
    case 'late_some':
      return 'some';
    default:
      return 'none';
  }
}

function inOrder(a: Dispatch, b: Dispatch): number {
  return a.arrivalMs - b.arrivalMs;
}

function put(sink: RecordSink, terminal: number, built: BuiltReport | undefined, arrivalMs: number): number {
  if (built === undefined) return 0;
  sink.report(partitionOf(terminal), keyOf(terminal), built.bytes, arrivalMs);
  return built.entries;
}

/** Moves from where the terminal stands to `untilMs`, which lies in the same half-hour. */
function piece(state: State, terminal: number, untilMs: number, createdMs: number, cadence: number): BuiltReport {
  const fromMs = state.sentThroughMs[terminal] ?? untilMs;
  const plan = state.feeds.planOf(terminal, dayNumberOf(fromMs));
  const from = firstAt(plan.timeS, fromMs / 1000 - plan.startS);
  const to = firstAt(plan.timeS, untilMs / 1000 - plan.startS);
  const slot = slotOf(fromMs);
  const holdOut = holdOutOf(state.feeds, terminal, slot);
  const unique = Math.max(createdMs, (state.createdMs[terminal] ?? 0) + 1);
  state.createdMs[terminal] = unique;
  const times = { createdMs: unique, completeThroughMs: untilMs, cadenceS: cadence };
  return buildLive(plan, { from, to, keep: (index) => !isHeld(holdOut, index, slot) }, times);
}

/** First index whose time is at or after `timeS`. */
function firstAt(times: Uint32Array, timeS: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Sends what was missed between the position and now, merged over all feeds by arrival.
 * @returns the state from which the feeds go on live, and the moves told.
 */
export async function catchUp(
  feeds: Feeds,
  position: Position,
  nowMs: number,
  sink: RecordSink,
): Promise<{ stream: Stream; moves: number }> {
  const horizonMs = slotOf(nowMs - backfillMs) * slotMs;
  const state: State = {
    feeds,
    sentThroughMs: position.sentThroughMs.map((sent) => Math.max(sent, horizonMs)),
    spokeMs: new Float64Array(TERMINALS.length),
    createdMs: new Float64Array(TERMINALS.length),
    pending: [],
    plannedSlot: slotOf(nowMs),
  };
  let moves = 0;
  const logStartMs = position.startMs === 0 ? horizonMs : position.startMs;
  const arrivedMs = position.arrivedMs.map((arrived) => Math.max(arrived, horizonMs));
  for (const { index } of TERMINALS) {
    if ((position.sentThroughMs[index] ?? 0) < horizonMs) {
      put(sink, index, buildHeartbeat(index, horizonMs, horizonMs, cadenceS), horizonMs);
    }
  }
  const oldest = Math.min(...state.sentThroughMs, ...arrivedMs);
  const fromSlot = Math.max(slotOf(logStartMs), slotOf(oldest) - lookBackSlots);
  for (const { step, byPartition } of arrivalsOf(feeds, fromSlot, state.plannedSlot)) {
    for (const dispatch of byPartition.flat()) {
      const isSent = dispatch.arrivalMs <= (arrivedMs[partitionOf(dispatch.terminal)] ?? 0);
      if (dispatch.kind === 'on_time') moves += catchUpOnTime(state, dispatch, isSent, nowMs, sink);
      else if (dispatch.arrivalMs > nowMs) state.pending.push(dispatch);
      else if (!isSent) moves += send(feeds, dispatch, sink, dispatch.arrivalMs);
    }
    if (step * slotMs <= nowMs) await sink.room();
  }
  state.pending.sort(inOrder);
  return { stream: { speak: (at, to) => speak(state, at, to), sentThroughMs: state.sentThroughMs }, moves };
}

function send(feeds: Feeds, dispatch: Dispatch, sink: RecordSink, arrivalMs: number, cadence = cadenceS): number {
  const plan = feeds.planOf(dispatch.terminal, dayOfSlot(dispatch.slot));
  return put(sink, dispatch.terminal, buildReport(dispatch, plan, feeds.seed, cadence), arrivalMs);
}

/** An on-time report in a catch-up: told whole, told from where a live feed stopped, or left to the live feed. */
function catchUpOnTime(state: State, dispatch: Dispatch, isSent: boolean, nowMs: number, sink: RecordSink): number {
  const { terminal, slot, arrivalMs } = dispatch;
  const sentThroughMs = state.sentThroughMs[terminal] ?? 0;
  const endMs = (slot + 1) * slotMs;
  const isOvertaken = state.feeds.imperfections.fateOf(terminal, slot) === 'overtaken';
  if (arrivalMs > nowMs) {
    // Reports after an overtaken one say "all sent" before it comes; any other feed that is not heard yet goes on live from where it stands.
    if (isOvertaken) state.pending.push(dispatch);
    return 0;
  }
  if (endMs <= sentThroughMs) return isOvertaken && !isSent ? send(state.feeds, dispatch, sink, arrivalMs) : 0;
  const isWhole = slot * slotMs >= sentThroughMs;
  const moves = isWhole
    ? send(state.feeds, dispatch, sink, arrivalMs)
    : put(sink, terminal, piece(state, terminal, endMs, dispatch.createdMs, cadenceS), arrivalMs);
  state.sentThroughMs[terminal] = endMs;
  return moves;
}

/** Extras of the half-hours that have ended since the last time. */
function planExtras(state: State, nowMs: number): void {
  const now = slotOf(nowMs);
  if (state.plannedSlot >= now) return;
  for (; state.plannedSlot < now; state.plannedSlot++) {
    for (const { index } of TERMINALS) {
      const dispatches = state.feeds.imperfections.dispatchesOf(index, state.plannedSlot);
      state.pending.push(...dispatches.filter((dispatch) => dispatch.kind !== 'on_time'));
    }
  }
  state.pending.sort(inOrder);
}

function speak(state: State, nowMs: number, sink: RecordSink): number {
  planExtras(state, nowMs);
  let moves = 0;
  const untilMs = Math.floor((nowMs - settleMs) / 1000) * 1000;
  for (const { index } of TERMINALS) {
    // Batches are by the clock, so that they are the same whenever the process began.
    const isTurn = Math.floor(nowMs / 1000) % batchSeconds === index % batchSeconds;
    const isOverdue = nowMs - (state.spokeMs[index] ?? 0) > (batchSeconds + 1) * 1000;
    if (!isTurn && !isOverdue) continue;
    if (state.feeds.imperfections.arrivalOf(index, nowMs) !== nowMs) continue;
    moves += speakOne(state, index, nowMs, untilMs, sink);
  }
  let due = 0;
  while (due < state.pending.length && (state.pending[due]?.arrivalMs ?? nowMs) <= nowMs) due++;
  for (const dispatch of state.pending.splice(0, due)) moves += send(state.feeds, dispatch, sink, nowMs, liveCadenceS);
  return moves;
}

function speakOne(state: State, terminal: number, nowMs: number, untilMs: number, sink: RecordSink): number {
  let moves = 0;
  while ((state.sentThroughMs[terminal] ?? 0) < untilMs) {
    const sentThroughMs = state.sentThroughMs[terminal] ?? untilMs;
    const pieceEndMs = Math.min(untilMs, (slotOf(sentThroughMs) + 1) * slotMs);
    const built = piece(state, terminal, pieceEndMs, nowMs, liveCadenceS);
    // Nothing moved: a heartbeat, but only after a while.
    const isQuiet = built.entries === 0 && pieceEndMs === untilMs;
    if (isQuiet && nowMs - (state.spokeMs[terminal] ?? 0) < heartbeatAfterMs) return moves;
    moves += put(sink, terminal, built, nowMs);
    state.sentThroughMs[terminal] = pieceEndMs;
    state.spokeMs[terminal] = nowMs;
  }
  return moves;
}
