/** What is drawn over and under the lines of a throughput chart: hatching, incident flags, ribbon, labels at the ends. */
import {
  dayMonth,
  dayStartMs,
  hourMinute,
  type Language,
  shortDate,
  whole,
  ZONE,
  zoneNameOver,
} from '@quaywatch/words';
import type uPlot from 'uplot';

import type { Catalogue } from '../i18n/catalogue.ts';

import { dayStartsMs } from '../time.ts';
import { type Columns, gapsOf, lastPlaceOf, type Span } from './chart-data.ts';
import { hatchOf, type Palette, pixelsOf } from './palette.ts';

export type Flag = {
  readonly sinceMs: number;
  readonly toMs: number | null;
  readonly text: string;
  /** Vermilion is for what asks to act; a lesser alert has a plain line. */
  readonly isUrgent: boolean;
  /** Words for what has ended, or is for the record, would be in the way of those for what is open. */
  readonly isNamed: boolean;
};

export type Scene = {
  readonly columns: Columns;
  readonly sizeS: number;
  readonly flags: readonly Flag[];
  readonly palette: Palette;
  readonly words: Catalogue['chartWords'];
  readonly language: Language;
  /** IANA zone of the axis: that of the counting day for windows of a day. */
  readonly zone: string;
  readonly nowMs: number;
  /** The part of the stretch before the first stored window. */
  readonly unstored: Span | null;
  readonly hasRibbon: boolean;
  readonly hasEndLabels: boolean;
  readonly isReplay: boolean;
  /** The stretch that is explained. */
  readonly brushed: Span | null;
};

/** Whole pixels of the page, as uPlot's own labels are. */
const fontOf = (palette: Palette, size: number, weight = 400) =>
  `${weight} ${Math.round(size * palette.scale) * devicePixelRatio}px ${palette.font}`;

function xOf(u: uPlot, timeMs: number): number {
  return u.valToPos(timeMs / 1000, 'x', true);
}

function clip(u: uPlot, draw: () => void): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, u.ctx.canvas.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** Under the lines: midnight, shading of incidents, hatching where there is no data, the open window's column. */
export function drawUnder(u: uPlot, scene: Scene): void {
  const { ctx, bbox } = u;
  const { palette, columns, sizeS } = scene;
  const px = pixelsOf(palette);
  const hatch = hatchOf(ctx, palette, 0.8);
  const faint = hatchOf(ctx, palette, 0.35);
  clip(u, () => {
    for (const flag of scene.flags.filter((entry) => entry.isUrgent)) {
      const from = xOf(u, flag.sinceMs);
      ctx.globalAlpha = 0.07;
      ctx.fillStyle = palette.alarm;
      ctx.fillRect(from, bbox.top, xOf(u, flag.toMs ?? scene.nowMs) - from, bbox.height);
      ctx.globalAlpha = 1;
    }
    if (scene.unstored !== null) {
      const from = xOf(u, scene.unstored.fromMs);
      ctx.fillStyle = faint ?? palette['rule-2'];
      ctx.fillRect(from, bbox.top, xOf(u, scene.unstored.toMs) - from, bbox.height);
    }
    for (const gap of gapsOf(columns, sizeS)) {
      ctx.fillStyle = hatch ?? palette['rule-2'];
      ctx.fillRect(xOf(u, gap.fromMs), bbox.top, xOf(u, gap.toMs) - xOf(u, gap.fromMs), bbox.height);
    }
    for (const point of columns.points) {
      if (point?.backfilled !== true && point?.open !== true) continue;
      const from = xOf(u, point.start_ms);
      const to =
        point.open === true ? Math.max(from + px(3), xOf(u, scene.nowMs)) : xOf(u, point.start_ms + sizeS * 1000);
      ctx.fillStyle = (point.open === true ? hatch : faint) ?? palette['rule-2'];
      ctx.fillRect(
        from,
        bbox.top + (point.open === true ? bbox.height * 0.3 : 0),
        to - from,
        bbox.height * (point.open === true ? 0.7 : 1),
      );
    }
    drawMidnights(u, scene);
    if (scene.brushed !== null) drawBrushed(u, scene.brushed, palette);
  });
}

function drawBrushed(u: uPlot, brushed: Span, palette: Palette): void {
  const { ctx, bbox } = u;
  const px = pixelsOf(palette);
  const from = xOf(u, brushed.fromMs);
  const to = xOf(u, brushed.toMs);
  ctx.globalAlpha = 0.1;
  ctx.fillStyle = palette['s-rev'];
  ctx.fillRect(from, bbox.top, to - from, bbox.height);
  ctx.globalAlpha = 1;
  for (const edge of [from, to]) ctx.fillRect(Math.round(edge), bbox.top, px(1), bbox.height);
}

function midnightsOf(u: uPlot, { sizeS }: Scene, zone: string): { dayMs: number; x: number }[] {
  if (sizeS > 300) return [];
  const to = (u.scales['x']?.max ?? 0) * 1000;
  const from = (u.scales['x']?.min ?? 0) * 1000;
  return dayStartsMs(from, to, zone).map((dayMs) => ({ dayMs, x: Math.round(xOf(u, dayMs)) }));
}

/** Midnights of the zone that is shown; where that is not the counting day's, its cut too, dashed. */
function drawMidnights(u: uPlot, scene: Scene): void {
  const { ctx, bbox } = u;
  const px = pixelsOf(scene.palette);
  ctx.fillStyle = scene.palette['rule-2'];
  for (const { x } of midnightsOf(u, scene, scene.zone)) ctx.fillRect(x, bbox.top, px(1), bbox.height);
  for (const { x } of cutsOf(u, scene))
    for (let y = bbox.top; y < bbox.top + bbox.height; y += px(7)) ctx.fillRect(x, y, px(1), px(4));
}

/** Where counting days are cut that do not begin at a midnight of the zone that is shown. */
function cutsOf(u: uPlot, scene: Scene): { dayMs: number; x: number }[] {
  return midnightsOf(u, scene, ZONE).filter(({ dayMs }) => dayStartMs(dayMs, scene.zone) !== dayMs);
}

/** Dates stand over the band, with a rim, since the band may fill the top of the chart. */
function drawDates(u: uPlot, scene: Scene): void {
  const { ctx, bbox } = u;
  const { palette, language, zone, words } = scene;
  const px = pixelsOf(palette);
  ctx.font = fontOf(palette, 11);
  ctx.lineWidth = px(3);
  ctx.strokeStyle = palette.surface;
  ctx.fillStyle = palette['ink-3'];
  const write = (text: string, x: number, row: number) => {
    // Near the right edge it stands before its line, so as not to run into the labels at the ends.
    const isLast = x + px(4) + ctx.measureText(text).width > bbox.left + bbox.width;
    ctx.textAlign = isLast ? 'right' : 'left';
    const at = x + px(isLast ? -4 : 4);
    ctx.strokeText(text, at, bbox.top + px(10 + row * 13));
    ctx.fillText(text, at, bbox.top + px(10 + row * 13));
  };
  for (const { dayMs, x } of midnightsOf(u, scene, zone)) write(shortDate(dayMs, language, zone), x, 0);
  for (const { dayMs, x } of cutsOf(u, scene)) write(words.dayCut(dayMonth(dayMs, language, ZONE)), x, 1);
}

function drawFlags(u: uPlot, { flags, palette }: Scene): void {
  const { ctx, bbox } = u;
  const px = pixelsOf(palette);
  const shown = flags
    .map((flag) => ({
      ...flag,
      x: xOf(u, flag.sinceMs),
      colour: flag.isUrgent ? palette.alarm : palette[flag.isNamed ? 'ink-2' : 'ink-3'],
    }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
  for (const { x, colour } of shown) {
    ctx.fillStyle = colour;
    ctx.fillRect(Math.round(x), bbox.top - px(4), px(1.2), bbox.height + px(4));
    ctx.beginPath();
    ctx.moveTo(x - px(5), bbox.top - px(8));
    ctx.lineTo(x + px(5), bbox.top - px(8));
    ctx.lineTo(x, bbox.top - px(1));
    ctx.fill();
  }
  ctx.lineWidth = px(3);
  ctx.strokeStyle = palette.surface;
  for (const [row, { x, colour, text, isUrgent }] of shown.filter(({ isNamed }) => isNamed).entries()) {
    ctx.font = fontOf(palette, 11, isUrgent ? 700 : 400);
    ctx.fillStyle = colour;
    const isRight = x > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    const at = [x + px(isRight ? -8 : 8), bbox.top - px(3) + row * px(13)] as const;
    ctx.strokeText(text, ...at);
    ctx.fillText(text, ...at);
  }
}

function drawGapLabels(u: uPlot, scene: Scene): void {
  const { columns, sizeS, words, zone, unstored } = scene;
  if (unstored !== null) drawGapLabel(u, scene, unstored, words.nothingBefore);
  const longest = gapsOf(columns, sizeS).sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0];
  if (longest === undefined || longest.toMs - longest.fromMs < 3 * sizeS * 1000) return;
  drawGapLabel(
    u,
    scene,
    longest,
    `${words.noData} ${hourMinute(longest.fromMs, zone)}–${hourMinute(longest.toMs, zone)}`,
  );
}

function drawGapLabel(u: uPlot, { palette }: Scene, gap: Span, text: string): void {
  const { ctx, bbox } = u;
  const px = pixelsOf(palette);
  ctx.font = fontOf(palette, 11);
  ctx.textAlign = 'center';
  ctx.lineWidth = px(4);
  ctx.strokeStyle = palette.surface;
  const x = (xOf(u, gap.fromMs) + xOf(u, gap.toMs)) / 2;
  const y = bbox.top + bbox.height - px(8);
  ctx.strokeText(text, x, y);
  ctx.fillStyle = palette['ink-2'];
  ctx.fillText(text, x, y);
}

/** Under the axis: a mark a window for its feed (covered, in part, not at all) and one for a revision. */
function drawRibbon(u: uPlot, scene: Scene): void {
  const { ctx, bbox } = u;
  const { columns, sizeS, palette, words } = scene;
  const px = pixelsOf(palette);
  const top = bbox.top + bbox.height + px(22);
  ctx.font = fontOf(palette, 11);
  ctx.textAlign = 'right';
  ctx.fillStyle = palette['ink-3'];
  ctx.fillText(words.feeds, bbox.left - px(6), top + px(7));
  ctx.fillText(words.revised, bbox.left - px(6), top + px(19));
  clip(u, () => {
    for (const [index, second] of columns.x.entries()) {
      const point = columns.points[index];
      const from = xOf(u, second * 1000);
      const width = Math.max(1, xOf(u, second * 1000 + sizeS * 1000) - from - px(0.5));
      const covered = point?.completeness ?? 0;
      if (covered <= 0) {
        ctx.strokeStyle = palette['rule-2'];
        ctx.lineWidth = px(0.5);
        ctx.strokeRect(from, top, width, px(6));
      } else {
        ctx.globalAlpha = covered < 0.99 ? 1 : 0.45;
        ctx.fillStyle = covered < 0.99 ? palette.caution : palette['s-expected'];
        ctx.fillRect(from, top, width, px(6));
        ctx.globalAlpha = 1;
      }
      if ((point?.revision ?? 0) === 0) continue;
      ctx.fillStyle = palette['s-rev'];
      ctx.fillRect(from + width / 2, top + px(10), px(1.5), px(5));
    }
  });
}

type EndLabel = { readonly y: number; readonly text: string; readonly colour: string; readonly isBold: boolean };

function endLabels(u: uPlot, scene: Scene): EndLabel[] {
  const { columns, palette, words } = scene;
  const last = (values: readonly (number | null)[]) => values.findLast((value) => value !== null) ?? null;
  const label = (value: number | null, text: string, colour: string, isBold = false): EndLabel[] =>
    value === null ? [] : [{ y: u.valToPos(value, 'y', true), text, colour, isBold }];
  const actual = columns.actual[lastPlaceOf(columns)] ?? null;
  const expected = last(columns.expected);
  return [
    ...label(actual, whole(actual), palette.ink, true),
    ...label(expected, `${whole(expected)} ${words.expected}`, palette['ink-2']),
    ...label(last(columns.lastYear), words.lastYear, palette['s-last']),
  ].sort((a, b) => a.y - b.y);
}

function drawEnds(u: uPlot, scene: Scene): void {
  const { ctx, bbox } = u;
  const { palette, columns } = scene;
  const px = pixelsOf(palette);
  const place = lastPlaceOf(columns);
  const value = columns.actual[place] ?? null;
  if (value !== null) {
    const endMs = ((columns.x[place] ?? 0) + scene.sizeS) * 1000;
    const x = Math.min(bbox.left + bbox.width, xOf(u, endMs));
    ctx.beginPath();
    ctx.arc(x, u.valToPos(value, 'y', true), px(3.4), 0, 2 * Math.PI);
    ctx.fillStyle = palette.surface;
    ctx.fill();
    ctx.strokeStyle = scene.isReplay ? palette.replay : palette['s-actual'];
    ctx.lineWidth = px(1.6);
    ctx.stroke();
  }
  if (!scene.hasEndLabels) return;
  let floor = Number.NEGATIVE_INFINITY;
  ctx.textAlign = 'left';
  for (const label of endLabels(u, scene)) {
    const y = Math.max(label.y + px(4), floor);
    floor = y + px(14);
    ctx.font = fontOf(palette, label.isBold ? 13 : 11, label.isBold ? 700 : 400);
    ctx.fillStyle = label.colour;
    ctx.fillText(label.text, bbox.left + bbox.width + px(8), y);
  }
}

/** The zone of the axis, in the corner under the scale. */
function drawZone(u: uPlot, { palette, zone }: Scene): void {
  const { ctx, bbox } = u;
  const px = pixelsOf(palette);
  const { min = 0, max = 0 } = u.scales['x'] ?? {};
  ctx.font = fontOf(palette, 11);
  ctx.textAlign = 'right';
  ctx.fillStyle = palette['ink-3'];
  ctx.fillText(
    zoneNameOver((min ?? 0) * 1000, (max ?? 0) * 1000, zone),
    bbox.left - px(6),
    bbox.top + bbox.height + px(13),
  );
}

export function drawOver(u: uPlot, scene: Scene): void {
  u.ctx.save();
  drawZone(u, scene);
  drawDates(u, scene);
  drawGapLabels(u, scene);
  drawFlags(u, scene);
  if (scene.hasRibbon) drawRibbon(u, scene);
  drawEnds(u, scene);
  u.ctx.restore();
}
