/**
 * The gateway's HTTP answers that the page uses. Answers are values: a failure carries its status and a sentence, and is never thrown.
 * Retries nothing; who asks decides.
 */
import { signal } from '@preact/signals';
import type {
  AlertKind,
  AlertState,
  AlertTransition,
  Comparators,
  PathState,
  RunSummary,
  ScenarioEvent,
  WindowPoint,
} from '@quaywatch/contracts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly message: string };

export type YearOnYear = {
  as_of: number;
  comparators: Comparators;
  path: PathState | null;
  path_series: { day_ms: number; distance: number; count: number; path: number }[];
  spring_festival?: { from_ms: number; to_ms: number } | null;
  finished?: { period: string; count: number; reference: number; yoy_pct: number } | null;
};
export type DeadLetter = {
  at_ms: number;
  topic: string;
  partition: number;
  offset: number | string;
  entry: number;
  reason: string;
  port: string;
  terminal: string;
  detail: string;
};
export type AlertLife = AlertState & { transitions?: AlertTransition[] };

const TOKEN_KEY = 'quaywatch.token';
export const isTokenWanted = signal(false);

export function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

/** The sentence of `{"error":{"code","message"}}`; empty when the answer is something else. */
function messageOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('error' in value)) return '';
  const { error } = value;
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}

async function request<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const token = readToken();
  try {
    const response = await fetch(`/api/v1/${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 401) isTokenWanted.value = true;
    const text = await response.text();
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (response.ok) return { ok: true, value: value as T };
    const said = messageOf(value);
    return { ok: false, status: response.status, message: said };
  } catch (error) {
    return { ok: false, status: 0, message: error instanceof Error ? error.message : '' };
  }
}

const query = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
};

export type ThroughputQuery = {
  port?: string;
  size: WindowPoint['size_s'];
  from: number;
  to: number;
  run?: string;
  known_at?: number;
};

export const api = {
  throughput: (asked: ThroughputQuery) =>
    request<{ as_of: number; run: string; windows: WindowPoint[] }>('GET', `throughput${query(asked)}`),
  yearOnYear: (port?: string) => request<YearOnYear>('GET', `yoy${query({ port })}`),
  alerts: (run: string, state: 'open' | 'all') =>
    request<{ as_of: number; alerts: AlertLife[] }>('GET', `alerts${query({ run, state })}`),
  acknowledge: (alertId: string, by: string, note: string) =>
    request<unknown>('POST', `alerts/${encodeURIComponent(alertId)}/acknowledge`, { by, note }),
  silence: (port: string, alertKind: AlertKind | null, by: string, note: string, minutes: number) =>
    request<unknown>('POST', 'silences', { port, alert_kind: alertKind, by, note, minutes }),
  runs: () => request<{ as_of: number; runs: RunSummary[] }>('GET', 'runs'),
  startRun: (from: string, to: string) => request<{ run: string }>('POST', 'runs', { from, to, speed: 'max' }),
  deleteRun: (run: string) => request<unknown>('DELETE', `runs/${encodeURIComponent(run)}`),
  deadLetters: () => request<{ as_of: number; dead_letters: DeadLetter[] }>('GET', 'dead-letters?limit=100'),
  scenario: () => request<{ as_of: number; scenario: ScenarioEvent[] }>('GET', 'scenario'),
};
