/**
 * Alerts out of ClickHouse: the queries of `history.ts` that speak of transitions. Rows are JSON bodies, decoded as the log's are.
 */
import { type AlertState, type AlertTransition, DATABASE } from '@quaywatch/contracts';
import { decodeTransition } from './decode-records.ts';

type Cell = string | number;
type Ask = (query: string, params: Readonly<Record<string, unknown>>) => Promise<readonly (readonly Cell[])[]>;

const FAR_MS = 4_102_444_800_000;

/** Where an alert stands in the order of pages: newest beginning first, then the greater id. */
export type AlertKey = { readonly firstAtMs: number; readonly alertId: string };

export type StoredAlertQuery = {
  readonly run: string;
  readonly state: 'open' | 'all' | AlertState['status'];
  readonly kind?: string;
  readonly severity?: string;
  readonly level?: string;
  readonly port?: string;
  readonly before: AlertKey | undefined;
  readonly limit: number;
};

/** An alert as it was last heard of, and when it was: what a back-test compares. */
export type FiredAlert = { readonly alert: AlertState; readonly endMs: number };

/** A stored alert: nobody did anything about it that storage knows. */
export function asState(transition: AlertTransition, firstAtMs: number): AlertState {
  return {
    ...transition,
    first_at_ms: firstAtMs,
    acknowledged: null,
    notes: [],
    silenced_until_ms: null,
    silenced_by: '',
  };
}

const transitionsOfCells = (rows: readonly (readonly Cell[])[]): AlertTransition[] =>
  rows.flatMap(([body]) => decodeTransition(String(body)) ?? []);

/** Rows are repeated until they are merged; the newest transition of an alert is the same in all of them. */
const alertsQuery = `SELECT argMax(body, transition) AS newest, toUnixTimestamp64Milli(argMin(at, transition)) AS first_at, alert_id,
    argMax(status, transition) AS last_status, argMax(severity, transition) AS last_severity
  FROM ${DATABASE}.alert_transitions
  WHERE run = {run:String} AND ({kind:String} = '' OR kind = {kind:String}) AND ({port:String} = '' OR port = {port:String})
  GROUP BY alert_id
  HAVING ({state:String} = 'all' OR last_status = {state:String} OR ({state:String} = 'open' AND last_status != 'resolved'))
    AND ({severity:String} = '' OR last_severity = {severity:String})
    AND ({level:String} = '' OR JSONExtractString(newest, 'level') = {level:String})
    AND (first_at < {before:Int64} OR (first_at = {before:Int64} AND alert_id < {before_id:String}))
  ORDER BY first_at DESC, alert_id DESC LIMIT {limit:UInt32}`;

const firedQuery = `SELECT argMax(body, transition), toUnixTimestamp64Milli(argMin(at, transition)) AS first_at, alert_id
  FROM ${DATABASE}.alert_transitions WHERE run = {run:String}
  GROUP BY alert_id HAVING countIf(status = 'firing') > 0 ORDER BY first_at, alert_id LIMIT {limit:UInt32}`;

/** @param ask throws HistoryError, and so does each of these. */
export function storedAlerts(ask: Ask) {
  return {
    /** Transitions of a run known in [fromMs, toMs), in order. */
    transitions: async (run: string, fromMs: number, toMs: number, rowsMax: number): Promise<AlertTransition[]> => {
      const rows = await ask(
        `SELECT body FROM ${DATABASE}.alert_transitions FINAL
        WHERE run = {run:String} AND known_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND known_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
        ORDER BY known_at, alert_id, transition LIMIT {limit:UInt32}`,
        { run, from: Math.floor(fromMs), to: Math.floor(toMs), limit: rowsMax },
      );
      return transitionsOfCells(rows);
    },
    /** All transitions of one alert, in order. */
    transitionsOf: async (run: string, alertId: string): Promise<AlertTransition[]> => {
      const rows = await ask(
        `SELECT body FROM ${DATABASE}.alert_transitions FINAL WHERE run = {run:String} AND alert_id = {id:String}
        ORDER BY transition LIMIT 10000`,
        { run, id: alertId },
      );
      return transitionsOfCells(rows);
    },
    /** Alerts of a run as they were last heard of, newest beginning first. */
    alerts: async (query: StoredAlertQuery): Promise<AlertState[]> => {
      const { run, state, kind = '', severity = '', level = '', port = '', before, limit } = query;
      const key = { before: before?.firstAtMs ?? FAR_MS, before_id: before?.alertId ?? '' };
      const rows = await ask(alertsQuery, { run, state, kind, severity, level, port, limit, ...key });
      return rows.flatMap(([body, firstAt]) => {
        const transition = decodeTransition(String(body));
        return transition === undefined ? [] : [asState(transition, Number(firstAt))];
      });
    },
    /** Alerts of a run that fired, oldest first. */
    firedAlerts: async (run: string, rowsMax: number): Promise<FiredAlert[]> => {
      const rows = await ask(firedQuery, { run, limit: rowsMax });
      return rows.flatMap(([body, firstAt]) => {
        const transition = decodeTransition(String(body));
        if (transition === undefined) return [];
        const endMs = transition.status === 'resolved' ? transition.at_ms : Number.POSITIVE_INFINITY;
        return [{ alert: asState(transition, Number(firstAt)), endMs }];
      });
    },
  };
}
