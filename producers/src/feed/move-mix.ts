/**
 * What the simulated boxes are: size-types, laden or empty, trade, handling, as lookup tables indexed by random bits.
 * All shares are assumptions (domain notes §1: empties 20–30 %, 1.65 TEU a box, sea-rail 4.6 % at Ningbo, water-to-water at Shanghai).
 */
import { FLAGS, HANDLINGS, KINDS, PORTS, SIZE_TYPES, TERMINALS, TRADES } from '@quaywatch/contracts';

/** Share of headline boxes that are 20 ft long: (2 − 1.65) TEU. */
export const twentyFootShare = 0.35;
/** Headline TEU for each group of four 45 ft boxes (9 TEU, so that a day stays whole): about 1 % of boxes. */
export const teuPerFortyFiveGroup = 660;
/** Extra boxes beside the headline, as a share of headline boxes; all together stay under 5 % of its TEU. */
export const otherTradeShare = 0.038;
export const restowShare = 0.006;

const sizeType = (code: string): number => SIZE_TYPES.findIndex((entry) => entry.code === code);

function table(length: number, shares: readonly (readonly [value: number, count: number])[]): Uint16Array {
  const all = shares.flatMap(([value, count]) => Array.from({ length: count }, () => value));
  return Uint16Array.from({ length }, (_, i) => all[i] ?? all[0] ?? 0);
}

/** 32 entries each. */
export const TWENTY_FOOT = table(32, [
  [sizeType('22G1'), 26],
  [sizeType('22T1'), 3],
  [sizeType('22R1'), 1],
  [sizeType('22U1'), 1],
  [sizeType('22P1'), 1],
]);
export const FORTY_FOOT = table(32, [
  [sizeType('45G1'), 21],
  [sizeType('42G1'), 7],
  [sizeType('45R1'), 2],
  [sizeType('42U1'), 1],
  [sizeType('42P1'), 1],
]);
export const FORTY_FIVE_FOOT = table(32, [
  [sizeType('L5G1'), 28],
  [sizeType('L5R1'), 4],
]);

const LOAD = KINDS.indexOf('LOAD');
const DISC = KINDS.indexOf('DISC');

type FlagParts = {
  kind: number;
  trade: (typeof TRADES)[number];
  isEmpty?: boolean;
  handling?: (typeof HANDLINGS)[number];
  isConfirmed?: boolean;
};

function flagsOf({ kind, trade, isEmpty = false, handling = 'yard', isConfirmed = false }: FlagParts): number {
  return (
    kind |
    (isEmpty ? FLAGS.empty : 0) |
    (TRADES.indexOf(trade) << FLAGS.tradeShift) |
    (HANDLINGS.indexOf(handling) << FLAGS.handlingShift) |
    (isConfirmed ? FLAGS.departureConfirmed : 0)
  );
}

/** Per mille of sea-rail boxes, by port; 8 where nothing is said. */
const RAIL_PERMILLE: Readonly<Record<string, number>> = {
  CNNGB: 46,
  CNTAO: 60,
  CNTXG: 55,
  CNDLC: 80,
  CNYIK: 110,
  CNLYG: 90,
  CNQZH: 120,
  CNSZX: 20,
  CNCAN: 22,
  CNXMN: 18,
  CNSHA: 12,
};

function bargePermille(portCode: string, clusterGroup: string): number {
  if (portCode === 'CNSHA') return 240;
  if (clusterGroup === 'yangtze') return portCode === 'CNNGB' ? 60 : 300;
  return clusterGroup === 'pearl' ? 220 : 15;
}

export type FlagTables = {
  /** 1024 entries each, for headline moves. */
  readonly load: Uint16Array;
  readonly disc: Uint16Array;
};

function headlineTable(kind: number, rail: number, barge: number): Uint16Array {
  const isLoad = kind === LOAD;
  const trade = isLoad ? 'export' : 'import';
  const emptyPermille = isLoad ? 60 : 420;
  return Uint16Array.from({ length: 1024 }, (_, i) => {
    // Two strides make the two properties independent over the table.
    const forEmpty = (i * 619) % 1024;
    const isEmpty = forEmpty < emptyPermille * 1.024;
    let rest = (i * 1000) / 1024 - rail * 0.6;
    if (rest < 0) return flagsOf({ kind, trade, isEmpty, handling: 'rail_single_waybill' });
    rest -= rail * 0.4;
    if (rest < 0) return flagsOf({ kind, trade, isEmpty, handling: 'rail_single_container' });
    rest -= barge;
    if (rest < 0) return flagsOf({ kind, trade, isEmpty, handling: 'barge', isConfirmed: isLoad && i % 3 === 0 });
    const direct = isLoad ? 110 : 75;
    rest -= direct;
    if (rest < 0 && !isEmpty) {
      return flagsOf({
        kind,
        trade,
        handling: isLoad ? 'direct_loading' : 'direct_pick_up',
        isConfirmed: isLoad && i % 2 === 0,
      });
    }
    return flagsOf({ kind, trade, isEmpty, isConfirmed: isLoad && !isEmpty && i % 5 === 0 });
  });
}

const flagTables: (FlagTables | undefined)[] = [];

export function flagTablesOf(terminal: number): FlagTables {
  const known = flagTables[terminal];
  if (known !== undefined) return known;
  const port = PORTS[TERMINALS[terminal]?.portIndex ?? 0];
  const rail = RAIL_PERMILLE[port?.code ?? ''] ?? 8;
  const barge = bargePermille(port?.code ?? '', port?.clusterGroup ?? '');
  const made = { load: headlineTable(LOAD, rail, barge), disc: headlineTable(DISC, rail, barge) };
  flagTables[terminal] = made;
  return made;
}

/** Index: (mixed call ? 4 : 0) + (LOAD ? 2 : 0) + (empty ? 1 : 0). Domestic boxes travel on mixed calls only. */
export const OTHER_TRADE_FLAGS = Uint16Array.from({ length: 8 }, (_, i) =>
  flagsOf({
    kind: (i & 2) !== 0 ? LOAD : DISC,
    trade: (i & 4) !== 0 ? 'domestic' : 'transhipment',
    isEmpty: (i & 1) !== 0,
  }),
);
export const RESTOW_FLAGS = Uint16Array.from(
  { length: 2 },
  (_, i) => flagsOf({ kind: i === 1 ? LOAD : DISC, trade: i === 1 ? 'export' : 'import' }) | FLAGS.restow,
);

/** Headline TEU hundredths of an entry; 0 for restows and other trades. */
export function headlineTeuHundredths(sizeTypeIndex: number, flags: number): number {
  const trade = (flags & FLAGS.tradeMask) >> FLAGS.tradeShift;
  if ((flags & FLAGS.restow) !== 0 || trade > 1) return 0;
  return SIZE_TYPES[sizeTypeIndex]?.teuHundredths ?? 0;
}
