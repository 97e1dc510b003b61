/**
 * A share over time: step line, its own level with the band of its windows, last year, shifts as flags. From zero, in per cent.
 * Drawn as SVG: a few hundred windows that change once an hour need no canvas.
 */
import { DAY_MS, dayMonth, hourMinute, share, shortDate, whole, zoneNameOver } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { useWidth } from '../parts/hooks.ts';
import { Scroll } from '../parts/scroll.tsx';
import { runsOf } from '../parts/spark.tsx';
import { language } from '../settings.ts';
import { timeLabels, timeSplitsMs } from '../time.ts';
import type { Level, Sample } from './shares.ts';
import { measureWords } from './words.ts';

export type ShiftFlag = { readonly sinceMs: number; readonly text: string; readonly isUrgent: boolean };

type Props = {
  readonly samples: readonly Sample[];
  readonly lastYear: readonly Sample[];
  readonly level: Level | null;
  readonly stepMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly flags: readonly ShiftFlag[];
  readonly label: string;
  /** IANA zone of the axis. */
  readonly zone: string;
};

const LEFT = 46;
const RIGHT = 78;
const TOP = 20;
const BOTTOM = 22;

const percentOf = (sample: Sample): number => (sample.whole > 0 ? (sample.part / sample.whole) * 100 : 0);

/** A round step that gives about four lines. */
function stepOf(top: number): number {
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25].find((step) => top / step <= 5) ?? 25;
}

function scaleOf({ samples, lastYear, level, fromMs, toMs }: Props, width: number, height: number) {
  const values = [...samples, ...lastYear].map(percentOf).sort((a, b) => a - b);
  // One window of a few boxes must not flatten all the others.
  const nearTop = values[Math.floor(0.995 * (values.length - 1))] ?? 1;
  const top = Math.max(0.2, nearTop, level?.high ?? 0) * 1.12;
  const x = (timeMs: number) => LEFT + ((timeMs - fromMs) / Math.max(1, toMs - fromMs)) * (width - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - Math.min(1, value / top)) * (height - TOP - BOTTOM);
  return { top, x, y };
}

type Scale = ReturnType<typeof scaleOf>;

/** Steps of windows that follow each other; a missing window ends the line. */
function stepPath(samples: readonly Sample[], { stepMs, fromMs, toMs }: Props, { x, y }: Scale): string {
  const placed = samples.map((sample, index) => ({
    sample,
    isAfterGap: index > 0 && sample.startMs - (samples[index - 1]?.startMs ?? 0) > stepMs,
  }));
  const parts = placed.map(({ sample, isAfterGap }, index) => {
    const from = x(Math.max(fromMs, sample.startMs)).toFixed(1);
    const to = x(Math.min(toMs, sample.startMs + stepMs)).toFixed(1);

    const at = y(percentOf(sample)).toFixed(1);
    return `${index === 0 || isAfterGap ? `M${from} ${at}` : `L${from} ${at}`}H${to}`;
  });
  return parts.join('');
}

function Grid({ scale, height, width, props }: { scale: Scale; height: number; width: number; props: Props }) {
  const step = stepOf(scale.top);
  const lines = Array.from({ length: Math.floor(scale.top / step) + 1 }, (_, index) => index * step);
  const splits = timeSplitsMs(
    props.fromMs,
    props.toMs,
    Math.max(2, Math.floor((width - LEFT - RIGHT) / 76)),
    props.zone,
  );
  const labels = timeLabels(splits, language.value, props.zone);
  return (
    <>
      {lines.map((value) => (
        <g key={value}>
          <path d={`M${LEFT} ${scale.y(value)}H${width - RIGHT}`} class={value === 0 ? 'axis' : 'gl-line'} />
          <text x={LEFT - 6} y={scale.y(value) + 4} text-anchor="end">
            {Number(value.toFixed(1))}
          </text>
        </g>
      ))}
      <text x={LEFT - 6} y={height - 6} text-anchor="end">
        {zoneNameOver(props.fromMs, props.toMs, props.zone)}
      </text>
      {splits.map((time, at) => (
        <text key={time} x={scale.x(time)} y={height - 6} text-anchor="middle">
          {scale.x(time) < LEFT + 16
            ? ''
            : labels[at] === '00:00'
              ? dayMonth(time, language.value, props.zone)
              : labels[at]}
        </text>
      ))}
      {splits.map((time) => (
        <path key={time} d={`M${scale.x(time)} ${scale.y(0)}v4`} class="axis" />
      ))}
    </>
  );
}

function LevelBand({ level, left, scale, width }: { level: Level; left: number; scale: Scale; width: number }) {
  const top = scale.y(level.high);
  return (
    <>
      <rect
        x={left}
        y={top}
        width={Math.max(0, width - left - RIGHT)}
        height={Math.max(0, scale.y(level.low) - top)}
        fill="var(--s-band)"
      />
      <path
        d={`M${left} ${scale.y(level.share)}H${width - RIGHT}`}
        stroke="var(--s-expected)"
        stroke-dasharray="5 3"
        fill="none"
      />
    </>
  );
}

/** The stretch is longer than what is stored: hatched, and never a line along zero. */
function NothingBefore({ firstX, height }: { firstX: number; height: number }) {
  return (
    <>
      <pattern id="me-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V7" stroke="var(--hatch)" stroke-width="0.8" opacity="0.45" />
      </pattern>
      <rect x={LEFT} y={TOP} width={firstX - LEFT} height={height - TOP - BOTTOM} fill="url(#me-hatch)" />
      {firstX - LEFT > 150 && (
        <text x={(LEFT + firstX) / 2} y={height - BOTTOM - 10} text-anchor="middle" class="nothing">
          {measureWords.value.nothingBefore}
        </text>
      )}
    </>
  );
}

function Flags({ flags, scale, height }: { flags: readonly ShiftFlag[]; scale: Scale; height: number }) {
  return (
    <>
      {flags.map((flag) => {
        const x = scale.x(flag.sinceMs);
        const colour = flag.isUrgent ? 'var(--alarm)' : 'var(--ink-3)';
        return (
          <g key={`${flag.sinceMs} ${flag.text}`}>
            <title>{flag.text}</title>
            <path d={`M${x} ${TOP - 8}V${height - BOTTOM}`} stroke={colour} stroke-width="1.2" />
            <path d={`M${x - 5} ${TOP - 12}h10l-5 7z`} fill={colour} />
          </g>
        );
      })}
    </>
  );
}

/** Labels at the end of the lines, pushed apart where they would cover each other. */
function EndLabels({ props, scale, width }: { props: Props; scale: Scale; width: number }) {
  const w = measureWords.value;
  const last = props.samples.at(-1);
  const lastYear = props.lastYear.at(-1);
  const labels = [
    ...(last === undefined ? [] : [{ y: scale.y(percentOf(last)), text: share(percentOf(last)), kind: 'now' }]),
    ...(props.level === null ? [] : [{ y: scale.y(props.level.share), text: share(props.level.share), kind: 'level' }]),
    ...(lastYear === undefined ? [] : [{ y: scale.y(percentOf(lastYear)), text: w.legend.lastYear, kind: 'before' }]),
  ].sort((a, b) => a.y - b.y);
  let floor = Number.NEGATIVE_INFINITY;
  return (
    <>
      {labels.map((label) => {
        const y = Math.max(label.y + 4, floor);
        floor = y + 15;
        return (
          <text key={label.kind} x={width - RIGHT + 8} y={y} class={`end ${label.kind}`}>
            {label.text}
          </text>
        );
      })}
    </>
  );
}

export function ShareChart(props: Props) {
  const [ref, width] = useWidth(800);
  const [at, setAt] = useState<number | null>(null);
  const w = measureWords.value;
  const height = 232;
  const { samples, stepMs } = props;
  const scale = scaleOf(props, width, height);
  const firstX = Math.max(LEFT, scale.x(samples[0]?.startMs ?? props.fromMs));
  const shown = at === null ? undefined : samples[Math.min(at, samples.length - 1)];
  const move = (by: number) =>
    setAt(Math.max(0, Math.min(samples.length - 1, (at ?? samples.length - 1 - Math.sign(by)) + by)));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') move(event.key === 'ArrowLeft' ? -1 : 1);
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(samples.length - 1);
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent) => {
    if (!(event.currentTarget instanceof Element)) return;
    const box = event.currentTarget.getBoundingClientRect();
    // On a wall a pixel of the drawing is more than one of the screen.
    const x = ((event.clientX - box.left) / Math.max(1, box.width)) * width;
    const timeMs = props.fromMs + ((x - LEFT) / Math.max(1, width - LEFT - RIGHT)) * (props.toMs - props.fromMs);
    const index = samples.findLastIndex((sample) => sample.startMs <= timeMs);
    setAt(index < 0 ? null : index);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart has keys of its own, as its label says.
    <section class="share-chart" aria-label={`${props.label}. ${w.chartHelp}`} tabIndex={0} onKeyDown={onKeyDown}>
      <div ref={ref}>
        <svg
          width={width}
          height={height}
          aria-hidden="true"
          onPointerMove={onPointer}
          onPointerLeave={() => setAt(null)}
        >
          {firstX > LEFT + 2 && <NothingBefore firstX={firstX} height={height} />}
          {props.level !== null && <LevelBand level={props.level} left={firstX} scale={scale} width={width} />}
          <Grid scale={scale} height={height} width={width} props={props} />
          <path d={stepPath(props.lastYear, props, scale)} class="before-line" />
          <path d={stepPath(samples, props, scale)} class="share-line" />
          <Flags flags={props.flags} scale={scale} height={height} />
          <EndLabels props={props} scale={scale} width={width} />
          {shown !== undefined && (
            <path d={`M${scale.x(shown.startMs + stepMs / 2)} ${TOP}V${height - BOTTOM}`} class="cursor" />
          )}
        </svg>
      </div>
      <output class="readout">{shown === undefined ? '' : readout(shown, stepMs, props.zone)}</output>
    </section>
  );
}

function readout(sample: Sample, stepMs: number, zone: string): string {
  const date = shortDate(sample.startMs, language.value, zone);
  const time = stepMs >= DAY_MS ? date : `${date} ${hourMinute(sample.startMs, zone)}`;
  const value = sample.whole > 0 ? share(percentOf(sample)) : '—';
  return measureWords.value.at(time, value, whole(sample.part), whole(sample.whole));
}

/** The same windows as figures, newest first. */
export function ShareTable({ samples, stepMs, label, zone }: Pick<Props, 'samples' | 'stepMs' | 'label' | 'zone'>) {
  const w = measureWords.value;
  return (
    <Scroll label={label} more="share-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{w.window(zoneNameOver(samples[0]?.startMs ?? 0, samples.at(-1)?.startMs ?? 0, zone))}</th>
            <th scope="col" class="num">
              {w.shareHead}
            </th>
            <th scope="col" class="num">
              {w.partHead}
            </th>
            <th scope="col" class="num">
              {w.wholeHead}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...samples].reverse().map((sample) => (
            <tr key={sample.startMs}>
              <td>
                {shortDate(sample.startMs, language.value, zone)}{' '}
                {stepMs < DAY_MS ? hourMinute(sample.startMs, zone) : ''}
              </td>
              <td class="num b">{sample.whole > 0 ? percentOf(sample).toFixed(1) : '—'}</td>
              <td class="num">{whole(sample.part)}</td>
              <td class="num">{whole(sample.whole)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** A share in the space of a word; a gap ends the line. */
export function ShareSpark({
  samples,
  stepMs,
  level,
}: {
  samples: readonly Sample[];
  stepMs: number;
  level: Level | null;
}) {
  const [width, height] = [92, 20];
  const values = samples.map(percentOf);
  const first = samples[0]?.startMs ?? 0;
  const span = Math.max(stepMs, (samples.at(-1)?.startMs ?? 0) - first);
  const low = Math.min(...values, level?.low ?? Number.POSITIVE_INFINITY);
  const high = Math.max(...values, level?.high ?? 0, low + 0.1);
  const y = (value: number) => 2 + (1 - (value - low) / (high - low)) * (height - 4);
  const x = (timeMs: number) => 1 + ((timeMs - first) / span) * (width - 5);
  const indexed = samples.map((sample, index) => ({ sample, index }));
  const runs = runsOf(indexed, ({ sample }) => sample.whole > 0);
  const last = samples.at(-1);
  if (samples.length < 2) return <svg class="spark" width={width} height={height} aria-hidden="true" />;
  return (
    <svg class="spark" width={width} height={height} aria-hidden="true">
      {level !== null && (
        <rect
          x="1"
          y={y(level.high)}
          width={width - 5}
          height={Math.max(1, y(level.low) - y(level.high))}
          fill="var(--s-band)"
        />
      )}
      {runs.map((run) => (
        <path
          key={run[0]?.index}
          d={`M${run.map(({ sample }) => `${x(sample.startMs).toFixed(1)} ${y(percentOf(sample)).toFixed(1)}`).join('L')}`}
          fill="none"
          stroke="var(--s-actual)"
          stroke-width="1.1"
          stroke-linejoin="round"
        />
      ))}
      {last !== undefined && (
        <circle cx={x(last.startMs)} cy={y(percentOf(last))} r="1.7" fill="var(--surface)" stroke="var(--s-actual)" />
      )}
    </svg>
  );
}
