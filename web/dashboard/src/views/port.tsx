/** One port: its figures, its chart, why it is off, its terminals and the vessels at work. */

import { PORTS } from '@quaywatch/contracts';
import {
  alertAge,
  alertTitle,
  clusterName,
  compact,
  deviationPercent,
  kindName,
  phaseName,
  portByCode,
  portName,
  severityName,
  signedPercentUnit,
  sizePercent,
  terminalsOfPort,
  whole,
} from '@quaywatch/words';
import type { ComponentChildren } from 'preact';

import { rangeOf, SIZES } from '../charts/chart-window.ts';
import { usePage } from '../context.tsx';
import { byUrgency, deltaClass } from '../deviation.ts';

import { exportCsv, exportPng } from '../parts/chart-export.ts';
import { type ChartState, useChartState } from '../parts/chart-state.ts';
import { Explain } from '../parts/explain.tsx';
import { useChannels, useTick } from '../parts/hooks.ts';
import { SeverityIcon } from '../parts/icons.tsx';
import { LedgerLine } from '../parts/ledger.tsx';
import { Mix } from '../parts/mix.tsx';
import { PortChart } from '../parts/port-chart.tsx';
import { Berths, Terminals } from '../parts/terminals.tsx';

import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { dayNote, zoneFor } from '../zone.ts';

function Tools({ code, state }: { code: string; state: ChartState }) {
  const { live, nowMs, connection, dialogs } = usePage();
  const w = words.value;
  const exported = () => {
    const asOfMs = live.clock.peek()?.asOfMs ?? nowMs.peek();
    return {
      code,
      sizeS: SIZES[state.shown.peek().size],
      range: rangeOf(state.shown.peek(), asOfMs),
      points: state.visible.current,
      asOfMs,
      isSimulated: connection.isSimulated.peek(),
      zone: zoneFor(code),
    };
  };
  return (
    <div class="sub-tools">
      <button type="button" class="tb" onClick={() => dialogs.show({ kind: 'share' })}>
        {w.share}
      </button>
      <button type="button" class="tb" onClick={() => exportCsv(exported())}>
        CSV
      </button>
      <button type="button" class="tb" onClick={() => exportPng(exported())}>
        PNG
      </button>
    </div>
  );
}

function Kpis({ code }: { code: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const port = live.port(code).value;
  const ref = useTick(port?.rate ?? null);
  const deviation = deviationPercent(port?.rate ?? null, port?.expected ?? null);
  const alert = byUrgency(live.alerts.value.values()).find(
    (entry) => entry.port === code && entry.status !== 'pending',
  );
  const stat = (label: string, value: ComponentChildren, style = '') => (
    <div class="st">
      <dt class="lab">{label}</dt>
      <dd class={style}>{value}</dd>
    </div>
  );
  return (
    <dl class="kpis">
      {stat(
        `${w.rate}, ${w.unitRate}`,
        <span ref={ref} class={port?.provisional === true ? 'prov' : ''}>
          {whole(port?.rate ?? null)}
        </span>,
      )}
      {stat(
        w.vsExpected(whole(port?.expected ?? null)),
        deviation === null ? '—' : `${deviation < 0 ? '▼' : '▲'} ${sizePercent(deviation)}`,
        deltaClass(deviation),
      )}
      {stat(w.todayTeu + dayNote.value, whole(port?.today ?? null))}
      {stat(w.ytdShort, compact(port?.ytd ?? null, lang))}
      {stat(w.yoyOfficial, signedPercentUnit(port?.yoy_pct ?? null), deltaClass(port?.yoy_pct ?? null))}
      {stat(
        w.incidentHead,
        alert === undefined ? (
          <span class="dim plain">{w.noIncident}</span>
        ) : (
          <a href={hrefOf('alerts', alert.alert_id)} title={alertTitle(alert, lang)}>
            <SeverityIcon severity={alert.severity} size={16} label={severityName(alert.severity, language.value)} />
            {alert.kind === 'stall' || alert.kind === 'drop'
              ? phaseName(alert.phase, language.value)
              : kindName(alert.kind, language.value)}{' '}
            {alertAge(alert, nowMs.value, lang)}
          </a>
        ),
        alert !== undefined && alert.severity !== 'info' ? 'al' : '',
      )}
    </dl>
  );
}

export function PortView({ code }: { code: string }) {
  const w = words.value;
  const lang = language.value;
  const port = portByCode(code);
  const state = useChartState(code);
  useChannels(port === undefined ? [] : [`port:${code}`]);
  if (port === undefined) return <NoPort code={code} />;
  return (
    <main class="v-port">
      <section class="sub">
        <div class="sub-name">
          <div class="lab">
            {code} · {w.portLine(clusterName(port.clusterGroup, language.value), terminalsOfPort(code).length)}
          </div>
          <h1 class="pt">
            {portName(code, lang)} <span>{lang === 'zh' ? port.nameEn : port.nameZh}</span>
          </h1>
        </div>
        <Kpis code={code} />
        <div class="sp" />
        <Tools code={code} state={state} />
      </section>
      <section class="panel chart-panel">
        <PortChart code={code} state={state} />
        <Mix code={code} />
      </section>
      <Explain code={code} state={state} />
      <section class="below">
        <div class="panel">
          <Terminals code={code} />
          <LedgerLine code={code} />
        </div>
        <Berths code={code} />
      </section>
    </main>
  );
}

function NoPort({ code }: { code: string }) {
  const w = words.value;
  return (
    <main class="panel">
      <div class="pad">
        {code !== '' && <p class="note">{w.unknownPort(code)}</p>}
        <label class="note">
          {w.choosePort}{' '}
          <select class="in" onChange={(event) => go('port', event.currentTarget.value)}>
            <option value="">—</option>
            {PORTS.map((port) => (
              <option key={port.code} value={port.code}>
                {portName(port.code, language.value)} {port.code}
              </option>
            ))}
          </select>
        </label>
      </div>
    </main>
  );
}
