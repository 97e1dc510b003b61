/** A client that leaves, lags and comes back ends with the state of one that never left, and has seen every alert once. */
import { type AlertTransition, DEFAULT_RULE_SET, type FrameBody, type ServerMessage } from '@quaywatch/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createViews } from '../channels.ts';
import { createAlertLog, putAction, putTransition } from '../state/alert-log.ts';
import { createNotificationLog, putNotification } from '../state/notification-log.ts';
import { createRulesLog, putRuleSet } from '../state/rules-log.ts';
import { HOUR, markOf, NOW, partitionOf, put, rowOf, stateWith, transitionOf } from '../testing.ts';
import { createHub, type HubClient } from './hub.ts';

const PORTS_USED = [
  ['CNRZH', 'CNRZH:XXXXX'],
  ['CNDLC', 'CNDAL:DPCT'],
  ['CNYIK', 'CNYIK:BQCT'],
] as const;

type Seen = {
  ports: Map<string, unknown>;
  windows: Map<string, unknown>;
  nation: unknown;
  transitions: string[];
  /** Ids, in the order in which they came: of actions and of notifications. */
  said: string[];
  alerts: Map<string, unknown>;
  rules: unknown;
  cursor: string;
  epoch: string;
  gaps: number;
  snapshots: number;
};

const blank = (): Seen => ({
  ports: new Map(),
  windows: new Map(),
  nation: null,
  transitions: [],
  said: [],
  alerts: new Map(),
  rules: null,
  cursor: '',
  epoch: '',
  gaps: 0,
  snapshots: 0,
});

function apply(seen: Seen, message: ServerMessage): void {
  if (message.t !== 'snapshot' && message.t !== 'frame') return;
  if (message.t === 'snapshot') {
    seen.ports.clear();
    seen.windows.clear();
    seen.snapshots += 1;
  } else if (message.prev !== seen.cursor || message.epoch !== seen.epoch) seen.gaps += 1;
  const body: FrameBody = message;
  for (const port of body.ports ?? []) seen.ports.set(port.port, port);
  for (const window of body.windows ?? []) seen.windows.set(`${window.port}/${window.start_ms}`, window);
  if (body.nation !== undefined) seen.nation = body.nation;
  for (const one of body.transitions ?? []) seen.transitions.push(`${one.alert_id}/${one.transition}`);
  for (const one of body.actions ?? []) seen.said.push(one.id);
  for (const one of body.notifications ?? []) if (one.kind === 'attempt') seen.said.push(one.id);
  // As a page does: a transition changes the figures, what people did comes as the whole alert.
  for (const one of body.alerts ?? []) seen.alerts.set(one.alert_id, [one.acknowledged, one.silenced_by]);
  if (body.rules !== undefined) seen.rules = body.rules;
  seen.cursor = message.seq;
  seen.epoch = message.epoch;
}

function numbered(id: number, transition: number): AlertTransition {
  const status = transition === 0 ? 'firing' : 'recovering';
  return transitionOf({ alert_id: `a${id}`, transition, status, port: 'CNRZH' });
}

function world() {
  const state = stateWith();
  const alerts = createAlertLog('live');
  const desk = { rules: createRulesLog(), notifications: createNotificationLog(), nowMs: () => NOW };
  const views = createViews({
    state,
    alerts,
    desk,
    start: { positions: new Float64Array(12) },
    health: () => ({ healthy: true, note: '' }),
  });
  const counters = { frames: () => {}, bytes: () => {}, conflated: () => {}, slowCloses: () => {}, cut: () => {} };
  const box = { epoch: 'e1' };
  const hub = createHub({ viewOf: views, epochOf: () => box.epoch, counters, later: (work) => work() });
  return { state, alerts, desk, hub, box };
}

/** A client whose sink can be stuck: what it is sent then counts as buffered bytes. */
function clientOf(seen: Seen) {
  const stuck = { bytes: 0 };
  const closed: number[] = [];
  const client: HubClient = {
    hasAcked: false,
    isClosed: false,
    sink: {
      send: (text) => apply(seen, JSON.parse(String(text))),
      bufferedBytes: () => stuck.bytes,
      close: (code) => closed.push(code),
    },
  };
  return { client, stuck, closed };
}

type Happening =
  | {
      readonly kind: 'row';
      readonly port: number;
      readonly window: number;
      readonly teu: number;
      readonly revision: number;
    }
  | { readonly kind: 'alert'; readonly id: number; readonly transition: number }
  | { readonly kind: 'acknowledge' | 'silence' | 'rules' | 'notification'; readonly id: number }
  | { readonly kind: 'leave' | 'return' | 'tick' | 'lag' | 'drain' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('row' as const),
      port: fc.nat(2),
      window: fc.nat(5),
      teu: fc.nat(999),
      revision: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('alert' as const), id: fc.nat(5), transition: fc.nat(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('acknowledge' as const, 'silence' as const, 'rules' as const, 'notification' as const),
      id: fc.nat(5),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'leave' as const,
        'return' as const,
        'tick' as const,
        'tick' as const,
        'lag' as const,
        'drain' as const,
      ),
    }),
  },
);

/** What people and the notifier do, each with the place in its log as its id. */
function putSaid(
  { kind, id }: { kind: string; id: number },
  alerts: ReturnType<typeof world>['alerts'],
  desk: ReturnType<typeof world>['desk'],
): void {
  const at = alerts.actionsPosition + 1;
  const said = { by: 'ann', note: '', at_ms: NOW };
  const matchers = [{ name: 'port' as const, op: '=' as const, values: ['CNRZH'] }];
  const span = { from_ms: NOW, until_ms: NOW + at };
  const attempt = { attempt: 1, outcome: 'delivered', status: 200, detail: '', at_ms: NOW, took_ms: 1 } as const;
  if (kind === 'acknowledge') putAction(alerts, { kind, id: `k${at}`, alert_id: `a${id}`, ...said }, at);
  else if (kind === 'silence') putAction(alerts, { kind, id: `k${at}`, matchers, ...span, ...said }, at);
  else if (kind === 'rules') putRuleSet(desk.rules, { ...DEFAULT_RULE_SET, version: id + 1 }, desk.rules.position + 1);
  else {
    const position = desk.notifications.position + 1;
    putNotification(desk.notifications, { kind: 'attempt', id: `n${position}`, receiver: 'ops', ...attempt }, position);
  }
}

function play(happenings: readonly Happening[]) {
  const { state, alerts, desk, hub } = world();
  const steady = [blank(), blank()] as const;
  const wavering = [blank(), blank()] as const;
  const channels = ['overview', 'alerts'] as const;
  const steadyClient = clientOf(blank());
  const subscribe = (all: readonly [Seen, Seen], resume: boolean) =>
    channels.map((channel, place) => {
      const seen = all[place] ?? blank();
      const one = clientOf(seen);
      const cursor = resume && seen.cursor !== '' && hub.canResume(channel, seen.cursor) ? seen.cursor : undefined;
      return { one, subscription: hub.subscribe(one.client, place, channel, cursor) };
    });
  subscribe(steady, false);
  let here = subscribe(wavering, false);
  let nowMs = 0;
  let version = 1;
  const tick = () => {
    nowMs += 250;
    hub.tick(nowMs);
  };
  tick();
  for (const one of happenings) {
    if (one.kind === 'row') {
      const [port, terminal] = PORTS_USED[one.port] ?? PORTS_USED[0];
      const start_ms = NOW - HOUR + one.window * 300_000;
      put(
        state,
        rowOf({
          port,
          terminal,
          size_s: 300,
          start_ms,
          revision: one.revision,
          version: version++,
          measures: { teu: one.teu, moves: 1 },
        }),
      );
    } else if (one.kind === 'alert') putTransition(alerts, numbered(one.id, one.transition), alerts.alertsPosition + 1);
    else if ('id' in one) putSaid(one, alerts, desk);
    else if (one.kind === 'leave') {
      for (const { subscription } of here) if (subscription !== undefined) hub.unsubscribe(subscription);
      here = [];
    } else if (one.kind === 'return' && here.length === 0) here = subscribe(wavering, true);
    else if (one.kind === 'lag' || one.kind === 'drain')
      for (const { one: client } of here) client.stuck.bytes = one.kind === 'lag' ? 100_000 : 0;
    else tick();
  }
  if (here.length === 0) here = subscribe(wavering, true);
  for (const { one } of here) one.stuck.bytes = 0;
  tick();
  tick();
  expect(steadyClient.closed).toEqual([]);
  return { steady, wavering };
}

test('who leaves, lags and comes back ends where who stayed is', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const { steady, wavering } = play(happenings);
      for (const place of [0, 1] as const) {
        expect(wavering[place].ports).toEqual(steady[place].ports);
        expect(wavering[place].windows).toEqual(steady[place].windows);
        expect(wavering[place].nation).toEqual(steady[place].nation);
        expect(wavering[place].transitions).toEqual(steady[place].transitions);
        expect(wavering[place].said.toSorted()).toEqual(steady[place].said.toSorted());
        expect(new Set(wavering[place].said).size).toBe(wavering[place].said.length);
        expect(wavering[place].alerts).toEqual(steady[place].alerts);
        expect(wavering[place].rules).toEqual(steady[place].rules);
        expect(wavering[place].gaps + steady[place].gaps).toBe(0);
        expect(wavering[place].snapshots).toBe(1);
      }
    }),
    { numRuns: 120, ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }) },
  );
}, 60_000);

test('a resumed client gets one merged frame with the newest of every key', () => {
  const { state, hub } = world();
  const seen = blank();
  const { client } = clientOf(seen);
  const first = hub.subscribe(client, 1, 'overview');
  hub.tick(0);
  if (first !== undefined) hub.unsubscribe(first);
  for (const teu of [100, 200, 300])
    put(
      state,
      rowOf({ size_s: 300, start_ms: NOW, provisional: true, known_at_ms: NOW + teu, measures: { teu, moves: 1 } }),
    );
  const frames: ServerMessage[] = [];
  const again: HubClient = {
    hasAcked: false,
    isClosed: false,
    sink: { send: (text) => frames.push(JSON.parse(String(text))), bufferedBytes: () => 0, close: () => {} },
  };
  hub.subscribe(again, 2, 'overview', seen.cursor);
  hub.tick(250);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ t: 'frame', prev: seen.cursor, windows: [{ port: 'CNRZH', teu: 3, open: true }] });
});

test('a new epoch gives everybody a snapshot', () => {
  const { hub, box } = world();
  const seen = blank();
  hub.subscribe(clientOf(seen).client, 1, 'overview');
  hub.tick(0);
  box.epoch = 'e2';
  hub.tick(250);
  expect(seen).toMatchObject({ snapshots: 2, epoch: 'e2', gaps: 0 });
});

test.each([
  ['older than the log', '0.0.0.0.0.0.0.0.0.0.0'],
  ['rubbish', 'x y'],
  ['of another log', Array(12).fill('zzzzz').join('.')],
])('a cursor that is %s cannot be resumed', (_what, cursor) =>
  expect(world().hub.canResume('overview', cursor)).toBe(false),
);

test('a cursor before a rebuild cannot be resumed', () => {
  const { state, hub } = world();
  const cursor = Array(12).fill('1').join('.');
  expect(hub.canResume('overview', cursor)).toBe(true);
  put(state, markOf(partitionOf('CNRZH'), { rebuilt: true }));
  expect(hub.canResume('overview', cursor)).toBe(false);
});

test.each([
  [0, 1],
  [100 * 1024, 2],
  [300 * 1024, 4],
])('with %d bytes waiting a client gets a frame every %d ticks', (bytes, ticks) => {
  const { state, hub } = world();
  const seen = blank();
  const { client, stuck } = clientOf(seen);
  hub.subscribe(client, 1, 'overview');
  hub.tick(0);
  stuck.bytes = bytes;
  const cursors = new Set<string>();
  for (let tick = 1; tick <= 8; tick++) {
    put(state, rowOf({ size_s: 300, start_ms: NOW, version: tick, revision: tick, measures: { teu: tick, moves: 1 } }));
    hub.tick(tick * 250);
    if (seen.cursor !== '') cursors.add(seen.cursor);
  }
  expect(cursors.size).toBeGreaterThanOrEqual(Math.floor(8 / ticks));
  expect(cursors.size).toBeLessThanOrEqual(Math.floor(8 / ticks) + 1);
  expect(seen.gaps).toBe(0);
});

test('a client that takes nothing is closed as slow', () => {
  const { state, hub } = world();
  const { client, stuck, closed } = clientOf(blank());
  hub.subscribe(client, 1, 'overview');
  hub.tick(0);
  stuck.bytes = 2 * 1024 * 1024;
  put(state, rowOf({}));
  hub.tick(250);
  expect(closed).toEqual([4008]);
});
