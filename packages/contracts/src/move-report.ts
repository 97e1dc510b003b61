/**
 * Move reports: the types, and the one way in and out of bytes (Protobuf wire format, see move-report.proto).
 * Checks shape only; whether a port, a time or a code makes sense is for the core.
 */
import { ProtobufReader, ProtobufWriter, Unreadable } from './protobuf.ts';

export const CONTRACT_MAJOR = 1;
export const CONTRACT_MINOR = 0;
/** Entries of one report; more is dead letter `too_many_entries`. */
export const entriesMax = 20_000;
/** Bytes of one report; more is dead letter `too_large`. */
export const reportBytesMax = 1_048_576;

export const FUNCTIONS = { original: 1, replace: 2, cancel: 3 } as const;

export type VesselCall = {
  readonly id: string;
  readonly vessel: string;
  readonly imo: string;
  readonly berth: string;
  /** Carries domestic and foreign boxes on one vessel. */
  readonly mixedTrade: boolean;
};

export type ContainerException = { readonly entry: number; readonly number: string; readonly sizeType: string };

export type ReportHeader = {
  contractMajor: number;
  contractMinor: number;
  reportId: string;
  /** CloudEvents source. */
  source: string;
  port: string;
  terminal: string;
  sequence: number;
  function: number;
  amendsReportId: string;
  amendsBaseTimeS: number;
  createdAtMs: number;
  /** Every move up to this event time has been sent; 0 = unknown. */
  completeThroughMs: number;
  cadenceS: number;
  dayMoves: number;
  baseTimeS: number;
};

/** One entry a move; all columns have `count` meaningful elements. */
export type MoveReport = ReportHeader & {
  calls: readonly VesselCall[];
  owners: readonly string[];
  exceptions: readonly ContainerException[];
  count: number;
  offsetS: Uint32Array;
  owner: Uint32Array;
  serial: Uint32Array;
  sizeType: Uint32Array;
  flags: Uint32Array;
  call: Uint32Array;
};

export type Decoded =
  | { readonly ok: true; readonly report: MoveReport }
  | {
      readonly ok: false;
      readonly reason: 'unreadable' | 'too_large' | 'too_many_entries' | 'columns_differ';
      readonly detail: string;
    };

const COLUMN_FIELDS = ['offsetS', 'owner', 'serial', 'sizeType', 'flags', 'call'] as const;
const FIRST_COLUMN = 18;

function emptyReport(): MoveReport {
  return {
    contractMajor: 0,
    contractMinor: 0,
    reportId: '',
    source: '',
    port: '',
    terminal: '',
    sequence: 0,
    function: 0,
    amendsReportId: '',
    amendsBaseTimeS: 0,
    createdAtMs: 0,
    completeThroughMs: 0,
    cadenceS: 0,
    dayMoves: 0,
    baseTimeS: 0,
    calls: [],
    owners: [],
    exceptions: [],
    count: 0,
    offsetS: EMPTY_COLUMN,
    owner: EMPTY_COLUMN,
    serial: EMPTY_COLUMN,
    sizeType: EMPTY_COLUMN,
    flags: EMPTY_COLUMN,
    call: EMPTY_COLUMN,
  };
}

const EMPTY_COLUMN = new Uint32Array(0);

// One set of columns is reused by every decode: a report is stepped before the next one is decoded, and 41 M moves would otherwise be
// 250 M short-lived array elements.
const scratch = COLUMN_FIELDS.map(() => new Uint32Array(entriesMax));

/** One entry of a column that is not packed, as Protobuf readers must take it too; returns how many there are now. */
function readEntry(reader: ProtobufReader, column: Uint32Array, already: number): number {
  const value = reader.varint();
  if (value > 0xffffffff) throw new Unreadable('a column entry is cut off or too long');
  if (already < entriesMax) column[already] = value;
  return already + 1;
}

/** Packed varints of at most 32 bits into `column`; returns how many. The hot loop of a replay. */
function readColumn(reader: ProtobufReader, column: Uint32Array, already: number): number {
  const end = reader.span();
  const bytes = reader.bytes;
  let position = reader.position;
  let count = already;
  while (position < end) {
    let byte = bytes[position++] as number;
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      let shift = 7;
      do {
        if (position >= end || shift > 28) throw new Unreadable('a column entry is cut off or too long');
        byte = bytes[position++] as number;
        value |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte >= 0x80);
    }
    if (count < entriesMax) column[count] = value;
    count++;
  }
  reader.position = end;
  return count;
}

function readCall(reader: ProtobufReader, end: number): VesselCall {
  const call = { id: '', vessel: '', imo: '', berth: '', mixedTrade: false };
  const inner = new ProtobufReader(reader.bytes, reader.position, end);
  while (inner.position < end) {
    const tag = inner.varint();
    if (tag === 10) call.id = inner.text();
    else if (tag === 18) call.vessel = inner.text();
    else if (tag === 26) call.imo = inner.text();
    else if (tag === 34) call.berth = inner.text();
    else if (tag === 40) call.mixedTrade = inner.varint() !== 0;
    else inner.skip(tag & 7);
  }
  reader.position = end;
  return call;
}

function readException(reader: ProtobufReader, end: number): ContainerException {
  const exception = { entry: 0, number: '', sizeType: '' };
  const inner = new ProtobufReader(reader.bytes, reader.position, end);
  while (inner.position < end) {
    const tag = inner.varint();
    if (tag === 8) exception.entry = inner.varint();
    else if (tag === 18) exception.number = inner.text();
    else if (tag === 26) exception.sizeType = inner.text();
    else inner.skip(tag & 7);
  }
  reader.position = end;
  return exception;
}

/** Reads one header field; false when the tag is not one of them. */
function readHeaderField(reader: ProtobufReader, tag: number, report: MoveReport): boolean {
  switch (tag) {
    case 8:
      report.contractMajor = reader.varint();
      return true;
    case 16:
      report.contractMinor = reader.varint();
      return true;
    case 26:
      report.reportId = reader.text();
      return true;
    case 34:
      report.source = reader.text();
      return true;
    case 42:
      report.port = reader.text();
      return true;
    case 50:
      report.terminal = reader.text();
      return true;
    case 56:
      report.sequence = reader.varint();
      return true;
    case 64:
      report.function = reader.varint();
      return true;
    case 74:
      report.amendsReportId = reader.text();
      return true;
    case 80:
      report.amendsBaseTimeS = reader.varint();
      return true;
    case 88:
      report.createdAtMs = reader.varint();
      return true;
    case 96:
      report.completeThroughMs = reader.varint();
      return true;
    case 104:
      report.cadenceS = reader.varint();
      return true;
    case 112:
      report.dayMoves = reader.varint();
      return true;
    case 120:
      report.baseTimeS = reader.varint();
      return true;
    default:
      return false;
  }
}

function readReport(reader: ProtobufReader, report: MoveReport, counts: number[]): void {
  const calls: VesselCall[] = [];
  const owners: string[] = [];
  const exceptions: ContainerException[] = [];
  while (reader.position < reader.end) {
    const tag = reader.varint();
    const field = Math.floor(tag / 8);
    const column = field - FIRST_COLUMN;
    if (readHeaderField(reader, tag, report)) continue;
    if (column >= 0 && column < COLUMN_FIELDS.length && ((tag & 7) === 2 || (tag & 7) === 0)) {
      const take = (tag & 7) === 2 ? readColumn : readEntry;
      counts[column] = take(reader, scratch[column] ?? EMPTY_COLUMN, counts[column] ?? 0);
    } else if (tag === 130) calls.push(readCall(reader, reader.span()));
    else if (tag === 138) owners.push(reader.text());
    else if (tag === 194) exceptions.push(readException(reader, reader.span()));
    else reader.skip(tag & 7);
  }
  report.calls = calls;
  report.owners = owners;
  report.exceptions = exceptions;
}

/**
 * The only way into a report. Columns are shared scratch memory: they are valid until the next call.
 * Unknown fields are skipped (a later minor version may add some).
 */
export function decodeMoveReport(bytes: Buffer): Decoded {
  if (bytes.length > reportBytesMax) return { ok: false, reason: 'too_large', detail: `${bytes.length} bytes` };
  const report = emptyReport();
  const counts = [0, 0, 0, 0, 0, 0];
  try {
    readReport(new ProtobufReader(bytes), report, counts);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, reason: 'unreadable', detail: error.message };
  }
  const count = counts[0] ?? 0;
  if (counts.some((other) => other !== count)) return { ok: false, reason: 'columns_differ', detail: counts.join('/') };
  if (count > entriesMax) return { ok: false, reason: 'too_many_entries', detail: String(count) };
  report.count = count;
  for (let i = 0; i < COLUMN_FIELDS.length; i++) {
    const name = COLUMN_FIELDS[i];
    if (name !== undefined) report[name] = scratch[i] ?? EMPTY_COLUMN;
  }
  return { ok: true, report };
}

const writer = new ProtobufWriter();
const innerWriter = new ProtobufWriter();

/** What `encodeMoveReport` needs of a column: any array of unsigned 32-bit numbers. */
export type ReportToEncode = ReportHeader & {
  calls: readonly VesselCall[];
  owners: readonly string[];
  exceptions: readonly ContainerException[];
  count: number;
  offsetS: ArrayLike<number>;
  owner: ArrayLike<number>;
  serial: ArrayLike<number>;
  sizeType: ArrayLike<number>;
  flags: ArrayLike<number>;
  call: ArrayLike<number>;
};

function writeHeader(report: ReportHeader): void {
  writer.number(1, report.contractMajor);
  writer.number(2, report.contractMinor);
  writer.text(3, report.reportId);
  writer.text(4, report.source);
  writer.text(5, report.port);
  writer.text(6, report.terminal);
  writer.number(7, report.sequence);
  writer.number(8, report.function);
  writer.text(9, report.amendsReportId);
  writer.number(10, report.amendsBaseTimeS);
  writer.number(11, report.createdAtMs);
  writer.number(12, report.completeThroughMs);
  writer.number(13, report.cadenceS);
  writer.number(14, report.dayMoves);
  writer.number(15, report.baseTimeS);
}

export function encodeMoveReport(report: ReportToEncode): Buffer {
  writeHeader(report);
  for (const call of report.calls) {
    innerWriter.text(1, call.id);
    innerWriter.text(2, call.vessel);
    innerWriter.text(3, call.imo);
    innerWriter.text(4, call.berth);
    innerWriter.number(5, call.mixedTrade ? 1 : 0);
    writer.bytes(16, innerWriter.take());
  }
  for (const owner of report.owners) writer.text(17, owner);
  COLUMN_FIELDS.forEach((name, i) => {
    writer.column(FIRST_COLUMN + i, report[name], report.count);
  });
  for (const exception of report.exceptions) {
    innerWriter.number(1, exception.entry);
    innerWriter.text(2, exception.number);
    innerWriter.text(3, exception.sizeType);
    writer.bytes(24, innerWriter.take());
  }
  return writer.take();
}
