import { MEASURES, type Measure } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { describe, expect, it } from 'vitest';
import type { MeasureRow } from '../wire/measures.ts';
import { joined, levelOf, PROGRAMME_KEYS, samplesOf, shareOf, standingOf } from './shares.ts';
import { hrefOfLooked, isSimulatedOf, lastYearRun, lookedAt, shownFrom, spanOf } from './state.ts';
import { en } from './words-en.ts';

const START = Date.UTC(2026, 10, 1, 16);
const rowAt = (hour: number, of: Partial<Record<Measure, number>>, more: Partial<MeasureRow> = {}): MeasureRow => ({
  port: 'CNSHA',
  terminal: '',
  start_ms: START + hour * HOUR_MS,
  completeness: 1,
  values: MEASURES.map((name) => of[name] ?? 0),
  ...more,
});

describe('samples', () => {
  it('are summed over ports, so that a large port counts for more', () => {
    const rows = [
      rowAt(0, { teu: 900, direct_pick_up_teu: 90 }),
      rowAt(0, { teu: 100, direct_pick_up_teu: 0 }, { port: 'CNNGB' }),
    ];
    const samples = samplesOf(rows, 'direct_pick_up');
    expect(samples).toHaveLength(1);
    expect(shareOf(samples)).toBe(9);
  });
  it('know no window that no feed covered, and keep one in which nothing moved', () => {
    const rows = [rowAt(0, {}, { completeness: 0 }), rowAt(1, {})];
    expect(samplesOf(rows, 'rail_sea').map((sample) => sample.startMs)).toEqual([START + HOUR_MS]);
    expect(shareOf(samplesOf(rows, 'rail_sea'))).toBeNull();
  });
  it('add the two kinds of rail-sea, and set pick-up against what was discharged', () => {
    const row = rowAt(0, { teu: 100, load_teu: 60, rail_single_waybill_teu: 3, rail_single_container_teu: 2 });
    expect(samplesOf([row], 'rail_sea')[0]?.part).toBe(5);
    expect(samplesOf([row], 'direct_pick_up')[0]?.own).toBe(40);
    expect(samplesOf([row], 'direct_loading')[0]?.own).toBe(60);
  });
});

describe('standing', () => {
  const hours = Array.from({ length: 72 }, (_, hour) =>
    rowAt(hour, { teu: 100, direct_loading_teu: hour < 48 ? 5 : 8 }),
  );
  it('sets the last day against the days before it', () => {
    const standing = standingOf(samplesOf(hours, 'direct_loading'), START + 72 * HOUR_MS, HOUR_MS);
    expect(standing).toMatchObject({ share: 8, level: { share: 5, low: 5, high: 5 }, change: 3, teu: 192 });
  });
  it('has no own level of a few windows, and then no change', () => {
    const standing = standingOf(samplesOf(hours.slice(45), 'direct_loading'), START + 72 * HOUR_MS, HOUR_MS);
    expect(standing).toMatchObject({ level: null, change: null });
  });
  it('cuts every port at the same time: a port that went silent has no last day', () => {
    const standing = standingOf(samplesOf(hours.slice(0, 40), 'direct_loading'), START + 72 * HOUR_MS, HOUR_MS);
    expect(standing).toMatchObject({ share: null, teu: null, change: null });
  });
  it('joins hours into steps of the day without losing a box', () => {
    const samples = samplesOf(hours, 'direct_loading');
    const days = joined(samples, DAY_MS);
    expect(days.map((day) => day.startMs)).toEqual([START, START + DAY_MS, START + 2 * DAY_MS]);
    expect(days.reduce((sum, day) => sum + day.whole, 0)).toBe(7200);
    expect(levelOf(days)).toBeNull();
  });
});

describe('what is looked at', () => {
  it('is in the address, there and back', () => {
    const looked = { measure: 'rail_sea', port: 'CNNGB', stretch: 'days', run: 'r-1' } as const;
    const [path = '', query = ''] = hrefOfLooked(looked, {}).split('?');
    expect(lookedAt({ id: path.split('/')[2] ?? '', query: new URLSearchParams(query) })).toEqual(looked);
  });
  it('falls back to the first measure of the nation', () =>
    expect(lookedAt({ id: 'nonsense', query: new URLSearchParams('stretch=x') })).toEqual({
      measure: PROGRAMME_KEYS[0],
      port: '',
      stretch: 'weeks',
      run: 'live',
    }));
  it('never reaches before the beginning of a run, and takes days of a long one', () => {
    const run = { run: 'r', kind: 'replay', state: 'done', from_ms: START, to_ms: START + 5 * DAY_MS };
    const summary = run as Parameters<typeof spanOf>[1];
    expect(spanOf('half', summary, 0)).toEqual({ fromMs: START, toMs: START + 5 * DAY_MS, sizeS: 3600 });
    expect(spanOf('half', undefined, START).sizeS).toBe(86400);
  });
  it('of which most is not stored begins a third before what is, and never before what is asked for', () => {
    const rows = [rowAt(0, {}), rowAt(2, {})];
    const toMs = START + 3 * HOUR_MS;
    expect(shownFrom({ rows, fromMs: START - DAY_MS, toMs })).toBe(START - HOUR_MS);
    expect(shownFrom({ rows, fromMs: START + HOUR_MS, toMs })).toBe(START + HOUR_MS);
    expect(shownFrom({ rows: [], fromMs: START, toMs })).toBe(START);
  });
  it.each([
    ['live', false, false],
    ['live', true, true],
    ['spring', false, true],
  ])('of %s, with live simulated: %s, is simulated: %s', (run, isLiveSimulated, isSimulated) =>
    expect(isSimulatedOf({ run }, isLiveSimulated)).toBe(isSimulated),
  );
  it('has a last year only where a finished replay covers all of it', () => {
    const shift = 364 * DAY_MS;
    const base = { kind: 'replay', state: 'done', from_ms: START - shift, to_ms: START - shift + 9 * DAY_MS };
    const runs = [{ ...base, run: 'a' }] as unknown as Parameters<typeof lastYearRun>[0];
    expect(lastYearRun(runs, START, START + 9 * DAY_MS)?.run).toBe('a');
    expect(lastYearRun(runs, START, START + 10 * DAY_MS)).toBeUndefined();
  });
});

it('names every measure of the programme', () => expect(Object.keys(en.names)).toEqual([...PROGRAMME_KEYS]));
