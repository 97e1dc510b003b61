/** Top band: year to date against its path, the distance from the path by day, and year on year by four labelled comparators. */

import { signal } from '@preact/signals';
import type { NationSummary, PathState } from '@quaywatch/contracts';
import { compact, DAY_MS, type Language, share, signedCompact, signedPercentUnit, whole, ZONE } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';

import { language, words } from '../settings.ts';
import { monthLetter, monthStartsMs } from '../time.ts';
import { api, type YearOnYear } from '../wire/api.ts';
import { useWidth } from './hooks.ts';

/** The published reference: GACC, first half of 2025, on the first half of 2024. */
const REFERENCE_PCT = 11.3;
const REFRESH_MS = 60_000;

/** Shared by the parts of the band; asked for once a minute, the last good answer stays. */
export const yearOnYear = signal<YearOnYear | null>(null);

function useYearOnYear(): YearOnYear | null {
  const { connection } = usePage();
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen) return;
    let isGone = false;
    const ask = async () => {
      const answer = await api.yearOnYear();
      if (!isGone && answer.ok) yearOnYear.value = answer.value;
    };
    void ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [isOpen]);
  return yearOnYear.value;
}

const basisWords = (basis: string): string => {
  const known: Readonly<Record<string, string>> = words.value.basis;
  return known[basis] ?? basis;
};

/** A path without a target is none: the log has no time yet, or the baseline has no base. */
export function pathOf(nation: NationSummary | null): PathState | null {
  return nation === null || nation.path.target <= 0 ? null : nation.path;
}

function YearToDate({ yoy }: { yoy: YearOnYear | null }) {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const nation = live.nation.value;
  const path = pathOf(nation);
  const part = path === null || path.target <= 0 ? null : path.count / path.target;
  const pathPart = path === null || path.target <= 0 ? null : path.path_now / path.target;
  const finished = yoy?.finished ?? null;
  return (
    <div class="ytd">
      <div class="lab">{w.ytd}</div>
      <div class="fig">{compact(nation?.ytd ?? null, lang)}</div>
      <svg class="progress" viewBox="0 0 176 12" preserveAspectRatio="none" aria-hidden="true">
        <rect y="1" width="176" height="8" fill="var(--sunken)" />
        {part !== null && <rect y="1" width={Math.min(1, part) * 176} height="8" fill="var(--s-actual)" />}
        {pathPart !== null && (
          <rect
            x={Math.min(1, pathPart) * 176}
            y="-1"
            width="1.6"
            height="13"
            fill="var(--s-ref)"
            stroke="var(--surface)"
            stroke-width=".5"
          />
        )}
      </svg>
      {path !== null && part !== null && pathPart !== null && (
        <>
          <div class="lab" title={basisWords(path.basis)}>
            {w.ofTarget(w.period(path.period), share(part * 100), compact(path.target, lang), share(pathPart * 100))}
          </div>
          <div class="kv">
            <span>{w.neededADay}</span>
            <span>{compact(path.needed_per_day, lang)}</span>
            <span>{w.last7Days}</span>
            <span>{compact(path.last_7_days_per_day, lang)}</span>
            <span>{w.atThisPace(w.period(path.period))}</span>
            <span>{compact(path.at_this_pace, lang)}</span>
            {finished !== null && (
              <>
                <span title={w.finishedTitle}>{w.finished(w.period(finished.period))}</span>
                <span title={w.finishedTitle}>
                  {compact(finished.count, lang)} {signedPercentUnit(finished.yoy_pct)}
                </span>
              </>
            )}
          </div>
        </>
      )}
    </div>
  );
}

type Series = YearOnYear['path_series'];

function niceStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, span / 4)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= 4) ?? power * 10;
}

function pathGeometry(series: Series, width: number, height: number) {
  const first = series[0]?.day_ms ?? 0;
  const last = series.at(-1)?.day_ms ?? first;
  const values = series.map((point) => point.distance);
  const top = Math.max(0, ...values);
  const bottom = Math.min(0, ...values);
  const step = niceStep(Math.max(1, top - bottom));
  const high = Math.ceil(top / step) * step;
  const low = Math.floor(bottom / step) * step;
  const plot = { left: 40, right: width - 18, top: 24, bottom: height - 17 };
  const x = (timeMs: number) =>
    plot.left + ((timeMs - first) / Math.max(DAY_MS, last - first)) * (plot.right - plot.left);
  const y = (value: number) => plot.top + ((high - value) / Math.max(1, high - low)) * (plot.bottom - plot.top);
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
  return { first, last, plot, x, y, ticks, step };
}

function areaPath(series: Series, x: (timeMs: number) => number, y: (value: number) => number, sign: 1 | -1): string {
  const clipped = series.map(
    (point) => `${x(point.day_ms).toFixed(1)} ${y(sign * Math.max(0, sign * point.distance)).toFixed(1)}`,
  );
  const from = x(series[0]?.day_ms ?? 0).toFixed(1);
  const to = x(series.at(-1)?.day_ms ?? 0).toFixed(1);
  return `M${from} ${y(0).toFixed(1)}L${clipped.join('L')}L${to} ${y(0).toFixed(1)}Z`;
}

const thousandLabel = (value: number, step: number): string => {
  if (value === 0) return '0';
  const digits = step < 1000 ? (Math.abs(value) / 1000).toFixed(1) : whole(Math.abs(value) / 1000);
  return `${value > 0 ? '+' : '−'}${digits}`;
};

function PathPlot({ yoy, width, lang }: { yoy: YearOnYear; width: number; lang: Language }) {
  const w = words.value;
  const height = 146;
  const series = yoy.path_series;
  const end = series.at(-1);
  if (end === undefined) return null;
  const { first, last, plot, x, y, ticks, step } = pathGeometry(series, width, height);
  const festival = yoy.spring_festival ?? null;
  const months = monthStartsMs(first, last, ZONE);
  const festivalFrom = festival === null ? 0 : Math.max(first, festival.from_ms);
  const festivalTo = festival === null ? 0 : Math.min(last, festival.to_ms);
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={w.pathChart}>
      {festivalTo > festivalFrom && (
        <>
          <rect
            x={x(festivalFrom)}
            y="6"
            width={x(festivalTo) - x(festivalFrom)}
            height={plot.bottom - 6}
            fill="var(--sunken)"
          />
          <text x={x(festivalFrom) + 4} y="16" class="axis">
            {w.springFestival}
          </text>
        </>
      )}
      {ticks.map((tick) => (
        <g key={tick}>
          <path d={`M${plot.left} ${y(tick)}H${plot.right}`} class={tick === 0 ? 'zero' : 'gl'} />
          <text x={plot.left - 5} y={y(tick) + 4} class="axis" text-anchor="end">
            {thousandLabel(tick, step)}
          </text>
        </g>
      ))}
      <path d={areaPath(series, x, y, 1)} fill="var(--dev-p1)" fill-opacity=".45" />
      <path d={areaPath(series, x, y, -1)} fill="var(--dev-n1)" fill-opacity=".5" />
      <path
        d={`M${series.map((point) => `${x(point.day_ms).toFixed(1)} ${y(point.distance).toFixed(1)}`).join('L')}`}
        fill="none"
        stroke="var(--s-actual)"
        stroke-width="1.4"
        stroke-linejoin="round"
      />
      <circle
        cx={x(end.day_ms)}
        cy={y(end.distance)}
        r="2.8"
        fill="var(--surface)"
        stroke="var(--s-actual)"
        stroke-width="1.5"
      />
      <text x={plot.right + 16} y={Math.max(10, y(end.distance) - 8)} class="b halo" text-anchor="end">
        {signedCompact(end.distance, lang)}
      </text>
      {months.map((month) => (
        <g key={month}>
          <path d={`M${x(month)} ${plot.bottom}v4`} stroke="var(--rule-3)" />
          <text x={Math.min(plot.right - 4, x(month + 15 * DAY_MS))} y={height - 3} class="axis" text-anchor="middle">
            {x(month) < plot.right - 20 ? monthLetter(month, lang, ZONE) : ''}
          </text>
        </g>
      ))}
    </svg>
  );
}

function PathChart({ yoy }: { yoy: YearOnYear | null }) {
  const { live, dialogs } = usePage();
  const w = words.value;
  const lang = language.value;
  const [ref, width] = useWidth(360);
  const path = pathOf(live.nation.value);
  const distance = path?.distance ?? null;
  const size = whole(Math.abs(distance ?? 0));
  const head =
    distance === null ? '—' : Math.round(distance) === 0 ? w.onPath : distance > 0 ? w.ahead(size) : w.behind(size);
  return (
    <div class="path" ref={ref}>
      <div class="lab nw">
        <span class="h">{head}</span>{' '}
        {path === null || path.basis === 'official' ? w.ofReferencePath : w.ofModelledPath}
      </div>
      <button
        type="button"
        class="tb behind"
        aria-label={w.figuresBehind}
        title={w.figuresBehind}
        onClick={() => dialogs.show({ kind: 'figures' })}
      >
        <span class="kbd">T</span>
      </button>
      {yoy !== null && <PathPlot yoy={yoy} width={width} lang={lang} />}
    </div>
  );
}

function Comparator({ name, note, value, base }: { name: string; note: string; value: number | null; base: number }) {
  // The reference stands in the middle; 2.5 points either way fit, and what is further off stands at the edge.
  const span = value === null ? 0 : Math.max(-48, Math.min(48, ((value - base) / 2.5) * 48));
  return (
    <div class="cmp-row">
      <div>
        <b>{name}</b>
        <small>{note}</small>
      </div>
      <svg viewBox="-50 -10 100 20" aria-hidden="true">
        {value !== null && (
          <>
            <path d={`M0 0H${span}`} stroke={span < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)'} stroke-width="2" />
            <circle
              cx={span}
              r="4.2"
              fill={span < 0 ? 'var(--surface)' : 'var(--dev-p2)'}
              stroke={span < 0 ? 'var(--dev-n2)' : 'var(--dev-p2)'}
              stroke-width="1.6"
            />
          </>
        )}
      </svg>
      <b class="num">{signedPercentUnit(value)}</b>
    </div>
  );
}

function ComparatorList() {
  const { live } = usePage();
  const w = words.value;
  const lang = language.value;
  const yoy = live.nation.value?.yoy ?? null;
  const notes = w.comparatorNotes;
  const base = yoy === null ? '' : basisWords(yoy.base_basis);
  return (
    <div class="cmps">
      <div class="lab nw">
        <span class="h">{w.yearOnYear}</span>
        {w.inProgress}
        {base !== '' && <span class="basis"> · {base}</span>}
      </div>
      <div class="cmp-ref axis">{w.reference(signedPercentUnit(REFERENCE_PCT))}</div>
      <div class="cmp-list">
        <Comparator
          name={w.comparators.official}
          note={notes.official}
          value={yoy?.official_pct ?? null}
          base={REFERENCE_PCT}
        />
        <Comparator
          name={w.comparators.daily}
          note={notes.daily(compact(yoy?.per_day ?? null, lang), compact(yoy?.base_per_day ?? null, lang))}
          value={yoy?.daily_average_pct ?? null}
          base={REFERENCE_PCT}
        />
        <Comparator
          name={w.comparators.weekday}
          note={notes.weekday}
          value={yoy?.weekday_aligned_pct ?? null}
          base={REFERENCE_PCT}
        />
        <Comparator
          name={w.comparators.newYear}
          note={yoy !== null && yoy.new_year_aligned_pct === null ? notes.outside : notes.newYear}
          value={yoy?.new_year_aligned_pct ?? null}
          base={REFERENCE_PCT}
        />
      </div>
    </div>
  );
}

export function Pace() {
  const yoy = useYearOnYear();
  return (
    <section class="pace">
      <YearToDate yoy={yoy} />
      <PathChart yoy={yoy} />
      <ComparatorList />
    </section>
  );
}
