/**
 * Shares of the customs programme's measures out of windows: over time, of the last day, and what was usual before.
 * Rows in, figures out; asks for nothing and draws nothing.
 */
import { MEASURE_INDEX, type Measure } from '@quaywatch/contracts';
import { DAY_MS } from '@quaywatch/words';
import type { MeasureRow } from '../wire/measures.ts';

type Programme = {
  /** Their sum is what the measure has moved. */
  readonly parts: readonly Measure[];
  /** What the measure could have moved at most: boxes of its own direction. */
  readonly own: 'all' | 'loaded' | 'discharged';
  /** The measure that an alert of a shift names. */
  readonly alert: string;
  /** A part of the measure before it. */
  readonly isPart?: true;
};

export const PROGRAMME = {
  direct_pick_up: { parts: ['direct_pick_up_teu'], own: 'discharged', alert: 'direct_pick_up_teu' },
  direct_loading: { parts: ['direct_loading_teu'], own: 'loaded', alert: 'direct_loading_teu' },
  rail_sea: {
    parts: ['rail_single_waybill_teu', 'rail_single_container_teu'],
    own: 'all',
    alert: 'rail_sea_teu',
  },
  rail_single_waybill: { parts: ['rail_single_waybill_teu'], own: 'all', alert: '', isPart: true },
  rail_single_container: { parts: ['rail_single_container_teu'], own: 'all', alert: '', isPart: true },
  mixed_trade_call: { parts: ['mixed_trade_teu'], own: 'all', alert: '' },
  departure_confirmed: { parts: ['departure_confirmed_teu'], own: 'loaded', alert: '' },
} as const satisfies Readonly<Record<string, Programme>>;
export type ProgrammeKey = keyof typeof PROGRAMME;
export const PROGRAMME_KEYS = Object.keys(PROGRAMME) as readonly ProgrammeKey[];

/** One window: TEU of the measure, headline TEU, and TEU of the measure's own direction. */
export type Sample = { readonly startMs: number; readonly part: number; readonly whole: number; readonly own: number };

function ownOf(values: readonly number[], own: Programme['own']): number {
  const all = values[MEASURE_INDEX.teu] ?? 0;
  const loaded = values[MEASURE_INDEX.load_teu] ?? 0;
  return own === 'all' ? all : own === 'loaded' ? loaded : all - loaded;
}

/** Windows in order of time, summed over ports; a window that no feed covered is not there. */
export function samplesOf(rows: Iterable<MeasureRow>, key: ProgrammeKey): Sample[] {
  const { parts, own } = PROGRAMME[key];
  const byStart = new Map<number, { startMs: number; part: number; whole: number; own: number }>();
  for (const { start_ms: startMs, completeness, values } of rows) {
    const whole = values[MEASURE_INDEX.teu] ?? 0;
    if (completeness === 0 && whole === 0) continue;
    const sample = byStart.get(startMs) ?? { startMs, part: 0, whole: 0, own: 0 };
    for (const measure of parts) sample.part += values[MEASURE_INDEX[measure]] ?? 0;
    sample.whole += whole;
    sample.own += ownOf(values, own);
    byStart.set(startMs, sample);
  }
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

const percent = (part: number, of: number): number | null => (of <= 0 ? null : (part / of) * 100);

/** Share of headline TEU, per cent; null where nothing moved. */
export function shareOf(samples: readonly Sample[]): number | null {
  return percent(
    samples.reduce((sum, sample) => sum + sample.part, 0),
    samples.reduce((sum, sample) => sum + sample.whole, 0),
  );
}

/** Share of the boxes of the measure's own direction, per cent. */
function ownShareOf(samples: readonly Sample[]): number | null {
  return percent(
    samples.reduce((sum, sample) => sum + sample.part, 0),
    samples.reduce((sum, sample) => sum + sample.own, 0),
  );
}

export type Level = { readonly share: number; readonly low: number; readonly high: number };

/** Fewer windows than this have no usual level. */
const levelWindowsMin = 6;

/** The middle 90 % of windows and the share over all of them. */
export function levelOf(samples: readonly Sample[]): Level | null {
  const shares = samples.flatMap((sample) => percent(sample.part, sample.whole) ?? []).sort((a, b) => a - b);
  const share = shareOf(samples);
  if (share === null || shares.length < levelWindowsMin) return null;
  const at = (quantile: number) => shares[Math.round(quantile * (shares.length - 1))] ?? share;
  return { share, low: Math.min(share, at(0.05)), high: Math.max(share, at(0.95)) };
}

export type Standing = {
  readonly samples: readonly Sample[];
  /** Of the last day. */
  readonly share: number | null;
  readonly ownShare: number | null;
  readonly teu: number | null;
  /** Of the stretch before the last day. */
  readonly level: Level | null;
  /** share − level, percentage points. */
  readonly change: number | null;
};

/**
 * @param endMs end of the newest window of all: every port is cut at the same time.
 * @param stepMs of the line that is drawn: the band is one of such steps, else the line would never leave it.
 */
export function standingOf(samples: readonly Sample[], endMs: number, stepMs: number): Standing {
  const cutMs = endMs - DAY_MS;
  const recent = samples.filter((sample) => sample.startMs >= cutMs);
  const before = samples.filter((sample) => sample.startMs < cutMs);
  const level = levelOf(joined(before, stepMs));
  const share = shareOf(recent);
  return {
    samples: joined(samples, stepMs),
    share,
    ownShare: ownShareOf(recent),
    teu: recent.length === 0 ? null : recent.reduce((sum, sample) => sum + sample.part, 0),
    level,
    change: share === null || level === null ? null : share - level.share,
  };
}

/** Windows as steps of a line; a missing window ends it. Windows wider than the step are joined, so that a line of hours reads over weeks. */
export function joined(samples: readonly Sample[], stepMs: number): Sample[] {
  const groups = Map.groupBy(samples, (sample) => Math.floor((sample.startMs + 8 * 3_600_000) / stepMs));
  return [...groups.values()].map((group) => ({
    startMs: Math.floor(((group[0]?.startMs ?? 0) + 8 * 3_600_000) / stepMs) * stepMs - 8 * 3_600_000,
    part: group.reduce((sum, sample) => sum + sample.part, 0),
    whole: group.reduce((sum, sample) => sum + sample.whole, 0),
    own: group.reduce((sum, sample) => sum + sample.own, 0),
  }));
}
