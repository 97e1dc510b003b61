/** Made-up figures for the page's benchmark: every port, a hundred terminals, an open incident, the day behind them. They move, and are the same in every run. */
import {
  type AlertState,
  type NationSummary,
  PORTS,
  type PortSummary,
  type StatusSummary,
  TERMINALS,
  type TerminalSummary,
  type WindowPoint,
} from '@quaywatch/contracts';

export const WINDOW_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const wave = (index: number, timeMs: number) =>
  1 + 0.2 * Math.sin(timeMs / 37_000 + index) + 0.1 * Math.sin(timeMs / 5_100 + 3 * index);

export function portAt(index: number, code: string, timeMs: number): PortSummary {
  const expected = 40 + 90 * (index % 37);
  return {
    port: code,
    rate: Math.round(expected * wave(index, timeMs)),
    expected,
    band: expected * 0.2,
    today: Math.round((timeMs % 86_400_000) / 1000 + index),
    ytd: 1_000_000 + Math.round(timeMs / 1e7),
    yoy_pct: 5 + wave(index, timeMs),
    feed: 'live',
    feed_age_s: (timeMs / 250) % 5,
    feeds: { live: 3, all: 3 },
    completeness: 1,
    provisional: false,
    boxes_today: Math.round((timeMs % 86_400_000) / 2000),
    mix: {
      load: 50,
      export: 50,
      laden: 75,
      direct_pick_up: 2 + wave(index, timeMs),
      direct_loading: 5,
      rail_sea: 3,
      rail_single_waybill: 2,
      rail_single_container: 1,
      barge: 8,
      departure_confirmed: 11,
      mixed_trade_call: 35,
    },
  };
}

function terminalAt(index: number, code: string, timeMs: number): TerminalSummary {
  const rate = Math.round(200 * wave(index, timeMs));
  return {
    terminal: code,
    rate,
    expected: 200,
    today: Math.round((timeMs % 86_400_000) / 9000),
    boxes_today: Math.round((timeMs % 86_400_000) / 15_000),
    state: 'working',
    state_since_ms: null,
    feed: 'live',
    feed_age_s: (timeMs / 250) % 9,
  };
}

export function windowAt(
  port: string,
  index: number,
  sizeS: WindowPoint['size_s'],
  startMs: number,
  isOpen: boolean,
): WindowPoint {
  const expected = ((40 + 90 * (index % 37)) / 3600) * sizeS;
  return {
    port,
    terminal: '',
    size_s: sizeS,
    start_ms: startMs,
    teu: Math.round(expected * wave(index, startMs)),
    moves: 10,
    expected,
    band: expected * 0.3,
    last_year: expected * 0.95,
    revision: 0,
    completeness: 1,
    ...(isOpen ? { open: true } : {}),
  };
}

export function nationAt(ports: readonly PortSummary[]): NationSummary {
  const sum = (of: (port: PortSummary) => number | null) => ports.reduce((total, port) => total + (of(port) ?? 0), 0);
  return {
    rate: sum((port) => port.rate),
    expected: sum((port) => port.expected),
    band: 900,
    ports_reporting: ports.length,
    ports_all: ports.length,
    ports_left_out: [],
    today: sum((port) => port.today),
    ytd: sum((port) => port.ytd),
    live_since_ms: 0,
    yoy: {
      official_pct: 11.4,
      daily_average_pct: 11.9,
      weekday_aligned_pct: 11.2,
      new_year_aligned_pct: null,
      per_day: 372_431,
      base_per_day: 334_000,
      base_basis: 'modelled',
    },
    path: {
      period: '2026H2',
      target: 70_000_000,
      path_now: 50_000_000,
      count: 50_100_000,
      distance: 100_000,
      needed_per_day: 380_000,
      last_7_days_per_day: 381_000,
      at_this_pace: 70_100_000,
      basis: 'modelled',
    },
    mix: ports[0]?.mix ?? null,
    by_cluster: [],
  };
}

/** A hundred: those of the country, and some of them again under other codes. */
const TERMINAL_CODES = Array.from({ length: 100 }, (_, index) => {
  const code = TERMINALS[index % TERMINALS.length]?.code ?? '';
  return index < TERMINALS.length ? code : `${code}-2`;
});

export const terminalsAt = (timeMs: number): TerminalSummary[] =>
  TERMINAL_CODES.map((code, place) => terminalAt(place, code, timeMs));

export function statusAt(timeMs: number): StatusSummary {
  const today = Math.round((timeMs % DAY_MS) / 10);
  return {
    log_time_ms: timeMs,
    watermark_ms: timeMs - 1000,
    feeds: { live: 100, late: 0, silent: 0, all: 100 },
    today: {
      accepted_moves: today,
      duplicates: Math.round(today / 200),
      late: Math.round(today / 300),
      dead_letters: 3,
    },
    dead_letters_by_reason: { unknown_port: 3 },
    lag_records: 0,
    healthy: true,
    note: '',
    retention: '400 days',
  };
}

export function alertAt(sinceMs: number): AlertState {
  return {
    run: 'live',
    alert_id: 'bench-1',
    transition: 1,
    kind: 'stall',
    level: 'port',
    severity: 'critical',
    status: 'firing',
    phase: 'closed',
    cluster: 'yangtze',
    port: 'CNNGB',
    terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN'],
    measure: '',
    at_ms: sinceMs + HOUR_MS,
    since_ms: sinceMs,
    known_at_ms: sinceMs + HOUR_MS / 2,
    value: 120,
    expected: 900,
    band: 90,
    deviation_pct: -86.7,
    z: -14,
    size_teu: -1300,
    regained_teu: null,
    window_s: 300,
    watermark_ms: sinceMs + HOUR_MS,
    completeness: 1,
    rule: 'stall',
    rules_version: 1,
    contributors: [{ port: 'CNNGB', terminal: 'CNNBO:BLGAN', teu: -800, share_pct: 61 }],
    evidence: [],
    resolves: { within_pct: 20, hold_min: 15 },
    reason: 'threshold_held',
    simulated: true,
    first_at_ms: sinceMs,
    acknowledged: null,
    notes: [],
    silenced_until_ms: null,
    silenced_by: '',
  };
}

/** The stored hours that a query asks for. */
function hoursOf(query: URLSearchParams): WindowPoint[] {
  const code = query.get('port') ?? '';
  const sizeS = Number(query.get('size')) as WindowPoint['size_s'];
  const stepMs = sizeS * 1000;
  const from = Math.ceil(Number(query.get('from')) / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((Number(query.get('to')) - from) / stepMs));
  const index = PORTS.findIndex((port) => port.code === code);
  return Array.from({ length: count }, (_, at) => windowAt(code, index, sizeS, from + at * stepMs, false));
}

/** What the page asks over HTTP, by the last part of the path; undefined: not made up here. */
export function answerAt(url: URL, timeMs: number): object | undefined {
  const days = Array.from({ length: 120 }, (_, index) => ({
    day_ms: Math.floor(timeMs / DAY_MS) * DAY_MS - (119 - index) * DAY_MS,
    distance: 90_000 * Math.sin(index / 19),
  }));
  const answers: Readonly<Record<string, () => object>> = {
    throughput: () => ({ run: 'live', windows: hoursOf(url.searchParams) }),
    yoy: () => ({ comparators: nationAt([]).yoy, path: nationAt([]).path, path_series: days, finished: null }),
    alerts: () => ({ alerts: [], next_cursor: null }),
    runs: () => ({ runs: [] }),
    ledger: () => ({ ledger: [] }),
    scenario: () => ({ scenario: [] }),
    history: () => ({ transitions: [], actions: [], notifications: [] }),
    notifications: () => ({ notifications: [] }),
    measures: () => ({ rows: [] }),
  };
  const answer = answers[url.pathname.split('/').at(-1) ?? '']?.();
  return answer === undefined ? undefined : { as_of: timeMs, ...answer };
}
