/**
 * Hostile records made out of good ones: bytes that are no report, reports that say impossible things, and what a broker takes that no report may
 * be. Each knows what the processor owes it. Sends nothing.
 */
import { randomBytes } from 'node:crypto';
import {
  CONTRACT_MAJOR,
  type DeadLetterReason,
  decodeMoveReport,
  encodeMoveReport,
  entriesMax,
  FUNCTIONS,
  PORTS,
  REPORT_CONTENT_TYPE,
  type ReportToEncode,
  TERMINALS,
} from '@quaywatch/contracts';
import type { Recorded } from './recorded-log.ts';

export type HostileKind = keyof typeof makers;
export type Hostile = {
  readonly kind: HostileKind;
  readonly record: Recorded;
  /** One of these is the reason of each of its dead letters. */
  readonly reasons: readonly DeadLetterReason[];
  /** Entries that its dead letters stand for together. */
  readonly entries: number;
};

/** What a topic of reports takes as one record, less its framing. */
const recordBytesMax = 16 * 1024 * 1024 - 1024;
const tenMegabytes = 10 * 1024 * 1024;
/** So many entries of a good report are taken for one that lies. */
const entriesTaken = 40;

type Given = {
  /** A good report of the partition, with columns of its own. */
  readonly report: ReportToEncode;
  readonly partition: number;
  readonly random: () => number;
  /** UTC seconds in a day that has settled, once there is one. */
  readonly settledS?: number;
  /** Counts the hostile records of one kind. */
  readonly turn: number;
};
type Made = {
  readonly value: Buffer | null;
  readonly key?: Buffer | null;
  readonly reasons: readonly DeadLetterReason[];
  readonly entries?: number;
};

/** The report's bytes spoiled until nobody can read them: such bytes may also be another report, which would count as what it says. */
function spoiled(bytes: Buffer, spoil: (bytes: Buffer) => Buffer): Made {
  for (;;) {
    const value = spoil(Buffer.from(bytes));
    const decoded = decodeMoveReport(value);
    if (!decoded.ok) return { value, reasons: [decoded.reason] };
  }
}

const whole = (reason: DeadLetterReason, report: ReportToEncode): Made => ({
  value: encodeMoveReport(report),
  reasons: [reason],
  entries: Math.max(1, report.count),
});

const column = (report: ReportToEncode, value: number) => Array.from({ length: report.count }, () => value);
const taken = <T>({ turn }: Given, list: readonly [T, ...T[]]): T => list[turn % list.length] ?? list[0];

/** The field's text is overwritten in place, so that it can be bytes that no text has. */
function withPortBytes(report: ReportToEncode, port: Buffer): Buffer {
  const mark = 'ZQXJK';
  const bytes = encodeMoveReport({ ...report, port: mark });
  port.copy(bytes, bytes.indexOf(mark), 0, mark.length);
  return bytes;
}

const makers = {
  'fuzzed bytes': ({ report, random }: Given) =>
    spoiled(encodeMoveReport(report), (bytes) => {
      for (let i = 0; i < 1 + random() * 6; i++)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      return bytes;
    }),
  'cut off': ({ report, random }: Given) =>
    spoiled(encodeMoveReport(report), (bytes) => bytes.subarray(0, Math.floor(random() * bytes.length))),
  noise: ({ random }: Given) =>
    spoiled(
      Buffer.alloc(1 + Math.floor(random() * 2_000)),
      (bytes) => bytes.map(() => Math.floor(random() * 256)) as Buffer,
    ),
  '10 MB': ({ turn }: Given) => ({ value: Buffer.alloc(tenMegabytes, turn), reasons: ['too_large' as const] }),
  'as large as the broker takes': () => ({ value: randomBytes(recordBytesMax), reasons: ['too_large' as const] }),
  'deep JSON': (given: Given) => ({
    value: Buffer.from(taken(given, ['{"a":', '[']).repeat(170_000)),
    reasons: ['unreadable' as const],
  }),
  'JSON in place of Protobuf': (given: Given) => ({
    value: Buffer.from(
      JSON.stringify({ port: given.report.port, teu: taken(given, ['NaN', -1, 1e308, null, '1e309']), __proto__: [] }),
    ),
    reasons: ['unreadable' as const],
  }),
  'wrong types': ({ report }: Given) => ({
    // The contract's version as text.
    value: Buffer.concat([Buffer.from([0x0a, 1, 0x31]), encodeMoveReport({ ...report, contractMajor: 0 })]),
    reasons: ['unknown_version' as const],
    entries: report.count,
  }),
  'invalid UTF-8': (given: Given) => ({
    value: withPortBytes(
      given.report,
      taken(given, [Buffer.from('c328a0fffe', 'hex'), Buffer.from('eda0800000', 'hex')]),
    ),
    reasons: ['unreadable' as const],
  }),
  'no value, no key': () => ({ value: null, key: null, reasons: ['unreadable' as const] }),
  'no bytes': () => ({ value: Buffer.alloc(0), reasons: ['unknown_version' as const] }),
  'another major version': (given: Given) =>
    whole('unknown_version', {
      ...given.report,
      contractMajor: taken(given, [CONTRACT_MAJOR + 1, 0, 4_294_967_295, 2 ** 40]),
    }),
  'a port that is none': (given: Given) =>
    whole('unknown_port', { ...given.report, port: taken(given, ['__proto__', 'constructor', '', '\u202EAHSNC']) }),
  'a terminal that is none': (given: Given) =>
    whole('unknown_terminal', {
      ...given.report,
      terminal: taken(given, ["'; DROP TABLE quaywatch.throughput; --", '<img src=x onerror=alert(1)>', '\u0000', '']),
    }),
  "another partition's port": (given: Given) =>
    whole('wrong_partition', { ...given.report, ...placeOutside(given.partition) }),
  'a function that is none': (given: Given) =>
    whole('unknown_function', { ...given.report, function: taken(given, [0, 4, 4_294_967_295]) }),
  'names without end': (given: Given) =>
    whole('bad_header', { ...given.report, reportId: taken(given, ['x'.repeat(100_000), '']) }),
  'entries without end': ({ report }: Given) => {
    const count = entriesMax + 1;
    const columns = { offsetS: [], owner: [], serial: [], sizeType: [], flags: [], call: [] };
    const zeros = Object.fromEntries(Object.keys(columns).map((name) => [name, new Uint32Array(count)]));
    return { ...whole('too_many_entries', { ...report, ...columns, ...zeros, count }), entries: 1 };
  },
  'columns of other lengths': ({ report }: Given) => ({
    // One entry more of a single column.
    value: Buffer.concat([encodeMoveReport(report), Buffer.from([0x92, 0x01, 1, 0])]),
    reasons: ['columns_differ' as const],
  }),
  'a far future': (given: Given) =>
    whole('in_future', { ...given.report, baseTimeS: taken(given, [4_102_444_800, 2 ** 45, 2 ** 52]) }),
  'a settled day': (given: Given) => whole('too_late', { ...given.report, baseTimeS: given.settledS ?? 0 }),
  'times beyond the day': (given: Given) =>
    whole('bad_quantity', { ...given.report, offsetS: column(given.report, taken(given, [86_401, 4_294_967_295])) }),
  'sizes that are none': (given: Given) =>
    whole('unknown_code', { ...given.report, sizeType: column(given.report, taken(given, [999, 4_294_967_295])) }),
  'serials that are none': (given: Given) =>
    whole('bad_quantity', {
      ...given.report,
      serial: column(given.report, taken(given, [10_000_000, 4_294_967_295])),
    }),
  'owners that are none': (given: Given) =>
    whole('bad_container_number', {
      ...given.report,
      owners: given.report.owners.map(() => taken(given, ['<b>!', 'TST1', '\u0000\u0000\u0000\u0000'])),
    }),
} satisfies Record<string, (given: Given) => Made>;

/** A terminal whose port belongs to another partition. */
function placeOutside(partition: number): { port: string; terminal: string } {
  const terminal = TERMINALS.find((one) => PORTS[one.portIndex]?.partition !== partition);
  return { port: PORTS[terminal?.portIndex ?? -1]?.code ?? '', terminal: terminal?.code ?? '' };
}

const kinds = Object.keys(makers) as HostileKind[];
const large: readonly HostileKind[] = ['10 MB', 'as large as the broker takes'];
const settled: HostileKind = 'a settled day';

/** The kind of the next one. Those of megabytes are few, so that a machine's disk holds them. */
export function kindOf(index: number, isAnyDaySettled: boolean): HostileKind {
  if (index % 25 === 7) return (index % 100 === 7 ? large[1] : large[0]) ?? 'noise';
  const small = kinds.filter((kind) => !large.includes(kind) && (isAnyDaySettled || kind !== settled));
  return small[index % small.length] ?? 'noise';
}

/** A report that may be changed: what the decoder hands out is shared, and is its own only until the next one. */
export function copyOf(value: Buffer): ReportToEncode | undefined {
  const decoded = decodeMoveReport(value);
  if (!decoded.ok || decoded.report.count === 0 || decoded.report.function !== FUNCTIONS.original) return undefined;
  const { report } = decoded;
  const count = Math.min(report.count, entriesTaken);
  const of = (list: Uint32Array) => Array.from(list.subarray(0, count));
  return {
    ...report,
    exceptions: [],
    count,
    offsetS: of(report.offsetS),
    owner: of(report.owner),
    serial: of(report.serial),
    sizeType: of(report.sizeType),
    flags: of(report.flags),
    call: of(report.call),
  };
}

/** @param good the record that it follows: it arrives at the same moment, from the same source. */
export function hostileAfter(
  good: Recorded,
  report: ReportToEncode,
  kind: HostileKind,
  given: Omit<Given, 'report'>,
): Hostile {
  // A name of its own: under the same one it would be the same report again.
  const renamed = { ...report, reportId: `hostile-${kind}-${given.turn}-${report.reportId}`.slice(0, 128) };
  const make: (given: Given) => Made = makers[kind];
  const { value, key, reasons, entries } = make({ ...given, report: renamed });
  const headers = { 'content-type': REPORT_CONTENT_TYPE };
  const record = { key: key === undefined ? good.key : key, value, headers, timestamp: good.timestamp };
  return { kind, record, reasons, entries: entries ?? 1 };
}
