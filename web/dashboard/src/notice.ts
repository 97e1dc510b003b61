/** What the browser shows of a decision outside of the page: one line that stands alone, and the brief of the alert. Shows nothing itself. */
import type { AlertState } from '@quaywatch/contracts';
import { alertBrief, alertTitle, severityName, statusName, zoneName } from '@quaywatch/words';
import { language, words } from './settings.ts';
import type { Heard } from './told.ts';
import { zoneFor } from './zone.ts';

export type Notice = { readonly title: string; readonly body: string; readonly key: string; readonly alertId: string };

/** The worst of what is news in the decision, which comes first there, as it stands now; null when the page knows no alert of it. */
export function noticeOf(
  { decision, keys }: Heard,
  alerts: ReadonlyMap<string, AlertState>,
  nowMs: number,
): Notice | null {
  const w = words.peek();
  const lang = language.peek();
  if (decision.reason === 'test') return { title: w.testNotice, body: w.testNoticeBody, key: decision.id, alertId: '' };
  const worst = decision.items.find((item) => keys.includes(item.key) && alerts.has(item.alert_id));
  const alert = worst === undefined ? undefined : alerts.get(worst.alert_id);
  if (worst === undefined || alert === undefined) return null;
  const zone = zoneFor(alert.port);
  const mark = alert.simulated ? `[${w.simulated}] ` : '';
  const state = alert.status === 'resolved' ? statusName('resolved', lang) : severityName(alert.severity, lang);
  const more = keys.length > 1 ? ` (${w.moreOpen(keys.length - 1)})` : '';
  return {
    title: `${mark}${state} · ${alertTitle(alert, lang)}${more}`,
    // It is read outside of the page, which names the zone.
    body: `${alertBrief(alert, nowMs, lang, zone)} (${zoneName(nowMs, zone)})`,
    key: worst.key,
    alertId: alert.alert_id,
  };
}
