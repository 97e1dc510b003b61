/**
 * The wire between gateway and browser: WebSocket frames and the shapes that HTTP answers share with them.
 * Says nothing about how frames are made, cut or stored.
 *
 * All times are UTC milliseconds, all TEU are JSON numbers in TEU (two decimals at most), rates are TEU per hour.
 */
import type { Action, AlertState, AlertTransition } from './alerts.ts';
import type { NotificationRecord } from './notifications.ts';
import type { RuleSet } from './rules.ts';

/** 1: first version (2026-11). A change of a frame's meaning bumps this and adds a line here. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_VERSION_MIN = 1;
export const SUBPROTOCOL = 'quaywatch.v1.json';

/** Limits of the socket, announced in `welcome`. */
export const WIRE_LIMITS = {
  inboundBytesMax: 16_384,
  inboundMessagesPerSecondMax: 20,
  subscriptionsMax: 32,
  helloWithinMs: 5_000,
  frameIntervalMs: 250,
  heartbeatMs: 20_000,
} as const;

/** WebSocket close codes of ours. */
export const CLOSE_CODES = {
  bad_request: 4400,
  unauthorised: 4401,
  hello_timeout: 4408,
  too_many_messages: 4429,
  slow_consumer: 4008,
  going_away: 1012,
} as const;

/** An opaque position: compare for equality only. */
export type Cursor = string;

/**
 * Channels. `overview` and `port:<code>` and `status` are state channels (newest per key wins); `alerts` is an event channel (never drops).
 * The same channels of a played run are prefixed `play/<session>/`, e.g. `play/7f3a/overview`.
 */
export type Channel = string;

export type ClientMessage =
  | { t: 'hello'; v: number; token?: string; resume?: { epoch: string; cursors: Record<Channel, Cursor> } }
  | { t: 'sub'; id: number; channel: Channel }
  | { t: 'unsub'; id: number }
  | { t: 'ack'; channel: Channel; seq: Cursor }
  | { t: 'ping'; at: number }
  /** Open, control or close a player. `speed` is event-time seconds per second. */
  | { t: 'play'; id: number; command: PlayCommand };

export type PlayCommand =
  | {
      do: 'open';
      run: string;
      fromMs: number;
      toMs: number;
      atMs?: number;
      speed: number;
      paused?: boolean;
      asKnown?: boolean;
    }
  | { do: 'set'; session: string; atMs?: number; speed?: number; paused?: boolean; asKnown?: boolean }
  | { do: 'close'; session: string };

export type ServerMessage =
  | {
      t: 'welcome';
      v: number;
      epoch: string;
      server_time_ms: number;
      heartbeat_ms: number;
      limits: typeof WIRE_LIMITS;
      simulated: boolean;
      version: string;
      /** Whether this client's cursors were good: its subscriptions go on with one merged frame, otherwise with snapshots. */
      resumed: boolean;
    }
  | ({ t: 'snapshot'; id: number } & FrameHead & FrameBody)
  | ({ t: 'frame'; prev: Cursor } & FrameHead & FrameBody)
  | { t: 'played'; id: number; session: string; state: PlayState }
  | { t: 'error'; id?: number; code: string; message: string }
  | { t: 'bye'; code: number; retry_after_ms: number }
  | { t: 'pong'; at: number };

export type FrameHead = {
  channel: Channel;
  epoch: string;
  seq: Cursor;
  /** Log time of the newest record that is in this frame. */
  as_of_ms: number;
  /** Slowest partition's watermark: windows that end at or before it are closed. */
  watermark_ms: number;
};

/** What a frame carries, by channel: absent means none of that kind. */
export type FrameBody = {
  /** overview: one a port, keyed by `port`; port:<code>: that one. */
  ports?: PortSummary[];
  /** overview: the nation, one object, replaced whole. */
  nation?: NationSummary;
  /** overview (port level, 5-minute windows; of a played run those of hours too) and port:<code> (terminal and port level, all sizes), keyed by port, terminal, size_s, start_ms. */
  windows?: WindowPoint[];
  /** port:<code>: keyed by `terminal`. */
  terminals?: TerminalSummary[];
  /** port:<code>: vessel calls at berth, keyed by id. Of live alone: a stored run keeps windows and alerts, not the moves that calls are made of. */
  calls?: CallSummary[];
  /** alerts: transitions in order, never conflated. */
  transitions?: AlertTransition[];
  /** alerts: in a snapshot, every open incident and the newest closed ones; in a frame, those that somebody acted on. */
  alerts?: AlertState[];
  /** alerts: what people did, in order; in a snapshot the silences in force. */
  actions?: Action[];
  /** alerts: the rule set in force and those that are to come, oldest first; whole when it is there. */
  rules?: RuleSet[];
  /** alerts: decisions and delivery attempts, in order; in a snapshot the newest. */
  notifications?: NotificationRecord[];
  /** status: replaced whole. */
  status?: StatusSummary;
  /** play/<session>/...: where the player is. */
  play?: PlayState;
};

export type FeedState = 'live' | 'late' | 'silent' | 'none';

/** One row of the port table. `null` is "no data", never zero. */
export type PortSummary = {
  port: string;
  /** TEU per hour over the last 60 closed minutes; null when no feed covered them. */
  rate: number | null;
  /** What the same 60 minutes are expected to be; null beyond the baseline. */
  expected: number | null;
  /** Half-width of the expected 90 % band of `rate`, TEU per hour. */
  band: number | null;
  /** TEU since 00:00 UTC+8, open windows included. */
  today: number | null;
  /** TEU since 1 January UTC+8. */
  ytd: number | null;
  /** Per cent against the base year, calendar days, to the same hour. */
  yoy_pct: number | null;
  feed: FeedState;
  /** Seconds since the newest report of the port's slowest live feed, by log time. */
  feed_age_s: number | null;
  feeds: { live: number; all: number };
  /** Share of the last 60 minutes that had a feed, 0..1. */
  completeness: number;
  /** True while any of the last 60 minutes may still change (watermark not past it). */
  provisional: boolean;
  boxes_today: number | null;
  /** Share of today's TEU in per cent, null when nothing moved. */
  mix: HandlingMix | null;
};

/** Shares of headline TEU, per cent (0..100). */
export type HandlingMix = {
  load: number;
  export: number;
  laden: number;
  direct_pick_up: number;
  direct_loading: number;
  rail_sea: number;
  rail_single_waybill: number;
  rail_single_container: number;
  barge: number;
  departure_confirmed: number;
  /** Share of moves at calls that carry domestic and foreign boxes on one vessel. */
  mixed_trade_call: number;
};

export type NationSummary = {
  rate: number | null;
  expected: number | null;
  band: number | null;
  ports_reporting: number;
  ports_all: number;
  /** Codes of ports left out of `rate` and `expected` because their feeds are silent. */
  ports_left_out: string[];
  today: number | null;
  ytd: number | null;
  /** First 5-minute window of `today` and so on that came through the log; what is older is hourly from the baseline. */
  live_since_ms: number;
  yoy: Comparators;
  path: PathState;
  mix: HandlingMix | null;
  by_cluster: { cluster: string; rate: number | null; expected: number | null }[];
};

/** Four labelled comparators, per cent, and their bases in TEU; null where there is none. */
export type Comparators = {
  official_pct: number | null;
  daily_average_pct: number | null;
  weekday_aligned_pct: number | null;
  /** Inside −21…+28 days of the new year only. */
  new_year_aligned_pct: number | null;
  /** TEU per day, this year and base year, for the daily average. */
  per_day: number | null;
  base_per_day: number | null;
  /** 'official' (published half-year), 'modelled' or 'extrapolated': what the base and the current level rest on. */
  base_basis: string;
};

/** Pace against the reference path: the base period's count grown by the reference +11.3 %. */
export type PathState = {
  /** '2025H1', '2026H2', … */
  period: string;
  target: number;
  /** Where the path stands now. */
  path_now: number;
  /** Count of the period so far. */
  count: number;
  /** count − path_now. */
  distance: number;
  needed_per_day: number | null;
  last_7_days_per_day: number | null;
  at_this_pace: number | null;
  basis: string;
};

/** One window of one terminal, or of a whole port (`terminal` = ''), for charts. */
export type WindowPoint = {
  port: string;
  terminal: string;
  size_s: 60 | 300 | 3600 | 86400;
  start_ms: number;
  /** null: no feed covered it and nothing came ("no data"). */
  teu: number | null;
  moves: number;
  expected: number | null;
  /** Half-width of the expected 90 % band in TEU a window. */
  band: number | null;
  /** The same window a year (−364 days) ago, TEU, from the baseline. */
  last_year: number | null;
  revision: number;
  /** TEU at revision 0, when it was revised since. */
  was?: number;
  completeness: number;
  backfilled?: boolean;
  /** The window is still open. */
  open?: boolean;
};

export type TerminalSummary = {
  terminal: string;
  rate: number | null;
  expected: number | null;
  today: number | null;
  boxes_today: number | null;
  state: 'working' | 'idle' | 'stopped' | 'silent';
  state_since_ms: number | null;
  feed: FeedState;
  feed_age_s: number | null;
};

export type CallSummary = {
  /** The terminal's own: another terminal may give the same one. */
  id: string;
  terminal: string;
  vessel: string;
  berth: string;
  first_move_ms: number;
  last_move_ms: number;
  moves: number;
  mixed_trade: boolean;
};

export type StatusSummary = {
  /** Log time, watermark and closed-through of the slowest partition. */
  log_time_ms: number;
  watermark_ms: number;
  feeds: { live: number; late: number; silent: number; all: number };
  /** Since 00:00 UTC+8. */
  today: { accepted_moves: number; duplicates: number; late: number; dead_letters: number };
  dead_letters_by_reason: Record<string, number>;
  /** Processor's distance to the end of the log, records. */
  lag_records: number;
  /** False while the processor or an engine does not answer. */
  healthy: boolean;
  note: string;
  retention: string;
};

export type PlayState = {
  session: string;
  run: string;
  from_ms: number;
  to_ms: number;
  at_ms: number;
  speed: number;
  paused: boolean;
  as_known: boolean;
  ended: boolean;
};

export type RunSummary = {
  run: string;
  kind: 'live' | 'replay';
  /** Queued: it waits until the runs asked for before it have ended. */
  state: 'queued' | 'recording' | 'running' | 'done' | 'failed' | 'cancelled';
  from_ms: number;
  to_ms: number;
  source: string;
  created_at_ms: number;
  progress: number;
  teu: number | null;
  yoy_pct: number | null;
  alerts: number | null;
  digest: string;
  pinned: boolean;
  error: string;
};

const UNDER_WAY = ['queued', 'recording', 'running'] as const;

/** Whether the end of a run is still to come: it can be cancelled, and how it stands changes. */
export function isUnderWay<R extends { state: string }>(run: R): run is R & { state: (typeof UNDER_WAY)[number] } {
  return UNDER_WAY.some((state) => state === run.state);
}
