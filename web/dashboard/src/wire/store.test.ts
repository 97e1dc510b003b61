import type { AlertTransition, FrameHead, NotificationRecord, WindowPoint } from '@quaywatch/contracts';
import { describe, expect, it } from 'vitest';
import {
  addRecords,
  applyActions,
  applyTransition,
  boundAlerts,
  createWorld,
  resolvedMax,
  type Silence,
  upsertPoints,
} from './store.ts';

const point = (startMs: number, teu: number | null, more: Partial<WindowPoint> = {}): WindowPoint => ({
  port: 'CNSHA',
  terminal: '',
  size_s: 300,
  start_ms: startMs,
  teu,
  moves: 0,
  expected: null,
  band: null,
  last_year: null,
  revision: 0,
  completeness: 1,
  ...more,
});

const transition = (id: string, place: number, more: Partial<AlertTransition> = {}): AlertTransition => ({
  run: 'live',
  alert_id: id,
  transition: place,
  kind: 'drop',
  level: 'port',
  cluster: 'yangtze',
  measure: '',
  z: null,
  evidence: [],
  resolves: { within_pct: null, hold_min: 0 },
  severity: 'critical',
  status: 'firing',
  phase: 'closed',
  port: 'CNSHA',
  terminals: [],
  at_ms: place,
  since_ms: 0,
  known_at_ms: place,
  value: null,
  expected: null,
  band: null,
  deviation_pct: null,
  size_teu: null,
  regained_teu: null,
  window_s: 300,
  watermark_ms: 0,
  completeness: 1,
  rule: 'drop',
  rules_version: 1,
  contributors: [],
  reason: 'threshold_held',
  simulated: true,
  ...more,
});

const head = (channel: string): FrameHead => ({ channel, epoch: 'e', seq: '1', as_of_ms: 10, watermark_ms: 5 });

describe('upsertPoints', () => {
  it('replaces a window by its newer row and keeps the order', () => {
    const after = upsertPoints([point(0, 1), point(600, 3)], [point(300, 2), point(0, 9, { revision: 1, was: 1 })], 10);
    expect(after.map((entry) => [entry.start_ms, entry.teu])).toEqual([
      [0, 9],
      [300, 2],
      [600, 3],
    ]);
  });
  it('keeps null as null and zero as zero', () => {
    expect(upsertPoints([point(0, 0)], [point(300, null)], 10).map((entry) => entry.teu)).toEqual([0, null]);
  });
  it('drops the oldest beyond its limit', () => {
    expect(upsertPoints([point(0, 1), point(300, 2)], [point(600, 3)], 2).map((entry) => entry.start_ms)).toEqual([
      300, 600,
    ]);
  });
});

describe('alerts', () => {
  it('takes transitions once and in order', () => {
    const first = applyTransition(new Map(), transition('a', 1));
    const repeated = applyTransition(first, transition('a', 1, { status: 'resolved' }));
    expect(repeated.get('a')?.status).toBe('firing');
    expect(applyTransition(repeated, transition('a', 2, { status: 'resolved' })).get('a')?.status).toBe('resolved');
  });
  it('keeps what people did through a transition', () => {
    const world = createWorld();
    const acknowledged = { by: 'duty', note: '', at_ms: 1 };
    world.apply(
      head('alerts'),
      {
        alerts: [
          { ...transition('a', 1), first_at_ms: 0, acknowledged, notes: [], silenced_until_ms: null, silenced_by: '' },
        ],
      },
      true,
    );
    world.apply(head('alerts'), { transitions: [transition('a', 2, { phase: 'rebound' })] }, false);
    expect(world.alerts.peek().get('a')).toMatchObject({ phase: 'rebound', acknowledged });
    expect(
      world
        .life('a')
        .peek()
        .map((step) => step.transition),
    ).toEqual([2]);
  });
  it('forgets the oldest closed ones only', () => {
    const many = new Map(
      Array.from({ length: resolvedMax + 5 }, (_, index) => {
        const id = `a${index}`;
        const lasting = { first_at_ms: 0, acknowledged: null, notes: [], silenced_until_ms: null, silenced_by: '' };
        return [id, { ...transition(id, index, { status: index === 0 ? 'firing' : 'resolved' }), ...lasting }] as const;
      }),
    );
    const kept = boundAlerts(many);
    expect(kept.size).toBe(resolvedMax + 1);
    expect(kept.has('a0')).toBe(true);
    expect(kept.has('a1')).toBe(false);
  });
});

describe('what people did', () => {
  const silence = (id: string): Silence => ({
    kind: 'silence',
    id,
    matchers: [{ name: 'port', op: '=', values: ['CNSHA'] }],
    by: 'duty',
    note: '',
    at_ms: 1,
    from_ms: 1,
    until_ms: 100,
  });
  const decision = (id: string): NotificationRecord => ({
    kind: 'decision',
    id,
    receiver: 'page',
    reason: 'new',
    group: {},
    items: [],
    rules_version: 0,
    decided_at_ms: 1,
  });
  it('keeps silences until somebody ends them', () => {
    const world = createWorld();
    world.apply(head('alerts'), { actions: [silence('a'), silence('b')] }, true);
    world.apply(
      head('alerts'),
      { actions: [{ kind: 'unsilence', id: 'x', silence_id: 'a', by: 'y', at_ms: 2 }] },
      false,
    );
    expect([...world.silences.peek().keys()]).toEqual(['b']);
    expect([...applyActions(new Map(), [silence('c')]).keys()]).toEqual(['c']);
  });
  it('counts a record once, however often a snapshot repeats it', () => {
    expect(addRecords([decision('1')], [decision('1'), decision('2')]).length).toBe(2);
  });
  it('drops the acknowledgement with the alert', () => {
    const world = createWorld();
    const acknowledged = { by: 'duty', note: '', at_ms: 1 };
    const lasting = { first_at_ms: 0, acknowledged, notes: [], silenced_until_ms: null, silenced_by: '' };
    world.apply(head('alerts'), { alerts: [{ ...transition('a', 1), ...lasting }] }, true);
    world.apply(head('alerts'), { transitions: [transition('a', 2, { status: 'resolved' })] }, false);
    expect(world.alerts.peek().get('a')?.acknowledged).toBeNull();
  });
  it('shows no acknowledgement of what has become more severe than it was then', () => {
    const world = createWorld();
    const acknowledged = { by: 'duty', note: '', at_ms: 1, severity: 'warning' as const };
    const lasting = { first_at_ms: 0, acknowledged, notes: [], silenced_until_ms: null, silenced_by: '' };
    const shown = () => world.alerts.peek().get('a')?.acknowledged ?? null;
    world.apply(head('alerts'), { alerts: [{ ...transition('a', 1, { severity: 'warning' }), ...lasting }] }, true);
    world.apply(head('alerts'), { transitions: [transition('a', 2, { severity: 'warning' })] }, false);
    expect(shown()).toEqual(acknowledged);
    world.apply(head('alerts'), { transitions: [transition('a', 3, { severity: 'critical' })] }, false);
    expect(shown()).toBeNull();
  });
});

describe('world', () => {
  it('replaces terminals by a snapshot and merges them by a frame', () => {
    const world = createWorld();
    const terminal = (code: string, rate: number | null) => ({
      terminal: code,
      rate,
      expected: null,
      today: null,
      boxes_today: null,
      state: 'working' as const,
      state_since_ms: null,
      feed: 'live' as const,
      feed_age_s: 1,
    });
    world.apply(head('port:CNSHA'), { terminals: [terminal('A', 1), terminal('B', null)] }, true);
    world.apply(head('port:CNSHA'), { terminals: [terminal('A', 0)] }, false);
    expect([...world.terminals('CNSHA').peek().values()].map((entry) => entry.rate)).toEqual([0, null]);
    world.apply(head('port:CNSHA'), { terminals: [terminal('B', 2)] }, true);
    expect([...world.terminals('CNSHA').peek().keys()]).toEqual(['B']);
  });
  it('keeps calls of two terminals apart that have the same identity', () => {
    const world = createWorld();
    const call = (terminal: string, moves: number) => ({
      id: 'F1-41558',
      terminal,
      vessel: '',
      berth: 'F1',
      first_move_ms: 0,
      last_move_ms: 0,
      moves,
      mixed_trade: false,
    });
    world.apply(head('port:CNNGB'), { calls: [call('CNNBO:BLCT2', 1), call('CNNBO:BLGAN', 2)] }, true);
    world.apply(head('port:CNNGB'), { calls: [call('CNNBO:BLGAN', 3)] }, false);
    expect([...world.calls('CNNGB').peek().values()].map(({ moves }) => moves)).toEqual([1, 3]);
  });
  it('lets history fill holes but never overwrite what the socket brought', () => {
    const world = createWorld();
    world.apply(head('overview'), { windows: [point(300, 5)] }, true);
    world.putHistory([point(0, 1), point(300, 4)]);
    expect(
      world
        .series('CNSHA', '', 300)
        .peek()
        .map((entry) => entry.teu),
    ).toEqual([1, 5]);
  });
  it('begins anew when a player jumps', () => {
    const world = createWorld();
    world.apply(head('play/s/overview'), { windows: [point(600, 5)] }, true);
    world.apply(head('play/s/overview'), { windows: [point(0, 1)] }, true);
    expect(
      world
        .series('CNSHA', '', 300)
        .peek()
        .map((entry) => entry.start_ms),
    ).toEqual([0]);
  });
});
