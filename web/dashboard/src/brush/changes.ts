/** What a change is made of: an interval against the one before it and against what was expected, by terminal and by kind of box. */
import { MEASURE_INDEX, type Measure, type WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@quaywatch/words';
import type { Span } from '../charts/chart-data.ts';
import type { MeasureRow } from '../wire/measures.ts';

type Values = readonly number[];
const at = (values: Values, measure: Measure): number => values[MEASURE_INDEX[measure]] ?? 0;

/** TEU of each kind of box. Kinds of one dimension add up to the headline; those outside the scope are told apart. */
export const PARTS = {
  discharge: { dimension: 'direction', of: (v: Values) => at(v, 'teu') - at(v, 'load_teu') },
  load: { dimension: 'direction', of: (v: Values) => at(v, 'load_teu') },
  import: { dimension: 'trade', of: (v: Values) => at(v, 'teu') - at(v, 'export_teu') },
  export: { dimension: 'trade', of: (v: Values) => at(v, 'export_teu') },
  laden: { dimension: 'laden', of: (v: Values) => at(v, 'teu') - at(v, 'empty_teu') },
  empty: { dimension: 'laden', of: (v: Values) => at(v, 'empty_teu') },
  direct_pick_up: { dimension: 'handling', of: (v: Values) => at(v, 'direct_pick_up_teu') },
  direct_loading: { dimension: 'handling', of: (v: Values) => at(v, 'direct_loading_teu') },
  rail_sea: {
    dimension: 'handling',
    of: (v: Values) => at(v, 'rail_single_waybill_teu') + at(v, 'rail_single_container_teu'),
  },
  barge: { dimension: 'handling', of: (v: Values) => at(v, 'barge_teu') },
  yard: {
    dimension: 'handling',
    of: (v: Values) =>
      at(v, 'teu') -
      at(v, 'direct_pick_up_teu') -
      at(v, 'direct_loading_teu') -
      at(v, 'rail_single_waybill_teu') -
      at(v, 'rail_single_container_teu') -
      at(v, 'barge_teu'),
  },
  transhipment: { dimension: 'outside', of: (v: Values) => at(v, 'transhipment_teu') },
  domestic: { dimension: 'outside', of: (v: Values) => at(v, 'domestic_teu') },
} as const satisfies Readonly<Record<string, { dimension: string; of: (values: Values) => number }>>;
export type Part = keyof typeof PARTS;
const PART_NAMES = Object.keys(PARTS) as readonly Part[];

export type TerminalChange = {
  readonly terminal: string;
  readonly now: number;
  readonly before: number;
  /** Null where nothing was expected. */
  readonly expected: number | null;
};
export type PartChange = {
  readonly part: Part;
  readonly now: number;
  readonly before: number;
  /** The terminal that has most of it, and its share of the change in TEU. */
  readonly lead: { readonly terminal: string; readonly teu: number } | null;
};
export type Changes = {
  readonly now: number;
  readonly before: number;
  readonly expected: number | null;
  readonly terminals: readonly TerminalChange[];
  readonly parts: readonly PartChange[];
};

const sumBy = (rows: readonly MeasureRow[], of: (values: Values) => number) => {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.terminal, (sums.get(row.terminal) ?? 0) + of(row.values));
  return sums;
};
const total = (sums: ReadonlyMap<string, number>) => [...sums.values()].reduce((sum, value) => sum + value, 0);

function partChange(part: Part, now: readonly MeasureRow[], before: readonly MeasureRow[]): PartChange {
  const [after, ago] = [sumBy(now, PARTS[part].of), sumBy(before, PARTS[part].of)];
  const change = total(after) - total(ago);
  const lead = [...new Set([...after.keys(), ...ago.keys()])]
    .map((terminal) => ({ terminal, teu: (after.get(terminal) ?? 0) - (ago.get(terminal) ?? 0) }))
    // What went the other way explains nothing.
    .filter(({ teu }) => teu * change > 0)
    .sort((a, b) => Math.abs(b.teu) - Math.abs(a.teu))[0];
  return { part, now: total(after), before: total(ago), lead: lead ?? null };
}

/** @param now rows of terminals inside the interval; @param before those of as long before it; @param points of terminals, for what was expected. */
export function changesOf(
  now: readonly MeasureRow[],
  before: readonly MeasureRow[],
  points: readonly WindowPoint[],
): Changes {
  const headline = (values: Values) => at(values, 'teu');
  const [after, ago] = [sumBy(now, headline), sumBy(before, headline)];
  const expected = new Map<string, number>();
  for (const point of points)
    if (point.terminal !== '' && point.expected !== null)
      expected.set(point.terminal, (expected.get(point.terminal) ?? 0) + point.expected);
  const terminals = [...new Set([...after.keys(), ...ago.keys(), ...expected.keys()])].map((terminal) => ({
    terminal,
    now: after.get(terminal) ?? 0,
    before: ago.get(terminal) ?? 0,
    expected: expected.get(terminal) ?? null,
  }));
  return {
    now: total(after),
    before: total(ago),
    expected: expected.size === 0 ? null : total(expected),
    terminals,
    parts: PART_NAMES.map((part) => partChange(part, now, before)),
  };
}

export type Against = 'expected' | 'before';

/** Terminals by how much of the change they make, largest first. */
export function contributors(changes: Changes, against: Against): { terminal: string; teu: number }[] {
  return changes.terminals
    .flatMap(({ terminal, now, before, expected }) =>
      against === 'before'
        ? [{ terminal, teu: now - before }]
        : expected === null
          ? []
          : [{ terminal, teu: now - expected }],
    )
    .sort((a, b) => Math.abs(b.teu) - Math.abs(a.teu));
}

/** Which side of a change is told: the few terminals that make most of it, or, where others went the other way by a tenth of it, both sums. */
export function sidesOf(bars: readonly { readonly teu: number }[], size: number) {
  const along = bars.filter((bar) => bar.teu * size > 0);
  const sum = (list: readonly { readonly teu: number }[]) => list.reduce((total, bar) => total + bar.teu, 0);
  const against = sum(bars.filter((bar) => bar.teu * size < 0));
  if (Math.abs(against) > Math.abs(size) / 10) return { leading: along.length, told: sum(along), against };
  const leading = along.slice(0, 4);
  return { leading: leading.length, told: sum(leading), against: 0 };
}

/** How the feed was in each window: covered, and how much came late. */
export type FeedWindow = {
  readonly startMs: number;
  readonly completeness: number;
  readonly moves: number;
  readonly late: number;
};

export function feedOf(rows: readonly MeasureRow[]): FeedWindow[] {
  const groups = Map.groupBy(rows, (row) => row.start_ms);
  return [...groups.entries()]
    .map(([startMs, parts]) => ({
      startMs,
      completeness: parts.reduce((sum, row) => sum + row.completeness, 0) / parts.length,
      moves: parts.reduce((sum, row) => sum + at(row.values, 'moves'), 0),
      late: parts.reduce((sum, row) => sum + at(row.values, 'late_moves'), 0),
    }))
    .sort((a, b) => a.startMs - b.startMs);
}

/** The windows that an interval is made of, and the interval cut to whole ones. Minutes are kept for 14 days. */
export function windowsOf(span: Span, nowMs: number): { sizeS: WindowPoint['size_s']; span: Span } {
  const widthMs = span.toMs - span.fromMs;
  const hasMinutes = span.fromMs - widthMs > nowMs - 14 * DAY_MS;
  const sizeS = widthMs <= HOUR_MS && hasMinutes ? 60 : widthMs <= DAY_MS ? 300 : widthMs <= 40 * DAY_MS ? 3600 : 86400;
  const step = Math.max(sizeS * 1000, MINUTE_MS);
  // Days are cut at 24:00 UTC+8.
  const offset = sizeS === 86400 ? 8 * HOUR_MS : 0;
  const cut = (timeMs: number) => Math.round((timeMs + offset) / step) * step - offset;
  const fromMs = cut(span.fromMs);
  return { sizeS, span: { fromMs, toMs: Math.max(fromMs + step, cut(span.toMs)) } };
}
