/** One alert in full: what, how large, how sure, since when, why it fired, who was told, who did what. Every figure is the alert's own. */
import { useSignal } from '@preact/signals';
import { ALERT_KINDS, type AlertState } from '@quaywatch/contracts';
import {
  alertAge,
  alertSentence,
  alertTitle,
  clock,
  DAY_MS,
  duration,
  HOUR_MS,
  hourMinute,
  isInPercent,
  kindName,
  type Language,
  levelName,
  placeName,
  portName,
  severityName,
  share,
  shortDate,
  signedPercentUnit,
  signedTeu,
  span,
  strongestZ,
  sureWords,
  valueWords,
  zoneName,
} from '@quaywatch/words';
import { PointTable } from '../charts/point-table.tsx';
import { ThroughputChart } from '../charts/throughput-chart.tsx';
import { usePage } from '../context.tsx';
import { saveText } from '../csv.ts';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { api } from '../wire/api.ts';
import { zoneFor } from '../zone.ts';
import { flagsOf } from './alert-flags.ts';
import { Acknowledged, HeldBack, Life, useHistory } from './alert-life.tsx';
import { AlertContributors, EndsWhen, Evidence, LikeBefore } from './alert-why.tsx';
import { usePoints } from './chart-state.ts';
import { useTableKey } from './hooks.ts';
import { SeverityIcon } from './icons.tsx';
import { AlertActions, PhaseBar, replayOf } from './incidents.tsx';

function Facts({ alert }: { alert: AlertState }) {
  const w = words.value;
  const lang = language.value;
  const { value, expected, band, kind } = alert;
  const z = strongestZ(alert);
  const low = (expected ?? 0) - (band ?? 0);
  const edges =
    expected === null || band === null
      ? ''
      : `${valueWords(kind === 'year_on_year' ? low : Math.max(0, low), kind)}–${valueWords(expected + band, kind)}`;
  const over = w.windowOf(span(alert.window_s * 1000, lang));
  // Reports that do not come, or come late, have no value to be judged.
  const isOfReports = kind === 'feed_silent' || kind === 'feed_late';
  const fact = (label: string, figure: string, under: string) => (
    <div>
      <dt class="lab">{label}</dt>
      <dd>{figure}</dd>
      <dd>{under}</dd>
    </div>
  );
  return (
    <dl class={isOfReports ? 'a-facts two' : 'a-facts'}>
      {!isOfReports && (
        <>
          {fact(w.value, valueWords(value, kind), isInPercent(kind) ? over : `${w.unitRate}, ${over}`)}
          {fact(w.expected, valueWords(expected, kind), edges)}
          {fact(
            w.sizeSoFar,
            signedTeu(alert.size_teu, lang),
            alert.size_teu === null ? w.sizeUnknown : `TEU, ${signedPercentUnit(alert.deviation_pct)}`,
          )}
          {fact(w.howSure, z === null ? '—' : `${z.toFixed(1)} σ`, sureWords(z, lang).split(/[:：]/)[0] ?? '')}
        </>
      )}
      {fact(
        w.firstTold,
        hourMinute(alert.first_at_ms, zoneFor(alert.port)),
        `${shortDate(alert.first_at_ms, lang, zoneFor(alert.port))}${lang === 'zh' ? '，' : ', '}${w.afterBegin(duration(alert.first_at_ms - alert.since_ms, lang))}`,
      )}
      {fact(
        w.completeness,
        share(alert.completeness * 100),
        w.watermarkAt(clock(alert.watermark_ms, zoneFor(alert.port))),
      )}
    </dl>
  );
}

/** The chart of the port; of a cluster or the nation that of its largest contributor, and it says so. */
function Chart({ alert }: { alert: AlertState }) {
  const port = alert.port === '' ? (alert.contributors[0]?.port ?? '') : alert.port;
  return port === '' ? null : <ChartOf alert={alert} port={port} />;
}

function ChartOf({ alert, port }: { alert: AlertState; port: string }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const now = nowMs.value;
  const endMs =
    alert.status === 'resolved' ? Math.min(now, alert.at_ms + 6 * HOUR_MS) : (live.clock.value?.asOfMs ?? now);
  const range = { fromMs: Math.max(alert.since_ms - 12 * HOUR_MS, endMs - 4 * DAY_MS), toMs: endMs };
  const { points } = usePoints(port, { size: 'five' }, range);
  const isTable = useSignal(false);
  useTableKey(isTable);
  const label = w.portChart(portName(port, lang), w.sizeNote.five);
  return (
    <>
      {alert.port === '' && <p class="a-of lab">{w.chartOfLead(portName(port, lang))}</p>}
      <div class="a-bar">
        <span class="lab">{label}</span>
        <span class="sp" />
        <button
          type="button"
          class="tb"
          aria-pressed={isTable.value}
          onClick={() => {
            isTable.value = !isTable.peek();
          }}
        >
          {isTable.value ? w.chart : w.table} <span class="kbd">T</span>
        </button>
      </div>
      <div class="a-chart">
        {isTable.value ? (
          <PointTable
            points={points.filter((point) => point.start_ms >= range.fromMs && point.start_ms <= range.toMs)}
            label={label}
            zone={zoneFor(alert.port)}
          />
        ) : (
          <ThroughputChart
            points={points}
            sizeS={300}
            range={range}
            nowMs={endMs}
            flags={flagsOf([{ ...alert, port }], port, (id) => live.life(id).value)}
            label={label}
            zone={zoneFor(alert.port)}
          />
        )}
      </div>
    </>
  );
}

function Below({ alert }: { alert: AlertState }) {
  const w = words.value;
  const history = useHistory(alert);
  const other = language.value === 'zh' ? 'en' : 'zh';
  return (
    <>
      <div class="a-cols">
        <div>
          <Life alert={alert} history={history} />
        </div>
        <div>
          <AlertContributors alert={alert} />
          <EndsWhen alert={alert} />
          <HeldBack alert={alert} history={history} />
          <LikeBefore alert={alert} />
        </div>
      </div>
      <Evidence alert={alert} />
      <div class="a-other">
        <h2 class="h">{w.inOther}</h2>
        <p class="note" lang={other === 'zh' ? 'zh-CN' : 'en'}>
          {alertTitle(alert, other)}
          {other === 'zh' ? '。' : '. '}
          {alertSentence(alert, alert.at_ms, other, zoneFor(alert.port))}
        </p>
      </div>
    </>
  );
}

async function saveCap(alert: AlertState): Promise<void> {
  const answer = await api.cap(alert.alert_id);
  if (answer.ok)
    saveText(`${alert.alert_id.replaceAll(/[^\w.-]+/g, '-')}.cap.xml`, answer.value, 'application/cap+xml');
}

/** A built-in rule is called as the kind that it finds. */
function ruleName(rule: string, lang: Language): string {
  const kind = ALERT_KINDS.find((one) => one === rule);
  return kind === undefined ? rule : kindName(kind, lang);
}

function Head({ alert }: { alert: AlertState }) {
  const { nowMs, dialogs } = usePage();
  const w = words.value;
  const lang = language.value;
  const now = nowMs.value;
  const place = placeName(alert, lang);
  return (
    <div class="a-head">
      <SeverityIcon severity={alert.severity} size={22} label={severityName(alert.severity, lang)} />
      <div>
        <h1 class="pt">{alertTitle(alert, lang)}</h1>
        <div class="lab">
          {kindName(alert.kind, lang)} · {levelName(alert.level, lang)}{' '}
          {alert.port === '' ? place : <a href={hrefOf('port', alert.port)}>{place}</a>} · {alertAge(alert, now, lang)}{' '}
          · <a href={hrefOf('rules', alert.kind)}>{w.ruleLine(ruleName(alert.rule, lang), alert.rules_version)}</a>
          {alert.simulated ? ` · ${w.simulated}` : ''} · {w.eventTime(zoneName(alert.at_ms, zoneFor(alert.port)))}
        </div>
      </div>
      <p class="note">{alertSentence(alert, now, lang, zoneFor(alert.port))}</p>
      <Acknowledged alert={alert} />
      <div class="acts">
        <AlertActions alert={alert} nowMs={now} hasKey isFull />
        <button type="button" class="bt" onClick={() => dialogs.show({ kind: 'note', alertId: alert.alert_id })}>
          {w.addNote}
        </button>
        <button type="button" class="bt" onClick={() => replayOf(alert)}>
          {w.replay}
        </button>
        <button type="button" class="bt" title={w.capTitle} onClick={() => saveCap(alert)}>
          CAP
        </button>
      </div>
    </div>
  );
}

export function AlertDetail({ alert }: { alert: AlertState }) {
  const { nowMs } = usePage();
  return (
    <section class="panel">
      <div class="scroll stackless">
        <Head alert={alert} />
        <Facts alert={alert} />
        <Chart alert={alert} />
        <div class="a-phase">
          <PhaseBar alert={alert} nowMs={nowMs.value} />
        </div>
        <Below key={alert.alert_id} alert={alert} />
      </div>
    </section>
  );
}
