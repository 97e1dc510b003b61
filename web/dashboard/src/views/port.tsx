/** One port: its figures, its chart, why it is off, its terminals and the vessels at work. */

import { useSignal } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import {
  alertAge,
  alertTitle,
  clusterName,
  compact,
  deviationPercent,
  isoTime,
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

import { usePage } from '../context.tsx';
import { saveCsv } from '../csv.ts';
import { byUrgency, deltaClass } from '../deviation.ts';

import { useChartState } from '../parts/chart-state.ts';
import { Explain } from '../parts/explain.tsx';
import { useChannels, useTick } from '../parts/hooks.ts';
import { SeverityIcon } from '../parts/icons.tsx';
import { Mix } from '../parts/mix.tsx';
import { PortChart } from '../parts/port-chart.tsx';
import { Berths, Terminals } from '../parts/terminals.tsx';

import { go, hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

import type { World } from '../wire/store.ts';

function exportWindows(world: World, code: string): void {
  const points = world.series(code, '', 300).peek();
  const asOfMs = world.clock.peek()?.asOfMs ?? 0;
  const about = `Quaywatch: ${portName(code, 'en')} ${code}, customs scope (import + export), TEU a 5-minute window; last_year = 364 days before; simulated feeds; as of ${isoTime(asOfMs)} (UTC+8)`;
  const head = [
    'start',
    'teu',
    'moves',
    'expected',
    'band_half_width',
    'last_year',
    'revision',
    'was',
    'completeness',
    'backfilled',
    'open',
  ];
  const rows = points.map((point) => [
    isoTime(point.start_ms),
    point.teu,
    point.moves,
    point.expected,
    point.band,
    point.last_year,
    point.revision,
    point.was ?? null,
    point.completeness,
    String(point.backfilled === true),
    String(point.open === true),
  ]);
  saveCsv(`quaywatch-${code}-${isoTime(asOfMs).slice(0, 16).replace(':', '')}.csv`, about, [head, ...rows]);
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
      {stat(w.todayTeu, whole(port?.today ?? null))}
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
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const isCopied = useSignal(false);
  const port = portByCode(code);
  const state = useChartState(code);
  useChannels(port === undefined ? [] : [`port:${code}`]);
  if (port === undefined) return <NoPort code={code} />;
  const share = async () => {
    await navigator.clipboard?.writeText(location.href).catch(() => undefined);
    isCopied.value = true;
    setTimeout(() => {
      isCopied.value = false;
    }, 2000);
  };
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
        <button type="button" class="tb" onClick={share}>
          {isCopied.value ? w.copied : w.share}
        </button>
        <button type="button" class="tb" onClick={() => exportWindows(live, code)}>
          CSV
        </button>
      </section>
      <section class="panel chart-panel">
        <PortChart code={code} state={state} />
        <Mix mix={live.port(code).value?.mix ?? null} />
      </section>
      <Explain code={code} state={state} />
      <section class="below">
        <div class="panel">
          <Terminals code={code} />
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
