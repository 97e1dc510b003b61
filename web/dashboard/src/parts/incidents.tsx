/** The feed of open incidents, worst first. One solid vermilion thing: the worst that nobody has acknowledged. */

import { useComputed } from '@preact/signals';
import type { AlertKind, AlertState } from '@quaywatch/contracts';
import {
  alertAge,
  alertBrief,
  alertSize,
  alertTitle,
  duration,
  HOUR_MS,
  MINUTE_MS,
  moment,
  phaseName,
  placeName,
  severityName,
  signedPercentUnit,
} from '@quaywatch/words';

import { usePage } from '../context.tsx';
import { byUrgency, needsAcknowledging } from '../deviation.ts';

import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

import type { World } from '../wire/store.ts';
import { zoneFor } from '../zone.ts';
import { useHealth } from './header.tsx';
import { SeverityIcon } from './icons.tsx';
import { Scroll } from './scroll.tsx';

const PHASES = ['closed', 'rebound', 'normal'] as const;
/** Of these every card says whether it is the port or its feed; of the others only the worst one. */
const BRIEFED: ReadonlySet<AlertKind> = new Set(['stall', 'drop', 'feed_silent']);
/** An unacknowledged octagon draws the eye for this long, then stands still. */
const PULSE_MS = 10_000;

export function PhaseBar({ alert, nowMs }: { alert: AlertState; nowMs: number }) {
  const w = words.value;
  if (alert.kind !== 'stall' && alert.kind !== 'drop') return null;
  const at = PHASES.indexOf(alert.phase);
  return (
    <div class="ph3" role="img" aria-label={w.phase(phaseName(alert.phase, language.value))}>
      {PHASES.map((phase, index) => {
        const isNow = index === at && alert.status !== 'resolved';
        const style = isNow ? (phase === 'closed' ? 'now' : 'reb') : index < at ? 'done' : '';
        return (
          <i key={phase} class={style}>
            {phaseName(phase, language.value)}
            {isNow
              ? ` ${phase === 'closed' ? alertAge(alert, nowMs, language.value) : signedPercentUnit(alert.deviation_pct)}`
              : ''}
          </i>
        );
      })}
    </div>
  );
}

/** Plays the run around the beginning of an incident. */
export function replayOf(alert: AlertState): void {
  const from = alert.since_ms - HOUR_MS;
  const to = Math.max(alert.at_ms + HOUR_MS, alert.since_ms + 6 * HOUR_MS);
  go('replay', alert.run, { from: String(from), to: String(to), at: String(alert.since_ms - 10 * MINUTE_MS) });
}

export function AlertActions({
  alert,
  nowMs,
  hasKey,
  isFull = false,
}: {
  alert: AlertState;
  nowMs: number;
  hasKey: boolean;
  /** In full view every open alert can be silenced, and the replay has a button of its own. */
  isFull?: boolean;
}) {
  const { dialogs } = usePage();
  const w = words.value;
  const isOver = alert.status === 'resolved';
  const isWanted = alert.acknowledged === null && !isOver && alert.severity !== 'info';
  const isUrgent = needsAcknowledging(alert, nowMs);
  const canSilence = isFull ? !isOver : isWanted;
  if (!isWanted && !canSilence) return null;
  return (
    <>
      {isWanted && (
        <button
          type="button"
          class={isUrgent ? 'bt pri' : 'bt'}
          onClick={() => dialogs.show({ kind: 'acknowledge', alertId: alert.alert_id })}
        >
          {w.acknowledge} {hasKey && <span class="key">A</span>}
        </button>
      )}
      {canSilence && (
        <button type="button" class="bt" onClick={() => dialogs.show({ kind: 'silence', alertId: alert.alert_id })}>
          {w.silence}
        </button>
      )}
      {isUrgent && !isFull && (
        <button type="button" class="bt" onClick={() => replayOf(alert)}>
          {w.replay}
        </button>
      )}
    </>
  );
}

function AlertCard({ alert, isWorst }: { alert: AlertState; isWorst: boolean }) {
  const { nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const now = nowMs.value;
  const size = alertSize(alert, lang);
  const isSilenced = alert.silenced_until_ms !== null && alert.silenced_until_ms > now;
  const isPulsing = isWorst && now - alert.known_at_ms < PULSE_MS;
  return (
    <article class={isWorst ? 'it s1' : 'it'} data-alert={alert.alert_id}>
      <SeverityIcon severity={alert.severity} label={severityName(alert.severity, language.value)} pulses={isPulsing} />
      <h3 class="ttl">
        <a href={hrefOf('alerts', alert.alert_id)}>{alertTitle(alert, lang)}</a>
        {!isWorst && <span class="age">{alertAge(alert, now, lang)}</span>}
      </h3>
      {(isWorst || BRIEFED.has(alert.kind)) && <p>{alertBrief(alert, now, lang, zoneFor(alert.port))}</p>}
      {size !== null && (
        <p>
          <span class="sz">{size.size}</span> {size.rest}
        </p>
      )}
      {alert.severity !== 'info' && <PhaseBar alert={alert} nowMs={now} />}
      {alert.acknowledged !== null && (
        <p class="ack">
          {w.acknowledgedBy(
            moment(alert.acknowledged.at_ms, now, lang, zoneFor(alert.port)),
            alert.acknowledged.by,
            alert.acknowledged.note,
          )}
        </p>
      )}
      {isSilenced && (
        <p class="ack">{w.silencedUntil(moment(alert.silenced_until_ms ?? 0, now, lang, zoneFor(alert.port)))}</p>
      )}
      <div class="acts">
        <AlertActions alert={alert} nowMs={now} hasKey={isWorst} />
      </div>
    </article>
  );
}

export function NothingOpen({ world }: { world: World }) {
  const { nowMs } = usePage();
  const w = words.value;
  const last = [...world.alerts.value.values()]
    .filter((alert) => alert.status === 'resolved' && alert.reason !== 'did_not_hold')
    .sort((a, b) => b.at_ms - a.at_ms)[0];
  return (
    <p class="empty">
      {w.nothingOpen}{' '}
      {last !== undefined &&
        w.lastClosed(duration(Math.max(0, nowMs.value - last.at_ms), language.value), placeName(last, language.value))}
    </p>
  );
}

export function useOpenAlerts(world: World): readonly AlertState[] {
  return useComputed(() => byUrgency(world.alerts.value.values()).filter((alert) => alert.status !== 'pending')).value;
}

export function Incidents() {
  const { live, nowMs } = usePage();
  const w = words.value;
  const health = useHealth();
  const open = useOpenAlerts(live);
  const toAcknowledge = open.filter((alert) => needsAcknowledging(alert, nowMs.value));
  const worst = toAcknowledge[0]?.alert_id;
  return (
    <div class="inc">
      <div class="ph">
        <h2 class="h">{w.incidents}</h2>
        {health.kind !== 'stale' && <span class="lab">{w.openCount(open.length, toAcknowledge.length)}</span>}
        <div class="sp" />
        <a class="tb" href={hrefOf('alerts')}>
          {w.alerts}
        </a>
      </div>
      <Scroll label={w.incidents}>
        {health.kind === 'stale' && <p class="empty">{w.hiddenWhileStale}</p>}
        {health.kind !== 'stale' &&
          open.map((alert) => <AlertCard key={alert.alert_id} alert={alert} isWorst={alert.alert_id === worst} />)}
        {live.hasAlerts.value && open.length === 0 && health.kind !== 'stale' && <NothingOpen world={live} />}
      </Scroll>
    </div>
  );
}
