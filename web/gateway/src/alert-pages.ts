/**
 * Alerts of a run in pages, newest beginning first, out of memory and storage: nothing is cut in silence, because a page says where the
 * next one begins. Order and cursor are (first_at_ms, alert_id), which never change in an alert's life.
 */
import type { AlertKind, AlertLevel, AlertState, AlertTransition, Severity } from '@quaywatch/contracts';
import type { History } from './history.ts';
import { notFound } from './http/errors.ts';
import type { AlertLog } from './state/alert-log.ts';
import { type AlertKey, asState } from './stored-alerts.ts';

export type AlertQuery = {
  readonly run: string;
  readonly state: 'open' | 'all' | AlertState['status'];
  readonly kind?: AlertKind;
  readonly severity?: Severity;
  readonly level?: AlertLevel;
  readonly port?: string;
  readonly limit: number;
};

export type AlertPage = { readonly alerts: AlertState[]; readonly next: AlertKey | undefined };

export function encodeKey(key: AlertKey): string {
  return Buffer.from(JSON.stringify([key.firstAtMs, key.alertId])).toString('base64url');
}

/** Undefined: not a cursor of ours. */
export function decodeKey(text: string): AlertKey | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [firstAtMs, alertId]: unknown[] = value;
    return typeof firstAtMs === 'number' && Number.isSafeInteger(firstAtMs) && typeof alertId === 'string'
      ? { firstAtMs, alertId }
      : undefined;
  } catch {
    return undefined;
  }
}

const keyOf = (alert: AlertState): AlertKey => ({ firstAtMs: alert.first_at_ms, alertId: alert.alert_id });

/** Newest beginning first; of the same time the greater id. By code units, as ClickHouse compares bytes: ids are ASCII. */
function compare(a: AlertKey, b: AlertKey): number {
  if (a.firstAtMs !== b.firstAtMs) return b.firstAtMs - a.firstAtMs;
  return a.alertId === b.alertId ? 0 : a.alertId < b.alertId ? 1 : -1;
}

function isWanted(alert: AlertState, query: AlertQuery): boolean {
  const isState =
    query.state === 'all' || (query.state === 'open' ? alert.status !== 'resolved' : alert.status === query.state);
  return (
    isState &&
    (query.kind === undefined || alert.kind === query.kind) &&
    (query.severity === undefined || alert.severity === query.severity) &&
    (query.level === undefined || alert.level === query.level) &&
    (query.port === undefined || alert.port === query.port)
  );
}

/** @param before the last key of the page before. @throws HistoryError when storage is needed and does not answer. */
export async function readAlerts(
  log: AlertLog,
  history: Pick<History, 'alerts'>,
  query: AlertQuery,
  before: AlertKey | undefined,
): Promise<AlertPage> {
  const isLive = query.run === log.run;
  const remembered = isLive ? [...log.alerts.values()].map(({ state }) => state) : [];
  // Open alerts of live are all in memory; closed ones are until some were forgotten.
  const isInMemory = isLive && (log.forgotten === 0 || !['all', 'resolved'].includes(query.state));
  const stored = isInMemory ? [] : await history.alerts({ ...query, before, limit: query.limit + 1 });
  const byId = new Map(stored.map((alert) => [alert.alert_id, alert]));
  for (const alert of remembered) byId.set(alert.alert_id, alert);
  const found = [...byId.values()]
    .filter((alert) => isWanted(alert, query) && (before === undefined || compare(keyOf(alert), before) > 0))
    .sort((a, b) => compare(keyOf(a), keyOf(b)));
  const alerts = found.slice(0, query.limit);
  const last = alerts.at(-1);
  return { alerts, next: found.length > alerts.length && last !== undefined ? keyOf(last) : undefined };
}

/** One alert of a run and all its transitions. @throws ApiError 404, HistoryError */
export async function readAlert(
  log: AlertLog,
  history: Pick<History, 'transitionsOf'>,
  run: string,
  alertId: string,
): Promise<{ alert: AlertState; transitions: AlertTransition[] }> {
  const known = run === log.run ? log.alerts.get(alertId)?.state : undefined;
  const own =
    known === undefined
      ? []
      : log.entries.flatMap((one) => (one.transition.alert_id === alertId ? [one.transition] : []));
  const isWhole = own.length > 0 && own.every((transition, i) => transition.transition === i);
  const transitions = isWhole ? own : merge(await history.transitionsOf(run, alertId), own);
  const last = transitions.at(-1);
  if (last === undefined) throw notFound(`There is no alert ${alertId} in run ${run}.`);
  return { alert: known ?? asState(last, transitions[0]?.at_ms ?? last.at_ms), transitions };
}

function merge(stored: readonly AlertTransition[], own: readonly AlertTransition[]): AlertTransition[] {
  const byNumber = new Map([...stored, ...own].map((one) => [one.transition, one]));
  return [...byNumber.values()].sort((a, b) => a.transition - b.transition);
}
