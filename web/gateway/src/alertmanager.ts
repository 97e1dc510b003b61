/**
 * Open alerts in the form of Alertmanager's GET /api/v2/alerts (its published OpenAPI 0.27), for what reads from an Alertmanager.
 * Read only, and small: grouping, routing and silencing are Quaywatch's own.
 */
import { createHash } from 'node:crypto';
import type { AlertState } from '@quaywatch/contracts';
import { alertSentence, alertTitle, ZONE } from '@quaywatch/words';
import type { AlertLog } from './state/alert-log.ts';
import { type NotificationLog, notificationsOfAlert } from './state/notification-log.ts';

/** An open alert is given until then; each answer renews it. */
const endsAfterMs = 5 * 60_000;

export type GettableAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly fingerprint: string;
  readonly status: {
    readonly state: 'unprocessed' | 'active' | 'suppressed';
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
  };
  readonly receivers: readonly { readonly name: string }[];
  readonly generatorURL: string;
};

function labelsOf(alert: AlertState): Record<string, string> {
  const { alert_id, kind, level, severity, cluster, port, rule, run, simulated } = alert;
  const terminal = level === 'terminal' ? (alert.terminals[0] ?? '') : '';
  const labels = { alertname: kind, alert_id, kind, level, severity, cluster, port, terminal, rule, run };
  const said = Object.entries({ ...labels, simulated: String(simulated) }).filter(([, value]) => value !== '');
  return Object.fromEntries(said);
}

/** What the notifier last said of an alert: who was told, and which open alert holds it back. */
function toldOf(alert: AlertState, log: AlertLog, notifications: NotificationLog) {
  const records = notificationsOfAlert(notifications, alert.alert_id);
  const receivers = new Set(records.flatMap((one) => (one.kind === 'decision' ? [one.receiver] : [])));
  const last = records.findLast((one) => one.kind !== 'attempt');
  const by = last?.kind === 'held_back' && last.because === 'inhibited' ? log.alerts.get(last.by) : undefined;
  const inhibitedBy = by === undefined || by.state.status === 'resolved' ? [] : [by.state.alert_id];
  return { receivers: [...receivers].map((name) => ({ name })), inhibitedBy };
}

/** @param pageUrl address of the page, for links. */
export function alertmanagerAlerts(
  log: AlertLog,
  notifications: NotificationLog,
  nowMs: number,
  pageUrl: string,
): GettableAlert[] {
  const open = [...log.alerts.values()].map(({ state }) => state).filter((one) => one.status !== 'resolved');
  return open.map((alert) => {
    const { receivers, inhibitedBy } = toldOf(alert, log, notifications);
    const silencedBy = (alert.silenced_until_ms ?? 0) > nowMs ? [alert.silenced_by] : [];
    const isPending = alert.status === 'pending';
    const isHeld = silencedBy.length + inhibitedBy.length > 0;
    return {
      labels: labelsOf(alert),
      annotations: { summary: alertTitle(alert, 'en'), description: alertSentence(alert, nowMs, 'en', ZONE) },
      startsAt: new Date(alert.since_ms).toISOString(),
      endsAt: new Date(nowMs + endsAfterMs).toISOString(),
      updatedAt: new Date(alert.known_at_ms).toISOString(),
      fingerprint: createHash('sha256').update(alert.alert_id).digest('hex').slice(0, 16),
      status: {
        state: isPending ? 'unprocessed' : isHeld ? 'suppressed' : 'active',
        silencedBy,
        inhibitedBy,
        mutedBy: [],
      },
      receivers,
      generatorURL: `${pageUrl}/#/alerts/${encodeURIComponent(alert.alert_id.toWellFormed())}`,
    };
  });
}
