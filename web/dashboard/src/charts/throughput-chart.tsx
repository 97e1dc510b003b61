/**
 * The throughput chart: step line, expected band and middle, last year, what was shown before a revision, incidents, feed ribbon.
 * One uPlot a chart, made anew only for theme, scale of the screen, language, zone or window size; data goes in when the picture changes, at most once a frame.
 */

import type { WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, whole } from '@quaywatch/words';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { language, paletteVersion, words } from '../settings.ts';
import { timeLabels, timeSplitsMs } from '../time.ts';
import { zoneOfWindows } from '../zone.ts';
import { type Columns, columnsOf, isSamePicture, type Span, unstoredOf } from './chart-data.ts';
import { drawOver, drawUnder, type Flag, type Scene } from './marks.ts';
import { type Palette, readPalette, readScale } from './palette.ts';
import { readoutOf } from './readout.ts';

type Props = {
  readonly points: readonly WindowPoint[];
  readonly sizeS: number;
  readonly range: Span;
  readonly nowMs: number;
  readonly flags: readonly Flag[];
  readonly label: string;
  /** IANA zone of the axis. */
  readonly zone: string;
  readonly hasRibbon?: boolean;
  readonly hasEndLabels?: boolean;
  readonly isReplay?: boolean;
  /** The reader has chosen a stretch by dragging or by keys; null: follow the newest again. */
  readonly onRange?: (range: Span | null) => void;
  /** The wheel: below 1 comes nearer; `at` is where the pointer is, 0..1 of the width. */
  readonly onZoom?: (factor: number, at: number) => void;
  /** A stretch to be explained: dragged with Shift, or when the reader has asked to brush. */
  readonly onBrush?: (range: Span) => void;
  readonly isBrushing?: boolean;
  readonly brushed?: Span | null;
  /** What is stored is known from here on: what is missing after it was never stored. */
  readonly storedFromMs?: number;
};

const dataOf = (columns: Columns): uPlot.AlignedData => [
  columns.x,
  columns.upper,
  columns.lower,
  columns.expected,
  columns.lastYear,
  columns.before,
  columns.actual,
];

const SHORT_TICKS_PX = 76;
const CORNER_PX = 16;

function axesOf(palette: Palette, props: Props): uPlot.Axis[] {
  const { scale } = palette;
  // uPlot reads whole pixels only.
  const font = `${Math.round(11 * scale)}px ${palette.font}`;
  const grid = { stroke: palette.rule, width: scale };
  const zone = zoneOfWindows(props.sizeS, props.zone);
  return [
    {
      font,
      stroke: palette['ink-3'],
      grid: { show: false },
      ticks: { stroke: palette['rule-3'], width: scale, size: 4 * scale },
      border: { show: true, stroke: palette['rule-3'], width: scale },
      size: (props.hasRibbon === true ? 46 : 24) * scale,
      gap: 3 * scale,
      splits: (u, _axis, min, max) =>
        timeSplitsMs(min * 1000, max * 1000, Math.max(2, Math.floor(u.width / (SHORT_TICKS_PX * scale))), zone).map(
          (time) => time / 1000,
        ),
      // The corner on the left belongs to the name of the zone.
      values: (u, splits) =>
        timeLabels(
          splits.map((second) => second * 1000),
          language.peek(),
          zone,
        ).map((text, at) => (u.valToPos(splits[at] ?? 0, 'x') < CORNER_PX * scale ? '' : text)),
    },
    {
      font,
      stroke: palette['ink-3'],
      grid,
      ticks: { show: false },
      size: 46 * scale,
      gap: 6 * scale,
      space: 44 * scale,
      // Whole TEU an hour only: half a container in the scale would repeat its label.
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000],
      values: (_u, splits) => splits.map((value) => whole(value)),
    },
  ];
}

function seriesOf(palette: Palette): uPlot.Series[] {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const plain = { points: { show: false }, spanGaps: false };
  const { scale } = palette;
  const dashes = (...lengths: number[]) => lengths.map((length) => length * scale);
  return [
    {},
    { ...plain, stroke: 'transparent', width: 0 },
    { ...plain, stroke: 'transparent', width: 0 },
    { ...plain, stroke: palette['s-expected'], width: scale, dash: dashes(5, 3) },
    { ...plain, stroke: palette['s-last'], width: 1.2 * scale, dash: dashes(1.5, 2.5) },
    {
      ...plain,
      stroke: palette['s-rev'],
      width: 1.2 * scale,
      dash: dashes(2, 2),
      ...(stepped === undefined ? {} : { paths: stepped }),
    },
    { ...plain, stroke: palette['s-actual'], width: 1.5 * scale, ...(stepped === undefined ? {} : { paths: stepped }) },
  ];
}

function optionsOf(
  box: HTMLElement,
  props: Props,
  palette: Palette,
  scene: () => Scene,
  onCursor: (index: number | null) => void,
  onSelect: (range: Span) => void,
): uPlot.Options {
  return {
    width: Math.max(200, box.clientWidth),
    height: Math.max(120, box.clientHeight),
    legend: { show: false },
    // Half of a date that stands under the right edge has its room.
    padding: [18 * palette.scale, (props.hasEndLabels === true ? 92 : 24) * palette.scale, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
    scales: {
      // Not a time scale: uPlot 1.6.32 misreads zones, so ticks and labels are ours.
      x: { time: false, range: (_u, min, max) => [min, max] },
      y: { range: (_u, _min, max) => [0, Math.max(5, (max ?? 0) * 1.06)] },
    },
    axes: axesOf(palette, props),
    series: seriesOf(palette),
    bands: [{ series: [1, 2], fill: palette['s-band'] }],
    hooks: {
      drawAxes: [(u) => drawUnder(u, scene())],
      draw: [(u) => drawOver(u, scene())],
      setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 8) return;
          const at = (x: number) => u.posToVal(x, 'x') * 1000;
          const range = { fromMs: at(u.select.left), toMs: at(u.select.left + u.select.width) };
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onSelect(range);
        },
      ],
    },
  };
}

/** @returns where the cursor is now. */
function moveCursor(u: uPlot, by: number): number {
  const count = u.data[0].length;
  const index = Math.max(0, Math.min(count - 1, (u.cursor.idx ?? count - 1) + by));
  const second = u.data[0][index];
  if (second !== undefined) u.setCursor({ left: u.valToPos(second, 'x'), top: 10 });
  return index;
}

/** @returns the stretch that a key asks for; undefined when it asks for none. */
function rangeByKey(key: string, isShift: boolean, range: Span, nowMs: number): Span | null | undefined {
  const width = range.toMs - range.fromMs;
  const middle = (range.fromMs + range.toMs) / 2;
  const shifted = (by: number) => ({ fromMs: range.fromMs + by, toMs: Math.min(range.toMs + by, nowMs) });
  if (key === '0') return null;
  if (key === '+' || key === '=') return { fromMs: middle - width / 4, toMs: middle + width / 4 };
  if (key === '-' || key === '−')
    return { fromMs: range.fromMs - width / 2, toMs: Math.min(nowMs, range.toMs + width / 2) };
  if (isShift && key === 'ArrowLeft') return shifted(-width / 2);
  if (isShift && key === 'ArrowRight') return shifted(width / 2);
  return undefined;
}

/** How many windows a key moves the cursor. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -DAY_MS, End: DAY_MS };

type Ref<T> = { current: T };

/** The wheel, and whether Shift was held when a drag began. A chart that cannot zoom leaves the wheel to the page. */
function listen(element: HTMLElement, u: uPlot, latest: Ref<Props>, isShift: Ref<boolean>): () => void {
  const onWheel = (event: WheelEvent) => {
    const { onZoom } = latest.current;
    if (onZoom === undefined || event.deltaY === 0) return;
    event.preventDefault();
    const { left, width } = u.over.getBoundingClientRect();
    const at = Math.max(0, Math.min(1, (event.clientX - left) / Math.max(1, width)));
    onZoom(1.0018 ** Math.max(-240, Math.min(240, event.deltaY)), at);
  };
  const onDown = (event: MouseEvent) => {
    isShift.current = event.shiftKey;
  };
  element.addEventListener('wheel', onWheel, { passive: false });
  element.addEventListener('mousedown', onDown, true);
  return () => {
    element.removeEventListener('wheel', onWheel);
    element.removeEventListener('mousedown', onDown, true);
  };
}

function useChart(props: Props, setReadout: (text: string) => void) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  const isShift = useRef(false);
  latest.current = props;
  const { points, sizeS, range, nowMs, flags, isReplay, brushed } = props;
  const fresh = columnsOf(points, sizeS, range.fromMs - sizeS * 1000, range.toMs);
  const held = useRef(fresh);
  if (!isSamePicture(held.current, fresh)) held.current = fresh;
  const columns = held.current;
  const lang = language.value;
  const palette = paletteVersion.value;
  const zone = zoneOfWindows(props.sizeS, props.zone);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const colours = readPalette();
    const scene = (): Scene => {
      const { sizeS, flags, nowMs, hasRibbon = false, hasEndLabels = false, isReplay = false } = latest.current;
      const { brushed = null, range, storedFromMs = Number.POSITIVE_INFINITY } = latest.current;
      return {
        columns: held.current,
        sizeS,
        flags,
        nowMs,
        unstored: storedFromMs > range.fromMs ? null : unstoredOf(held.current, sizeS, range.fromMs),
        hasRibbon,
        hasEndLabels,
        isReplay,
        brushed,
        palette: colours,
        words: words.peek().chartWords,
        language: lang,
        zone,
      };
    };
    const onCursor = (index: number | null) => setReadout(readoutOf(held.current, index, sizeS, latest.current.zone));
    const onSelect = (range: Span) => {
      const { isBrushing = false, onBrush, onRange } = latest.current;
      if (onBrush !== undefined && (isBrushing || isShift.current)) onBrush(range);
      else onRange?.(range);
    };
    const u = new uPlot(optionsOf(element, props, colours, scene, onCursor, onSelect), dataOf(held.current), element);
    chart.current = u;
    const observer = new ResizeObserver(() => {
      // The window was moved to a wall, or from it.
      if (readScale() !== colours.scale) paletteVersion.value += 1;
      else if (element.clientWidth > 0 && element.clientHeight > 0)
        u.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    const unlisten = listen(element, u, latest, isShift);
    return () => {
      observer.disconnect();
      unlisten();
      u.destroy();
      chart.current = null;
    };
  }, [lang, palette, props.sizeS, zone]);
  useEffect(() => {
    const u = chart.current;
    if (u === null) return;
    const frame = requestAnimationFrame(() => {
      u.batch(() => {
        u.setData(dataOf(columns), false);
        u.setScale('x', { min: range.fromMs / 1000, max: range.toMs / 1000 });
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [
    columns,
    range.fromMs,
    range.toMs,
    lang,
    palette,
    zone,
    sizeS,
    JSON.stringify([nowMs, flags, isReplay, brushed, props.storedFromMs]),
  ]);
  return { box, chart, held };
}

export function ThroughputChart(props: Props) {
  const [readout, setReadout] = useState('');
  // Spoken only when the reader moves the cursor by keys: what ticks under a resting pointer is not.
  const [spoken, setSpoken] = useState('');
  const { box, chart, held } = useChart(props, setReadout);
  const w = words.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const u = chart.current;
    if (u === null) return;
    const range = rangeByKey(event.key, event.shiftKey, props.range, props.nowMs);
    const step = STEPS[event.key];
    if (range !== undefined) props.onRange?.(range);
    else if (step !== undefined) setSpoken(readoutOf(held.current, moveCursor(u, step), props.sizeS, props.zone));
    else return;
    event.preventDefault();
  };
  const help = props.onRange === undefined ? w.chartHelpShort : w.chartHelp;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart has keys of its own, as its label says.
    <section class="chart-box" aria-label={`${props.label}. ${help}`} tabIndex={0} onKeyDown={onKeyDown}>
      <div class={props.isBrushing === true ? 'chart-canvas brushing' : 'chart-canvas'} ref={box} />
      <div class="readout" aria-hidden="true">
        {readout}
      </div>
      <output class="sr">{spoken}</output>
    </section>
  );
}
