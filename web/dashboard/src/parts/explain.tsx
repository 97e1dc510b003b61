/** Why the port is off: which terminals make the difference, and whether it is the feed. */

import type { AlertState, PortSummary } from '@quaywatch/contracts';
import {
  clock,
  DAY_MS,
  deviationPercent,
  duration,
  hourMinute,
  share,
  shortDate,
  signedPercentUnit,
  signedWhole,
  sizePercent,
  terminalName,
} from '@quaywatch/words';
import type { Span } from '../charts/chart-data.ts';
import { rangeOf, showing } from '../charts/chart-window.ts';
import { usePage } from '../context.tsx';
import { byUrgency, feedAnswer } from '../deviation.ts';

import { language, words } from '../settings.ts';
import { shownZone } from '../zone.ts';
import type { ChartState } from './chart-state.ts';
import { Lazy } from './lazy.tsx';

type Bar = { readonly terminal: string; readonly teu: number };
const barsMax = 6;

function Contributors({ bars }: { bars: readonly Bar[] }) {
  const largest = Math.max(1, ...bars.map((bar) => Math.abs(bar.teu)));
  return (
    <div class="cmp">
      {bars.map((bar) => (
        <>
          <span>{terminalName(bar.terminal, language.value)}</span>
          <i
            style={{
              width: `${(Math.abs(bar.teu) / largest) * 100}%`,
              background: bar.teu < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)',
            }}
          />
          <span class="num">{signedWhole(bar.teu)}</span>
        </>
      ))}
    </div>
  );
}

function Incident({ alert }: { alert: AlertState }) {
  const w = words.value;
  const pct = signedPercentUnit(alert.deviation_pct);
  const told = alert.contributors.reduce((sum, entry) => sum + entry.share_pct, 0);
  return (
    <>
      <div>
        <div class="fig small">{alert.size_teu === null ? w.sizeUnknown : `${signedWhole(alert.size_teu)} TEU`}</div>
        <p class="note">
          {alert.deviation_pct === null
            ? ''
            : alert.contributors.length > 0
              ? w.explainSome(pct, alert.contributors.length, share(Math.min(100, told)))
              : w.explainSize(pct)}
        </p>
      </div>
      <Contributors bars={alert.contributors.slice(0, barsMax)} />
    </>
  );
}

function Quiet({ code }: { code: string }) {
  const { live } = usePage();
  const bars = [...live.terminals(code).value.values()]
    .flatMap((terminal) =>
      terminal.rate === null || terminal.expected === null
        ? []
        : [{ terminal: terminal.terminal, teu: terminal.rate - terminal.expected }],
    )
    .sort((a, b) => Math.abs(b.teu) - Math.abs(a.teu))
    .slice(0, barsMax);
  return (
    <>
      <p class="note">{words.value.explainNone}</p>
      <Contributors bars={bars} />
    </>
  );
}

function IsItTheFeed({ port }: { port: PortSummary }) {
  const { live } = usePage();
  const w = words.value;
  const facts = w.feedFacts;
  const sinceMs = (live.clock.value?.asOfMs ?? 0) - DAY_MS;
  const windows = live.series(port.port, '', 300).value.filter((point) => point.start_ms >= sinceMs);
  const answer = feedAnswer(port);
  const less = deviationPercent(port.rate, port.expected);
  const watermarkMs = live.portClock.value?.watermarkMs ?? 0;
  return (
    <div class="ruled">
      <h3 class="h">
        {answer === 'hardly'
          ? w.isItFeed.hardly(share(100 - port.completeness * 100), sizePercent(less))
          : w.isItFeed[answer]}
      </h3>
      <div class="kv">
        <span>{facts.completeness}</span>
        <span>{share(port.completeness * 100)}</span>
        <span>{facts.feeds}</span>
        <span>
          {port.feeds.live} / {port.feeds.all}
        </span>
        <span>{facts.age}</span>
        <span>{port.feed_age_s === null ? '—' : duration(port.feed_age_s * 1000, language.value)}</span>
        <span>{facts.revised}</span>
        <span>{windows.filter((point) => point.revision > 0).length}</span>
        <span>{facts.backfilled}</span>
        <span>{windows.filter((point) => point.backfilled === true).length}</span>
        <span>{facts.watermark}</span>
        <span>{watermarkMs > 0 ? clock(watermarkMs, shownZone.value) : '—'}</span>
      </div>
    </div>
  );
}

const loadBrushed = () => import('../brush/brushed.tsx').then((loaded) => loaded.Brushed);

function stretchText({ fromMs, toMs }: Span): string {
  const isOneDay = toMs - fromMs < DAY_MS;
  const text = (timeMs: number) =>
    (isOneDay ? '' : `${shortDate(timeMs, language.value, shownZone.value)} `) + hourMinute(timeMs, shownZone.value);
  return `${text(fromMs)}–${text(toMs)}`;
}

/** What is explained is brushed on the chart, or is what the chart shows. */
function BrushButtons({ state }: { state: ChartState }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  return (
    <>
      <button
        type="button"
        class="tb"
        title={w.explainShownNote}
        onClick={() => {
          state.brushed.value = rangeOf(state.shown.peek(), live.clock.peek()?.asOfMs ?? nowMs.peek());
        }}
      >
        {w.explainShown}
      </button>
      <button
        type="button"
        class="tb"
        aria-pressed={state.isBrushing.value}
        title={w.brushNote}
        onClick={() => {
          state.isBrushing.value = !state.isBrushing.peek();
        }}
      >
        {w.brush}
      </button>
    </>
  );
}

export function Explain({ code, state }: { code: string; state: ChartState }) {
  const { live } = usePage();
  const w = words.value;
  const port = live.port(code).value;
  const span = state.brushed.value;
  const alert = byUrgency(live.alerts.value.values()).find(
    (entry) => entry.port === code && entry.status !== 'pending',
  );
  const deviation = deviationPercent(port?.rate ?? null, port?.expected ?? null);
  const onZoom = (wanted: Span) => {
    state.shown.value = showing(state.shown.peek(), wanted, live.clock.peek()?.asOfMs ?? wanted.toMs);
  };
  const onClose = () => {
    state.brushed.value = null;
  };
  return (
    <aside class="panel explain">
      <div class="ph">
        <h2 class="h">{w.explain}</h2>
        <span class="lab">
          {span !== null
            ? ''
            : alert === undefined
              ? signedPercentUnit(deviation)
              : `${hourMinute(alert.since_ms, shownZone.value)}–${hourMinute(alert.at_ms, shownZone.value)}`}
        </span>
        <div class="sp" />
        <BrushButtons state={state} />
      </div>
      {span === null ? (
        <div class="pad scroll stack">
          {alert === undefined ? <Quiet code={code} /> : <Incident alert={alert} />}
          {port !== null && <IsItTheFeed port={port} />}
        </div>
      ) : (
        <Lazy load={loadBrushed} props={{ code, span, stretch: stretchText(span), onZoom, onClose }} />
      )}
    </aside>
  );
}
