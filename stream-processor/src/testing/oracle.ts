/**
 * The oracle: what a log adds up to, computed the slow and obvious way from all of it at once. It shares no code with the core beyond the
 * decoder; it knows no windows that close, no watermark and no recovery. For logs in which nothing comes after its day has settled.
 */
import { decodeMoveReport, FLAGS, FUNCTIONS, HANDLINGS, portOf, SIZE_TYPES, terminalOf } from '@quaywatch/contracts';

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
  teuHundredths: number;
  handling: number;
};
type Version = { sequence: number; moves: Map<string, OracleMove> };

/** Every move that counts, by identity. */
export function oracleMoves(log: Iterable<OracleRecord>): Map<string, OracleMove> {
  const documents = new Map<string, Version>();
  let logTimeMs = Number.NEGATIVE_INFINITY;
  for (const record of log) {
    logTimeMs = Math.max(logTimeMs, record.timestampMs);
    if (record.isTick || record.value === null) continue;
    const decoded = decodeMoveReport(record.value);
    if (!decoded.ok) continue;
    const report = decoded.report;
    const terminal = terminalOf(report.terminal);
    const port = portOf(report.port);
    if (terminal === undefined || port === undefined || terminal.portIndex !== port.index || report.contractMajor !== 1)
      continue;
    const moves = new Map<string, OracleMove>();
    for (let i = 0; i < report.count; i++) {
      const flags = report.flags[i] ?? 0;
      const eventMs = (report.baseTimeS + (report.offsetS[i] ?? 0)) * 1000;
      const call = report.calls[report.call[i] ?? 0];
      const size = SIZE_TYPES[report.sizeType[i] ?? 0];
      const owner = report.owners[report.owner[i] ?? 0];
      if (
        eventMs > logTimeMs + 300_000 ||
        (flags & FLAGS.reserved) !== 0 ||
        call === undefined ||
        size === undefined ||
        owner === undefined
      )
        continue;
      if (
        (flags & FLAGS.handlingMask) >> FLAGS.handlingShift >= HANDLINGS.length ||
        (report.serial[i] ?? 0) > 9_999_999
      )
        continue;
      const kind = flags & FLAGS.kindMask;
      moves.set(`${terminal.code} ${owner} ${report.serial[i]} ${kind} ${call.id} ${eventMs}`, {
        terminal: terminal.code,
        port: port.code,
        eventMs,
        kind,
        trade: (flags & FLAGS.tradeMask) >> FLAGS.tradeShift,
        restow: (flags & FLAGS.restow) !== 0,
        teuHundredths: size.teuHundredths,
        handling: (flags & FLAGS.handlingMask) >> FLAGS.handlingShift,
      });
    }
    const about = report.function === FUNCTIONS.original ? report.reportId : report.amendsReportId;
    const key = `${terminal.code} ${report.source} ${about}`;
    const known = documents.get(key);
    if (known !== undefined && known.sequence >= report.sequence) continue;
    documents.set(key, { sequence: report.sequence, moves: report.function === FUNCTIONS.cancel ? new Map() : moves });
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
  const zoneMs = 8 * 3_600_000;
  const sums = new Map<string, number>();
  for (const move of moves) {
    if (!isHeadline(move)) continue;
    const start = Math.floor((move.eventMs + zoneMs) / sizeMs) * sizeMs - zoneMs;
    const key = `${move.terminal}|${start}`;
    sums.set(key, (sums.get(key) ?? 0) + move.teuHundredths);
  }
  return sums;
}
