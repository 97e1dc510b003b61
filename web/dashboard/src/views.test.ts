import type { AlertState, WindowPoint } from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';

import { columnsOf, gapsOf } from './charts/chart-data.ts';
import { byUrgency, feedAnswer, needsAcknowledging, stepOf } from './deviation.ts';
import { parseRoute } from './route.ts';
import { slotsOf, sumSlots } from './slots.ts';
import { healthOf } from './status.ts';

const alert: AlertState = {
  run: 'live',
  alert_id: 'a',
  transition: 2,
  kind: 'stall',
  level: 'port',
  cluster: 'yangtze',
  measure: '',
  z: null,
  evidence: [],
  resolves: { within_pct: null, hold_min: 0 },
  severity: 'critical',
  status: 'firing',
  phase: 'closed',
  port: 'CNNGB',
  terminals: ['CNNBO:BLGAN', 'CNNBO:BLYIN'],
  at_ms: Date.parse('2025-06-18T06:30:00Z'),
  since_ms: Date.parse('2025-06-18T04:18:00Z'),
  known_at_ms: 0,
  value: 1904,
  expected: 2767,
  band: 235,
  deviation_pct: -31.2,
  size_teu: -1868,
  regained_teu: null,
  window_s: 300,
  watermark_ms: 0,
  completeness: 1,
  rule: 'stall',
  rules_version: 1,
  contributors: [],
  reason: 'threshold_held',
  simulated: true,
  first_at_ms: 0,
  acknowledged: null,
  notes: [],
  silenced_until_ms: null,
  silenced_by: '',
};

describe('whether it is the feed', () => {
  const port = { feed: 'live', completeness: 1, rate: 1700, expected: 2600 } as const;
  it.each([
    ['all is covered', port, 'no'],
    ['little is, against what is missing', { ...port, completeness: 0.95 }, 'hardly'],
    ['a late feed misses little, against what is missing', { ...port, feed: 'late' as const }, 'hardly'],
    ['as much is missing of the hour as of the work', { ...port, completeness: 0.7 }, 'maybe'],
    ['no work is missing', { ...port, completeness: 0.95, rate: 2700 }, 'maybe'],
    ['nothing is reported', { ...port, feed: 'silent' as const }, 'yes'],
    ['nothing is expected', { ...port, completeness: 0.5, rate: null }, 'maybe'],
  ])('%s', (_what, one, answer) => expect(feedAnswer(one)).toBe(answer));
});

describe('urgency', () => {
  it('asks for acknowledgement of firing octagons only, and not while silenced', () => {
    expect(needsAcknowledging(alert, 1000)).toBe(true);
    expect(needsAcknowledging({ ...alert, severity: 'warning' }, 1000)).toBe(false);
    expect(needsAcknowledging({ ...alert, silenced_until_ms: 2000 }, 1000)).toBe(false);
    expect(needsAcknowledging({ ...alert, acknowledged: { by: 'x', note: '', at_ms: 0 } }, 1000)).toBe(false);
  });
  it('puts the worst first and leaves closed ones out', () => {
    const list = [
      { ...alert, alert_id: 'info', severity: 'info' as const },
      { ...alert, alert_id: 'closed', status: 'resolved' as const },
      { ...alert, alert_id: 'worst', size_teu: -9000 },
      alert,
    ];
    expect(byUrgency(list).map((entry) => entry.alert_id)).toEqual(['worst', 'a', 'info']);
  });
});

describe('deviation', () => {
  it.each([
    [-31, 'n3'],
    [-15, 'n3'],
    [-6, 'n2'],
    [-2.1, 'n1'],
    [-1.9, '0'],
    [null, '0'],
    [3, 'p1'],
    [8, 'p2'],
    [38, 'p3'],
  ])('%s is step %s', (value, step) => expect(stepOf(value)).toBe(step));
});

const FIVE_MS = 300_000;
const HOUR_MS = 3_600_000;
const window = (startMs: number, teu: number | null, more: Partial<WindowPoint> = {}): WindowPoint => ({
  port: 'CNSHA',
  terminal: '',
  size_s: 300,
  start_ms: startMs,
  teu,
  moves: 0,
  expected: 10,
  band: 2,
  last_year: null,
  revision: 0,
  completeness: 1,
  ...more,
});

describe('charts', () => {
  it('never bridges a window that is not there', () => {
    const points = [window(0, 10), window(FIVE_MS, 0), window(3 * FIVE_MS, 12), window(4 * FIVE_MS, 3, { open: true })];
    const columns = columnsOf(points, 300, 0, 10 * FIVE_MS);
    expect(columns.actual).toEqual([120, 0, null, 144, null]);
    expect(gapsOf(columns, 300)).toEqual([{ fromMs: 2 * FIVE_MS, toMs: 3 * FIVE_MS }]);
  });
  it('shows what was said before a revision', () => {
    const columns = columnsOf([window(0, 10, { revision: 1, was: 9 })], 300, 0, FIVE_MS);
    expect([columns.before, columns.actual]).toEqual([[108], [120]]);
  });
});

describe('slots', () => {
  const now = 30 * HOUR_MS;
  it('prefers stored hours, sums closed windows, and leaves silence null', () => {
    const hours = [window(28 * HOUR_MS, 500, { size_s: 3600 })];
    const fives = Array.from({ length: 12 }, (_, index) => window(29 * HOUR_MS + index * FIVE_MS, 10));
    const slots = slotsOf(hours, fives, now);
    expect(slots.slice(-3).map((slot) => slot.rate)).toEqual([null, 500, 120]);
  });
  it('leaves a silent port out of rate and expectation', () => {
    const live = slotsOf([window(29 * HOUR_MS, 500, { size_s: 3600 })], [], now);
    const silent = slotsOf([window(29 * HOUR_MS, null, { size_s: 3600 })], [], now);
    expect(sumSlots([live, silent]).at(-1)).toMatchObject({ rate: 500, expected: 10 });
  });
});

describe('health', () => {
  const facts = {
    link: { kind: 'open' as const },
    isPaused: false,
    waiting: 0,
    asOfMs: 99_000,
    nowMs: 100_000,
    wallMs: 100_000,
  };
  it.each([
    [{}, 'live'],
    [{ asOfMs: 90_000 }, 'lagging'],
    [{ asOfMs: 60_000 }, 'stale'],
    [{ asOfMs: null }, 'empty'],
    [{ asOfMs: null, link: { kind: 'connecting' as const } }, 'connecting'],
    [{ isPaused: true, asOfMs: 60_000 }, 'paused'],
    [{ link: { kind: 'waiting' as const, attempt: 3, retryAtMs: 104_000 } }, 'reconnecting'],
  ])('%o is %s', (more, kind) => expect(healthOf({ ...facts, ...more }).kind).toBe(kind));
});

describe('route', () => {
  it.each([
    ['', 'overview', ''],
    ['#/port/CNSHA', 'port', 'CNSHA'],
    ['#/alerts/2025-06-18%2F0041', 'alerts', '2025-06-18/0041'],
    ['#/nonsense', 'overview', ''],
    ['#/port/%E0%A4%A', 'port', ''],
  ])('%s', (hash, view, id) => expect(parseRoute(hash)).toMatchObject({ view, id }));
});
