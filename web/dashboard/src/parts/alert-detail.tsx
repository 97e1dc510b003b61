/** One alert in full: what, how large, since when, why it fired, who did what. Every figure of it is the alert's own. */

import type { AlertState } from '@quaywatch/contracts';
import {
  alertAge,
  alertBrief,
  alertSize,
  alertTitle,
  clock,
  DAY_MS,
  dayMonth,
  duration,
  HOUR_MS,
  moment,
  portName,
  reasonWords,
  severityName,
  share,
  signedPercentUnit,
  signedWhole,
  statusName,
  whole,
} from '@quaywatch/words';
import { useEffect } from 'preact/hooks';

import { ThroughputChart } from '../charts/throughput-chart.tsx';
import { usePage } from '../context.tsx';

import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';

import { api } from '../wire/api.ts';
import { flagsOf } from './alert-flags.ts';
import { Contributors } from './explain.tsx';
import { SeverityIcon } from './icons.tsx';
import { AlertActions, PhaseBar, replayOf } from './incidents.tsx';

function Facts({ alert }: { alert: AlertState }) {
  const w = words.value;
  const { value, expected, band } = alert;
  const edges =
    expected === null || band === null ? '' : `${whole(Math.max(0, expected - band))}–${whole(expected + band)}`;
  const fact = (label: string, figure: string, under: string) => (
    <div>
      <dt class="lab">{label}</dt>
      <dd>{figure}</dd>
      <dd>{under}</dd>
    </div>
  );
  return (
    <dl class="a-facts">
      {fact(w.value, whole(value), `${w.unitRate}, ${w.windowOf(duration(alert.window_s * 1000, language.value))}`)}
      {fact(w.expected, whole(expected), edges)}
      {fact(
        w.sizeSoFar,
        signedWhole(alert.size_teu),
        alert.size_teu === null ? w.sizeUnknown : `TEU, ${signedPercentUnit(alert.deviation_pct)}`,
      )}
      {fact(w.completeness, share(alert.completeness * 100), w.watermarkAt(clock(alert.watermark_ms)))}
    </dl>
  );
}

function Life({ alert }: { alert: AlertState }) {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const seen = live.life(alert.alert_id).value;
  const steps = seen.length > 0 ? seen : [alert];
  const events = [
    { atMs: alert.since_ms, text: <>{alertBrief(alert, alert.at_ms, lang)}</> },
    ...steps.map((step) => ({
      atMs: step.known_at_ms,
      text: (
        <>
          <b>{statusName(step.status, language.value)}</b>: {reasonWords(step.reason, lang)}
        </>
      ),
    })),
    ...(alert.acknowledged === null
      ? []
      : [
          {
            atMs: alert.acknowledged.at_ms,
            text: (
              <>
                {w.acknowledgedBy(
                  clock(alert.acknowledged.at_ms).slice(0, 5),
                  alert.acknowledged.by,
                  alert.acknowledged.note,
                )}
              </>
            ),
          },
        ]),
  ].sort((a, b) => a.atMs - b.atMs);
  return (
    <div>
      <h2 class="h">{w.whatHappened}</h2>
      <div class="ev">
        {events.map((event, index) => (
          <>
            <span key={`t${index}`}>
              {dayMonth(event.atMs, lang)} {clock(event.atMs).slice(0, 5)}
            </span>
            <span key={`e${index}`}>{event.text}</span>
          </>
        ))}
      </div>
      {seen.length === 0 && <p class="lab">{w.whatHappenedNone}</p>}
    </div>
  );
}

function Below({ alert, nowMs: now }: { alert: AlertState; nowMs: number }) {
  const w = words.value;
  const lang = language.value;
  const other = lang === 'zh' ? 'en' : 'zh';
  return (
    <div class="a-cols">
      <Life alert={alert} />
      <div>
        <h2 class="h">{w.contributors}</h2>
        {alert.contributors.length === 0 ? (
          <p class="note">{w.noContributors}</p>
        ) : (
          <Contributors bars={alert.contributors.slice(0, 8)} />
        )}
        <h2 class="h gap">{w.inOther}</h2>
        <p class="note" lang={other === 'zh' ? 'zh-CN' : 'en'}>
          {alertTitle(alert, other)}
          {other === 'zh' ? '。' : '. '}
          {alertBrief(alert, now, other)} {alertSize(alert, other)?.size} {alertSize(alert, other)?.rest}
        </p>
        {alert.silenced_until_ms !== null && alert.silenced_until_ms > now && (
          <p class="note">{w.silencedUntil(moment(alert.silenced_until_ms, now, lang))}</p>
        )}
      </div>
    </div>
  );
}

export function AlertDetail({ alert }: { alert: AlertState }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const now = nowMs.value;
  const endMs =
    alert.status === 'resolved' ? Math.min(now, alert.at_ms + 6 * HOUR_MS) : (live.clock.value?.asOfMs ?? now);
  const range = { fromMs: Math.max(alert.since_ms - 12 * HOUR_MS, endMs - 4 * DAY_MS), toMs: endMs };
  const { fromMs } = range;
  const toHour = Math.ceil(endMs / HOUR_MS) * HOUR_MS;
  useEffect(() => {
    void api.throughput({ port: alert.port, size: 300, from: fromMs, to: toHour }).then((answer) => {
      if (answer.ok) live.putHistory(answer.value.windows);
    });
  }, [alert.port, fromMs, toHour, live]);
  const size = alertSize(alert, lang);
  return (
    <section class="panel">
      <div class="scroll stackless">
        <div class="a-head">
          <SeverityIcon severity={alert.severity} size={22} label={severityName(alert.severity, language.value)} />
          <div>
            <h1 class="pt">{alertTitle(alert, lang)}</h1>
            <div class="lab">
              {w.incidentLine(alert.alert_id, alert.rule, alert.rules_version)}
              {alert.simulated ? ` · ${w.simulated}` : ''} ·{' '}
              <a href={hrefOf('port', alert.port)}>{portName(alert.port, lang)}</a> · {alertAge(alert, now, lang)}
            </div>
          </div>
          <p class="note">
            {alertBrief(alert, now, lang)} {size !== null && <b>{size.size}</b>} {size?.rest}
          </p>
          <div class="acts">
            <AlertActions alert={alert} nowMs={now} hasKey hasReplay={false} />
            <button type="button" class="bt" onClick={() => replayOf(alert)}>
              {w.replay}
            </button>
          </div>
        </div>
        <Facts alert={alert} />
        <div class="a-chart">
          <ThroughputChart
            points={live.series(alert.port, '', 300).value}
            sizeS={300}
            range={range}
            nowMs={endMs}
            flags={flagsOf([alert], alert.port, (id) => live.life(id).value)}
            label={w.portChart(portName(alert.port, lang), w.sizeNote.minute)}
          />
        </div>
        <div class="a-phase">
          <PhaseBar alert={alert} nowMs={now} />
        </div>
        <Below alert={alert} nowMs={now} />
      </div>
    </section>
  );
}
