// Terminals that stand still for good, and what is expected of the others then.
import type { AlertTransition } from '@quaywatch/contracts';
import { describe, expect, test } from 'vitest';
import { incidents, normal, type Part, story, type Told } from './story.testing.ts';

const weeks = (count: number) => count * 7 * 288;
const reasons = (told: Told, word: string) => told.transitions.filter((one) => one.reason === word);

/** The newest transition of every alert of the port's work, in the order in which they began. */
function lastOfWork({ transitions }: Told): AlertTransition[] {
  const work = transitions.filter((one) => one.alert_id.includes('-throughput-'));
  return [...new Map(work.map((one) => [one.alert_id, one])).values()];
}

describe('a terminal that never works again', () => {
  test('is what is normal after three weeks of stall, and says so', () => {
    const told = story([normal, [weeks(8), 0, 1]]);
    const stall = told.transitions.filter((one) => one.kind === 'stall');
    expect(stall.at(-1)).toMatchObject({ status: 'resolved', reason: 'standstill_usual', terminals: ['A'] });
    expect(((stall.at(-1)?.at_ms ?? 0) - (stall[0]?.since_ms ?? 0)) / 86_400_000).toBeCloseTo(21, 1);
    expect(new Set(stall.map((one) => one.alert_id)).size).toBe(1);
  });

  test.each([
    ['though its feed falls silent', [[weeks(8), 's', 1]]],
    ['with the whole port, whose feeds fall silent', [[weeks(8), 's', 's']]],
    ['with the whole port', [[weeks(8), 0, 0]]],
  ] as const)('%s', (_what, after) => {
    const both = after[0][2] === 1 ? 1 : 0;
    const told = story([normal, [400, 0, both], ...after]);
    const open = new Map(told.transitions.map((one) => [one.alert_id, one]));
    const stalls = [...open.values()].filter((one) => one.kind === 'stall');
    expect(stalls.map((one) => [one.status, one.reason])).toEqual([['resolved', 'standstill_usual']]);
  });

  test('takes no blame for what the others do after it, and is missed again when it has worked again', () => {
    const told = story([normal, [weeks(7), 0, 1], [72, 0, 0], [288, 0, 1], [weeks(7), 1, 1], [72, 0, 1], [288, 1, 1]]);
    const ids = [...new Set(told.transitions.filter((one) => one.kind === 'stall').map((one) => one.alert_id))];
    const lasts = ids.map((id) => told.transitions.filter((one) => one.alert_id === id).at(-1));
    expect(lasts.map((one) => one?.reason)).toEqual(['standstill_usual', 'hold_elapsed', 'hold_elapsed']);
    expect(lasts[1]?.contributors[0]).toMatchObject({ terminal: 'B', share_pct: 100 });
    expect(lasts[2]?.contributors[0]).toMatchObject({ terminal: 'A' });
    expect(reasons(told, 'standstill_usual')).toHaveLength(1);
  });

  test('the other one, that stood still for a while meanwhile, moves again and does not become the usual', () => {
    const told = story([normal, [weeks(3) - 144, 0, 1], [288, 0, 0], [3 * 288, 0, 1]]);
    const stall = told.transitions.filter((one) => one.kind === 'stall');
    expect([reasons(told, 'moves_again').length, reasons(told, 'standstill_usual').length]).toEqual([1, 0]);
    expect(stall.at(-1)).toMatchObject({ status: 'resolved' });
    expect(incidents(told)).toBe(1);
  });
});

describe('a standstill counts only where it was seen', () => {
  const back = [
    ['has had one quiet window', 1],
    ['has stood still for hours', 100],
  ] as const;

  test.each(
    back.flatMap(([what, steps]) => [
      [`the only terminal of a port ${what}`, steps, '-'],
      [`a port ${what}`, steps, 0],
    ]) as [string, number, '-' | 0][],
  )('%s, is silent for weeks and back with zeros: a stall until it is the usual one, once', (_what, steps, b) => {
    const silent = b === '-' ? '-' : 's';
    const told = story([normal, [steps, 0, b], [weeks(3.5), 's', silent], [weeks(7), 0, b]]);
    const lasts = lastOfWork(told);
    expect(lasts.at(-1)).toMatchObject({ kind: 'stall', status: 'resolved', reason: 'standstill_usual' });
    // One before the silence at most, which ends in it.
    expect(lasts.slice(0, -1).every((one) => one.status === 'resolved')).toBe(true);
    expect(lasts.length).toBeLessThanOrEqual(2);
    expect(told.transitions.length).toBeLessThan(1200);
  });

  const before: [string, Part[]][] = [
    ['has worked', []],
    ...back.slice(0, 1).map(([what, steps]): [string, Part[]] => [what, [[steps, 0, 1]]]),
  ];
  test.each(before)(
    'one of two %s, is silent for 25 days and back with zeros: its stall is told, and none of the other',
    (_what, parts) => {
      const told = story([normal, ...parts, [25 * 288, 's', 1], [4 * 288, 0, 1]]);
      const work = told.transitions.filter((one) => one.alert_id.includes('-throughput-'));
      expect(new Set(work.map((one) => one.alert_id)).size).toBe(1);
      expect(work.at(-1)).toMatchObject({ kind: 'stall', status: 'firing', terminals: ['A'] });
      expect(work.at(-1)?.contributors[0]?.terminal).toBe('A');
      expect(work.at(-1)?.contributors[0]?.share_pct).toBeGreaterThan(99);
    },
  );

  test.each([
    [
      'its feed falls silent, and comes back with zeros',
      [
        [weeks(4), 's', 1],
        [weeks(1), 0, 1],
      ],
    ],
    ['it works again', [[weeks(4), 1, 1]]],
  ] as [string, Part[]][])('when it is the usual one and %s, nothing is told of the work', (_what, parts) => {
    const told = story([normal, [weeks(4), 0, 1], ...parts]);
    expect(lastOfWork(told).map((one) => one.reason)).toEqual(['standstill_usual']);
  });

  test('the whole port works again after it: no surge', () => {
    const told = story([normal, [weeks(4), 0, '-'], [weeks(3), 1, '-']]);
    expect(lastOfWork(told).map((one) => one.reason)).toEqual(['standstill_usual']);
  });

  test('the end says why, though nobody was heard of in the window that gave the terminal up', () => {
    const told = story([
      normal,
      [400, 0, 1],
      // Three weeks after the first zero and after the last one.
      [weeks(3) - 406, 's', 1],
      [420, 's', 's'],
      [weeks(1), 's', 1],
    ]);
    expect(lastOfWork(told).map((one) => [one.status, one.reason])).toEqual([['resolved', 'standstill_usual']]);
    expect(reasons(told, 'moves_again')).toEqual([]);
  });
});
