/** What the simulated feeds were told to do, beside what was detected. It is labelled as simulation truth: detection never sees it. */

import type { AlertState, ScenarioEvent } from '@quaywatch/contracts';
import { HOUR_MS, moment, portName } from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';

import { usePage } from '../context.tsx';

import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

import { api } from '../wire/api.ts';
import { shownZone } from '../zone.ts';
import { Scroll } from './scroll.tsx';

const eventsMax = 60;
/** An alert that begins this long after the disturbance may still be its. */
const SLACK_MS = HOUR_MS;

function alertOf(event: ScenarioEvent, alerts: Iterable<AlertState>): AlertState | undefined {
  return [...alerts].find(
    (alert) =>
      alert.port === event.port &&
      alert.since_ms >= event.from_ms - SLACK_MS &&
      alert.since_ms <= event.to_ms + SLACK_MS,
  );
}

function Row({ event, alert, nowMs }: { event: ScenarioEvent; alert: AlertState | undefined; nowMs: number }) {
  const w = words.value;
  const lang = language.value;
  return (
    <div class={event.from_ms > nowMs ? 'truth-row dim' : 'truth-row'}>
      <span class="lab">
        {moment(event.from_ms, nowMs, lang, shownZone.value)} – {moment(event.to_ms, nowMs, lang, shownZone.value)}
      </span>
      <b>
        {portName(event.port, lang)}: {w.scenarioKinds[event.kind]}
      </b>
      <div class="mid">{lang === 'zh' ? event.note_zh : event.note_en}</div>
      {event.from_ms > nowMs ? (
        <span class="lab plain">{w.stillAhead}</span>
      ) : alert === undefined ? (
        <span class="lab plain">{w.notSeen}</span>
      ) : (
        <a href={hrefOf('alerts', alert.alert_id)}>{w.wasSeen}</a>
      )}
    </div>
  );
}

export function Truth() {
  const { live, nowMs, connection } = usePage();
  const w = words.value;
  const [events, setEvents] = useState<readonly ScenarioEvent[] | null>(null);
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen) return;
    void api.scenario().then((answer) => {
      if (answer.ok) setEvents(answer.value.scenario);
    });
  }, [isOpen]);
  const now = nowMs.value;
  const shown = [...(events ?? [])]
    .sort((a, b) => Math.abs(a.from_ms - now) - Math.abs(b.from_ms - now))
    .slice(0, eventsMax);
  return (
    <section class="panel truth">
      <div class="ph">
        <h2 class="h">{w.scenarioTitle}</h2>
        <span class="sim">{w.simulated}</span>
      </div>
      <p class="note tagline">{w.scenarioNote}</p>
      <Scroll label={w.scenarioTitle}>
        {events === null && <p class="empty">{w.loading}</p>}
        {events?.length === 0 && <p class="empty">{w.scenarioNone}</p>}
        {shown
          .sort((a, b) => b.from_ms - a.from_ms)
          .map((event) => (
            <Row key={event.id} event={event} alert={alertOf(event, live.alerts.value.values())} nowMs={now} />
          ))}
      </Scroll>
    </section>
  );
}
