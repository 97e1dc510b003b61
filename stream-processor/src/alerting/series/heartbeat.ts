/**
 * What heartbeats say of a feed of which nothing else is known: fewer than usual and part of it is silent, more than usual and it is sent twice.
 * Learns how many are usual; stays with it through what is not.
 */

export type Heartbeats = {
  /** Beats of an ordinary slot, and their spread around it. */
  usual: number;
  variance: number;
  readings: number;
  /** Slots in a row that were unusual in the same way; after three days they are the usual ones. */
  odd: number;
};

const memory = 2000;
const firstReadings = 12;
const oddMax = 864;
/** Fewer lost beats than this share say nothing about a terminal: there are few ports with more than eight. */
const shareMin = 0.09;

export function createHeartbeats(): Heartbeats {
  return { usual: 0, variance: 0.25, readings: 0, odd: 0 };
}

export type FeedReading = {
  /** Share of the feed that reported, 0..1. */
  readonly covered: number;
  /** Share of what was received that was sent before, 0..1. */
  readonly duplicates: number;
};

const whole: FeedReading = { covered: 1, duplicates: 0 };

/** Takes the beats of one slot; a slot without any row has 0. */
export function readHeartbeats(state: Heartbeats, beats: number): FeedReading {
  state.readings++;
  if (state.readings <= firstReadings) {
    state.usual += (beats - state.usual) / state.readings;
    return whole;
  }
  const off = beats - state.usual;
  const band = Math.max(1.5, 4.5 * Math.sqrt(state.variance), shareMin * state.usual);
  if (Math.abs(off) < band || state.usual <= 0) {
    const gain = 1 / Math.min(memory, state.readings);
    state.odd = 0;
    state.usual += off * gain;
    state.variance += (off * off - state.variance) * gain;
    return whole;
  }
  if (++state.odd > oddMax) {
    Object.assign(state, { usual: beats, odd: 0 });
    return whole;
  }
  return off < 0
    ? { covered: Math.max(0, beats / state.usual), duplicates: 0 }
    : { covered: 1, duplicates: 1 - state.usual / beats };
}
