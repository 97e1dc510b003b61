/** An alert's life in one list: steps of detection, who was told, who was not and why, what people did. Oldest first. */
import type { Action, AlertState, AlertTransition, NotificationRecord } from '@quaywatch/contracts';
import { alertTitle, dayMonth, duration, hourMinute, moment, reasonWords, statusName } from '@quaywatch/words';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { matcherWords } from '../matcher-words.ts';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { heldBackOf, type Told, toldOf } from '../told.ts';
import { api } from '../wire/api.ts';
import { addRecords } from '../wire/store.ts';
import { zoneFor } from '../zone.ts';

type Entry = { readonly key: string; readonly atMs: number; readonly text: ComponentChildren };
export type History = {
  readonly transitions: readonly AlertTransition[];
  /** What people said, as far as the gateway was asked; what they said since is the alert's. */
  readonly actions: readonly Action[];
  readonly notifications: readonly NotificationRecord[];
  readonly isWhole: boolean;
};

/** All that the gateway has of an alert, and what came since. */
export function useHistory(alert: AlertState): History {
  const { live, connection } = usePage();
  const [asked, setAsked] = useState<Omit<History, 'isWhole'> | null>(null);
  const isOpen = connection.link.value.kind === 'open';
  // An acknowledgement ends with the alert, and is then in its history alone.
  const isOver = alert.status === 'resolved';
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    void api.alertHistory(alert.alert_id).then((answer) => {
      if (answer.ok && isWanted) setAsked(answer.value);
    });
    return () => {
      isWanted = false;
    };
  }, [alert.alert_id, isOpen, isOver]);
  const steps = new Map([alert, ...(asked?.transitions ?? [])].map((step) => [step.transition, step]));
  for (const step of live.life(alert.alert_id).value) steps.set(step.transition, step);
  return {
    transitions: [...steps.values()].sort((a, b) => a.transition - b.transition),
    actions: asked?.actions ?? [],
    notifications: addRecords(asked?.notifications ?? [], live.notifications.value),
    isWhole: asked !== null,
  };
}

function Attempts({ told }: { told: Told }) {
  const w = words.value.told;
  const last = told.attempts.at(-1);
  const name = told.outcome === 'delivered' || told.outcome === 'waiting' ? '' : 'al';
  return (
    <span class={name}>
      {w.outcomes[told.outcome]}
      {told.attempts.length > 1 ? w.attempts(told.attempts.length) : ''}
      {told.outcome !== 'delivered' && last !== undefined
        ? ` (${[last.status, last.detail].filter((part) => part !== null && part !== '').join(' ')})`
        : ''}
    </span>
  );
}

/** Steps that say only that it goes on are told once, at the newest. */
function worthTelling(steps: readonly AlertTransition[]): AlertTransition[] {
  return steps.filter((step, index) => step.reason !== 'still_open' || steps[index + 1]?.reason !== 'still_open');
}

/** Acknowledgements and notes: those of the history, and what was said since it was asked for. */
function saidEntries(alert: AlertState, actions: readonly Action[]): Entry[] {
  const w = words.value;
  const acknowledgements = [
    ...actions.filter((action) => action.kind === 'acknowledge'),
    ...(alert.acknowledged === null ? [] : [alert.acknowledged]),
  ];
  const notes = [...actions.filter((action) => action.kind === 'note'), ...alert.notes];
  const entries = [
    ...acknowledgements.map((one) => ({ ...one, kind: 'acknowledged', text: w.acknowledgedPlain(one.by, one.note) })),
    ...notes.map((one) => ({ ...one, kind: 'note', text: w.noteBy(one.by, one.note) })),
  ].map(({ kind, at_ms, by, text }) => ({ key: `${kind} ${at_ms} ${by}`, atMs: at_ms, text }));
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}

function entriesOf(alert: AlertState, history: History): Entry[] {
  const w = words.value;
  const lang = language.value;
  const steps = worthTelling(history.transitions).map((step) => ({
    key: `step${step.transition}`,
    atMs: step.known_at_ms,
    text: (
      <>
        <b>{statusName(step.status, lang)}</b>
        {w.colon}
        {reasonWords(step.reason, lang)}
      </>
    ),
  }));
  const told = toldOf(history.notifications, alert.alert_id).map((one) => ({
    key: `told${one.decision.id}`,
    atMs: one.decision.decided_at_ms,
    text: (
      <>
        {w.told.to(w.told.reasons[one.decision.reason], one.decision.receiver)}
        <Attempts told={one} />
      </>
    ),
  }));
  return [...steps, ...told, ...saidEntries(alert, history.actions)].sort((a, b) => a.atMs - b.atMs);
}

export function Life({ alert, history }: { alert: AlertState; history: History }) {
  const w = words.value;
  const lang = language.value;
  return (
    <>
      <h2 class="h">{w.whatHappened}</h2>
      <ol class="ev">
        {entriesOf(alert, history).map((entry) => (
          <li key={entry.key}>
            <span>
              {dayMonth(entry.atMs, lang, zoneFor(alert.port))} {hourMinute(entry.atMs, zoneFor(alert.port))}
            </span>
            <span>{entry.text}</span>
          </li>
        ))}
      </ol>
      {!history.isWhole && <p class="lab">{w.whatHappenedNone}</p>}
    </>
  );
}

/** What is held back because of something that has a name for people: a silence, a calendar, another alert. */
const NAMED: ReadonlySet<string> = new Set(['silenced', 'muted', 'inhibited']);

export function HeldBack({ alert, history }: { alert: AlertState; history: History }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const held = heldBackOf(history.notifications, alert.alert_id);
  const silenced = alert.silenced_until_ms !== null && alert.silenced_until_ms > nowMs.value;
  if (held.length === 0 && !silenced) return null;
  const cause = (by: string): ComponentChildren => {
    const silence = live.silences.value.get(by);
    if (silence !== undefined) return `${matcherWords(silence.matchers, lang)} (${silence.by})`;
    const other = live.alerts.value.get(by);
    return other === undefined ? by : <a href={hrefOf('alerts', by)}>{alertTitle(other, lang)}</a>;
  };
  return (
    <>
      <h2 class="h gap">{w.heldBack}</h2>
      {silenced && (
        <p class="note">
          {w.silencedUntil(moment(alert.silenced_until_ms ?? 0, nowMs.value, lang, zoneFor(alert.port)))}
          {alert.silenced_by !== '' && (
            <>
              {w.colon}
              {cause(alert.silenced_by)}
            </>
          )}
        </p>
      )}
      <ul class="plain-list">
        {held.map(({ record, count }) => (
          <li key={`${record.receiver}${record.because}${record.by}`}>
            {w.told.held(record.receiver, w.told.because[record.because])}
            {NAMED.has(record.because) && (
              <>
                {w.colon}
                {cause(record.by)}
              </>
            )}
            {count > 1 ? ` ×${count}` : ''}{' '}
            <span class="lab">{moment(record.decided_at_ms, nowMs.value, lang, zoneFor(alert.port))}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How long ago somebody answered for it: “Acknowledged by Li, 12 m ago”. */
export function Acknowledged({ alert }: { alert: AlertState }) {
  const { nowMs } = usePage();
  if (alert.acknowledged === null) return null;
  const { by, note, at_ms } = alert.acknowledged;
  const w = words.value;
  return (
    <p class="ack">
      {w.acknowledgedPlain(by, note)} · {w.ago(duration(Math.max(0, nowMs.value - at_ms), language.value))}
    </p>
  );
}
