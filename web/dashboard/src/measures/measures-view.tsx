/** The measures that the customs programme names: how large a share each has, at which ports, over time, and whether it has shifted. */
import { useComputed, useSignal } from '@preact/signals';
import { type AlertState, PORTS, type RunSummary } from '@quaywatch/contracts';
import {
  alertTitle,
  DAY_MS,
  HOUR_MS,
  isoDate,
  isoTime,
  portByCode,
  portName,
  share,
  signedPercent,
} from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { saveCsv } from '../csv.ts';
import { isOpen } from '../deviation.ts';
import { hrefOf, route } from '../route.ts';
import { language, words } from '../settings.ts';
import { MeasureList } from './measure-list.tsx';
import { PortShares, type PortStanding } from './port-shares.tsx';
import { ShareChart, ShareTable, type ShiftFlag } from './share-chart.tsx';
import {
  joined,
  PROGRAMME,
  PROGRAMME_KEYS,
  type ProgrammeKey,
  type Sample,
  type Standing,
  samplesOf,
  standingOf,
} from './shares.ts';
import { hrefOfLooked, type Looked, lookedAt, STRETCH_NAMES, useWindows, type Windows } from './state.ts';
import { measureWords } from './words.ts';

/** Hours of two weeks would be a hedge: they are drawn by six. */
function stepOf(windows: Windows): number {
  if (windows.sizeS === 86400) return DAY_MS;
  return windows.toMs - windows.fromMs > 4 * DAY_MS ? 6 * HOUR_MS : HOUR_MS;
}

/** Of every measure, of the nation and of every port. A stretch is worked out once, not at every tick. */
function figuresOf(windows: Windows) {
  const stepMs = stepOf(windows);
  const byPort = Map.groupBy(windows.rows, (row) => row.port);
  const starts = windows.rows.map((row) => row.start_ms);
  const endMs = starts.reduce((last, start) => Math.max(last, start), 0) + windows.sizeS * 1000;
  const of = (key: ProgrammeKey, port: string): Standing =>
    standingOf(samplesOf(port === '' ? windows.rows : (byPort.get(port) ?? []), key), endMs, stepMs);
  const cache = new Map<string, Standing>();
  const at = (key: ProgrammeKey, port: string): Standing => {
    const known = cache.get(`${key}/${port}`);
    if (known !== undefined) return known;
    const made = of(key, port);
    cache.set(`${key}/${port}`, made);
    return made;
  };
  const lastYear = (key: ProgrammeKey, port: string): Sample[] =>
    joined(
      samplesOf(port === '' ? windows.lastYear : windows.lastYear.filter((row) => row.port === port), key),
      stepMs,
    );
  return { at, lastYear, stepMs, endMs };
}

function shiftsOf(alerts: Iterable<AlertState>, key: ProgrammeKey, port: string, fromMs: number): AlertState[] {
  const { alert: measure } = PROGRAMME[key];
  return [...alerts].filter(
    (alert) =>
      alert.kind === 'mix_shift' &&
      alert.measure === measure &&
      (port === '' || alert.port === port) &&
      alert.status !== 'pending' &&
      (isOpen(alert) || alert.since_ms >= fromMs),
  );
}

function Choices({ looked, runs }: { looked: Looked; runs: readonly RunSummary[] }) {
  const w = measureWords.value;
  const done = runs.filter((run) => run.kind === 'replay' && run.state === 'done');
  return (
    <>
      <fieldset class="seg" aria-label={w.stretch}>
        {STRETCH_NAMES.map((name) => (
          <a
            key={name}
            href={hrefOfLooked(looked, { stretch: name })}
            class={looked.stretch === name ? 'on' : ''}
            aria-current={looked.stretch === name ? 'true' : undefined}
          >
            {w.stretches[name]}
          </a>
        ))}
      </fieldset>
      {done.length > 0 && (
        <select
          class="in"
          aria-label={w.run}
          value={looked.run}
          onChange={(event) => {
            location.hash = hrefOfLooked(looked, { run: event.currentTarget.value });
          }}
        >
          <option value="live">{w.live}</option>
          {done.map((run) => (
            <option key={run.run} value={run.run}>
              {run.run}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

function Legend({ windows }: { windows: Windows }) {
  const w = measureWords.value;
  return (
    <span class="lab legend">
      <span>
        <svg width="20" height="8" aria-hidden="true">
          <path d="M0 4H20" stroke="var(--s-actual)" stroke-width="1.6" />
        </svg>
        {w.legend.actual}
      </span>
      <span>
        <svg width="20" height="9" aria-hidden="true">
          <rect width="20" height="9" fill="var(--s-band)" />
          <path d="M0 4.5H20" stroke="var(--s-expected)" stroke-dasharray="5 3" />
        </svg>
        {w.legend.level}
      </span>
      {windows.lastYearRun !== '' && (
        <span>
          <svg width="20" height="8" aria-hidden="true">
            <path d="M0 4H20" stroke="var(--s-last)" stroke-width="1.5" stroke-dasharray="1.5 2.5" />
          </svg>
          {w.lastYearOf(windows.lastYearRun)}
        </span>
      )}
    </span>
  );
}

function NoLastYear({ windows }: { windows: Windows }) {
  const w = measureWords.value;
  if (windows.lastYearRun !== '') return null;
  const shift = 364 * DAY_MS;
  const query = { first: isoDate(windows.fromMs - shift), end: isoDate(windows.toMs - shift + DAY_MS) };
  return (
    <span class="lab">
      {w.noLastYear} <a href={hrefOf('replay', '', query)}>{w.replayLastYear}</a>
    </span>
  );
}

type Figures = ReturnType<typeof figuresOf>;

function Panel({
  looked,
  windows,
  figures,
  alerts,
}: {
  looked: Looked;
  windows: Windows;
  figures: Figures;
  alerts: readonly AlertState[];
}) {
  const w = measureWords.value;
  const lang = language.value;
  const isTable = useSignal(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 't' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      event.preventDefault();
      isTable.value = !isTable.peek();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [isTable]);
  const { measure, port } = looked;
  const place = port === '' ? w.china : portName(port, lang);
  const standing = figures.at(measure, port);
  const flags: ShiftFlag[] = shiftsOf(alerts, measure, port, windows.fromMs).map((alert) => ({
    sinceMs: alert.since_ms,
    text: alertTitle(alert, lang),
    isUrgent: isOpen(alert) && alert.severity === 'critical',
  }));
  const label = w.chart(w.fullNames[measure], place);
  const { own } = PROGRAMME[measure];
  const level = standing.level;
  const note =
    figures.stepMs === HOUR_MS ? w.stepNote.hour : figures.stepMs === DAY_MS ? w.stepNote.day : w.stepNote.six;
  return (
    <section class="panel me-chart">
      <div class="me-head">
        <div>
          <h2 class="pt">
            {place} <span>{w.fullNames[measure]}</span>
          </h2>
          <p class="note">{w.meaning[measure]}</p>
        </div>
        <dl class="kpis">
          <div class="st">
            <dt class="lab">{w.lastDay}</dt>
            <dd>{share(standing.share)}</dd>
          </div>
          <div class="st">
            <dt class="lab">{w.points}</dt>
            <dd
              class={level === null ? 'dim' : ''}
              title={level === null ? w.noLevel : w.change(signedPercent(standing.change), share(level.share))}
            >
              {signedPercent(standing.change)}
            </dd>
          </div>
          {own !== 'all' && (
            <div class="st">
              <dt class="lab">{w.ofOwn[own]}</dt>
              <dd>{share(standing.ownShare)}</dd>
            </div>
          )}
        </dl>
      </div>
      <div class="ph">
        <span class="lab">%, {note}</span>
        <Legend windows={windows} />
        <div class="sp" />
        <NoLastYear windows={windows} />
        <button
          type="button"
          class="tb"
          aria-pressed={isTable.value}
          onClick={() => {
            isTable.value = !isTable.value;
          }}
        >
          {isTable.value ? words.value.chart : words.value.table} <span class="kbd">T</span>
        </button>
      </div>
      {isTable.value ? (
        <ShareTable samples={standing.samples} stepMs={figures.stepMs} label={label} />
      ) : (
        <ShareChart
          samples={standing.samples}
          lastYear={figures.lastYear(measure, port)}
          level={standing.level}
          stepMs={figures.stepMs}
          fromMs={windows.fromMs}
          toMs={windows.toMs}
          flags={flags}
          label={label}
        />
      )}
    </section>
  );
}

function exportShares(looked: Looked, figures: Figures, ports: readonly PortStanding[]): void {
  const w = measureWords.peek();
  const head = [
    'port',
    'name_en',
    'name_zh',
    'share_24h_pct',
    'own_level_pct',
    'change_points',
    'share_of_own_direction_pct',
    'teu_24h',
    'shifts',
  ];
  const rounded = (value: number | null | undefined) =>
    value === null || value === undefined ? null : Number(value.toFixed(3));
  const row = (code: string, standing: Standing | undefined, shifts: number) => [
    code,
    portByCode(code)?.nameEn ?? 'China',
    portByCode(code)?.nameZh ?? '中国',
    rounded(standing?.share),
    rounded(standing?.level?.share),
    rounded(standing?.change),
    rounded(standing?.ownShare),
    rounded(standing?.teu),
    shifts,
  ];
  const rows = [
    row('CN', figures.at(looked.measure, ''), 0),
    ...ports.map((port) => row(port.code, port.standing, port.shifts)),
  ];
  const asOf = isoTime(figures.endMs);
  const about = w.csvAbout(w.fullNames[looked.measure], looked.run, w.levelNote, asOf);
  saveCsv(`quaywatch-${looked.measure}-${asOf.slice(0, 13)}.csv`, about, [head, ...rows]);
}

export function MeasuresView() {
  const { live } = usePage();
  const w = measureWords.value;
  const looked = lookedAt(route.value);
  const { windows, failure, runs, retry } = useWindows(looked);
  const held = useSignal<Windows | null>(null);
  if (held.peek() !== windows) held.value = windows;
  const figures = useComputed(() => (held.value === null ? null : figuresOf(held.value))).value;
  const alerts = looked.run === 'live' ? [...live.alerts.value.values()] : (windows?.alerts ?? []);
  const fromMs = windows?.fromMs ?? 0;
  const ports: PortStanding[] = PORTS.map(({ code }) => ({
    code,
    standing: figures?.at(looked.measure, code),
    shifts: shiftsOf(alerts, looked.measure, code, fromMs).filter(isOpen).length,
  }));
  const standings = new Map(
    PROGRAMME_KEYS.flatMap((key) => (figures === null ? [] : [[key, figures.at(key, looked.port)] as const])),
  );
  const shifts = new Map(
    PROGRAMME_KEYS.map((key) => [key, shiftsOf(alerts, key, looked.port, fromMs).filter(isOpen).length] as const),
  );
  const hasRows = windows !== null && windows.rows.length > 0;
  return (
    <>
      <section class="sub">
        <div class="sub-name">
          <div class="lab">
            {w.scope} · {w.simulated}
          </div>
          <h1 class="pt">{w.title}</h1>
        </div>
        <div class="sp" />
        <Choices looked={looked} runs={runs} />
        <button
          type="button"
          class="tb"
          disabled={figures === null}
          onClick={() => figures !== null && exportShares(looked, figures, ports)}
        >
          CSV
        </button>
      </section>
      <MeasureList looked={looked} standings={standings} stepMs={figures?.stepMs ?? HOUR_MS} shifts={shifts} />
      {failure !== '' && (
        <p class="me-failure" role="alert">
          {w.failed(failure)}{' '}
          <button type="button" class="tb" onClick={retry}>
            {w.failedRetry}
          </button>
        </p>
      )}
      {hasRows && figures !== null ? (
        <Panel looked={looked} windows={windows} figures={figures} alerts={alerts} />
      ) : (
        <section class="panel me-chart">
          <p class="empty">{windows === null ? w.loading : w.empty}</p>
        </section>
      )}
      <PortShares
        looked={looked}
        ports={ports}
        nation={figures?.at(looked.measure, '')}
        stepMs={figures?.stepMs ?? HOUR_MS}
      />
    </>
  );
}
