/**
 * How the national reference is spread over ports and terminals: an allocation, assumed where nothing is published.
 * It holds no calendar; `profile.ts` spreads these totals over hours.
 */
import { PORTS, TERMINALS } from '@quaywatch/contracts';

export type PortVolume = {
  readonly portIndex: number;
  readonly code: string;
  /** Customs scope, whole TEU; the 36 add up to 60,566,038. */
  readonly targetTeuH1Of2024: number;
  /** Customs scope, whole TEU; the 36 add up to 67,410,000. */
  readonly targetTeuH1Of2025: number;
  /** All port throughput in million TEU: another scope, used only for its shape over the year. */
  readonly portTotalTeuM2024: number;
  readonly portTotalTeuMH1Of2024: number;
  readonly portTotalTeuMH1Of2025: number;
  /** Part of the port's throughput that is foreign trade. Assumed for every port: nobody publishes it. */
  readonly foreignTradeShareAssumed: number;
  /** Of the port totals: S sourced, D derived from sourced figures, M from memory; `low` = ±10 % to ±25 %. */
  readonly provenance: string;
};

// Target = half-year throughput × assumed foreign-trade share × 0.698, scaled so that the nation is exact.
// Port totals: port authorities and press for the largest six (good to ±0.2 M TEU where D), memory for the others.
const VOLUME_ROWS: readonly (readonly [
  code: string,
  targetTeuH1Of2024: number,
  targetTeuH1Of2025: number,
  portTotalTeuM2024: number,
  portTotalTeuMH1Of2024: number,
  portTotalTeuMH1Of2025: number,
  foreignTradeShareAssumed: number,
  provenance: string,
])[] = [
  ['CNSHA', 14_413_323, 15_865_382, 51.51, 25.51, 27.07, 0.84, '2023:D 2024:S H1_24:D H1_25:S'],
  ['CNNGB', 10_304_636, 11_704_985, 39.3, 19.15, 20.97, 0.8, '2023:D 2024:S H1_24:D H1_25:D(interp)'],
  ['CNSZX', 9_795_996, 11_245_116, 33.4, 15.66, 17.33, 0.93, '2023:D 2024:S H1_24:D H1_25:D(interp)'],
  ['CNTAO', 7_166_161, 8_004_965, 30.87, 15.22, 16.39, 0.7, '2023:M 2024:S(30.9) H1_24:D H1_25:D(interp)'],
  ['CNCAN', 3_607_564, 4_008_831, 26.1, 12.77, 13.68, 0.42, '2023:M 2024:S H1_24:D H1_25:D(interp)'],
  ['CNTXG', 4_309_853, 4_635_665, 23.3, 11.65, 12.08, 0.55, '2023:M 2024:S H1_24:D H1_25:D(interp)'],
  ['CNXMN', 3_057_086, 3_192_078, 12.25, 6.06, 6.1, 0.75, '2023:M 2024:M H1:M'],
  ['CNTAC', 958_492, 1_046_583, 9.7, 4.75, 5.0, 0.3, 'M(low)'],
  ['CNQZH', 1_019_365, 1_172_173, 9.02, 4.33, 4.8, 0.35, '2023:M 2024:M H1:M(low)'],
  ['CNRZH', 135_197, 150_707, 6.71, 3.35, 3.6, 0.06, 'M(low)'],
  ['CNLYG', 765_112, 842_499, 6.6, 3.25, 3.45, 0.35, 'M(low)'],
  ['CNYIK', 73_988, 79_540, 5.6, 2.75, 2.85, 0.04, 'M(low)'],
  ['CNDLC', 874_414, 976_810, 5.4, 2.6, 2.8, 0.5, 'M(low)'],
  ['CNYNT', 296_628, 332_813, 5.0, 2.45, 2.65, 0.18, 'M(low)'],
  ['CNHMN', 161_430, 180_012, 4.2, 2.0, 2.15, 0.12, 'M(low)'],
  ['CNFOC', 605_363, 645_392, 3.7, 1.8, 1.85, 0.5, 'M(low)'],
  ['CNFOS', 484_291, 502_359, 3.7, 1.8, 1.8, 0.4, 'M(low)'],
  ['CNZPU', 186_653, 214_549, 3.9, 1.85, 2.05, 0.15, 'M(low)'],
  ['CNNKG', 294_274, 313_974, 3.6, 1.75, 1.8, 0.25, 'M(low)'],
  ['CNWUH', 187_662, 219_782, 3.2, 1.55, 1.75, 0.18, 'M(low)'],
  ['CNNTG', 154_704, 167_453, 2.4, 1.15, 1.2, 0.2, 'M(low)'],
  ['CNQZJ', 63_899, 68_376, 2.0, 0.95, 0.98, 0.1, 'M(low)'],
  ['CNTGS', 21_187, 23_024, 2.2, 1.05, 1.1, 0.03, 'M(low)'],
  ['CNYPG', 127_799, 174_430, 2.0, 0.95, 1.25, 0.2, 'M(low)'],
  ['CNHAK', 32_958, 34_886, 2.0, 0.98, 1.0, 0.05, 'M(low)'],
  ['CNSWA', 202_460, 219_782, 1.8, 0.86, 0.9, 0.35, 'M(low)'],
  ['CNZHA', 80_715, 88_959, 1.7, 0.8, 0.85, 0.15, 'M(low)'],
  ['CNWEI', 217_930, 238_620, 1.5, 0.72, 0.76, 0.45, 'M(low)'],
  ['CNJNZ', 10_762, 10_884, 1.6, 0.8, 0.78, 0.02, 'M(low)'],
  ['CNWNZ', 80_715, 94_192, 1.7, 0.8, 0.9, 0.15, 'M(low)'],
  ['CNJMN', 236_091, 251_179, 1.6, 0.78, 0.8, 0.45, 'M(low)'],
  ['CNZSN', 251_562, 268_623, 1.4, 0.68, 0.7, 0.55, 'M(low)'],
  ['CNZUH', 125_108, 142_335, 1.3, 0.62, 0.68, 0.3, 'M(low)'],
  ['CNWHI', 80_715, 90_006, 1.7, 0.8, 0.86, 0.15, 'M(low)'],
  ['CNCKG', 104_257, 115_124, 1.3, 0.62, 0.66, 0.25, 'M(low)'],
  ['CNHUI', 77_688, 87_912, 0.7, 0.33, 0.36, 0.35, 'M(low)'],
];

/** One a port, in the order of `PORTS`. */
export const PORT_VOLUMES: readonly PortVolume[] = PORTS.map((port) => {
  const row = VOLUME_ROWS[port.index];
  if (row?.[0] !== port.code) throw new Error(`seeds/src/volumes.ts: row ${port.index} is not ${port.code}`);
  const [code, targetTeuH1Of2024, targetTeuH1Of2025, portTotalTeuM2024, portTotalTeuMH1Of2024] = row;
  return {
    portIndex: port.index,
    code,
    targetTeuH1Of2024,
    targetTeuH1Of2025,
    portTotalTeuM2024,
    portTotalTeuMH1Of2024,
    portTotalTeuMH1Of2025: row[5],
    foreignTradeShareAssumed: row[6],
    provenance: row[7],
  };
});

// Permille of the port, assumed from berths and the trade press; the three Yangshan terminals are 520 together (sourced:
// 51.9 % of Shanghai in the first half of 2025). A port that is not here has one terminal.
const SHARES_PERMILLE: Readonly<Record<string, number>> = {
  'CNSGH:SECT': 111,
  'CNSGH:SGICT': 203,
  'CNSGH:SMCT': 134,
  'CNSGH:SPICT': 74,
  'CNSGH:SHENG': 186,
  'CNSGH:SIPGSD': 131,
  'CNSGH:WAIG': 161,
  'CNNBO:BLCT1': 56,
  'CNNBO:BLCT2': 83,
  'CNNBO:BLGAN': 88,
  'CNNBO:BLYIN': 79,
  'CNNBO:BLYUA': 112,
  'CNNBO:BLTCT': 91,
  'CNNBO:BLCT5': 108,
  'CNNBO:NDXYT': 29,
  'CNNBO:BLCT6': 263,
  'CNNBO:ZHCT': 31,
  'CNNBO:YZCT7': 60,
  'CNDCB:DACHAN': 62,
  'CNSHK:CCT': 118,
  'CNSHK:MCT': 93,
  'CNSHK:SCT': 172,
  'CNSHK:SCMWH': 27,
  'CNYTN:YICT': 456,
  'CNYTN:YICTW': 72,
  'CNQIN:QQCTN': 224,
  'CNQIN:QQCTX': 297,
  'CNQIN:QQCTUA': 183,
  'CNQIN:QQCTU': 296,
  'CNNSA:NANS': 358,
  'CNNSA:NCT1': 239,
  'CNNSA:NICT': 403,
  'CNTNJ:TACT1': 152,
  'CNTNJ:THCC1': 327,
  'CNTNJ:TECT1': 168,
  'CNTNJ:TPCT1': 251,
  'CNTNJ:TSCT': 102,
  'CNXAM:XHDCT': 141,
  'CNXAM:XRCT': 128,
  'CNXAM:XHCT': 132,
  'CNXAM:XTCT': 83,
  'CNXAM:XICT': 158,
  'CNXAM:XOGT': 217,
  'CNXAM:XSCT': 141,
  'CNCGS:CXCT': 52,
  'CNTAC:SMTL': 238,
  'CNTAC:TIC': 201,
  'CNTAC:TPZX': 159,
  'CNTAC:TZICT': 279,
  'CNZJG:ZWT': 71,
  'CNLYG:LNOCT': 592,
  'CNLYG:LPCT': 408,
  'CNFZH:FICT': 777,
  'CNFZH:FMP': 223,
  'CNNJI:NJCT': 196,
  'CNNJI:NPL': 804,
  'CNYPG:SDIC': 347,
  'CNYPG:YPICT': 653,
  'CNJNZ:JNACT': 553,
  'CNJNZ:JPCT': 447,
  'CNWNZ:WJYCT': 402,
  'CNWNZ:ZYACT': 598,
  'CNJMN:JMCT': 348,
  'CNJMN:JMNP': 652,
};

/** Permille of its port that a terminal handles, by terminal index; the terminals of a port add up to 1000. Assumed. */
export const TERMINAL_SHARES_PERMILLE: readonly number[] = TERMINALS.map(
  (terminal) => SHARES_PERMILLE[terminal.code] ?? 1000,
);
