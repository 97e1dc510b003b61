/**
 * Random logs of one partition, as hostile as real feeds are: duplicates, re-sent reports, late and out-of-order ones, replace and cancel before
 * or after their original, silence, rubbish. The same seed gives the same log.
 */
import {
  CONTRACT_MAJOR,
  encodeMoveReport,
  FUNCTIONS,
  PORTS,
  type ReportToEncode,
  TERMINALS,
} from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import type { LogRecord } from '../core/partition-state.ts';

export const startMs = Date.UTC(2025, 2, 9, 16); // 10 March 2025, 00:00 UTC+8

export type Draft = { arrivalMs: number; report: ReportToEncode | null; bytes?: Buffer };

/** A terminal's own report; `overrides` make it wrong in one way or another. */
export function makeReport(
  terminalIndex: number,
  reportId: string,
  sequence: number,
  baseMs: number,
  offsets: readonly number[],
  overrides: Partial<ReportToEncode> = {},
): ReportToEncode {
  const terminal = TERMINALS[terminalIndex];
  const port = PORTS[terminal?.portIndex ?? -1];
  if (terminal === undefined || port === undefined) throw new Error(`no terminal ${terminalIndex}`);
  const serial = (i: number) => (Math.floor(baseMs / 1000) + (offsets[i] ?? 0) * 7 + terminalIndex * 131) % 9_999_999;
  return {
    contractMajor: CONTRACT_MAJOR,
    contractMinor: 0,
    reportId,
    source: `urn:test:${terminal.code}`,
    port: port.code,
    terminal: terminal.code,
    sequence,
    function: FUNCTIONS.original,
    amendsReportId: '',
    amendsBaseTimeS: 0,
    createdAtMs: baseMs,
    completeThroughMs: baseMs + 3_600_000,
    cadenceS: 3600,
    dayMoves: 0,
    baseTimeS: Math.floor(baseMs / 1000),
    calls: [
      { id: 'V1', vessel: 'Vessel One', imo: '', berth: '1', mixedTrade: false },
      { id: 'V2', vessel: 'Vessel Two', imo: '', berth: '2', mixedTrade: true },
    ],
    owners: ['TSTU', 'QWAU'],
    exceptions: [],
    count: offsets.length,
    offsetS: offsets,
    owner: offsets.map((_, i) => i % 2),
    serial: offsets.map((_, i) => serial(i)),
    sizeType: offsets.map((offset) => [1, 7, 11][offset % 3] ?? 1),
    flags: offsets.map((offset) => (offset % 2) | ((offset % 4) << 3) | ((offset % 6) << 5)),
    call: offsets.map((offset) => offset % 2),
    ...overrides,
  };
}

/** Numbers drafts in order of arrival. Ticks every 30 minutes, until everything has settled. */
export function toLog(drafts: readonly Draft[], untilMs: number): LogRecord[] {
  const all: Draft[] = [...drafts];
  for (let at = startMs; at <= untilMs; at += 1_800_000) all.push({ arrivalMs: at, report: null });
  all.sort((a, b) => a.arrivalMs - b.arrivalMs);
  return all.map((draft, offset) => ({
    offset,
    timestampMs: draft.arrivalMs,
    value: draft.bytes ?? (draft.report === null ? null : encodeMoveReport(draft.report)),
    isTick: draft.report === null && draft.bytes === undefined,
  }));
}

/** Drafts of `days` days of some terminals. */
export function randomDrafts(seed: number, terminals: readonly number[], days: number): Draft[] {
  const random = createRandom(seed);
  const drafts: Draft[] = [];
  for (const terminal of terminals) {
    let sequence = 1;
    for (let slot = 0; slot < days * 24; slot++) {
      if (random() < 0.04) continue; // an outage of an hour
      const baseMs = startMs + slot * 3_600_000;
      const count = random() < 0.3 ? 0 : Math.floor(random() * 6);
      const offsets = Array.from({ length: count }, () => Math.floor(random() * 3600)).filter(
        (offset, i, all) => all.indexOf(offset) === i,
      );
      const report = makeReport(terminal, `r${slot}`, sequence++, baseMs, offsets);
      const isLate = random() < 0.1;
      const arrivalMs = baseMs + 3_600_000 + random() * 60_000 + (isLate ? random() * 36 * 3_600_000 : 0);
      drafts.push({ arrivalMs, report });
      const fate = random();
      const lag = () => arrivalMs + (random() - 0.3) * 4 * 3_600_000;
      const notBefore = (ms: number) => Math.max(ms, baseMs + 3_600_000);
      if (fate < 0.05) drafts.push({ arrivalMs: notBefore(lag()), report });
      else if (fate < 0.1)
        drafts.push({
          arrivalMs: notBefore(lag()),
          report: { ...report, reportId: `again${slot}`, sequence: sequence++ },
        });
      else if (fate < 0.15)
        drafts.push({
          arrivalMs: notBefore(lag()),
          report: amend(report, `x${slot}`, sequence++, FUNCTIONS.cancel, []),
        });
      else if (fate < 0.22)
        drafts.push({
          arrivalMs: notBefore(lag()),
          report: amend(
            report,
            `x${slot}`,
            sequence++,
            FUNCTIONS.replace,
            offsets.slice(1).map((o) => (o + 11) % 3600),
          ),
        });
      else if (fate < 0.24) drafts.push({ arrivalMs, report: null, bytes: Buffer.from(`rubbish ${random()}`) });
    }
  }
  return drafts;
}

export function amend(
  original: ReportToEncode,
  reportId: string,
  sequence: number,
  kind: number,
  offsets: readonly number[],
): ReportToEncode {
  const terminal = TERMINALS.findIndex((one) => one.code === original.terminal);
  return makeReport(terminal, reportId, sequence, original.baseTimeS * 1000, offsets, {
    function: kind,
    amendsReportId: original.reportId,
    amendsBaseTimeS: original.baseTimeS,
  });
}
