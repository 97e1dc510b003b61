/** A port's chart as a file: its windows as CSV, its picture as PNG, both with what they show written on them. */
import type { WindowPoint } from '@quaywatch/contracts';
import { HOUR_MS, hourMinute, isoTime, portName, shortDate, zoneNameOver } from '@quaywatch/words';
import type { Span } from '../charts/chart-data.ts';
import { fileTime, saveCsv } from '../csv.ts';
import { language, words } from '../settings.ts';
import { savePng } from './png.ts';

export type Exported = {
  readonly code: string;
  readonly sizeS: number;
  readonly range: Span;
  readonly points: readonly WindowPoint[];
  readonly asOfMs: number;
  readonly isSimulated: boolean;
  /** IANA zone of every time in the file. */
  readonly zone: string;
};

/** What a file says of itself: place, scope, comparator, stretch, zone, simulated or real, as of when. */
function aboutOf({ code, sizeS, range, asOfMs, isSimulated, zone }: Exported): string {
  const size = sizeS < 3600 ? `${sizeS / 60}-minute` : sizeS === 3600 ? '1-hour' : '1-day';
  return [
    `Quaywatch: ${portName(code, 'en')} ${code}`,
    'customs scope (import + export)',
    `TEU a ${size} window`,
    'expected = baseline with its 90 % band (half-width), last_year = 364 days before',
    `${isoTime(range.fromMs, zone)} to ${isoTime(range.toMs, zone)}`,
    `zone ${zoneNameOver(range.fromMs, range.toMs, zone)} (${zone})`,
    'days are counted in UTC+8 (Asia/Shanghai)',
    isSimulated ? 'simulated feeds' : 'real feeds',
    `as of ${isoTime(asOfMs, zone)}`,
  ].join('; ');
}

const nameOf = ({ code, asOfMs, zone }: Exported) => `quaywatch-${code}-${fileTime(asOfMs, zone)}`;

const HEAD = [
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

export function exportCsv(exported: Exported): void {
  const rows = exported.points.map((point) => [
    isoTime(point.start_ms, exported.zone),
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
  saveCsv(`${nameOf(exported)}.csv`, aboutOf(exported), [HEAD, ...rows]);
}

/** The chart's own pixels. Does nothing while the table stands in the chart's place. */
export function exportPng(exported: Exported): void {
  const chart = document.querySelector<HTMLCanvasElement>('.chart-panel .chart-canvas canvas');
  if (chart === null) return;
  const lang = language.peek();
  const w = words.peek();
  const { zone, range } = exported;
  const size =
    exported.sizeS === 60 ? 'minute' : exported.sizeS === 300 ? 'five' : exported.sizeS === 3600 ? 'hour' : 'day';
  const isLong = range.toMs - range.fromMs > HOUR_MS;
  const time = (timeMs: number) => `${isLong ? `${shortDate(timeMs, lang, zone)} ` : ''}${hourMinute(timeMs, zone)}`;
  const stretch = `${time(range.fromMs)} – ${time(range.toMs)} ${zoneNameOver(range.fromMs, range.toMs, zone)}`;
  const asOf = isoTime(exported.asOfMs, zone).slice(0, 16).replace('T', ' ');
  const line = w.pngLine(w.sizeNote[size], stretch, asOf, exported.isSimulated ? w.simulatedFeeds : '');
  savePng({ file: nameOf(exported), title: `${portName(exported.code, lang)} ${exported.code}`, line }, chart);
}
