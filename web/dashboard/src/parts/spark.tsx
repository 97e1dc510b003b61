/** Twenty-four hours of a port in the space of a word: line, expected band, and an open point at the end. May start above zero. */
import type { Slot } from '../slots.ts';

type Size = { readonly width: number; readonly height: number };
type Point = readonly [x: number, y: number];

const round = (value: number) => Math.round(value * 10) / 10;

/** Runs of points without a gap: a missing hour ends the line, and the next one begins anew. */
export function runsOf<T>(items: readonly T[], isThere: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  let run: T[] = [];
  for (const item of items) {
    if (isThere(item)) run.push(item);
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  }
  return run.length > 0 ? [...runs, run] : runs;
}

const line = (points: readonly Point[]) =>
  points.length === 0 ? '' : `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}`;

export function sparkPaths(slots: readonly Slot[], { width, height }: Size, isFromZero: boolean) {
  const values = slots.flatMap((slot) => [
    ...(slot.rate === null ? [] : [slot.rate]),
    ...(slot.expected === null ? [] : [slot.expected - (slot.band ?? 0), slot.expected + (slot.band ?? 0)]),
  ]);
  const top = Math.max(...values, 0.001);
  const floor = isFromZero ? 0 : Math.max(0, Math.min(...values));
  const pad = 2;
  const x = (index: number) => 1 + (index / Math.max(1, slots.length - 1)) * (width - 5);
  const y = (value: number) => height - pad - ((value - floor) / Math.max(0.001, top - floor)) * (height - 2 * pad);
  const indexed = slots.map((slot, index) => ({ ...slot, index }));
  const actual = runsOf(indexed, (slot) => slot.rate !== null).map((run) =>
    line(run.map((slot): Point => [x(slot.index), y(slot.rate ?? 0)])),
  );
  const bands = runsOf(indexed, (slot) => slot.expected !== null).map((run) => {
    const edge = (sign: number) =>
      run.map((slot): Point => [x(slot.index), y(Math.max(floor, (slot.expected ?? 0) + sign * (slot.band ?? 0)))]);
    return `${line([...edge(1), ...edge(-1).reverse()])}Z`;
  });
  const last = indexed.at(-1);
  const end: Point | null =
    last === undefined || last.rate === null ? null : [round(x(last.index)), round(y(last.rate))];
  return { actual: actual.join(''), band: bands.join(''), end, x, y };
}

export function Spark({ slots, width = 74, height = 20 }: { slots: readonly Slot[] } & Partial<Size>) {
  const isEmpty = slots.every((slot) => slot.rate === null && slot.expected === null);
  if (isEmpty) return <svg class="spark" width={width} height={height} aria-hidden="true" />;
  const { actual, band, end } = sparkPaths(slots, { width, height }, false);
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={band} fill="var(--s-band)" />
      <path d={actual} fill="none" stroke="var(--s-actual)" stroke-width="1.1" stroke-linejoin="round" />
      {end !== null && <circle cx={end[0]} cy={end[1]} r="1.7" fill="var(--surface)" stroke="var(--s-actual)" />}
    </svg>
  );
}

/** Bar of a deviation from the middle, with an arrow where it goes beyond 30 %. */
export function DeviationBar({ deviation, step }: { deviation: number | null; step: string }) {
  if (deviation === null) return <svg width="36" height="12" aria-hidden="true" />;
  const span = Math.min(18, Math.max(1, (Math.abs(deviation) / 30) * 18));
  const x = deviation < 0 ? 18 - span : 18;
  const isBeyond = Math.abs(deviation) > 30;
  return (
    <svg class="dbar" width="36" height="12" aria-hidden="true">
      <path d="M18 0V12" stroke="var(--rule-3)" />
      <rect x={x} y="2.5" width={span} height="7" fill={`var(--dev-${step})`} />
      {isBeyond && (
        <path d={deviation < 0 ? 'M5 1.5 0 6l5 4.5z' : 'M31 1.5 36 6l-5 4.5z'} fill={`var(--dev-${step})`} />
      )}
    </svg>
  );
}
