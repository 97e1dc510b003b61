/** Alerts of a port as flags of its chart: since when, pending and firing times where this page knows them. */

import type { AlertState, AlertTransition } from '@quaywatch/contracts';
import { hourMinute, kindName } from '@quaywatch/words';
import type { Flag } from '../charts/marks.ts';
import { isOpen } from '../deviation.ts';
import { language, words } from '../settings.ts';
import { zoneFor } from '../zone.ts';

export function flagsOf(
  alerts: Iterable<AlertState>,
  port: string,
  life: (id: string) => readonly AlertTransition[],
): Flag[] {
  const w = words.value;
  return [...alerts]
    .filter((alert) => alert.port === port && alert.status !== 'pending')
    .sort((a, b) => b.since_ms - a.since_ms)
    .slice(0, 12)
    .map((alert) => {
      const steps = life(alert.alert_id);
      const pending = steps.find((step) => step.status === 'pending');
      const firing = steps.find((step) => step.status === 'firing');
      const parts = [
        `${hourMinute(alert.since_ms, zoneFor(alert.port))} ${kindName(alert.kind, language.value)}`,
        ...(pending === undefined ? [] : [w.chartWords.pending(hourMinute(pending.known_at_ms, zoneFor(alert.port)))]),
        ...(firing === undefined ? [] : [w.chartWords.firing(hourMinute(firing.known_at_ms, zoneFor(alert.port)))]),
      ];
      return {
        sinceMs: alert.since_ms,
        toMs: isOpen(alert) ? null : alert.at_ms,
        text: parts.join(' · '),
        isUrgent: isOpen(alert) && alert.severity === 'critical',
        isNamed: isOpen(alert) && alert.severity !== 'info',
      };
    });
}
