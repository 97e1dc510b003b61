/** How a port's boxes are handled: a share (direct pick-up, direct loading, rail-sea) that leaves its own level. Looked at by the hour. */
import type { AlertTransition } from '@quaywatch/contracts';
import {
  endBy,
  type Incident,
  type Look,
  type Moment,
  newIncident,
  type Place,
  raiseSeverity,
  tell,
} from './incident.ts';
import type { PlaceRules } from './place-rules.ts';
import { adoptMix, createMix, decideMix, type MixShift, type MixState } from './series/mix.ts';

/** What shares are looked at, in the order of a window's `mix`. */
export const MIX_MEASURES = ['direct_pick_up_teu', 'direct_loading_teu', 'rail_sea_teu'] as const;

const hourMs = 3_600_000;
/** A shift that lasts longer has become the level: two weeks. */
const usualAfterMs = 14 * 86_400_000;

export type MixWatch = {
  shares: MixState;
  /** TEU of the hour that is filling. */
  part: number;
  whole: number;
  incident: (Incident & { heldSinceMs: number }) | null;
};

export function createMixWatch(): MixWatch[] {
  return MIX_MEASURES.map(() => ({ shares: createMix(), part: 0, whole: 0, incident: null }));
}

/** Takes a port's 5-minute window: TEU by measure and of all. Transitions are appended to `out`. */
export function followMix(
  watches: readonly MixWatch[],
  parts: readonly number[],
  whole: number,
  place: Place,
  rules: PlaceRules,
  moment: Moment,
  out: AlertTransition[],
): void {
  for (const [i, watch] of watches.entries()) {
    watch.part += parts[i] ?? 0;
    watch.whole += whole;
    if (moment.endMs % hourMs !== 0) continue;
    const shifts = decideMix(watch.shares, watch.part, watch.whole, watch.incident !== null);
    watch.part = watch.whole = 0;
    watch.incident = stepMix(watch.incident, watch.shares, MIX_MEASURES[i] ?? '', shifts, place, rules, moment, out);
  }
}

/** The loudest shift over a window that the rule looks at. */
function loudest(shifts: readonly MixShift[], rules: PlaceRules): MixShift | undefined {
  const { windows_min: windows } = rules.kinds.mix_shift;
  return shifts.find((shift) => windows.includes(shift.windowHours * 60));
}

/** How far the share is off, as a share of what is usual. */
function sizeOf(shift: MixShift): number {
  return shift.share / shift.expected - 1;
}

function stepMix(
  incident: MixWatch['incident'],
  shares: MixState,
  measure: string,
  shifts: readonly MixShift[],
  place: Place,
  rules: PlaceRules,
  moment: Moment,
  out: AlertTransition[],
): MixWatch['incident'] {
  const rule = rules.kinds.mix_shift;
  const shift = loudest(shifts, rules);
  if (!rule.enabled) {
    if (incident !== null) endBy('rule_switched_off', incident, place, moment, rule, false, out);
    return null;
  }
  if (shift === undefined) return incident;
  const isOff = Math.abs(shift.z) >= rule.threshold && Math.abs(sizeOf(shift)) >= rule.min_share;
  const isNear = Math.abs(shift.z) < rule.threshold / 2;
  const say = (one: NonNullable<MixWatch['incident']>, reason: string): MixWatch['incident'] => {
    raiseSeverity(one, sizeOf(shift), rule);
    tell(one, place, moment, lookOf(shift, reason), rule, false, out);
    one.heldSinceMs = moment.endMs;
    return one.status === 'resolved' ? null : one;
  };
  if (incident === null) {
    if (!isOff) return null;
    const sinceMs = moment.endMs - shift.windowHours * hourMs;
    const made = newIncident(place, `mix-${measure}`, 'mix_shift', sinceMs, moment.endMs);
    return say(Object.assign(made, { measure, heldSinceMs: moment.endMs }), 'threshold_crossed');
  }
  const heldMs = moment.endMs - incident.heldSinceMs;
  switch (incident.status) {
    case 'pending':
      if (!isOff) return say(Object.assign(incident, { status: 'resolved' as const }), 'did_not_hold');
      if (heldMs < rule.hold_min * 60_000) return incident;
      return say(Object.assign(incident, { status: 'firing' as const }), 'threshold_held');
    case 'firing':
      if (moment.endMs - incident.sinceMs >= usualAfterMs) {
        adoptMix(shares);
        return say(Object.assign(incident, { status: 'resolved' as const }), 'became_usual');
      }
      return isNear ? say(Object.assign(incident, { status: 'recovering' as const }), 'back_in_band') : incident;
    case 'recovering':
      if (isOff) return say(Object.assign(incident, { status: 'firing' as const }), 'back_out_of_band');
      if (heldMs < rule.clear_hold_min * 60_000) return incident;
      return say(Object.assign(incident, { status: 'resolved' as const }), 'hold_elapsed');
    case 'resolved':
      return null;
  }
}

/** In per cent of the port's TEU. */
function lookOf(shift: MixShift, reason: string): Look {
  return {
    reason,
    windowMs: shift.windowHours * hourMs,
    value: 100 * shift.share,
    expected: 100 * shift.expected,
    sigma: 100 * shift.sigma,
    share: sizeOf(shift),
    z: shift.z,
  };
}
