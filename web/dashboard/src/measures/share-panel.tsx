/** One measure of the nation or of a port: its figures, its chart over time and the table behind it. */
import { useSignal } from '@preact/signals';
import type { AlertState } from '@quaywatch/contracts';
import {
  alertTitle,
  DAY_MS,
  HOUR_MS,
  hourMinute,
  isoDate,
  portName,
  share,
  shortDate,
  signedPercent,
  ZONE,
  zoneNameOver,
} from '@quaywatch/words';
import { fileTime } from '../csv.ts';
import { isOpen } from '../deviation.ts';
import { useTableKey } from '../parts/hooks.ts';
import { canvasOf, savePng } from '../parts/png.ts';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { shownZone, zoneOfWindows } from '../zone.ts';
import { type Figures, shiftsOf } from './figures.ts';
import { ShareChart, ShareTable, type ShiftFlag } from './share-chart.tsx';
import { PROGRAMME, type Standing } from './shares.ts';
import { type Looked, shownFrom, type Windows } from './state.ts';
import { measureWords } from './words.ts';

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
  const query = { first: isoDate(windows.fromMs - shift, ZONE), end: isoDate(windows.toMs - shift + DAY_MS, ZONE) };
  return (
    <span class="lab">
      {w.noLastYear} <a href={hrefOf('replay', '', query)}>{w.replayLastYear}</a>
    </span>
  );
}

function Head({ looked, place, standing }: { looked: Looked; place: string; standing: Standing }) {
  const w = measureWords.value;
  const { measure } = looked;
  const { own } = PROGRAMME[measure];
  const level = standing.level;
  return (
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
  );
}

type Picture = { readonly place: string; readonly note: string; readonly zone: string };

/** Handed over with what it shows. Nothing happens while the table stands in the chart's place: the button is off then. */
async function exportPicture(looked: Looked, windows: Windows, shown: Picture, isSimulated: boolean): Promise<void> {
  const svg = document.querySelector<SVGSVGElement>('.me-chart .share-chart svg');
  if (svg === null) return;
  const w = measureWords.peek();
  const lang = language.peek();
  const { place, note, zone } = shown;
  const { toMs } = windows;
  const fromMs = shownFrom(windows);
  const date = (timeMs: number) => `${shortDate(timeMs, lang, zone)} ${hourMinute(timeMs, zone)}`;
  const stretch = `${date(fromMs)} – ${date(toMs)} ${zoneNameOver(fromMs, toMs, zone)}`;
  savePng(
    {
      file: `quaywatch-${looked.measure}-${looked.port === '' ? 'CN' : looked.port}-${fileTime(toMs, zone)}`,
      title: `${place}: ${w.fullNames[looked.measure]}`,
      line: w.pngLine(note, stretch, looked.run, isSimulated ? w.simulated : ''),
    },
    await canvasOf(svg),
  );
}

export function SharePanel({
  looked,
  windows,
  figures,
  alerts,
  isSimulated,
}: {
  looked: Looked;
  windows: Windows;
  figures: Figures;
  alerts: readonly AlertState[];
  isSimulated: boolean;
}) {
  const w = measureWords.value;
  const lang = language.value;
  const isTable = useSignal(false);
  useTableKey(isTable);
  const { measure, port } = looked;
  const place = port === '' ? w.china : portName(port, lang);
  const standing = figures.at(measure, port);
  const flags: ShiftFlag[] = shiftsOf(alerts, measure, port, windows.fromMs).map((alert) => ({
    sinceMs: alert.since_ms,
    text: alertTitle(alert, lang),
    isUrgent: isOpen(alert) && alert.severity === 'critical',
  }));
  const zone = zoneOfWindows(figures.stepMs / 1000, shownZone.value);
  const label = w.chart(w.fullNames[measure], place);
  const note =
    figures.stepMs === HOUR_MS ? w.stepNote.hour : figures.stepMs === DAY_MS ? w.stepNote.day : w.stepNote.six;
  return (
    <section class="panel me-chart">
      <Head looked={looked} place={place} standing={standing} />
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
        <button
          type="button"
          class="tb"
          disabled={isTable.value}
          onClick={() => {
            void exportPicture(looked, windows, { place, note, zone }, isSimulated);
          }}
        >
          PNG
        </button>
      </div>
      {isTable.value ? (
        <ShareTable samples={standing.samples} stepMs={figures.stepMs} label={label} zone={zone} />
      ) : (
        <ShareChart
          samples={standing.samples}
          lastYear={figures.lastYear(measure, port)}
          level={standing.level}
          stepMs={figures.stepMs}
          fromMs={shownFrom(windows)}
          toMs={windows.toMs}
          flags={flags}
          label={label}
          zone={zone}
        />
      )}
    </section>
  );
}
