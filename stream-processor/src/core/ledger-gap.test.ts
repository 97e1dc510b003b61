// A source that says more than comes: what the ledger holds, and what alert follows. Told as stories over the whole core.
import type { AlertTransition } from '@quaywatch/contracts';
import { describe, expect, test } from 'vitest';
import { plainOptions, plainTerminals } from '../testing/plain-options.ts';
import { type Draft, makeReport, startMs, toLog } from '../testing/random-log.ts';
import type { LedgerEntry } from './ledger-rows.ts';
import { step } from './partition.ts';
import { createPartition } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';
import { dayMs } from './time.ts';

const hourMs = 3_600_000;
const movesAnHour = 100;
const days = 5;

type Story = {
  /** Slots (hours from the start) whose reports never come, or come so many hours late. */
  readonly held?: Readonly<Record<number, number | 'never'>>;
  /** Sequence numbers that the source skips before a slot. */
  readonly skips?: Readonly<Record<number, number>>;
  readonly hasTotals?: boolean;
};

function tell({ held = {}, skips = {}, hasTotals = true }: Story) {
  const drafts: Draft[] = [];
  let sequence = 1;
  // An hour before the first day, so that the source is heard from its beginning.
  for (let slot = -1; slot < days * 24; slot++) {
    const baseMs = startMs + slot * hourMs;
    sequence += skips[slot] ?? 0;
    const offsets = Array.from({ length: movesAnHour }, (_, i) => i * 36);
    const dayMoves = hasTotals ? (((slot + 24) % 24) + 1) * movesAnHour : 0;
    const report = makeReport(plainTerminals[0] ?? 0, `r${slot}`, sequence++, baseMs, offsets, { dayMoves });
    const lateHours = held[slot] ?? 0;
    if (lateHours !== 'never') drafts.push({ arrivalMs: baseMs + hourMs + lateHours * hourMs, report });
    if (lateHours === 0) continue;
    // Something is sent at the time: that much has moved, and it is not in here.
    const empty = makeReport(plainTerminals[0] ?? 0, `e${slot}`, sequence++, baseMs, [], { dayMoves });
    drafts.push({ arrivalMs: baseMs + hourMs, report: empty });
  }
  const ledger: LedgerEntry[] = [];
  const transitions: AlertTransition[] = [];
  const state = createPartition(plainOptions({ expectedHour: () => null, lastYearHour: () => null }));
  for (const record of toLog(drafts, startMs + (days + 3) * dayMs))
    step(state, record, { rows: new RowBatch(64), deadLetters: [], transitions, ledger });
  const told = transitions.filter((one) => one.kind === 'ledger_gap');
  const at = (one: AlertTransition) => (one.known_at_ms - startMs) / hourMs;
  const missing = ledger.filter((one) => one.terminal !== '').map((one) => one.missing);
  return { told, missing, ledger, hours: told.map((one) => `${one.status} ${one.reason} ${Math.floor(at(one))}`) };
}

describe('a day’s total', () => {
  test('that is reached: no alert', () => {
    const { told, missing } = tell({});
    expect(told).toEqual([]);
    // The day before the first is not compared: the source was not heard from its beginning.
    expect(missing.filter((one) => one !== null)).toEqual([0, 0, 0, 0, 0]);
  });

  test('that is reached late, as the simulated feeds are: no alert', () => {
    expect(tell({ held: { 3: 33, 20: 40, 30: 12 } }).told).toEqual([]);
  });

  test('that a few moves are missing of: told 44 hours after the day, and over a day after it has settled', () => {
    const { hours, told, missing } = tell({ held: { 5: 'never' } });
    expect(hours).toEqual(['firing ledger_short 69', 'resolved ledger_whole 98']);
    expect(told[0]).toMatchObject({ level: 'terminal', severity: 'info', value: 4.2, since_ms: startMs });
    expect(missing).toContain(movesAnHour);
  });

  test('that a fifth is missing of for twelve hours: told the same day', () => {
    const { hours, told } = tell({ held: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 'never'])) });
    expect(hours[0]).toBe('firing ledger_short 13');
    expect(told[0]?.severity).toBe('warning');
  });

  test('that is filled in the end: resolved', () => {
    const { hours, missing } = tell({ held: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, 20])) });
    expect(hours).toEqual(['firing ledger_short 13', 'resolved ledger_whole 24']);
    expect(missing.filter((one) => one !== null && one > 0)).toEqual([]);
  });

  test('of a source that gives none: nothing is compared', () => {
    const { told, missing } = tell({ held: { 5: 'never' }, hasTotals: false });
    expect(told).toEqual([]);
    expect(missing.every((one) => one === null)).toBe(true);
  });
});

test('reports that are skipped: told after twelve hours, and in the ledger of their day', () => {
  const { hours, ledger } = tell({ skips: { 30: 3 } });
  expect(hours).toEqual(['firing ledger_short 43', 'resolved ledger_whole 98']);
  expect(ledger.map((one) => one.sequence_gaps).filter((gaps) => gaps !== null && gaps > 0)).toEqual([3]);
});
