// Holes through the core: what a source has told of a window, whatever order its reports came in.
import { encodeMoveReport } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { plainOptions, plainTerminals } from '../testing/plain-options.ts';
import { makeReport, startMs } from '../testing/random-log.ts';
import { addHole, fillHoles, type Hole } from './holes.ts';
import { step } from './partition.ts';
import { createPartition, type Outputs } from './partition-state.ts';
import { RowBatch } from './row-batch.ts';
import { coveredMs, type SourceClock } from './source-clock.ts';

const [watched = 0, slow = 0] = plainTerminals;
const cadenceMs = 600_000;

/** An empty report: when it arrives and what it promises, in cadences after the start. */
type Beat = readonly [terminal: number, arrives: number, promises: number];

type Told = { sizeS: number; fromMs: number; completeness: number };

/** The watched terminal's windows by their newest row. */
function rowsOf(beats: readonly Beat[]): Told[] {
  const state = createPartition(plainOptions());
  const out: Outputs = { rows: new RowBatch(4096), deadLetters: [], transitions: [] };
  for (const [offset, [terminal, arrives, promises]] of beats.entries()) {
    const promiseMs = startMs + promises * cadenceMs;
    const report = makeReport(terminal, `r${offset}`, 1, promiseMs, [], {
      completeThroughMs: promiseMs,
      cadenceS: cadenceMs / 1000,
    });
    const timestampMs = startMs + arrives * cadenceMs + offset;
    step(state, { offset, timestampMs, value: encodeMoveReport(report), isTick: false }, out);
  }
  const { rows } = out;
  const told = new Map<string, Told>();
  for (let i = 0; i < rows.count; i++) {
    const sizeS = rows.sizeS[i] ?? 0;
    const fromMs = (rows.startS[i] ?? 0) * 1000 - startMs;
    if (rows.terminalIndex[i] !== watched || fromMs < 0) continue;
    told.set(`${sizeS} ${fromMs}`, { sizeS, fromMs, completeness: rows.completeness[i] ?? 0 });
  }
  return [...told.values()];
}

/** Completeness of the watched terminal's cadences (their first five minutes); those without a row are left out. */
function toldOf(beats: readonly Beat[]): Record<number, number> {
  const cadences = rowsOf(beats).filter(({ sizeS, fromMs }) => sizeS === 300 && fromMs > 0 && fromMs % cadenceMs === 0);
  return Object.fromEntries(cadences.map(({ fromMs, completeness }) => [fromMs / cadenceMs, completeness]));
}

/** Minutes that are told of the windows of a size, one a window; null where it has no row. */
function minutesOf(sizeS: number, beats: readonly Beat[], count: number): (number | null)[] {
  const rows = rowsOf(beats).filter((row) => row.sizeS === sizeS);
  return Array.from({ length: count }, (_, i) => {
    const row = rows.find(({ fromMs }) => fromMs === i * sizeS * 1000);
    return row === undefined ? null : Math.round((row.completeness * sizeS) / 60);
  });
}

const both = (at: number): Beat[] => [
  [watched, at, at],
  [slow, at, at],
];

test('ten minutes in which nothing moved are a zero, also when their report came after its successor’s', () => {
  const inOrder = toldOf([...both(0), ...both(1), [watched, 2, 2], [watched, 3, 3], [slow, 3, 3], ...both(4)]);
  const swapped = toldOf([...both(0), ...both(1), [watched, 3, 3], [watched, 3, 2], [slow, 3, 3], ...both(4)]);
  expect(inOrder).toMatchObject({ 1: 1, 2: 1 });
  expect(swapped).toEqual(inOrder);
});

test('what was never told has no row, and what was told after it closed has', () => {
  const lost = [...both(0), ...both(1), [watched, 3, 3], [slow, 3, 3]] satisfies Beat[];
  expect(toldOf([...lost, ...both(4)])).not.toHaveProperty('1');
  expect(toldOf([...lost, ...both(4), [watched, 4, 2], ...both(5)])).toMatchObject({ 1: 1, 2: 1 });
});

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test('a terminal that falls silent leaves what it has told: minutes, hours and the day agree', () => {
  const silent = from(3, 89).map((at): Beat => [slow, at, at]);
  const beats = [...from(0, 2).flatMap(both), ...silent, ...from(90, 145).flatMap(both)];
  expect(minutesOf(300, beats, 6)).toEqual([5, 5, 5, 5, null, null]);
  expect(minutesOf(3600, beats, 3)).toEqual([20, null, null]);
  expect(minutesOf(3600, beats, 24).slice(14)).toEqual(from(14, 23).map((hour) => (hour === 14 ? null : 60)));
  expect(minutesOf(86400, beats, 1)).toEqual([20 + 9 * 60]);
});

test('each window is judged by what was told before its own end: an hour by what came when its minutes had closed', () => {
  const held = [...from(0, 6).flatMap(both), [slow, 10, 10], [watched, 10.1, 7]] satisfies Beat[];
  const beats = [...held, ...from(11, 20).map((at): Beat => [slow, at, at])];
  expect(minutesOf(300, beats, 24).slice(12)).toEqual([5, 5, ...Array(10).fill(null)]);
  expect(minutesOf(3600, beats, 3)).toEqual([60, 10, null]);
});

test('a feed that is late for days leaves few parts, and to no window another answer than each report by itself', () => {
  const minuteMs = 60_000;
  const random = createRandom(11);
  const holes: Hole[] = [];
  const each: Hole[] = [];
  const untilMs = startMs + 30 * 60 * minuteMs;
  let promisedMs = startMs;
  for (let closedMs = startMs + minuteMs; closedMs <= untilMs; closedMs += minuteMs) {
    addHole(holes, Math.max(promisedMs, closedMs - minuteMs), closedMs);
    // Three reports a minute, up to 50 minutes late, and for hours not less than 12.
    const leastMinutes = Math.floor((closedMs - startMs) / (7 * 60 * minuteMs)) % 2 === 0 ? 0 : 12;
    for (let i = 0; i < 3; i++) {
      const toMs = Math.max(promisedMs, closedMs - Math.floor(leastMinutes + random() * 38) * minuteMs + i * 20_000);
      for (const part of fillHoles(holes, toMs, toMs - promisedMs, null, closedMs))
        if (part.fromMs < closedMs)
          each.push({ fromMs: part.fromMs, toMs: Math.min(part.toMs, closedMs), filledAtMs: closedMs });
      promisedMs = toMs;
    }
  }
  const filled = holes.filter(({ filledAtMs }) => filledAtMs !== null);
  expect(each.length).toBeGreaterThan(300);
  expect(filled.length).toBeLessThan(each.length * 0.8);
  for (const sizeMs of [minuteMs, 5 * minuteMs, 60 * minuteMs, 1440 * minuteMs])
    for (let fromMs = startMs; fromMs < untilMs; fromMs += sizeMs) {
      const covered = (of: Hole[]) =>
        coveredMs(
          { covered: [startMs, untilMs], holes: of } as unknown as SourceClock,
          fromMs,
          fromMs + sizeMs,
          fromMs + sizeMs,
        );
      expect(covered(filled), `${sizeMs} from ${fromMs - startMs}`).toBe(covered(each));
    }
});

test('a feed that is an hour late for a day leaves a part an hour', () => {
  const holes: Hole[] = [];
  for (let second = 3_600; second < 86_400; second += 20) {
    const nowMs = startMs + second * 1000;
    const closedMs = Math.floor(nowMs / 60_000) * 60_000;
    const promisedMs = nowMs - 3_600_000;
    addHole(holes, Math.max(promisedMs - 20_000, holes.at(-1)?.toMs ?? 0), closedMs);
    fillHoles(holes, promisedMs, 20_000, null, closedMs);
  }
  expect(holes.length).toBeLessThanOrEqual(26);
});
