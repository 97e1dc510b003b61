/**
 * The official reference that the product measures itself against, and what follows from it by arithmetic.
 * It holds no estimate of ours: those are in `volumes.ts` and say so.
 */

export type Scope = 'customs_ie' | 'port_total';

export type Reference = {
  readonly id: string;
  /** `customs_ie`: waterborne import and export containers as customs counts them; never to be added to `port_total`. */
  readonly scope: Scope;
  readonly titleEn: string;
  readonly titleZh: string;
  /** Half-open UTC+8 dates. */
  readonly from: string;
  readonly to: string;
  /** Days of the half-year, 29 February included where there is one. */
  readonly days: number;
  readonly teu: number;
  /** Against the same months of the year before, calendar days, no leap-day or trading-day adjustment. */
  readonly growthPct: number | null;
  /** `official`: published as such; `derived`: arithmetic on published figures only. */
  readonly provenance: 'official' | 'derived';
  readonly publisher: string;
  readonly source: string;
};

/**
 * First half of 2025: 67.41 M TEU, +11.3 %. Published to 0.01 M TEU; we read it as 67,410,000 exactly. It is 0.39 of the
 * 173 M TEU that the Ministry of Transport counts for the same months, because that is all port throughput.
 */
export const REFERENCE_2025H1: Reference = {
  id: '2025H1',
  scope: 'customs_ie',
  titleEn: 'Waterborne import and export containers handled nationwide, first half of 2025',
  titleZh: '2025年上半年全国水运进出口集装箱量',
  from: '2025-01-01',
  to: '2025-07-01',
  days: 181,
  teu: 67_410_000,
  growthPct: 11.3,
  provenance: 'official',
  publisher: 'General Administration of Customs of China (GACC)',
  source: 'Legal Daily, 14 July 2025',
};

/** Base half-year: 67,410,000 ÷ 1.113 rounded to a whole TEU. The published rounding allows 60.53..60.60 M. */
export const REFERENCE_2024H1: Reference = {
  id: '2024H1',
  scope: 'customs_ie',
  titleEn: 'Waterborne import and export containers handled nationwide, first half of 2024',
  titleZh: '2024年上半年全国水运进出口集装箱量',
  from: '2024-01-01',
  to: '2024-07-01',
  days: 182,
  teu: 60_566_038,
  growthPct: null,
  provenance: 'derived',
  publisher: 'Quaywatch, from the GACC figures for 2025',
  source: '67,410,000 ÷ 1.113; Legal Daily, 14 July 2025',
};

export const REFERENCES: readonly Reference[] = [REFERENCE_2024H1, REFERENCE_2025H1];
