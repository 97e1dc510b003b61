/**
 * Protobuf's wire format, as far as reports need it: numbers, texts, nested fields, packed columns. Knows no message.
 * By hand, so that columns are read into arrays that are used again (docs/adr/0003-reports-as-packed-columns.md).
 */

/** The bytes are not what Protobuf writes; the message says how. */
export class Unreadable extends Error {}

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
export class ProtobufReader {
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

/** Writes Protobuf wire format into one growing buffer, reused: `take` copies out what was written. */
export class ProtobufWriter {
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
