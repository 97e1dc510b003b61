/** Alerts: open, silenced and closed, one in full, and beside it what the simulation really did. */

import { useSignal } from '@preact/signals';
import type { AlertState } from '@quaywatch/contracts';
import { alertAge, alertSize, alertTitle, phaseName, severityName, statusName } from '@quaywatch/words';

import { usePage } from '../context.tsx';
import { byUrgency, isOpen, needsAcknowledging } from '../deviation.ts';
import { AlertDetail } from '../parts/alert-detail.tsx';
import { SeverityIcon } from '../parts/icons.tsx';
import { Truth } from '../parts/truth.tsx';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

type Tab = 'open' | 'silenced' | 'history';

const isSilenced = (alert: AlertState, nowMs: number) =>
  alert.silenced_until_ms !== null && alert.silenced_until_ms > nowMs;

function Item({ alert, isChosen, nowMs }: { alert: AlertState; isChosen: boolean; nowMs: number }) {
  const w = words.value;
  const lang = language.value;
  const size = alertSize(alert, lang);
  const parts = [
    size === null ? w.sizeUnknown : size.size,
    alert.phase === 'normal' || (alert.kind !== 'stall' && alert.kind !== 'drop')
      ? statusName(alert.status, language.value)
      : phaseName(alert.phase, language.value),
    ...(needsAcknowledging(alert, nowMs) ? [w.toAcknowledge] : []),
  ];
  return (
    <a
      class={isChosen ? 'li on' : 'li'}
      href={hrefOf('alerts', alert.alert_id)}
      aria-current={isChosen ? 'true' : undefined}
    >
      <SeverityIcon severity={alert.severity} label={severityName(alert.severity, language.value)} />
      <b>{alertTitle(alert, lang)}</b>
      <span class="dim nw">{alertAge(alert, nowMs, lang)}</span>
      <small>{parts.join(' · ')}</small>
    </a>
  );
}

export function Alerts({ selectedId }: { selectedId: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const now = nowMs.value;
  const all = [...live.alerts.value.values()];
  const open = byUrgency(all).filter((alert) => !isSilenced(alert, now));
  const silenced = all.filter((alert) => isOpen(alert) && isSilenced(alert, now));
  const closed = all.filter((alert) => !isOpen(alert)).sort((a, b) => b.at_ms - a.at_ms);
  const asked = live.alerts.value.get(selectedId);
  const tab = useSignal<Tab>(asked !== undefined && !isOpen(asked) ? 'history' : 'open');
  const lists = { open, silenced, history: closed };
  const list = lists[tab.value];
  const chosen = asked ?? list[0];
  const names = { open: w.openTab(open.length), silenced: w.silencedTab(silenced.length), history: w.historyTab };
  const none = { open: w.nothingOpen, silenced: w.silencedNone, history: w.historyNone };
  return (
    <main class="v-alerts">
      <aside class="panel">
        <div class="ph">
          <fieldset class="seg flush" aria-label={w.alerts}>
            {(['open', 'silenced', 'history'] as const).map((name) => (
              <button
                key={name}
                type="button"
                class={tab.value === name ? 'on' : ''}
                aria-pressed={tab.value === name}
                onClick={() => {
                  tab.value = name;
                }}
              >
                {names[name]}
              </button>
            ))}
          </fieldset>
        </div>
        <nav class="scroll" aria-label={w.alerts}>
          {list.map((alert) => (
            <Item key={alert.alert_id} alert={alert} isChosen={alert.alert_id === chosen?.alert_id} nowMs={now} />
          ))}
          {list.length === 0 && <p class="empty">{live.hasAlerts.value ? none[tab.value] : w.loading}</p>}
        </nav>
        <p class="pad lab">{w.severityNote}</p>
      </aside>
      {chosen === undefined ? (
        <section class="panel">
          <p class="empty">{w.noSelection}</p>
        </section>
      ) : (
        <AlertDetail key={chosen.alert_id} alert={chosen} />
      )}
      <Truth />
    </main>
  );
}
