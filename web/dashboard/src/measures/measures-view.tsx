/** The measures that the customs programme names: how large a share each has, at which ports, over time, and whether it has shifted. */
import { useComputed, useSignal } from '@preact/signals';
import { PORTS, type RunSummary } from '@quaywatch/contracts';
import { HOUR_MS, isoTime, portByCode, zoneName } from '@quaywatch/words';
import { usePage } from '../context.tsx';
import { fileTime, saveCsv } from '../csv.ts';
import { isOpen } from '../deviation.ts';
import { route } from '../route.ts';
import { shownZone } from '../zone.ts';
import { type Figures, figuresOf, shiftsOf } from './figures.ts';
import { MeasureList } from './measure-list.tsx';
import { PortShares, type PortStanding } from './port-shares.tsx';
import { SharePanel } from './share-panel.tsx';
import { PROGRAMME_KEYS, type Standing } from './shares.ts';
import {
  hrefOfLooked,
  isSimulatedOf,
  type Looked,
  lookedAt,
  STRETCH_NAMES,
  useWindows,
  type Windows,
} from './state.ts';
import { measureWords } from './words.ts';

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

function exportShares(looked: Looked, figures: Figures, ports: readonly PortStanding[], isSimulated: boolean): void {
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
  const asOf = isoTime(figures.endMs, shownZone.peek());
  const about = w.csvAbout(
    w.fullNames[looked.measure],
    looked.run,
    w.levelNote,
    `${asOf} (${zoneName(figures.endMs, shownZone.peek())})`,
    isSimulated,
  );
  saveCsv(`quaywatch-${looked.measure}-${fileTime(figures.endMs, shownZone.peek())}.csv`, about, [head, ...rows]);
}

/** What is shown of the chosen measure and place, port by port and measure by measure. */
function useShown(looked: Looked, windows: Windows | null, figures: Figures | null) {
  const { live } = usePage();
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
  return { ports, standings, shifts, alerts };
}

export function MeasuresView() {
  const w = measureWords.value;
  const { connection } = usePage();
  const looked = lookedAt(route.value);
  const isSimulated = isSimulatedOf(looked, connection.isSimulated.value);
  const { windows, failure, runs, retry } = useWindows(looked);
  const held = useSignal<Windows | null>(null);
  if (held.peek() !== windows) held.value = windows;
  const figures = useComputed(() => (held.value === null ? null : figuresOf(held.value))).value;
  const { ports, standings, shifts, alerts } = useShown(looked, windows, figures);
  const hasRows = windows !== null && windows.rows.length > 0;
  return (
    <>
      <section class="sub">
        <div class="sub-name">
          <div class="lab">
            {w.scope}
            {isSimulated ? ` · ${w.simulated}` : ''}
          </div>
          <h1 class="pt">{w.title}</h1>
        </div>
        <div class="sp" />
        <Choices looked={looked} runs={runs} />
        <button
          type="button"
          class="tb"
          disabled={figures === null}
          onClick={() => figures !== null && exportShares(looked, figures, ports, isSimulated)}
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
        <SharePanel looked={looked} windows={windows} figures={figures} alerts={alerts} isSimulated={isSimulated} />
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
