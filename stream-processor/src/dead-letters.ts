/**
 * What a person does with dead letters, without any IO: how a rejected report is shown safely, how it is mended, and whether sending it again can
 * help. Decides nothing about counting: the processor takes a mended report as any other.
 */
import {
  CONTRACT_MAJOR,
  decodeMoveReport,
  encodeMoveReport,
  FUNCTIONS,
  HANDLINGS,
  KINDS,
  type MoveReport,
  portOf,
  SIZE_TYPES,
  TRADES,
  terminalOf,
} from '@quaywatch/contracts';
import { dayOf, dayStartMs } from './core/time.ts';

/** A day settles when the watermark is so far past its end. */
const settlesAfterMs = 48 * 3_600_000;
const textMax = 120;
const entriesShownMax = 20;
const hexBytesMax = 256;
const reportIdMax = 128;

/** A record's place as people write it: `partition/offset`, or `partition/offset/entry`. */
export type Place = { readonly partition: number; readonly offset: number; readonly entry: number | null };

export function placeOf(text: string): Place | undefined {
  const match = /^(\d{1,4})\/(\d{1,15})(?:\/(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, partition, offset, entry] = match;
  return { partition: Number(partition), offset: Number(offset), entry: entry === undefined ? null : Number(entry) };
}

/** Text of unknown origin for a terminal: control, direction and other characters that do not print are spelled out, and it is cut. */
export function printable(text: string, charactersMax = textMax): string {
  const shown = text.length > charactersMax ? `${text.slice(0, charactersMax)}… (${text.length} characters)` : text;
  return shown
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The first bytes in hexadecimal, sixteen a line, with what of them is ASCII. */
export function hexOf(bytes: Buffer): string[] {
  const shown = bytes.subarray(0, hexBytesMax);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += 16) {
    const part = shown.subarray(at, at + 16);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = [...part].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`  ${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${ascii}`);
  }
  if (bytes.length > shown.length) lines.push(`  … ${bytes.length} bytes in all`);
  return lines;
}

function isoOf(timeMs: number): string {
  return Math.abs(timeMs) < 8.64e15 ? new Date(timeMs).toISOString() : `${timeMs} ms`;
}

function entryLine(report: MoveReport, i: number): string {
  const flags = report.flags[i] ?? 0;
  const exception = report.exceptions.findLast((one) => one.entry === i);
  const owner = report.owners[report.owner[i] ?? -1] ?? `owner ${report.owner[i]}`;
  const number = exception?.number || `${owner}${String(report.serial[i]).padStart(7, '0')}`;
  const size = exception?.sizeType || (SIZE_TYPES[report.sizeType[i] ?? -1]?.code ?? `size-type ${report.sizeType[i]}`);
  const call = report.calls[report.call[i] ?? -1]?.id ?? `call ${report.call[i]}`;
  const handling = HANDLINGS[(flags >> 5) & 7] ?? `handling ${(flags >> 5) & 7}`;
  const time = isoOf((report.baseTimeS + (report.offsetS[i] ?? 0)) * 1000);
  const words = [number, size, KINDS[flags & 3], TRADES[(flags >> 3) & 3], handling, call];
  return `  ${String(i).padStart(5)}  ${time}  ${words.map((word) => printable(String(word), 40)).join('  ')}  flags ${flags}`;
}

/** A rejected record, line by line. With `entry`, that entry alone. */
export function describe(bytes: Buffer, entry: number | null): string[] {
  const decoded = decodeMoveReport(bytes);
  if (!decoded.ok)
    return [`It cannot be read: ${decoded.reason}, ${printable(decoded.detail)}. Its bytes:`, ...hexOf(bytes)];
  const { report } = decoded;
  const name = Object.entries(FUNCTIONS).find(([, value]) => value === report.function)?.[0] ?? '?';
  const header: [string, string][] = [
    ['contract', `${report.contractMajor}.${report.contractMinor}`],
    ['report_id', report.reportId],
    ['source', report.source],
    ['port', report.port],
    ['terminal', report.terminal],
    ['sequence', String(report.sequence)],
    ['function', `${report.function} (${name})`],
    ['amends_report_id', report.amendsReportId],
    ['created_at', isoOf(report.createdAtMs)],
    ['complete_through', report.completeThroughMs === 0 ? 'unknown' : isoOf(report.completeThroughMs)],
    ['cadence_s', String(report.cadenceS)],
    ['day_moves', String(report.dayMoves)],
    ['base_time', isoOf(report.baseTimeS * 1000)],
    ['calls', `${report.calls.length}`],
    ['entries', String(report.count)],
  ];
  const lines = header
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key.padEnd(18)}${printable(value)}`);
  const wanted =
    entry === null ? Array.from({ length: Math.min(report.count, entriesShownMax) }, (_, i) => i) : [entry];
  for (const i of wanted) lines.push(i < report.count ? entryLine(report, i) : `There is no entry ${i}.`);
  if (entry === null && report.count > entriesShownMax) lines.push(`  … ${report.count - entriesShownMax} more`);
  return lines;
}

/** Fields that a re-drive can set, by their names in the contract. */
const SETTABLE = {
  port: 'text',
  terminal: 'text',
  source: 'text',
  contract_major: 'number',
  function: 'number',
  amends_report_id: 'text',
  amends_base_time_s: 'number',
  base_time_s: 'number',
} as const;
type Field = keyof typeof SETTABLE;

/** `name=value` of the command line. @returns what is wrong, or the pair. */
export function settingOf(text: string): { field: Field; value: string | number } | string {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  if (at < 1 || !Object.hasOwn(SETTABLE, name))
    return `--set takes ${Object.keys(SETTABLE).join(', ')} = a value, not ${printable(text)}.`;
  const field = name as Field;
  const value = text.slice(at + 1);
  if (SETTABLE[field] === 'text') return { field, value };
  return /^\d{1,15}$/.test(value) ? { field, value: Number(value) } : `--set ${field} takes a whole number.`;
}

export type Redrive = {
  readonly partition: number;
  readonly key: string;
  readonly bytes: Buffer;
  readonly reportId: string;
};
export type Refused = { readonly problem: string };

/** The mended name of a report: always the same for one record, so that a second re-drive is the same version of the same report. */
function nameOf(report: MoveReport, place: Pick<Place, 'partition' | 'offset'>): string {
  const suffix = `~${place.partition}/${place.offset}`;
  return `${report.reportId.slice(0, reportIdMax - suffix.length)}${suffix}`;
}

function problemOf(report: MoveReport): string | null {
  const port = portOf(report.port);
  const terminal = terminalOf(report.terminal);
  if (report.contractMajor !== CONTRACT_MAJOR)
    return `contract_major is ${report.contractMajor}, not ${CONTRACT_MAJOR}`;
  if (port === undefined) return `the port ${printable(report.port)} is not known`;
  if (terminal === undefined || terminal.portIndex !== port.index)
    return `the terminal ${printable(report.terminal)} is not one of ${printable(report.port)}`;
  return null;
}

/**
 * The record to append. The same bytes when nothing of the record was taken and nothing is set, as after a fault of ours; else re-encoded under a
 * name of its own that names the record, because the same version of a report that was taken in part is a duplicate as a whole.
 */
export function mend(
  bytes: Buffer,
  place: Pick<Place, 'partition' | 'offset'> & { readonly wasTaken: boolean },
  settings: readonly { field: Field; value: string | number }[],
): Redrive | Refused {
  const decoded = decodeMoveReport(bytes);
  if (!decoded.ok) return { problem: `it cannot be read (${decoded.reason}); the sender has to send it again` };
  const { report } = decoded;
  const NAMES = {
    port: 'port',
    terminal: 'terminal',
    source: 'source',
    contract_major: 'contractMajor',
    function: 'function',
    amends_report_id: 'amendsReportId',
    amends_base_time_s: 'amendsBaseTimeS',
    base_time_s: 'baseTimeS',
  } as const;
  for (const { field, value } of settings) Object.assign(report, { [NAMES[field]]: value });
  const problem = problemOf(report);
  if (problem !== null) return { problem: `${problem}; mend it with --set` };
  const port = portOf(report.port);
  const isMended = settings.length > 0 || place.wasTaken;
  if (isMended) report.reportId = nameOf(report, place);
  return {
    partition: port?.partition ?? 0,
    key: port?.code ?? '',
    bytes: isMended ? encodeMoveReport(report) : bytes,
    reportId: report.reportId,
  };
}

/** How many entries of a report are of days that have settled by then, or will have: they would come back as `too_late`. */
export function settledEntries(bytes: Buffer, nowMs: number): { settled: number; entries: number } {
  const decoded = decodeMoveReport(bytes);
  if (!decoded.ok) return { settled: 0, entries: 0 };
  const { report } = decoded;
  let settled = 0;
  for (let i = 0; i < report.count; i++) {
    const day = dayOf((report.baseTimeS + (report.offsetS[i] ?? 0)) * 1000);
    if (dayStartMs(day + 1) + settlesAfterMs <= nowMs) settled++;
  }
  return { settled, entries: report.count };
}
