import { describe, expect, test } from 'vitest';
import { scoreAlerts, type Told, type Truth } from './port-score.ts';
import type { EventKind } from './port-weeks.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Two ports, ten weeks, of which the first four are warm-up; times in hours. */
function truthWith(events: readonly [string, EventKind, number, number, number][]): Truth {
  return {
    t1: 70 * dayMs,
    warmUpEnd: 28 * dayMs,
    ports: [{ port: 'AAAAA' }, { port: 'BBBBB' }],
    events: events.map(([port, kind, start, end, snr]) => ({
      port,
      kind,
      start: start * hourMs,
      end: end * hourMs,
      factor: kind === 'surge' ? 1.5 : 0.5,
      snr,
    })),
    planned: [{ port: 'BBBBB', start: 900 * hourMs, end: 910 * hourMs }],
    newYear: [1200 * hourMs, 1300 * hourMs],
    holidays: [],
  };
}

const told = (port: string, kind: EventKind, open: number, close: number): Told[] => [
  { atMs: open * hourMs, port, kind, state: 'open' },
  { atMs: close * hourMs, port, kind, state: 'close' },
];

const truth = truthWith([
  ['AAAAA', 'closure', 800, 820, 40],
  ['AAAAA', 'surge', 1000, 1040, 5],
  ['AAAAA', 'drop', 1400, 1440, 3],
]);

describe('the score of alerts', () => {
  test.each([
    ['finds an event by its family, with its delay', told('AAAAA', 'drop', 801, 821), { recall: 0.5, right: 1 }],
    ['forgives the swing back after a closure', told('AAAAA', 'surge', 830, 840), { recall: 0, right: 0 }],
    ['counts the wrong family inside an event', told('AAAAA', 'outage', 805, 806), { wrong: 1 }],
    ['counts what nothing explains', told('BBBBB', 'surge', 1250, 1251), { false: 1, newYear: 1 }],
    ['counts what opens in a planned stoppage', told('BBBBB', 'stall', 905, 911), { false: 1, planned: 1 }],
    ['counts nothing before the warm-up has ended', told('BBBBB', 'surge', 100, 101), { false: 0 }],
    ['knows an opening before an event for what it is', told('AAAAA', 'closure', 799, 815), { recall: 0, false: 1 }],
  ])(
    '%s',
    (_, alerts, wanted: Partial<Record<'recall' | 'right' | 'wrong' | 'false' | 'newYear' | 'planned', number>>) => {
      const score = scoreAlerts(truth, alerts);
      const found = {
        recall: score.recall,
        right: score.precision === 1 && score.recallOfAll > 0 ? 1 : 0,
        wrong: score.wrong.length,
        false: score.falseEpisodes.length,
        newYear: score.falseInNewYear,
        planned: score.falseInPlanned,
      };
      expect(found).toMatchObject(wanted);
    },
  );

  test('tells delays in minutes, and openings an event', () => {
    const score = scoreAlerts(truth, [
      ...told('AAAAA', 'closure', 800.5, 805),
      ...told('AAAAA', 'stall', 806, 821),
      ...told('AAAAA', 'surge', 1002, 1040),
    ]);
    expect(score.delays.closure).toEqual({ n: 1, median: 30, p90: 30 });
    expect(score.delays.surge.median).toBe(120);
    expect(score.openingsPerEvent).toBe(1.5);
    expect(score.recall).toBe(1);
    expect(score.recallOfAll).toBeCloseTo(2 / 3);
  });
});
