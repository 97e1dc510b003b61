/** Alerts: open, silenced and closed, the silences in force, one alert in full, and beside it what the simulation really did. */
import { useSignal } from '@preact/signals';
import { ALERT_KINDS, ALERT_LEVELS, type AlertState, PORTS, SEVERITIES } from '@quaywatch/contracts';
import {
  alertAge,
  alertSize,
  alertTitle,
  isInPercent,
  kindName,
  levelName,
  phaseName,
  portName,
  severityName,
  statusName,
  valueWords,
} from '@quaywatch/words';
import { type AlertFilter, filterOf, isWanted, queryOf } from '../alert-filter.ts';
import { usePage } from '../context.tsx';
import { byUrgency, isOpen, needsAcknowledging } from '../deviation.ts';
import { AlertDetail } from '../parts/alert-detail.tsx';
import { SeverityIcon } from '../parts/icons.tsx';
import { NoticeSwitches } from '../parts/notices.tsx';
import { SilenceList, silencesInForce } from '../parts/silences.tsx';
import { Truth } from '../parts/truth.tsx';
import { go, hrefOf, route } from '../route.ts';
import { language, words } from '../settings.ts';

type Tab = 'open' | 'silenced' | 'history' | 'silences';

const isSilenced = (alert: AlertState, nowMs: number) =>
  alert.silenced_until_ms !== null && alert.silenced_until_ms > nowMs;

/** In TEU; of a share or a growth, which has no TEU, what it is and what was expected. */
function sizeOf(alert: AlertState): string {
  const w = words.value;
  const { kind, value, expected } = alert;
  const size = alertSize(alert, language.value);
  if (size !== null) return size.size;
  if (!isInPercent(kind) || value === null || expected === null) return w.sizeUnknown;
  return `${valueWords(value, kind)} ${w.vsExpected(valueWords(expected, kind))}`;
}

type ItemProps = { alert: AlertState; isChosen: boolean; nowMs: number; filter: AlertFilter };

function Item({ alert, isChosen, nowMs, filter }: ItemProps) {
  const w = words.value;
  const lang = language.value;
  const parts = [
    sizeOf(alert),
    alert.status === 'pending' ||
    alert.status === 'resolved' ||
    alert.phase === 'normal' ||
    (alert.kind !== 'stall' && alert.kind !== 'drop')
      ? statusName(alert.status, lang)
      : phaseName(alert.phase, lang),
    ...(needsAcknowledging(alert, nowMs) ? [w.toAcknowledge] : []),
    ...(alert.acknowledged === null ? [] : [w.seenBy(alert.acknowledged.by)]),
  ];
  return (
    <a
      class={isChosen ? 'li on' : 'li'}
      href={hrefOf('alerts', alert.alert_id, queryOf(filter))}
      aria-current={isChosen ? 'true' : undefined}
      data-alert={alert.alert_id}
    >
      <SeverityIcon severity={alert.severity} label={severityName(alert.severity, lang)} />
      <b>{alertTitle(alert, lang)}</b>
      <span class="dim nw">{alertAge(alert, nowMs, lang)}</span>
      <small>{parts.join(' · ')}</small>
    </a>
  );
}

function Choice({
  label,
  name,
  filter,
  options,
}: {
  label: string;
  name: keyof AlertFilter;
  filter: AlertFilter;
  options: readonly (readonly [value: string, name: string])[];
}) {
  return (
    <select
      class={filter[name] === '' ? 'in' : 'in on'}
      aria-label={label}
      value={filter[name]}
      onChange={(event) => {
        const { id } = route.peek();
        go('alerts', id, queryOf({ ...filter, [name]: event.currentTarget.value }));
      }}
    >
      <option value="">{label}</option>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function Filters({ filter }: { filter: AlertFilter }) {
  const w = words.value;
  const lang = language.value;
  return (
    <fieldset class="filters" aria-label={w.filter}>
      <Choice
        label={w.filterSeverity}
        name="severity"
        filter={filter}
        options={SEVERITIES.map((one) => [one, severityName(one, lang)])}
      />
      <Choice
        label={w.filterKind}
        name="kind"
        filter={filter}
        options={ALERT_KINDS.map((one) => [one, kindName(one, lang)])}
      />
      <Choice
        label={w.filterLevel}
        name="level"
        filter={filter}
        options={ALERT_LEVELS.map((one) => [one, levelName(one, lang)])}
      />
      <Choice
        label={w.filterPort}
        name="port"
        filter={filter}
        options={PORTS.map((port) => [port.code, portName(port.code, lang)])}
      />
    </fieldset>
  );
}

function listsOf(all: readonly AlertState[], nowMs: number) {
  return {
    open: byUrgency(all).filter((alert) => !isSilenced(alert, nowMs)),
    silenced: all.filter((alert) => isOpen(alert) && isSilenced(alert, nowMs)),
    history: all.filter((alert) => !isOpen(alert)).sort((a, b) => b.at_ms - a.at_ms),
    silences: [],
  };
}

function None({ tab, isFiltered }: { tab: Tab; isFiltered: boolean }) {
  const { live } = usePage();
  const w = words.value;
  const none = { open: w.nothingOpen, silenced: w.silencedNone, history: w.historyNone, silences: '' };
  if (!live.hasAlerts.value) return <p class="empty">{w.loading}</p>;
  return (
    <p class="empty">
      {isFiltered ? w.filterFindsNoAlert : none[tab]}
      {isFiltered && (
        <button type="button" class="bt" onClick={() => go('alerts', route.peek().id)}>
          {w.clear}
        </button>
      )}
    </p>
  );
}

export function Alerts({ selectedId }: { selectedId: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const now = nowMs.value;
  const filter = filterOf(route.value.query);
  const isFiltered = Object.values(filter).some((value) => value !== '');
  const wanted = [...live.alerts.value.values()].filter((alert) => isWanted(alert, filter));
  const lists = listsOf(wanted, now);
  const silences = silencesInForce(live.silences.value.values(), now);
  const asked = live.alerts.value.get(selectedId);
  const tab = useSignal<Tab>(asked !== undefined && !isOpen(asked) ? 'history' : 'open');
  const list = lists[tab.value];
  const chosen = asked ?? list[0] ?? lists.open[0];
  const names = {
    open: w.openTab(lists.open.length),
    silenced: w.silencedTab(lists.silenced.length),
    history: w.historyTab,
    silences: w.silencesTab(silences.length),
  };
  return (
    <main class={selectedId === '' ? 'v-alerts' : 'v-alerts has-one'}>
      {selectedId !== '' && (
        <a class="a-back" href={hrefOf('alerts', '', queryOf(filter))}>
          ‹ {w.alerts}
        </a>
      )}
      <aside class="panel">
        {selectedId === '' && <h1 class="sr">{w.alerts}</h1>}
        <div class="ph">
          <fieldset class="seg flush" aria-label={w.alerts}>
            {(['open', 'silenced', 'history', 'silences'] as const).map((name) => (
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
        {tab.value !== 'silences' && <Filters filter={filter} />}
        <nav class="scroll" aria-label={w.alerts}>
          {list.map((alert) => (
            <Item
              key={alert.alert_id}
              alert={alert}
              isChosen={alert.alert_id === chosen?.alert_id}
              nowMs={now}
              filter={filter}
            />
          ))}
          {tab.value === 'silences' && <SilenceList silences={silences} />}
          {tab.value !== 'silences' && list.length === 0 && <None tab={tab.value} isFiltered={isFiltered} />}
        </nav>
        <div class="pad side-foot">
          <NoticeSwitches />
          <a class="bt" href={hrefOf('rules')}>
            {w.rules}
          </a>
          <p class="lab">{w.severityNote}</p>
        </div>
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
