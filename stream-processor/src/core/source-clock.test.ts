import { expect, test } from 'vitest';
import { hear, type SourceClock } from './source-clock.ts';

function newClock(): SourceClock {
  return {
    terminalIndex: 0,
    source: 'urn:test',
    completeThroughMs: Number.NEGATIVE_INFINITY,
    lastReportMs: 0,
    cadenceMs: 0,
    dueMs: Number.NEGATIVE_INFINITY,
    covered: [],
    holes: [],
    total: { throughMs: 0, dayMoves: 0, told: 0 },
  };
}

test('a source that begins to report more often has missed nothing; one that then leaps has', () => {
  const clock = newClock();
  const beat = (minutes: number, cadenceS: number) =>
    hear(clock, {
      logTimeMs: minutes * 60_000,
      completeThroughMs: minutes * 60_000,
      cadenceS,
      firstMs: null,
      told: 0,
      dayMoves: 0,
      closedThroughMs: 0,
    });
  beat(30, 1_800);
  beat(52, 20);
  expect(clock.holes).toEqual([]);
  beat(60, 20);
  expect(clock.holes).toEqual([{ fromMs: 52 * 60_000, toMs: 60 * 60_000 - 20_000, filledAtMs: null }]);
});
