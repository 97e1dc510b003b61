/**
 * The figures of the page: one port, the nation, one terminal, the whole system, exactly as `wire.ts` documents them.
 * Pure: the same state gives the same figures.
 */
import {
  type FeedState,
  type HandlingMix,
  type NationSummary,
  PORTS,
  type PortSummary,
  type StatusSummary,
} from '@quaywatch/contracts';
import { measureOf, midnightMs, nationLiveSince, portDay, portDayMeasures } from './counts.ts';
import { bandOf, round2, round2OrNull } from './expected.ts';
import { type LiveState, logTimeMs, logTimeOf, watermarkMs } from './live-state.ts';
import { TERMINALS_OF_PORT } from './places.ts';
import { feedOf, rateOf, type TerminalFeed } from './rates.ts';
import { comparatorsOf, officialPct, pathOf, yearToDate } from './year-on-year.ts';

const ALL_PORTS = PORTS.map((port) => port.index);
/** A watermark that lags further is held up: the last closed hour may then be old. */
const provisionalLagMs = 180_000;

/** Shares in per cent of headline TEU; null when nothing moved. */
function mixOf(measures: readonly number[] | null): HandlingMix | null {
  if (measures === null) return null;
  const teu = measureOf(measures, 'teu');
  if (teu <= 0) return null;
  const pct = (hundredths: number) => round2((hundredths / teu) * 100);
  const singleWaybill = measureOf(measures, 'rail_single_waybill_teu');
  const singleContainer = measureOf(measures, 'rail_single_container_teu');
  return {
    load: pct(measureOf(measures, 'load_teu')),
    export: pct(measureOf(measures, 'export_teu')),
    laden: pct(teu - measureOf(measures, 'empty_teu')),
    direct_pick_up: pct(measureOf(measures, 'direct_pick_up_teu')),
    direct_loading: pct(measureOf(measures, 'direct_loading_teu')),
    rail_sea: pct(singleWaybill + singleContainer),
    rail_single_waybill: pct(singleWaybill),
    rail_single_container: pct(singleContainer),
    barge: pct(measureOf(measures, 'barge_teu')),
    departure_confirmed: pct(measureOf(measures, 'departure_confirmed_teu')),
    mixed_trade_call: pct(measureOf(measures, 'mixed_trade_teu')),
  };
}

function portFeed(feeds: readonly TerminalFeed[]): FeedState {
  const known = feeds.filter((feed) => feed.state !== 'none');
  if (known.length === 0) return 'none';
  if (known.every((feed) => feed.state === 'silent')) return 'silent';
  return known.every((feed) => feed.state === 'live') ? 'live' : 'late';
}

type PortRate = {
  readonly rate: number | null;
  readonly expected: number | null;
  readonly variance: number;
  readonly completeness: number;
};

/** Terminals without a feed are left out of the rate and of what is expected, unless none has one. */
function portRate(state: LiveState, portIndex: number): PortRate {
  const rates = (TERMINALS_OF_PORT[portIndex] ?? []).map((terminal) => rateOf(state, terminal.index));
  const withFeed = rates.filter((rate) => rate.teu !== null);
  const counted = withFeed.length > 0 ? withFeed : rates;
  const weightOf = (rate: { expected: number | null }) => Math.max(rate.expected ?? 0, 0.01);
  const weight = rates.reduce((sum, rate) => sum + weightOf(rate), 0);
  return {
    rate: withFeed.length === 0 ? null : withFeed.reduce((sum, rate) => sum + (rate.teu ?? 0), 0),
    expected: counted.some((rate) => rate.expected === null)
      ? null
      : counted.reduce((sum, rate) => sum + (rate.expected ?? 0), 0),
    variance: counted.reduce((sum, rate) => sum + rate.variance, 0),
    completeness: weight === 0 ? 0 : rates.reduce((sum, rate) => sum + rate.completeness * weightOf(rate), 0) / weight,
  };
}

export function portSummary(state: LiveState, portIndex: number): PortSummary {
  const port = PORTS[portIndex];
  if (port === undefined) throw new RangeError(`No port has index ${portIndex}.`);
  const nowMs = logTimeOf(state, port.partition);
  const mark = state.marks[port.partition];
  const feeds = (TERMINALS_OF_PORT[portIndex] ?? []).map((terminal) => feedOf(state, terminal.index));
  const alive = feeds.filter((feed) => feed.state === 'live' || feed.state === 'late');
  const ages = (alive.length > 0 ? alive : feeds).flatMap((feed) => (feed.ageS === null ? [] : [feed.ageS]));
  const rate = portRate(state, portIndex);
  const today = nowMs === 0 ? null : portDay(state, portIndex, midnightMs(nowMs));
  return {
    port: port.code,
    rate: round2OrNull(rate.rate),
    expected: round2OrNull(rate.expected),
    band: rate.expected === null ? null : round2(bandOf(rate.variance)),
    today: round2OrNull(today?.teu ?? null),
    ytd: round2OrNull(yearToDate(state, [portIndex])),
    yoy_pct: officialPct(state, [portIndex]),
    feed: portFeed(feeds),
    feed_age_s: ages.length === 0 ? null : Math.max(...ages),
    feeds: { live: feeds.filter((feed) => feed.state === 'live').length, all: feeds.length },
    completeness: round2(rate.completeness),
    provisional: mark === undefined || mark.log_time_ms - mark.closed_through_ms > provisionalLagMs,
    boxes_today: today?.moves ?? null,
    mix: nowMs === 0 ? null : mixOf(portDayMeasures(state, portIndex, midnightMs(nowMs))),
  };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

const CLUSTERS = ['yangtze', 'pearl', 'bohai', 'south_coast'] as const;

const NO_PATH = {
  period: '',
  target: 0,
  path_now: 0,
  count: 0,
  distance: 0,
  needed_per_day: null,
  last_7_days_per_day: null,
  at_this_pace: null,
  basis: '',
};

/** Measures of all ports' today added up; null when none is known. */
function nationMeasures(state: LiveState): readonly number[] | null {
  let total: number[] | null = null;
  for (const port of PORTS) {
    const nowMs = logTimeOf(state, port.partition);
    const measures = nowMs === 0 ? null : portDayMeasures(state, port.index, midnightMs(nowMs));
    if (measures === null) continue;
    total = total === null ? [...measures] : total.map((value, i) => value + (measures[i] ?? 0));
  }
  return total;
}

/** @param ports the 36 summaries of the same state. */
export function nationSummary(state: LiveState, ports: readonly PortSummary[]): NationSummary {
  const nowMs = logTimeMs(state);
  const reporting = ports.filter((port) => port.rate !== null);
  const variance = reporting.reduce((sum, port) => sum + ((port.band ?? 0) / bandOf(1)) ** 2, 0);
  const sinceMs = nationLiveSince(state);
  return {
    rate: round2OrNull(sumOrNull(reporting.map((port) => port.rate))),
    expected: round2OrNull(sumOrNull(reporting.map((port) => port.expected))),
    band: reporting.length === 0 ? null : round2(bandOf(variance)),
    ports_reporting: reporting.length,
    ports_all: PORTS.length,
    ports_left_out: ports.filter((port) => port.rate === null).map((port) => port.port),
    today: round2OrNull(sumOrNull(ports.map((port) => port.today))),
    ytd: nowMs === 0 ? null : round2OrNull(yearToDate(state, ALL_PORTS)),
    live_since_ms: Number.isFinite(sinceMs) ? sinceMs : nowMs,
    yoy: comparatorsOf(state, ALL_PORTS, nowMs),
    path: (nowMs === 0 ? null : pathOf(state, ALL_PORTS, nowMs)) ?? NO_PATH,
    mix: mixOf(nationMeasures(state)),
    by_cluster: CLUSTERS.map((cluster) => {
      const own = reporting.filter((port) => PORTS.find(({ code }) => code === port.port)?.clusterGroup === cluster);
      return {
        cluster,
        rate: round2OrNull(sumOrNull(own.map((port) => port.rate))),
        expected: round2OrNull(sumOrNull(own.map((port) => port.expected))),
      };
    }),
  };
}

/** Seconds of wall-clock health come from outside: the state has no clock. */
export function statusSummary(state: LiveState, healthy: boolean, note: string): StatusSummary {
  const feeds = PORTS.flatMap((port) =>
    (TERMINALS_OF_PORT[port.index] ?? []).map((terminal) => feedOf(state, terminal.index).state),
  );
  const countOf = (wanted: FeedState) => feeds.filter((feed) => feed === wanted).length;
  const measures = nationMeasures(state) ?? [];
  const byReason: Record<string, number> = {};
  for (const mark of state.marks)
    for (const [reason, count] of Object.entries(mark?.dead_letters_today ?? {}))
      byReason[reason] = (byReason[reason] ?? 0) + count;
  const slowest = state.marks.reduce((low, mark) => Math.min(low, mark?.log_time_ms ?? low), Number.POSITIVE_INFINITY);
  const counted = ['moves', 'domestic_moves', 'transhipment_moves', 'gate_moves', 'restow_moves'] as const;
  return {
    log_time_ms: Number.isFinite(slowest) ? slowest : 0,
    watermark_ms: watermarkMs(state),
    feeds: { live: countOf('live'), late: countOf('late'), silent: countOf('silent'), all: feeds.length },
    today: {
      accepted_moves: counted.reduce((sum, name) => sum + measureOf(measures, name), 0),
      duplicates: measureOf(measures, 'duplicates'),
      late: measureOf(measures, 'late_moves'),
      dead_letters: Object.values(byReason).reduce((sum, count) => sum + count, 0),
    },
    dead_letters_by_reason: byReason,
    lag_records: state.marks.reduce((sum, mark) => sum + (mark?.lag_records ?? 0), 0),
    healthy,
    note,
    retention: 'moves 400 days or 20 GB, minutes 14 days, other windows and alerts for good',
  };
}
