/**
 * The half-years of the baseline: which there are, what each rests on, and its total for every port.
 * It knows nothing of days and hours inside a half-year.
 */
import { CALENDAR_END_DAY, datePartsOf, dayNumberOfDate, isoDateOf } from './calendar.ts';
import { PORT_VOLUMES, type PortVolume } from './volumes.ts';

/**
 * `official`: the national total is the reference or derived from it (both first halves); its spread over ports and
 * hours is an allocation all the same. `modelled`: from the ports' own annual totals. `extrapolated`: growth assumed.
 */
export type Basis = 'official' | 'modelled' | 'extrapolated';
export type HalfYearId = `${number}H1` | `${number}H2`;
export type HalfYear = {
  readonly id: HalfYearId;
  /** UTC+8 day numbers, half-open. */
  readonly firstDay: number;
  readonly lastDayExclusive: number;
  readonly basis: Basis;
};

/** The baseline was asked for a time that it does not cover; `code` is stable. */
export class SeedRangeError extends Error {
  readonly code: 'before_baseline' | 'after_baseline';
  constructor(code: SeedRangeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const FIRST_YEAR = 2024;
const FIRST_DAY = dayNumberOfDate(FIRST_YEAR, 1, 1);

function basisOf(year: number, half: 1 | 2): Basis {
  if (half === 1 && year <= 2025) return 'official';
  return year === 2024 ? 'modelled' : 'extrapolated';
}

/** All half-years, 2024H1 first. */
export const HALF_YEARS: readonly HalfYear[] = Array.from(
  { length: (datePartsOf(CALENDAR_END_DAY).year - FIRST_YEAR) * 2 },
  (_, place) => {
    const year = FIRST_YEAR + Math.floor(place / 2);
    const half = place % 2 === 0 ? 1 : 2;
    return {
      id: `${year}H${half}`,
      firstDay: dayNumberOfDate(year, half === 1 ? 1 : 7, 1),
      lastDayExclusive: half === 1 ? dayNumberOfDate(year, 7, 1) : dayNumberOfDate(year + 1, 1, 1),
      basis: basisOf(year, half),
    };
  },
);

/** Half-year of a UTC+8 day. @throws SeedRangeError before 2024-01-01 and from 2031-01-01. */
export function halfYearOf(dayNumber: number): HalfYear {
  if (dayNumber < FIRST_DAY) {
    throw new SeedRangeError(
      'before_baseline',
      `${isoDateOf(dayNumber)} is before the baseline, which begins on 2024-01-01 (UTC+8). Ask for that day or a later one.`,
    );
  }
  const half = HALF_YEARS.find(({ lastDayExclusive }) => dayNumber < lastDayExclusive);
  if (half !== undefined) return half;
  throw new SeedRangeError(
    'after_baseline',
    `${isoDateOf(dayNumber)} is after the baseline, which ends before ${isoDateOf(CALENDAR_END_DAY)} (UTC+8). Extend the tables in seeds/src/calendar.ts.`,
  );
}

/** Half-year of an id such as `2025H1`. @throws SeedRangeError when the baseline has none. */
export function halfYearOfId(id: HalfYearId): HalfYear {
  const half = HALF_YEARS.find((candidate) => candidate.id === id);
  if (half !== undefined) return half;
  throw new SeedRangeError(
    Number.parseInt(id, 10) < FIRST_YEAR ? 'before_baseline' : 'after_baseline',
    `The baseline has no half-year ${id}; it has ${HALF_YEARS[0]?.id} to ${HALF_YEARS.at(-1)?.id}.`,
  );
}

// Assumed: a port's growth of the first half of 2025 fades by a fifth every half-year after it (nationally +9.0 %,
// +7.3 %, +5.9 %, …), and one unusual half-year is not carried on at full size.
const GROWTH_FADE = 0.8;
const GROWTH_MIN = -0.05;
const GROWTH_MAX = 0.2;

function targetsOf(volume: PortVolume): readonly number[] {
  const { targetTeuH1Of2024, targetTeuH1Of2025, portTotalTeuM2024, portTotalTeuMH1Of2024 } = volume;
  // The second half of 2024 has the ratio to the first that all throughput of the port had.
  const h2Of2024 = Math.round(targetTeuH1Of2024 * (portTotalTeuM2024 / portTotalTeuMH1Of2024 - 1));
  const targets = [targetTeuH1Of2024, h2Of2024, targetTeuH1Of2025];
  let growth = Math.min(GROWTH_MAX, Math.max(GROWTH_MIN, targetTeuH1Of2025 / targetTeuH1Of2024 - 1));
  while (targets.length < HALF_YEARS.length) {
    growth *= GROWTH_FADE;
    targets.push(Math.round((targets.at(-2) ?? 0) * (1 + growth)));
  }
  return targets;
}

const TARGETS: readonly (readonly number[])[] = PORT_VOLUMES.map(targetsOf);

/** Whole TEU of a port in a half-year, customs scope. @throws SeedRangeError */
export function portHalfYearTarget(portIndex: number, id: HalfYearId): number {
  const teu = TARGETS[portIndex]?.[HALF_YEARS.indexOf(halfYearOfId(id))];
  if (teu === undefined) throw new RangeError(`No port has index ${portIndex}.`);
  return teu;
}

/** Whole TEU of the nation in a half-year, customs scope. @throws SeedRangeError */
export function nationHalfYearTarget(id: HalfYearId): number {
  return PORT_VOLUMES.reduce((sum, volume) => sum + portHalfYearTarget(volume.portIndex, id), 0);
}
