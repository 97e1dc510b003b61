// The hand-written codec against protobufjs reading the published .proto: the slow, independent oracle.
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { checkDigit, ownerSum } from './codes.ts';
import { decodeMoveReport, encodeMoveReport, entriesMax, type ReportToEncode, reportBytesMax } from './move-report.ts';

const root = protobuf.loadSync(fileURLToPath(new URL('./move-report.proto', import.meta.url)));
const Oracle = root.lookupType('quaywatch.v1.MoveReport');

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const big = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ maxLength: 20, unit: 'grapheme' });

const reports: fc.Arbitrary<ReportToEncode> = fc.integer({ min: 0, max: 60 }).chain((count) => {
  const column = fc.array(u32, { minLength: count, maxLength: count });
  return fc.record({
    contractMajor: u32,
    contractMinor: u32,
    reportId: text,
    source: text,
    port: text,
    terminal: text,
    sequence: big,
    function: fc.integer({ min: 0, max: 3 }),
    amendsReportId: text,
    amendsBaseTimeS: big,
    createdAtMs: big,
    completeThroughMs: big,
    cadenceS: u32,
    dayMoves: big,
    baseTimeS: big,
    calls: fc.array(fc.record({ id: text, vessel: text, imo: text, berth: text, mixedTrade: fc.boolean() }), {
      maxLength: 4,
    }),
    owners: fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 4 }),
    exceptions: fc.array(fc.record({ entry: u32, number: text, sizeType: text }), { maxLength: 3 }),
    count: fc.constant(count),
    offsetS: column,
    owner: column,
    serial: column,
    sizeType: column,
    flags: column,
    call: column,
  });
});

test('what we write, protobufjs reads, and what we read back is what went in', () => {
  fc.assert(
    fc.property(reports, (report) => {
      const bytes = encodeMoveReport(report);
      const oracle = Oracle.toObject(Oracle.decode(bytes), { longs: Number, defaults: true, arrays: true });
      expect(oracle['reportId']).toBe(report.reportId);
      expect(oracle['serial']).toEqual([...Array.from(report.serial)]);
      expect(oracle['completeThroughMs']).toBe(report.completeThroughMs);
      expect(oracle['calls']).toEqual(report.calls);
      expect(oracle['exceptions']).toEqual(report.exceptions);
      const back = decodeMoveReport(bytes);
      if (!back.ok) throw new Error(back.reason);
      const { offsetS, owner, serial, sizeType, flags, call, ...header } = back.report;
      for (const [name, column] of Object.entries({ offsetS, owner, serial, sizeType, flags, call })) {
        expect(Array.from(column.subarray(0, header.count))).toEqual(report[name as 'serial']);
      }
      expect({ ...header }).toEqual(
        Object.fromEntries(Object.keys(header).map((key) => [key, report[key as keyof ReportToEncode]])),
      );
    }),
  );
});

test('rubbish never throws and never passes for a report with entries that differ', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const decoded = decodeMoveReport(Buffer.from(bytes));
      expect(typeof decoded.ok).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['too_large', Buffer.alloc(reportBytesMax + 1)],
  ['unreadable', Buffer.from([0x1a, 0xff, 0x01])],
  ['columns_differ', Buffer.from([0x92, 0x01, 0x01, 0x05])],
  [
    'too_many_entries',
    Buffer.concat(
      [18, 19, 20, 21, 22, 23].map((f) =>
        Buffer.concat([Buffer.from([((f * 8 + 2) & 0x7f) | 0x80, 1, 0xa1, 0x9c, 0x01]), Buffer.alloc(entriesMax + 1)]),
      ),
    ),
  ],
])('%s', (reason, bytes) => {
  expect(decodeMoveReport(bytes)).toMatchObject({ ok: false, reason });
});

const tagOf = (field: number, wireType: number) => {
  const tag = field * 8 + wireType;
  return tag < 128 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7];
};

test('columns that are not packed are the same columns: a report of moves is never taken for an empty one', () => {
  const columns = [18, 19, 20, 21, 22, 23];
  const entries = [
    [0, 0, 130, 1, 3, 0],
    [7, 1, 4_294_967_295, 2, 9, 0],
  ];
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];
  const bytes = Buffer.from(
    entries.flatMap((entry) => columns.flatMap((field, i) => [...tagOf(field, 0), ...varint(entry[i] ?? 0)])),
  );
  expect(Oracle.toObject(Oracle.decode(bytes), { arrays: true })['serial']).toEqual([130, 4_294_967_295]);
  const decoded = decodeMoveReport(bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  const { report } = decoded;
  expect(report.count).toBe(2);
  expect(
    [report.offsetS, report.owner, report.serial, report.sizeType, report.flags, report.call].map((one) => [
      ...one.subarray(0, 2),
    ]),
  ).toEqual(columns.map((_, i) => entries.map((entry) => entry[i])));
});

test('text in another encoding is unreadable: two ids in it would read alike', () => {
  const named = (id: number[]) => decodeMoveReport(Buffer.from([...tagOf(3, 2), id.length, ...id]));
  // 上海 and 天津 in GBK, and in UTF-8.
  for (const gbk of [
    [0xc9, 0xcf, 0xba, 0xa3],
    [0xcc, 0xec, 0xbd, 0xf2],
  ])
    expect(named(gbk)).toEqual({ ok: false, reason: 'unreadable', detail: 'a text is not UTF-8' });
  for (const name of ['上海', '天津', '\ufeff上海'])
    expect(named([...Buffer.from(name)])).toMatchObject({ ok: true, report: { reportId: name } });
});

// Vectors: ISO 6346 and the BIC's example.
test.each(['CSQU3054383', 'TSTU0000020', 'TSTU1000019', 'TSTU1000024'])('check digit of %s', (number) => {
  const sum = ownerSum(number.slice(0, 4));
  expect(sum).toBeDefined();
  expect(checkDigit(sum ?? 0, Number(number.slice(4, 10)))).toBe(Number(number[10]));
});
