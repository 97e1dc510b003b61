/** Why the port is off: which terminals make the difference, and whether it is the feed. */

import type { AlertState, PortSummary } from '@quaywatch/contracts';
import {
  clock,
  DAY_MS,
  deviationPercent,
  duration,
  hourMinute,
  share,
  signedPercentUnit,
  signedWhole,
  terminalName,
} from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { byUrgency } from '../deviation.ts';

import { language, words } from '../settings.ts';

type Bar = { readonly terminal: string; readonly teu: number };
const barsMax = 6;

export function Contributors({ bars }: { bars: readonly Bar[] }) {
  const largest = Math.max(1, ...bars.map((bar) => Math.abs(bar.teu)));
  return (
    <div class="cmp">
      {bars.map((bar) => (
        <>
          <span>{terminalName(bar.terminal)}</span>
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
  const answer =
    port.feed === 'silent' || port.feed === 'none'
      ? w.isItFeed.yes
      : port.completeness >= 0.98 && port.feed === 'live'
        ? w.isItFeed.no
        : w.isItFeed.maybe;
  const watermarkMs = live.portClock.value?.watermarkMs ?? 0;
  return (
    <div class="ruled">
      <h3 class="h">{answer}</h3>
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
        <span>{watermarkMs > 0 ? clock(watermarkMs) : '—'}</span>
      </div>
    </div>
  );
}

export function Explain({ code }: { code: string }) {
  const { live } = usePage();
  const w = words.value;
  const port = live.port(code).value;
  const alert = byUrgency(live.alerts.value.values()).find(
    (entry) => entry.port === code && entry.status !== 'pending',
  );
  const deviation = deviationPercent(port?.rate ?? null, port?.expected ?? null);
  return (
    <aside class="panel explain">
      <div class="ph">
        <h2 class="h">{w.explain}</h2>
        <span class="lab">
          {alert === undefined
            ? signedPercentUnit(deviation)
            : `${hourMinute(alert.since_ms)}–${hourMinute(alert.at_ms)}`}
        </span>
      </div>
      <div class="pad scroll stack">
        {alert === undefined ? <Quiet code={code} /> : <Incident alert={alert} />}
        {port !== null && <IsItTheFeed port={port} />}
      </div>
    </aside>
  );
}
