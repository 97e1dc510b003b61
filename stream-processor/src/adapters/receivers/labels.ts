/**
 * An alert in Alertmanager's words. Labels are what an alert is filed under, so they say what it was when it was first told and hold nothing that
 * changes while it lasts, apart from severity, which routes everywhere; what changes is in annotations.
 */
import { createHash } from 'node:crypto';
import type { Severity } from '@quaywatch/contracts';
import { alertSentence, alertTitle, ZONE } from '@quaywatch/words';
import type { Message, Said } from '../../notification/message.ts';

const unresolved = '0001-01-01T00:00:00Z';
/** An Alertmanager that hears nothing more takes an alert for resolved after this. */
const endsAfterMs = 300_000;

export type PostableAlert = {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
};

const iso = (ms: number): string => new Date(ms).toISOString();

function labelsOf({ first }: Said, severity: Severity): Record<string, string> {
  const labels = {
    alertname: first.kind,
    alert_id: first.alert_id,
    kind: first.kind,
    level: first.level,
    severity,
    cluster: first.cluster,
    port: first.port,
    terminal: first.level === 'terminal' ? first.terminals.join(',') : '',
    measure: first.measure,
    simulated: String(first.simulated),
  };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function annotationsOf({ alert }: Said, nowMs: number): Record<string, string> {
  const mark = alert.simulated ? '[Simulated] ' : '';
  const markZh = alert.simulated ? '【模拟】' : '';
  return {
    summary: `${mark}${alertTitle(alert, 'en')}`,
    summary_zh: `${markZh}${alertTitle(alert, 'zh')}`,
    description: `${mark}${alertSentence(alert, nowMs, 'en', ZONE)}`,
    description_zh: `${markZh}${alertSentence(alert, nowMs, 'zh', ZONE)}`,
    status: alert.status,
    phase: alert.phase,
    terminals: alert.terminals.join(','),
    rules_version: String(alert.rules_version),
  };
}

const isOver = ({ alert }: Said): boolean => alert.status === 'resolved';

/** What `POST /api/v2/alerts` takes. A severity that it had before is ended: to Alertmanager that is another alert. */
export function postableAlerts(message: Message, nowMs: number, pageUrl: string): PostableAlert[] {
  return message.said.flatMap((said) => {
    const one = (severity: Severity, endsAtMs: number): PostableAlert => ({
      labels: labelsOf(said, severity),
      annotations: annotationsOf(said, message.decidedAtMs),
      startsAt: iso(Math.min(said.alert.since_ms, endsAtMs)),
      endsAt: iso(endsAtMs),
      ...(pageUrl === '' ? {} : { generatorURL: pageUrl }),
    });
    return [
      one(said.severity, isOver(said) ? nowMs : nowMs + endsAfterMs),
      ...said.earlierSeverities.map((severity) => one(severity, nowMs)),
    ];
  });
}

/** Items of the webhook: as `postableAlerts`, with the end unset while it fires, and a fingerprint. */
export function webhookAlerts(message: Message, pageUrl: string) {
  return message.said.map((said) => ({
    status: isOver(said) ? 'resolved' : 'firing',
    labels: labelsOf(said, said.severity),
    annotations: annotationsOf(said, message.decidedAtMs),
    startsAt: iso(said.alert.since_ms),
    endsAt: isOver(said) ? iso(Math.max(said.alert.at_ms, said.alert.since_ms)) : unresolved,
    generatorURL: pageUrl,
    fingerprint: createHash('sha256').update(said.alert.alert_id).digest('hex').slice(0, 16),
  }));
}

/** What all have in common, as Alertmanager tells it. */
export function commonOf(list: readonly Record<string, string>[]): Record<string, string> {
  const [first = {}, ...rest] = list;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((one) => one[name] === value)));
}
