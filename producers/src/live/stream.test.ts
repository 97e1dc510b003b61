import { PORTS, SIZE_TYPES, TERMINALS } from '@quaywatch/contracts';
import { dayNumberOf } from '@quaywatch/seeds';
import { expect, test, vi } from 'vitest';
import { OWNERS } from '../feed/container-numbers.ts';
import { createFeeds, type Feeds } from '../feed/feeds.ts';
import { createMemorySink, readAll } from '../feed/oracle.testing.ts';
import { loadScenario } from '../scenario/built-in.ts';
import { anchorScenario } from '../scenario/scenario.ts';
import { emptyPosition, note, type Position } from './position.ts';
import { backfillMs, catchUp } from './stream.ts';

vi.setConfig({ testTimeout: 60_000 });
const seed = Number(process.env['SEED'] ?? 7);
const hourMs = 3_600_000;
const minuteMs = 60_000;
const firstStartMs = Date.parse('2026-11-22T09:17:23+08:00');
/** The oracle is slow, so it reads some ports: one with a silent feed, one that is closed, one that is calm. */
const ports = ['CNXMN', 'CNDLC', 'CNFOC'];

type Sink = ReturnType<typeof createMemorySink>;

function positionOf(sink: Sink): Position {
  const position = emptyPosition();
  sink.sent.forEach((one, offset) => {
    position.startMs = position.startMs === 0 ? one.timestampMs : Math.min(position.startMs, one.timestampMs);
    note(position, one.partition, {
      key: one.key,
      value: one.bytes ?? Buffer.alloc(0),
      timestampMs: one.timestampMs,
      offset,
      headers: {},
    });
  });
  return position;
}

const makeFeeds = (): Feeds =>
  createFeeds({
    seed,
    events: anchorScenario(loadScenario('demo'), firstStartMs, 'live'),
    givesBack: false,
    isImperfect: true,
  });

/** One life of the process: catches up at `fromMs` and speaks every second for as long as it lives. */
async function live(sink: Sink, fromMs: number, forMs: number): Promise<void> {
  const { stream } = await catchUp(makeFeeds(), positionOf(sink), fromMs, sink);
  for (let nowMs = fromMs + 250; nowMs < fromMs + forMs; nowMs += 1000) stream.speak(nowMs, sink);
}

function planned(feeds: Feeds, fromMs: number, toMs: number): Map<string, string> {
  const moves = new Map<string, string>();
  for (const terminal of TERMINALS) {
    if (!ports.includes(PORTS[terminal.portIndex]?.code ?? '')) continue;
    for (let day = dayNumberOf(fromMs); day <= dayNumberOf(toMs); day++) {
      const plan = feeds.planOf(terminal.index, day);
      for (let i = 0; i < plan.count; i++) {
        const timeS = plan.startS + (plan.timeS[i] ?? 0);
        if (timeS * 1000 < fromMs || timeS * 1000 >= toMs) continue;
        const number = `${OWNERS[plan.owner[i] ?? 0]}${String(plan.serial[i]).padStart(7, '0')}`;
        const flags = plan.flags[i] ?? 0;
        const key = [terminal.code, number, flags & 3, plan.calls[plan.call[i] ?? 0]?.id, timeS].join('|');
        moves.set(key, `${SIZE_TYPES[plan.sizeType[i] ?? 0]?.teuHundredths}|${flags}`);
      }
    }
  }
  return moves;
}

test(`over crashes and pauses, live feeds tell every move once in the end (SEED=${seed})`, async () => {
  const sink = createMemorySink();
  await live(sink, firstStartMs, 20 * minuteMs);
  // A crash in the middle of a half-hour, a pause of two, a longer one, and one so long that everything late has arrived.
  await live(sink, firstStartMs + 20 * minuteMs + 7_000, 12 * minuteMs);
  await live(sink, firstStartMs + 95 * minuteMs, 10 * minuteMs);
  await live(sink, firstStartMs + 9 * hourMs, 3 * minuteMs);
  const endMs = firstStartMs + 55 * hourMs;
  await live(sink, endMs, minuteMs);

  const told = readAll(sink.sent.filter((one) => ports.includes(one.key)));
  const beginMs = Math.floor((firstStartMs - backfillMs) / 1_800_000) * 1_800_000;
  const settled = planned(makeFeeds(), beginMs, endMs - 41 * hourMs);
  const happened = planned(makeFeeds(), beginMs, endMs + minuteMs);
  expect([...settled].filter(([key, value]) => told.moves.get(key) !== value).slice(0, 5)).toEqual([]);
  expect([...told.moves.keys()].filter((key) => !happened.has(key)).slice(0, 5)).toEqual([]);
  expect(told.wrongDigits).toBe(0);
  expect(told.repeated / told.moves.size).toBeLessThan(0.045);
});

test('arrivals are in order within each partition and never in the future', async () => {
  const sink = createMemorySink();
  await live(sink, firstStartMs, 2 * minuteMs);
  await live(sink, firstStartMs + 50 * minuteMs, 2 * minuteMs);
  const newest = new Map<number, number>();
  for (const one of sink.sent) {
    expect(one.timestampMs).toBeGreaterThanOrEqual(newest.get(one.partition) ?? 0);
    newest.set(one.partition, one.timestampMs);
  }
  expect(Math.max(...newest.values())).toBeLessThanOrEqual(firstStartMs + 52 * minuteMs);
});

test('a live feed tells a move within 5 s and is never quiet for 20 s, unless it is silent', async () => {
  const feeds = makeFeeds();
  const sink = createMemorySink();
  const { stream } = await catchUp(feeds, emptyPosition(), firstStartMs, sink);
  const spoke = new Map<string, number>();
  for (let nowMs = firstStartMs + 250; nowMs < firstStartMs + 3 * minuteMs; nowMs += 1000) {
    sink.sent.length = 0;
    stream.speak(nowMs, sink);
    for (const one of sink.sent) spoke.set(one.key, nowMs);
    for (const { index } of TERMINALS) {
      if (feeds.imperfections.arrivalOf(index, nowMs) !== nowMs || nowMs < firstStartMs + 21_000) continue;
      expect(nowMs - (stream.sentThroughMs[index] ?? 0)).toBeLessThan(23_000);
    }
  }
  expect(spoke.size).toBe(PORTS.length);
});
