/** A port's chart as a file: its windows as CSV, its picture as PNG, both with what they show written on them. */
import type { WindowPoint } from '@quaywatch/contracts';
import { HOUR_MS, hourMinute, isoTime, portName, shortDate, zoneNameOver } from '@quaywatch/words';
import type { Span } from '../charts/chart-data.ts';
import { readPalette } from '../charts/palette.ts';
import { fileTime, saveBlob, saveCsv } from '../csv.ts';
import { language, words } from '../settings.ts';

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
export function aboutOf({ code, sizeS, range, asOfMs, isSimulated, zone }: Exported): string {
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

/** The chart's own pixels under two lines of text. Does nothing while the table stands in the chart's place. */
export function exportPng(exported: Exported): void {
  const chart = document.querySelector<HTMLCanvasElement>('.chart-panel .chart-canvas canvas');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (chart === null || pen === null) return;
  const palette = readPalette();
  const lang = language.peek();
  const w = words.peek();
  const scale = devicePixelRatio;
  const head = Math.round(62 * scale);
  const margin = Math.round(16 * scale);
  canvas.width = chart.width + 2 * margin;
  canvas.height = chart.height + head + margin;
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = palette.ink;
  pen.font = `700 ${20 * scale}px ${palette.font}`;
  const size =
    exported.sizeS === 60 ? 'minute' : exported.sizeS === 300 ? 'five' : exported.sizeS === 3600 ? 'hour' : 'day';
  pen.fillText(`${portName(exported.code, lang)} ${exported.code}`, margin, 28 * scale);
  pen.font = `${12 * scale}px ${palette.font}`;
  pen.fillStyle = palette['ink-2'];
  const { zone } = exported;
  const isLong = exported.range.toMs - exported.range.fromMs > HOUR_MS;
  const time = (timeMs: number) => `${isLong ? `${shortDate(timeMs, lang, zone)} ` : ''}${hourMinute(timeMs, zone)}`;
  const stretch = `${time(exported.range.fromMs)} – ${time(exported.range.toMs)} ${zoneNameOver(exported.range.fromMs, exported.range.toMs, zone)}`;
  pen.fillText(
    w.pngLine(
      w.sizeNote[size],
      stretch,
      isoTime(exported.asOfMs, zone).slice(0, 16).replace('T', ' '),
      exported.isSimulated ? w.simulatedFeeds : '',
    ),
    margin,
    48 * scale,
  );
  pen.drawImage(chart, margin, head);
  canvas.toBlob((blob) => {
    if (blob !== null) saveBlob(`${nameOf(exported)}.png`, blob);
  }, 'image/png');
}
