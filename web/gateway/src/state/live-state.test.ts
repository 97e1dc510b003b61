import type { ThroughputRow } from '@quaywatch/contracts';
import { PORTS, TERMINALS } from '@quaywatch/contracts';
import { expectedPortBetween } from '@quaywatch/seeds';
import { expect, test } from 'vitest';
import { HOUR, markOf, NOW, partitionOf, put, rowOf, sourcesOf, stateWith } from '../testing.ts';
import { midnightMs, terminalDay } from './counts.ts';
import { watermarkMs } from './live-state.ts';
import { nationSummary, portSummary, statusSummary } from './summaries.ts';
import { terminalSummary } from './terminals.ts';
import { portPoint } from './windows.ts';

const RIZHAO = PORTS.findIndex(({ code }) => code === 'CNRZH');
const XXXXX = TERMINALS.findIndex(({ code }) => code === 'CNRZH:XXXXX');
const START = NOW - HOUR;
const minute = (wish: Parameters<typeof rowOf>[0]) => rowOf({ start_ms: START, ...wish });
const open = { provisional: true, known_at_ms: NOW - 10 };

const NOTHING_SPECIAL = { was: undefined, open: undefined };
const teuAfter = (...rows: ThroughputRow[]) => portPoint(stateWith(rows), RIZHAO, 60, START);

test.each([
  ['a closed row', [minute({})], { teu: 1.65, revision: 0, completeness: 1 }],
  ['zero is a reading', [minute({ measures: {} })], { teu: 0, moves: 0 }],
  ['no feed and no move is no data', [minute({ measures: {}, completeness: 0 })], { teu: null }],
  ['moves without a feed count', [minute({ completeness: 0 })], { teu: 1.65 }],
  ['an open row is marked', [minute(open)], { teu: 1.65, open: true }],
  ['closing beats open', [minute(open), minute({ measures: { teu: 200 } })], { teu: 2, open: undefined }],
  [
    'open never undoes closed',
    [minute({ measures: { teu: 200 } }), minute({ ...open, known_at_ms: NOW + 1 })],
    { teu: 2, open: undefined },
  ],
  ['a newer open row wins', [minute(open), minute({ ...open, known_at_ms: NOW, measures: { teu: 300 } })], { teu: 3 }],
  [
    'an older open row does not',
    [minute({ ...open, known_at_ms: NOW, measures: { teu: 300 } }), minute(open)],
    { teu: 3 },
  ],
  [
    'a revision keeps what was',
    [minute({}), minute({ revision: 1, version: 2, measures: { teu: 400 } })],
    { teu: 4, was: 1.65, revision: 1 },
  ],
  [
    'an old revision changes nothing',
    [minute({ revision: 2, measures: { teu: 400 } }), minute({ revision: 1 })],
    { teu: 4, was: undefined },
  ],
  ['the same row twice is one', [minute({}), minute({})], { teu: 1.65 }],
  ['another run is not ours', [minute({ run: 'replay-1' })], undefined],
])('%s', (_what, rows, expected) => {
  const point = teuAfter(...rows);
  if (expected === undefined) expect(point).toBeUndefined();
  else expect({ ...NOTHING_SPECIAL, ...point }).toMatchObject(expected);
});

/** Sixty closed minutes of one TEU. */
const anHour = (completeness = 1) =>
  Array.from({ length: 60 }, (_, i) =>
    minute({ start_ms: START + i * 60_000, completeness, measures: { teu: 100, moves: 1 } }),
  );

test('a rate is the last 60 closed minutes', () => {
  const summary = portSummary(stateWith([...anHour(), minute({ start_ms: NOW, ...open })]), RIZHAO);
  expect(summary).toMatchObject({ port: 'CNRZH', rate: 60, completeness: 1, provisional: false, feed: 'live' });
  expect(summary.expected).toBeCloseTo(expectedPortBetween(RIZHAO, START, NOW) / 100, 2);
});

test('without a feed there is no rate, and the nation leaves the port out', () => {
  const state = stateWith([]);
  put(state, markOf(partitionOf('CNRZH'), { sources: sourcesOf(partitionOf('CNRZH'), 'silent') }));
  const summary = portSummary(state, RIZHAO);
  expect(summary).toMatchObject({ rate: null, today: null, feed: 'silent', completeness: 0 });
  const nation = nationSummary(
    state,
    PORTS.map(({ index }) => portSummary(state, index)),
  );
  expect(nation.ports_left_out).toContain('CNRZH');
  expect(nation).toMatchObject({ rate: null, ports_reporting: 0, ports_all: 36 });
});

test('a port that stands still has a rate of zero', () => {
  const rows = anHour().map((row) => ({ ...row, measures: row.measures.map(() => 0) }));
  expect(portSummary(stateWith(rows), RIZHAO).rate).toBe(0);
  // About 36 TEU an hour are expected of it.
  expect(terminalSummary(stateWith(rows), XXXXX)).toMatchObject({ state: 'stopped', rate: 0 });
});

test('a watermark that is held up makes the rate provisional', () => {
  const state = stateWith(anHour());
  put(state, markOf(partitionOf('CNRZH'), { log_time_ms: NOW + 10 * 60_000 }));
  expect(portSummary(state, RIZHAO).provisional).toBe(true);
});

test('today is the open day row, or else the 5-minute rows', () => {
  const fives = [0, 1].map((i) => rowOf({ size_s: 300, start_ms: START + i * 300_000 }));
  const day = midnightMs(NOW);
  expect(terminalDay(stateWith(fives), XXXXX, day)).toEqual({ teu: 3.3, moves: 2 });
  const dayRow = rowOf({ size_s: 86400, start_ms: day, ...open, measures: { teu: 1_000, moves: 6 } });
  expect(terminalDay(stateWith([...fives, dayRow]), XXXXX, day)).toEqual({ teu: 10, moves: 6 });
});

test('the year to date is baseline up to the first live window, then what was counted', () => {
  const day = midnightMs(NOW);
  const state = stateWith([
    rowOf({ size_s: 300, start_ms: START }),
    rowOf({ size_s: 86400, start_ms: day, ...open, measures: { teu: 5_000, moves: 30 } }),
  ]);
  const baseline = expectedPortBetween(RIZHAO, Date.UTC(2025, 11, 31, 16), START) / 100;
  expect(portSummary(state, RIZHAO).ytd).toBeCloseTo(baseline + 50, 1);
});

test('after a rebuild open windows are forgotten, and cursors before it are not resumed', () => {
  const state = stateWith([minute(open)]);
  put(state, markOf(partitionOf('CNRZH'), { rebuilt: true }));
  expect(portPoint(state, RIZHAO, 60, START)).toBeUndefined();
  expect(state.rebuiltAt[partitionOf('CNRZH')]).toBe(state.positions[partitionOf('CNRZH')]);
});

test('status adds up what was not counted', () => {
  const state = stateWith();
  put(state, markOf(0, { dead_letters_today: { too_late: 2, unknown_port: 1 }, lag_records: 5 }));
  put(state, markOf(1, { dead_letters_today: { too_late: 1 }, watermark_ms: NOW - 1 }));
  expect(statusSummary(state, true, '')).toMatchObject({
    dead_letters_by_reason: { too_late: 3, unknown_port: 1 },
    today: { dead_letters: 4 },
    lag_records: 5,
    watermark_ms: NOW - 1,
    feeds: { live: 85, all: 85 },
  });
});

test('a partition in which nobody was accepted yet has no watermark that others would wait for', () => {
  const state = stateWith();
  put(state, markOf(3, { watermark_ms: 0 }));
  put(state, markOf(4, { watermark_ms: NOW - 5_000 }));
  expect(watermarkMs(state)).toBe(NOW - 5_000);
});
