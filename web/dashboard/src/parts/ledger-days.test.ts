import type { LedgerRow } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { ledgerDays } from './ledger-days.ts';

const row = (wish: Partial<LedgerRow>): LedgerRow => ({
  run: 'live',
  day: '2025-03-10',
  port: 'CNSHA',
  terminal: 'CNSGH:SECT',
  source: 'urn:a',
  version: 1,
  known_at_ms: 0,
  settled: true,
  reports: 1,
  reported: 10,
  told: 9,
  counted: 8,
  shared: 0,
  duplicates: 1,
  late: 0,
  superseded: 0,
  retracted: 0,
  missing: 2,
  sequence_gaps: null,
  rejected: {},
  ...wish,
});

test('days, newest first, with what is missing most on top', () => {
  const [first, second] = ledgerDays([
    row({}),
    row({ terminal: 'CNSGH:SGICT', missing: 5, reported: 20, rejected: { unknown_code: 2, too_late: 1 } }),
    row({ day: '2025-03-11', reported: null, missing: null, settled: false }),
  ]);
  expect(first).toMatchObject({ day: '2025-03-11', settled: false, reported: null, missing: null, counted: 8 });
  expect(second).toMatchObject({ reported: 30, missing: 7, counted: 16, rejected: 3, gaps: null, settled: true });
  expect(second?.rows.map((one) => one.terminal)).toEqual(['CNSGH:SGICT', 'CNSGH:SECT']);
});
