import { MEASURES, type Measure, type WindowPoint } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { describe, expect, it } from 'vitest';
import type { MeasureRow } from '../wire/measures.ts';
import { changesOf, contributors, feedOf, PARTS, sidesOf, windowsOf } from './changes.ts';

const row = (terminal: string, of: Partial<Record<Measure, number>>, more: Partial<MeasureRow> = {}): MeasureRow => ({
  port: 'CNNGB',
  terminal,
  start_ms: 0,
  completeness: 1,
  values: MEASURES.map((name) => of[name] ?? 0),
  ...more,
});
const expectedOf = (terminal: string, expected: number) => ({ terminal, expected }) as WindowPoint;

const before = [row('A', { teu: 100, load_teu: 60 }), row('B', { teu: 50, load_teu: 10 })];
const now = [row('A', { teu: 20, load_teu: 20 }), row('B', { teu: 70, load_teu: 10 })];
const changes = changesOf(now, before, [expectedOf('A', 90), expectedOf('B', 60), expectedOf('', 150)]);

describe('a change', () => {
  it('is told against the interval before and against what was expected', () => {
    expect(changes).toMatchObject({ now: 90, before: 150, expected: 150 });
    expect(contributors(changes, 'before')).toEqual([
      { terminal: 'A', teu: -80 },
      { terminal: 'B', teu: 20 },
    ]);
    expect(contributors(changes, 'expected')).toEqual([
      { terminal: 'A', teu: -70 },
      { terminal: 'B', teu: 10 },
    ]);
  });
  it('of a kind of box names the terminal that makes it, never one that went the other way', () => {
    const part = (name: string) => changes.parts.find((entry) => entry.part === name);
    expect(part('discharge')).toMatchObject({ now: 60, before: 80, lead: { terminal: 'A', teu: -40 } });
    expect(part('load')).toMatchObject({ now: 30, before: 70, lead: { terminal: 'A', teu: -40 } });
    expect(part('empty')?.lead).toBeNull();
  });
  it('of the kinds of one dimension adds up to the change of all', () => {
    for (const dimension of ['direction', 'trade', 'laden', 'handling']) {
      const parts = changes.parts.filter(({ part }) => PARTS[part].dimension === dimension);
      expect(parts.reduce((sum, part) => sum + part.now - part.before, 0)).toBe(-60);
    }
  });
  it('against what was expected leaves out terminals of which nothing was', () =>
    expect(contributors(changesOf(now, before, [expectedOf('A', 90)]), 'expected')).toHaveLength(1));
  it('names a terminal that fell silent', () =>
    expect(contributors(changesOf([], before, []), 'before')[0]).toEqual({ terminal: 'A', teu: -100 }));
});

describe('a change is told by', () => {
  const bars = (...teu: number[]) => teu.map((one) => ({ teu: one }));
  it('the terminals that make most of it', () =>
    expect(sidesOf(bars(-50, -30, -10, -5, -5, 1), -99)).toEqual({ leading: 4, told: -95, against: 0 }));
  it('both sides, where others went the other way: no part makes more than all of it', () =>
    expect(sidesOf(bars(-50, 40, -5), -15)).toEqual({ leading: 2, told: -55, against: 40 }));
});

it('the feed is covered as much as its terminals, and says what came late', () =>
  expect(feedOf([row('A', { moves: 9, late_moves: 3 }, { completeness: 0.5 }), row('B', { moves: 1 })])).toEqual([
    { startMs: 0, completeness: 0.75, moves: 10, late: 3 },
  ]));

describe('windows of an interval', () => {
  const nowMs = 1_000 * DAY_MS;
  it.each([
    ['minutes of half an hour', nowMs - HOUR_MS, HOUR_MS / 2, 60],
    ['five minutes of half an hour long ago', nowMs - 30 * DAY_MS, HOUR_MS / 2, 300],
    ['hours of days', nowMs - 9 * DAY_MS, 5 * DAY_MS, 3600],
    ['days of months', nowMs - 200 * DAY_MS, 90 * DAY_MS, 86400],
  ] as const)('%s', (_what, fromMs, widthMs, sizeS) => {
    const found = windowsOf({ fromMs: fromMs + 7, toMs: fromMs + widthMs + 7 }, nowMs);
    expect(found.sizeS).toBe(sizeS);
    expect((found.span.toMs - found.span.fromMs) % (sizeS * 1000)).toBe(0);
    expect(found.span.toMs).toBeGreaterThan(found.span.fromMs);
  });
});
