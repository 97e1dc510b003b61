/**
 * The oracle: what a log adds up to, computed the slow and obvious way from all of it at once. It shares no code with the core beyond the
 * decoder; it knows no windows that close, no watermark and no recovery. For logs in which nothing comes after its day has settled, and in which a
 * move that comes twice says the same both times.
 */
import {
  decodeMoveReport,
  FLAGS,
  FUNCTIONS,
  HANDLINGS,
  type MoveReport,
  portOf,
  SIZE_TYPES,
  terminalOf,
} from '@quaywatch/contracts';

export type OracleRecord = {
  readonly offset: number;
  readonly timestampMs: number;
  readonly value: Buffer | null;
  readonly isTick: boolean;
};
export type OracleMove = {
  terminal: string;
  port: string;
  eventMs: number;
  kind: number;
  trade: number;
  restow: boolean;
  empty: boolean;
  teuHundredths: number;
  handling: number;
};
type Version = { sequence: number; moves: Map<string, OracleMove> };

const zoneMs = 8 * 3_600_000;
const dayOf = (timeMs: number) => Math.floor((timeMs + zoneMs) / 86_400_000);
const names = { min: 1, max: 128 };

/** TEU hundredths by the first character of an ISO 6346 size-type code: lengths in feet / 20, and the odd ones of the standard's table. */
const teuOfLength: Readonly<Record<string, number>> = {
  '1': 50,
  '2': 100,
  '3': 150,
  '4': 200,
  '9': 225,
  L: 225,
  M: 240,
};

function isNamed(text: string): boolean {
  return text.length >= names.min && text.length <= names.max;
}

/** Whether the header lets the report count at all, in its partition when one is given. */
function countsAtAll(report: MoveReport, logTimeMs: number, partition: number | undefined): boolean {
  const terminal = terminalOf(report.terminal);
  const port = portOf(report.port);
  if (report.contractMajor !== 1 || terminal === undefined || port === undefined) return false;
  if (terminal.portIndex !== port.index || (partition !== undefined && port.partition !== partition)) return false;
  const functions: readonly number[] = Object.values(FUNCTIONS);
  if (!functions.includes(report.function)) return false;
  if (!isNamed(report.reportId) || !isNamed(report.source)) return false;
  if (report.calls.some((call) => !isNamed(call.id))) return false;
  if (report.function === FUNCTIONS.original) return true;
  if (!isNamed(report.amendsReportId) || report.amendsBaseTimeS === 0) return false;
  return dayOf(report.amendsBaseTimeS * 1000) <= dayOf(logTimeMs) + 1;
}

/** Container number and TEU of an entry, with what its exception says; undefined when the number is none. */
function boxOf(report: MoveReport, i: number): { number: string; teuHundredths: number } | undefined {
  const owner = report.owners[report.owner[i] ?? -1];
  const size = SIZE_TYPES[report.sizeType[i] ?? -1];
  if (owner === undefined || size === undefined) return undefined;
  const exception = report.exceptions.findLast((one) => one.entry === i);
  const packed = `${owner}${String(report.serial[i]).padStart(7, '0')}`;
  if (exception === undefined)
    return /^[A-Z]{4}$/.test(owner) ? { number: packed, teuHundredths: size.teuHundredths } : undefined;
  const number = exception.number === '' ? packed : exception.number.trim().toUpperCase();
  if (!/^[A-Z0-9 -]{1,20}$/.test(number)) return undefined;
  const text = exception.sizeType;
  return {
    number,
    teuHundredths: text === '' ? size.teuHundredths : (teuOfLength[text.slice(0, 1).toUpperCase()] ?? 200),
  };
}

function movesOf(report: MoveReport, logTimeMs: number): Map<string, OracleMove> {
  const moves = new Map<string, OracleMove>();
  const terminal = terminalOf(report.terminal);
  const port = portOf(report.port);
  for (let i = 0; i < report.count; i++) {
    const flags = report.flags[i] ?? 0;
    const offsetS = report.offsetS[i] ?? 0;
    const eventMs = (report.baseTimeS + offsetS) * 1000;
    const call = report.calls[report.call[i] ?? -1];
    const box = boxOf(report, i);
    const handling = (flags & FLAGS.handlingMask) >> FLAGS.handlingShift;
    if (terminal === undefined || port === undefined || call === undefined || box === undefined) continue;
    if (eventMs > logTimeMs + 300_000 || offsetS > 86_400 || (report.serial[i] ?? 0) > 9_999_999) continue;
    const isNewer = report.contractMinor > 0;
    if (!isNewer && ((flags & FLAGS.reserved) !== 0 || handling >= HANDLINGS.length)) continue;
    const kind = flags & FLAGS.kindMask;
    const identity = `${terminal.code} ${box.number.slice(0, 4)} ${Number(box.number.slice(4)) || box.number.slice(4)} ${kind} ${call.id} ${eventMs}`;
    if (moves.has(identity)) continue;
    moves.set(identity, {
      terminal: terminal.code,
      port: port.code,
      eventMs,
      kind,
      trade: (flags & FLAGS.tradeMask) >> FLAGS.tradeShift,
      restow: (flags & FLAGS.restow) !== 0,
      empty: (flags & FLAGS.empty) !== 0,
      teuHundredths: box.teuHundredths,
      handling,
    });
  }
  return moves;
}

/**
 * Every move that counts, by identity.
 * @param partition the log's; without it a report counts in whatever partition it is.
 */
export function oracleMoves(log: Iterable<OracleRecord>, partition?: number): Map<string, OracleMove> {
  const documents = new Map<string, Version>();
  let logTimeMs = Number.NEGATIVE_INFINITY;
  for (const record of log) {
    logTimeMs = Math.max(logTimeMs, record.timestampMs);
    if (record.isTick || record.value === null) continue;
    const decoded = decodeMoveReport(record.value);
    if (!decoded.ok || !countsAtAll(decoded.report, logTimeMs, partition)) continue;
    const { report } = decoded;
    const isOriginal = report.function === FUNCTIONS.original;
    if (isOriginal && report.count === 0) continue;
    const about = isOriginal ? report.reportId : report.amendsReportId;
    const home = dayOf((isOriginal ? report.baseTimeS : report.amendsBaseTimeS) * 1000);
    const key = JSON.stringify([terminalOf(report.terminal)?.code, report.source, about, home]);
    const known = documents.get(key);
    if (known !== undefined && known.sequence >= report.sequence) continue;
    const moves = report.function === FUNCTIONS.cancel ? new Map<string, OracleMove>() : movesOf(report, logTimeMs);
    documents.set(key, { sequence: report.sequence, moves });
  }
  const counted = new Map<string, OracleMove>();
  for (const version of documents.values())
    for (const [identity, move] of version.moves) if (!counted.has(identity)) counted.set(identity, move);
  return counted;
}

export function isHeadline(move: OracleMove): boolean {
  return !move.restow && move.kind <= 1 && move.trade <= 1;
}

/** TEU hundredths of the customs scope by `terminal|window start ms`. */
export function oracleWindows(moves: Iterable<OracleMove>, sizeMs: number): Map<string, number> {
  const windows = new Map<string, number>();
  for (const [key, { teu }] of oracleMeasures(moves, sizeMs)) if (teu > 0) windows.set(key, teu);
  return windows;
}

/** Measures that the oracle adds up, of one window. */
export type OracleMeasures = {
  moves: number;
  teu: number;
  load_teu: number;
  export_teu: number;
  empty_teu: number;
  direct_pick_up_teu: number;
  domestic_moves: number;
  domestic_teu: number;
  transhipment_moves: number;
  transhipment_teu: number;
  gate_moves: number;
  restow_moves: number;
};

const noMoves: OracleMeasures = {
  moves: 0,
  teu: 0,
  load_teu: 0,
  export_teu: 0,
  empty_teu: 0,
  direct_pick_up_teu: 0,
  domestic_moves: 0,
  domestic_teu: 0,
  transhipment_moves: 0,
  transhipment_teu: 0,
  gate_moves: 0,
  restow_moves: 0,
};

/** By `terminal|window start ms`. */
export function oracleMeasures(moves: Iterable<OracleMove>, sizeMs: number): Map<string, OracleMeasures> {
  const windows = new Map<string, OracleMeasures>();
  for (const move of moves) {
    const start = Math.floor((move.eventMs + zoneMs) / sizeMs) * sizeMs - zoneMs;
    const key = `${move.terminal}|${start}`;
    const sum = windows.get(key) ?? { ...noMoves };
    windows.set(key, sum);
    const teu = move.teuHundredths;
    if (move.restow) sum.restow_moves++;
    else if (move.kind > 1) sum.gate_moves++;
    else if (move.trade === 2) {
      sum.domestic_moves++;
      sum.domestic_teu += teu;
    } else if (move.trade === 3) {
      sum.transhipment_moves++;
      sum.transhipment_teu += teu;
    } else {
      sum.moves++;
      sum.teu += teu;
      if (move.kind === 0) sum.load_teu += teu;
      if (move.trade === 1) sum.export_teu += teu;
      if (move.empty) sum.empty_teu += teu;
      if (move.handling === 1) sum.direct_pick_up_teu += teu;
    }
  }
  return windows;
}
