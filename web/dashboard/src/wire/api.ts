/**
 * The gateway's HTTP answers that the page uses. Answers are values: a failure carries its status and a sentence, and is never thrown.
 * Retries nothing; who asks decides.
 */
import { signal } from '@preact/signals';
import type {
  Action,
  AlertKind,
  AlertState,
  AlertTransition,
  Comparators,
  DetectionRules,
  LedgerRow,
  Matcher,
  MuteCalendar,
  NotificationRecord,
  PathState,
  ReceiverType,
  RoutingRules,
  RuleSet,
  RunSummary,
  ScenarioEvent,
  Severity,
  WindowPoint,
} from '@quaywatch/contracts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly message: string; readonly body?: unknown };

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

export type RulesAnswer = {
  as_of: number;
  current: RuleSet;
  upcoming: RuleSet[];
  history: RuleSet[];
};
export type RulePair = { detection: DetectionRules; routing: RoutingRules };
export type Receiver = { name: string; type: ReceiverType; target: string };
export type BacktestResult = {
  before: number;
  after: number;
  by_kind: { kind: AlertKind; before: number; after: number }[];
  only_before: AlertState[];
  only_after: AlertState[];
  both: number;
  run_before: string;
  run_after: string;
};
export type Backtest = {
  state: 'queued' | 'recording' | 'running' | 'done' | 'failed';
  progress: number;
  error: string;
  result?: BacktestResult;
};

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

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const token = readToken();
  const response = await fetch(`/api/v1/${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 401) isTokenWanted.value = true;
  return response;
}

async function requestText(path: string): Promise<Answer<string>> {
  try {
    const response = await ask('GET', path);
    const value = await response.text();
    return response.ok ? { ok: true, value } : { ok: false, status: response.status, message: '' };
  } catch (error) {
    return { ok: false, status: 0, message: error instanceof Error ? error.message : '' };
  }
}

export async function request<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await ask(method, path, body);
    const text = await response.text();
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (response.ok) return { ok: true, value: value as T };
    const said = messageOf(value);
    return { ok: false, status: response.status, message: said, body: value };
  } catch (error) {
    return { ok: false, status: 0, message: error instanceof Error ? error.message : '' };
  }
}

export const query = (values: Readonly<Record<string, string | number | undefined>>): string => {
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
  terminals?: 'true';
};

export const api = {
  throughput: (asked: ThroughputQuery) =>
    request<{ as_of: number; run: string; windows: WindowPoint[] }>('GET', `throughput${query(asked)}`),
  yearOnYear: (port?: string) => request<YearOnYear>('GET', `yoy${query({ port })}`),
  /** One page, newest beginning first; `next_cursor` is where the next one begins. */
  alerts: (run: string, state: 'open' | 'all', cursor?: string) =>
    request<{ as_of: number; alerts: AlertLife[]; next_cursor: string | null }>(
      'GET',
      `alerts${query({ run, state, limit: 2_000, cursor })}`,
    ),
  acknowledge: (alertId: string, severity: Severity, by: string, note: string) =>
    request<unknown>('POST', `alerts/${encodeURIComponent(alertId)}/acknowledge`, { by, note, severity }),
  addNote: (alertId: string, by: string, note: string) =>
    request<unknown>('POST', `alerts/${encodeURIComponent(alertId)}/notes`, { by, note }),
  alertHistory: (alertId: string) =>
    request<{ transitions: AlertTransition[]; actions: Action[]; notifications: NotificationRecord[] }>(
      'GET',
      `alerts/${encodeURIComponent(alertId)}/history`,
    ),
  cap: (alertId: string) => requestText(`alerts/${encodeURIComponent(alertId)}/cap`),
  silence: (matchers: readonly Matcher[], by: string, note: string, minutes: number) =>
    request<{ action: Action }>('POST', 'silences', { matchers, by, note, minutes }),
  previewSilence: (matchers: readonly Matcher[]) =>
    request<{ alerts: AlertState[] }>('POST', 'silences/preview', { matchers }),
  unsilence: (silenceId: string, by: string) =>
    request<unknown>('DELETE', `silences/${encodeURIComponent(silenceId)}${query({ by })}`),
  rules: () => request<RulesAnswer>('GET', 'rules'),
  checkRules: (rules: RulePair) => request<{ problems: string[] }>('POST', 'rules/check', rules),
  saveRules: (baseVersion: number, by: string, note: string, rules: RulePair) =>
    request<{ rule_set: RuleSet }>('PUT', 'rules', { base_version: baseVersion, by, note, ...rules }),
  readCalendar: (name: string, ics: string) =>
    request<{ calendar: MuteCalendar; problems: string[] }>('POST', 'calendars', { name, ics }),
  receivers: () => request<{ receivers: Receiver[] }>('GET', 'receivers'),
  testReceiver: (name: string, by: string) =>
    request<{ action: Action }>('POST', `receivers/${encodeURIComponent(name)}/test`, { by }),
  notifications: (limit: number) =>
    request<{ notifications: NotificationRecord[] }>('GET', `notifications${query({ limit })}`),
  /** Whole UTC+8 days: `to` is exclusive. */
  startBacktest: (from: string, to: string, rules: RulePair) =>
    request<{ backtest: string }>('POST', 'backtests', { from, to, rules }),
  backtest: (id: string) => request<Backtest>('GET', `backtests/${encodeURIComponent(id)}`),
  runs: () => request<{ as_of: number; runs: RunSummary[] }>('GET', 'runs'),
  startRun: (from: string, to: string) => request<{ run: string }>('POST', 'runs', { from, to, speed: 'max' }),
  pinRun: (run: string, pinned: boolean) =>
    request<{ run: string; pinned: boolean }>('PATCH', `runs/${encodeURIComponent(run)}`, { pinned }),
  deleteRun: (run: string) => request<unknown>('DELETE', `runs/${encodeURIComponent(run)}`),
  deadLetters: () => request<{ as_of: number; dead_letters: DeadLetter[] }>('GET', 'dead-letters?limit=100'),
  ledger: (port: string) => request<{ as_of: number; ledger: LedgerRow[] }>('GET', `ledger${query({ port })}`),
  scenario: () => request<{ as_of: number; scenario: ScenarioEvent[] }>('GET', 'scenario'),
};
