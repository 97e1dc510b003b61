/**
 * Move reports: the types, and the one way in and out of bytes (Protobuf wire format, see move-report.proto).
 * Checks shape only; whether a port, a time or a code makes sense is for the core.
 */

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

class Unreadable extends Error {}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Proto3 text is UTF-8. Bytes of another encoding would read alike: two reports would have one id, and one of them would not count. */
function utf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new Unreadable('a text is not UTF-8', { cause });
  }
}

/** Reads Protobuf wire format. Guards one invariant: `position` never passes `end`. */
class Reader {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Unsigned varint as a JS number, exact to 2^53. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.position >= this.end) throw new Unreadable('a number is cut off');
      const byte = this.bytes[this.position++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw new Unreadable('a number is beyond 2^53');
        return value;
      }
      factor *= 128;
    }
    throw new Unreadable('a number is longer than ten bytes');
  }

  /** Length-delimited field: returns its end and leaves `position` at its start. */
  span(): number {
    const length = this.varint();
    const end = this.position + length;
    if (end > this.end) throw new Unreadable('a field is longer than the record');
    return end;
  }

  text(): string {
    const end = this.span();
    const start = this.position;
    this.position = end;
    // Identifiers are ASCII nearly always; latin1 is the fast path and equals UTF-8 there.
    for (let i = start; i < end; i++)
      if ((this.bytes[i] as number) > 0x7f) return utf8(this.bytes.subarray(start, end));
    return this.bytes.toString('latin1', start, end);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.advance(8);
    else if (wireType === 2) this.position = this.span();
    else if (wireType === 5) this.advance(4);
    else throw new Unreadable(`wire type ${wireType} is not known`);
  }

  advance(count: number): void {
    if (this.position + count > this.end) throw new Unreadable('a field is longer than the record');
    this.position += count;
  }
}

// One set of columns is reused by every decode: a report is stepped before the next one is decoded, and 41 M moves would otherwise be
// 250 M short-lived array elements.
const scratch = COLUMN_FIELDS.map(() => new Uint32Array(entriesMax));

/** One entry of a column that is not packed, as Protobuf readers must take it too; returns how many there are now. */
function readEntry(reader: Reader, column: Uint32Array, already: number): number {
  const value = reader.varint();
  if (value > 0xffffffff) throw new Unreadable('a column entry is cut off or too long');
  if (already < entriesMax) column[already] = value;
  return already + 1;
}

/** Packed varints of at most 32 bits into `column`; returns how many. The hot loop of a replay. */
function readColumn(reader: Reader, column: Uint32Array, already: number): number {
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

function readCall(reader: Reader, end: number): VesselCall {
  const call = { id: '', vessel: '', imo: '', berth: '', mixedTrade: false };
  const inner = new Reader(reader.bytes, reader.position, end);
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

function readException(reader: Reader, end: number): ContainerException {
  const exception = { entry: 0, number: '', sizeType: '' };
  const inner = new Reader(reader.bytes, reader.position, end);
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
function readHeaderField(reader: Reader, tag: number, report: MoveReport): boolean {
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

function readReport(reader: Reader, report: MoveReport, counts: number[]): void {
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
    readReport(new Reader(bytes), report, counts);
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

/** Writes Protobuf wire format into one growing buffer, reused: `take` copies out what was written. */
class Writer {
  #bytes = Buffer.allocUnsafe(65_536);
  #position = 0;

  #room(count: number): void {
    if (this.#position + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#position + count));
    this.#bytes.copy(larger, 0, 0, this.#position);
    this.#bytes = larger;
  }

  varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#position++] = rest;
  }

  number(field: number, value: number): void {
    if (value === 0) return;
    this.varint(field * 8);
    this.varint(value);
  }

  text(field: number, value: string): void {
    if (value === '') return;
    const length = Buffer.byteLength(value);
    this.varint(field * 8 + 2);
    this.varint(length);
    this.#room(length);
    this.#bytes.write(value, this.#position);
    this.#position += length;
  }

  bytes(field: number, value: Buffer): void {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    this.#room(value.length);
    value.copy(this.#bytes, this.#position);
    this.#position += value.length;
  }

  column(field: number, values: ArrayLike<number>, count: number): void {
    if (count === 0) return;
    let length = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      length += value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
    }
    this.varint(field * 8 + 2);
    this.varint(length);
    this.#room(length);
    const bytes = this.#bytes;
    let position = this.#position;
    for (let i = 0; i < count; i++) {
      let value = values[i] as number;
      while (value >= 0x80) {
        bytes[position++] = (value & 0x7f) | 0x80;
        value >>>= 7;
      }
      bytes[position++] = value;
    }
    this.#position = position;
  }

  take(): Buffer {
    const copy = Buffer.from(this.#bytes.subarray(0, this.#position));
    this.#position = 0;
    return copy;
  }
}

const writer = new Writer();
const innerWriter = new Writer();

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
