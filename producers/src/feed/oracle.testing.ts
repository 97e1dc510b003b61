/**
 * A slow and separate reading of what feeds sent, for tests: decodes reports and applies the contract's words naively.
 * It shares nothing with the feeds but the contract.
 */
import {
  checkDigit,
  decodeMoveReport,
  FLAGS,
  FUNCTIONS,
  ownerSum,
  SIZE_TYPES,
  teuOfSizeTypeText,
} from '@quaywatch/contracts';
import type { RecordSink } from '../record.ts';

export type Sent = {
  readonly partition: number;
  readonly key: string;
  /** undefined: a tick. */
  readonly bytes: Buffer | undefined;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
};

export function createMemorySink(): RecordSink & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    report: (partition, key, bytes, timestampMs) => {
      sent.push({ partition, key, bytes, timestampMs, headers: {} });
    },
    tick: (partition, timestampMs, headers = {}) => {
      sent.push({ partition, key: '', bytes: undefined, timestampMs, headers });
    },
    room: async () => {},
    flush: async () => {},
  };
}

type Entry = {
  readonly identity: string;
  readonly value: string;
  readonly timeS: number;
  readonly arrivalMs: number;
  readonly isDigitRight: boolean;
};
type Read = {
  readonly reportId: string;
  readonly sequence: number;
  readonly amends: string;
  readonly entries: readonly Entry[];
};

export type Told = {
  /** Identity → what was told of it (TEU hundredths and flags); the last word of the amendments. */
  readonly moves: ReadonlyMap<string, string>;
  /** Longest time from a move to the first arrival of the report that holds it for good, ms. */
  readonly latenessMs: number;
  readonly headlineTeu: number;
  readonly unreadable: number;
  readonly refusedReports: number;
  readonly refusedEntries: number;
  readonly inFuture: number;
  readonly repeated: number;
  readonly reportIds: number;
  readonly wrongDigits: number;
};

function hundredthsOf(sizeType: number, text: string): number {
  return text === '' ? (SIZE_TYPES[sizeType]?.teuHundredths ?? 0) : teuOfSizeTypeText(text).teuHundredths;
}

function isRefused(flags: number): boolean {
  return (flags & FLAGS.reserved) !== 0 || (flags & FLAGS.handlingMask) >> FLAGS.handlingShift > 5;
}

type Counts = { unreadable: number; refusedReports: number; refusedEntries: number; inFuture: number };

function readOne(one: Sent, counts: Counts): { terminal: string; read: Read } | undefined {
  const decoded = decodeMoveReport(one.bytes ?? Buffer.alloc(0));
  if (!decoded.ok) {
    counts.unreadable++;
    return undefined;
  }
  const { report } = decoded;
  const isKnown = Object.values(FUNCTIONS).some((known) => known === report.function);
  if (report.contractMajor !== 1 || report.terminal.endsWith(':NONE') || report.port !== one.key || !isKnown) {
    counts.refusedReports++;
    return undefined;
  }
  const entries: Entry[] = [];
  for (let i = 0; i < report.count; i++) {
    const timeS = report.baseTimeS + (report.offsetS[i] ?? 0);
    const flags = report.flags[i] ?? 0;
    const exception = report.exceptions.find((other) => other.entry === i);
    const plain = `${report.owners[report.owner[i] ?? 0] ?? ''}${String(report.serial[i]).padStart(7, '0')}`;
    const number = exception === undefined || exception.number === '' ? plain : exception.number;
    if (isRefused(flags)) counts.refusedEntries++;
    else if (timeS * 1000 > one.timestampMs + 300_000) counts.inFuture++;
    else {
      const call = report.calls[report.call[i] ?? 0];
      const digit = checkDigit(ownerSum(number.slice(0, 4)) ?? 0, Number(number.slice(4, 10)));
      entries.push({
        identity: [report.terminal, number, flags & FLAGS.kindMask, call?.id, timeS].join('|'),
        value: `${hundredthsOf(report.sizeType[i] ?? 0, exception?.sizeType ?? '')}|${flags}`,
        timeS,
        arrivalMs: one.timestampMs,
        isDigitRight: String(digit) === number.slice(10),
      });
    }
  }
  return {
    terminal: report.terminal,
    read: { reportId: report.reportId, sequence: report.sequence, amends: report.amendsReportId, entries },
  };
}

/** Originals that nothing amends, and of each amended one its amendment of the highest sequence. */
function standing(reads: readonly Read[]): readonly Read[] {
  const amendments = new Map<string, Read>();
  for (const read of reads) {
    if (read.amends === '') continue;
    const other = amendments.get(read.amends);
    if (other === undefined || other.sequence < read.sequence) amendments.set(read.amends, read);
  }
  return [...reads.filter((read) => read.amends === '' && !amendments.has(read.reportId)), ...amendments.values()];
}

export function readAll(sent: readonly Sent[]): Told {
  const counts: Counts = { unreadable: 0, refusedReports: 0, refusedEntries: 0, inFuture: 0 };
  const byTerminal = new Map<string, Read[]>();
  for (const one of sent) {
    if (one.bytes === undefined) continue;
    const found = readOne(one, counts);
    if (found === undefined) continue;
    const reads = byTerminal.get(found.terminal) ?? [];
    byTerminal.set(found.terminal, reads);
    reads.push(found.read);
  }
  const moves = new Map<string, string>();
  let [latenessMs, repeated, wrongDigits, hundredths, reportIds] = [0, 0, 0, 0, 0];
  for (const reads of byTerminal.values()) {
    reportIds += new Set(reads.map((read) => read.reportId)).size;
    for (const read of standing(reads)) {
      for (const entry of read.entries) {
        if (moves.has(entry.identity)) {
          repeated++;
          continue;
        }
        moves.set(entry.identity, entry.value);
        latenessMs = Math.max(latenessMs, entry.arrivalMs - entry.timeS * 1000);
        if (!entry.isDigitRight) wrongDigits++;
        const [teu, flags] = entry.value.split('|').map(Number);
        const isHeadline =
          ((flags ?? 0) & FLAGS.restow) === 0 && ((flags ?? 0) & FLAGS.tradeMask) >> FLAGS.tradeShift < 2;
        if (isHeadline) hundredths += teu ?? 0;
      }
    }
  }
  return { moves, latenessMs, headlineTeu: hundredths / 100, ...counts, repeated, reportIds, wrongDigits };
}
