import type { Action, AlertTransition, Matcher, Severity } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { webhookBody } from '../adapters/receivers/webhook.ts';
import { decide } from './decide.ts';
import { isFlapping } from './holding.ts';
import { forget, forgetAfterMs, groupKey, putRecord, putTransition } from './knowledge.ts';
import { messageOf } from './message.ts';
import {
  know,
  lines,
  live,
  minute,
  rootRoute,
  type Said,
  second,
  settle,
  setupOf,
  start,
  transition,
} from './testing.ts';

const at = (seconds: number): number => start + seconds * second;
const says = (
  seconds: number,
  id: string,
  number: number,
  status: AlertTransition['status'],
  more: Partial<AlertTransition> = {},
): Said => ({ at: at(seconds), transition: transition(id, number, status, at(seconds), more) });
const does = (seconds: number, action: Action): Said => ({ at: at(seconds), action });
const is = (name: Matcher['name'], ...values: string[]): Matcher => ({ name, op: '=', values });
const silence = (seconds: number, id: string, untilS: number, matchers = [is('port', 'CNSHA')]): Said =>
  does(seconds, {
    kind: 'silence',
    id,
    matchers,
    by: 'li',
    note: '',
    at_ms: at(seconds),
    from_ms: at(seconds),
    until_ms: at(untilS),
  });
const acknowledge = (seconds: number, id: string, severity: Severity = 'warning'): Said => {
  const said = { id: `ack-${seconds}`, alert_id: id, by: 'li', note: '', at_ms: at(seconds) };
  return does(seconds, { kind: 'acknowledge', ...said, severity });
};
/** As records were before they said the severity. */
const acknowledgePlain = (seconds: number, id: string): Said =>
  does(seconds, { kind: 'acknowledge', id: `ack-${seconds}`, alert_id: id, by: 'li', note: '', at_ms: at(seconds) });
const routed = (more: Parameters<typeof rootRoute>[0]): Said => ({
  at: start,
  version: 1,
  routing: { route: rootRoute(more) },
});

type Story = readonly [what: string, log: readonly Said[], minutes: number, expected: readonly string[]];
const day = 24 * 60;

const stories: readonly Story[] = [
  ['pending tells nobody', [says(0, 'a', 0, 'pending')], 60, []],
  [
    'firing is told after group_wait; recovering is no news, the end is',
    [
      says(0, 'a', 0, 'pending'),
      says(5, 'a', 1, 'firing'),
      says(400, 'a', 2, 'recovering'),
      says(1_000, 'a', 3, 'resolved'),
    ],
    60,
    ['+40 page new a/1/page', '+1030 page resolved a/3/page'],
  ],
  [
    'what joins a group waits for group_interval',
    [says(0, 'a', 0, 'firing'), says(60, 'b', 0, 'firing'), says(60, 'c', 0, 'firing', { port: 'CNNGB' })],
    60,
    ['+30 page new a/0/page', '+90 page new c/0/page', '+330 page new b/0/page'],
  ],
  [
    'alerts that come together are told together, worst first',
    [says(0, 'a', 0, 'firing'), says(20, 'b', 0, 'firing', { severity: 'critical' })],
    10,
    ['+30 page new b/0/page a/0/page'],
  ],
  [
    'a rise in severity is told, a fall and the way back are not',
    [
      says(0, 'a', 0, 'firing'),
      says(600, 'a', 1, 'firing', { severity: 'critical' }),
      says(1_200, 'a', 2, 'firing'),
      says(1_800, 'a', 3, 'firing', { severity: 'critical' }),
    ],
    60,
    ['+30 page new a/0/page', '+630 page changed a/1/page'],
  ],
  [
    'over before anybody was told: nobody is told',
    [says(0, 'a', 0, 'firing'), says(10, 'a', 1, 'resolved')],
    60,
    ['+10 held superseded by a/1/page a/0/page'],
  ],
  [
    'what still fires is repeated every repeat_interval, the group as one',
    [says(0, 'a', 0, 'firing'), says(600, 'b', 0, 'firing')],
    9 * 60,
    [
      '+30 page new a/0/page',
      '+630 page new b/0/page',
      '+14430 page repeat a/0/page#repeat-1 b/0/page#repeat-1',
      '+28830 page repeat a/0/page#repeat-2 b/0/page#repeat-2',
    ],
  ],
  [
    'an acknowledgement stops repeats until the alert gets worse',
    [says(0, 'a', 0, 'firing'), acknowledge(60, 'a'), says(20_000, 'a', 1, 'firing', { severity: 'critical' })],
    10 * 60,
    ['+30 page new a/0/page', '+20030 page changed a/1/page', '+34430 page repeat a/1/page#repeat-1'],
  ],
  [
    'an acknowledgement is of the severity that its giver saw, whenever it and the rise arrive',
    [
      says(0, 'a', 0, 'firing'),
      says(600, 'a', 1, 'firing', { severity: 'critical' }),
      acknowledge(700, 'a', 'warning'),
      acknowledge(20_000, 'a', 'critical'),
    ],
    10 * 60,
    ['+30 page new a/0/page', '+630 page changed a/1/page', '+15030 page repeat a/1/page#repeat-1'],
  ],
  [
    'an acknowledgement of before, that says no severity, is ended by a rise that came after it and by none that came before',
    [
      says(0, 'a', 0, 'firing'),
      acknowledgePlain(60, 'a'),
      says(600, 'a', 1, 'firing', { severity: 'critical' }),
      acknowledgePlain(20_000, 'a'),
    ],
    10 * 60,
    ['+30 page new a/0/page', '+630 page changed a/1/page', '+15030 page repeat a/1/page#repeat-1'],
  ],
  [
    'a silence holds back; when it is over and the alert fires on, that is a new decision',
    [silence(0, 's1', 3_600), says(10, 'a', 0, 'firing')],
    90,
    ['+40 held silenced by s1 a/0/page', '+3600 page new a/0/page#after-s1'],
  ],
  [
    'a silence that is taken back releases at once, and once',
    [
      silence(0, 's1', 36_000),
      says(10, 'a', 0, 'firing'),
      does(600, { kind: 'unsilence', id: 'u', silence_id: 's1', by: 'li', at_ms: at(600) }),
    ],
    90,
    ['+40 held silenced by s1 a/0/page', '+600 page new a/0/page#after-s1'],
  ],
  [
    'a silence that outlives the alert: nobody is told of either',
    [silence(0, 's1', 36_000), says(10, 'a', 0, 'firing'), says(600, 'a', 1, 'resolved')],
    day,
    ['+40 held silenced by s1 a/0/page'],
  ],
  [
    'a silence stops repeats, not the end for who keeps an incident open',
    [says(0, 'a', 0, 'firing'), silence(60, 's1', 80_000), says(50_000, 'a', 1, 'resolved')],
    day,
    ['+30 page new a/0/page', '+50030 page resolved a/1/page'],
  ],
  [
    'silence of feeds inhibits the drop of the port that it explains, and releases it when the feed is back',
    [
      says(0, 'f', 0, 'firing', { kind: 'feed_silent' }),
      says(5, 'a', 0, 'firing'),
      says(7, 'n', 0, 'firing', { port: 'CNNGB' }),
      says(1_000, 'f', 1, 'resolved', { kind: 'feed_silent' }),
    ],
    60,
    [
      '+30 held inhibited by f a/0/page',
      '+30 page new f/0/page',
      '+40 page new n/0/page',
      '+1000 page new a/0/page#after-f',
      '+1000 page resolved f/1/page',
    ],
  ],
  [
    'a national drop inhibits warnings of ports, not what is critical',
    [
      says(0, 'n', 0, 'firing', { level: 'nation', port: '', cluster: '' }),
      says(1, 'a', 0, 'firing'),
      says(2, 'b', 0, 'firing', { port: 'CNNGB', severity: 'critical' }),
    ],
    30,
    ['+30 page new n/0/page', '+40 held inhibited by n a/0/page', '+40 page new b/0/page'],
  ],
  [
    'routes: the first that matches, further ones after continue, receivers are inherited',
    [
      routed({
        receiver: 'page',
        routes: [
          rootRoute({ receiver: 'ops', matchers: [is('severity', 'critical')], continue: true }),
          rootRoute({ receiver: '', matchers: [is('kind', 'drop')] }),
          rootRoute({ receiver: 'never', matchers: [] }),
        ],
      }),
      says(0, 'a', 0, 'firing', { severity: 'critical' }),
    ],
    10,
    ['+30 ops new a/0/ops', '+30 page new a/0/page'],
  ],
  [
    'escalation: further receivers in turn while nobody acknowledges, and they hear of the end',
    [
      routed({
        escalate: [
          { after_s: 300, receiver: 'duty' },
          { after_s: 900, receiver: 'boss' },
        ],
      }),
      says(0, 'a', 0, 'firing'),
      acknowledge(600, 'a'),
      says(5_000, 'a', 1, 'resolved'),
    ],
    120,
    [
      '+30 page new a/0/page',
      '+330 duty escalation a/0/duty#escalation-1',
      '+5030 page resolved a/1/page',
      '+5030 duty resolved a/1/duty',
    ],
  ],
  [
    'a mute calendar holds its route back, and what still fires afterwards is told',
    [
      {
        at: start,
        version: 1,
        routing: {
          route: rootRoute({ mute_calendars: ['spring'] }),
          mute_calendars: [{ name: 'spring', intervals: [{ from_ms: start, to_ms: at(3_600), summary: '' }] }],
        },
      },
      says(0, 'a', 0, 'firing'),
    ],
    120,
    ['+30 held muted by spring a/0/page', '+3600 page new a/0/page#after-spring'],
  ],
  [
    'flapping: the first steps one by one, then digests',
    [0, 600, 1_200, 1_800, 2_400].flatMap((seconds, i) => [
      says(seconds, `a${i}`, 0, 'firing'),
      says(seconds + 310, `a${i}`, 1, 'resolved'),
    ]),
    120,
    [
      '+30 page new a0/0/page',
      '+340 page resolved a0/1/page',
      '+640 page new a1/0/page',
      '+940 page resolved a1/1/page',
      '+1240 held flapping by drop:port:yangtze:CNSHA a2/0/page',
      '+1240 page digest a2/0/page#digest',
      '+1540 held flapping by drop:port:yangtze:CNSHA a2/1/page',
      '+1830 held flapping by drop:port:yangtze:CNSHA a3/0/page',
      '+2430 held flapping by drop:port:yangtze:CNSHA a4/0/page',
      '+4840 page digest a2/1/page#digest a3/0/page#digest a3/1/page a4/0/page#digest a4/1/page',
    ],
  ],
  [
    'a test is sent once for each time that it was asked for',
    [
      does(0, { kind: 'test_receiver', id: 't1', receiver: 'page', by: 'li', at_ms: at(0) }),
      does(60, { kind: 'test_receiver', id: 't2', receiver: 'ops', by: 'li', at_ms: at(60) }),
    ],
    60,
    ['+0 page test', '+60 ops test'],
  ],
  [
    'a test that was asked for while the notifier was away is forgotten',
    [does(-1_000, { kind: 'test_receiver', id: 't', receiver: 'page', by: 'li', at_ms: at(-1_000) })],
    60,
    [],
  ],
  [
    'a repeat too keeps group_interval',
    [routed({ repeat_interval_s: 600 }), says(0, 'a', 0, 'firing'), says(590, 'b', 0, 'firing')],
    17,
    ['+30 page new a/0/page', '+620 page new b/0/page', '+920 page repeat a/0/page#repeat-1 b/0/page#repeat-1'],
  ],
  [
    'alerts that would inhibit each other, or themselves, are told',
    [
      {
        at: start,
        version: 1,
        routing: { inhibitions: [{ source: [is('kind', 'drop')], target: [is('kind', 'drop')], equal: ['port'] }] },
      },
      says(0, 'a', 0, 'firing'),
      says(0, 'b', 0, 'firing'),
    ],
    10,
    ['+30 page new a/0/page b/0/page'],
  ],
  [
    'a silence that begins tomorrow silences nothing today',
    [
      does(0, {
        kind: 'silence',
        id: 's',
        matchers: [is('port', 'CNSHA')],
        by: 'li',
        note: '',
        at_ms: start,
        from_ms: at(80_000),
        until_ms: at(90_000),
      }),
      says(0, 'a', 0, 'firing'),
    ],
    10,
    ['+30 page new a/0/page'],
  ],
  [
    'transitions of replays concern nobody',
    [{ at: start, transition: { ...transition('a', 0, 'firing', start), run: 'replay-1' } }],
    60,
    [],
  ],
];

test.each(stories)('%s', (_what, log, minutes, expected) => {
  expect(lines(live(log, { untilMs: start + minutes * minute }))).toEqual(expected);
});

test('what was over before the notifier first ran is history; what still fires then is told, what ends while it is away too', () => {
  const log: readonly Said[] = [
    says(-5_000, 'old', 0, 'firing'),
    says(-4_000, 'old', 1, 'resolved'),
    says(-3_000, 'on', 0, 'firing', { port: 'CNNGB' }),
    says(9_000, 'on', 1, 'resolved', { port: 'CNNGB' }),
    says(9_500, 'new', 0, 'firing'),
  ];
  const records = live(log, { untilMs: at(60) });
  expect(lines(records)).toEqual(['+0 page new on/0/page']);
  settle(log, records, setupOf(), at(20_000));
  expect(lines(records).slice(1)).toEqual(['+20000 page resolved on/1/page', '+20000 page new new/0/page']);
});

test('the watchdog is sent while the log moves on, and to nobody when it does not', () => {
  const setup = { ...setupOf(), watchdog: { receiver: 'page', everyMs: minute } };
  expect(live([], { setup, untilMs: at(200) }).flatMap((one) => (one.kind === 'decision' ? [one.id] : []))).toEqual([
    `watchdog/page/${at(0)}`,
    `watchdog/page/${at(60)}`,
    `watchdog/page/${at(120)}`,
    `watchdog/page/${at(180)}`,
  ]);
  expect(live([], { setup: { ...setup, isPipelineAlive: false }, untilMs: at(200) })).toHaveLength(1);
});

test('PagerDuty is told of an acknowledgement, others are not', () => {
  const log = [routed({ receiver: 'pd', continue: false }), says(0, 'a', 0, 'firing'), acknowledge(100, 'a')];
  const setup = setupOf({ pd: 'pagerduty' });
  expect(lines(live(log, { setup, untilMs: at(400) }))).toEqual([
    '+30 pd new a/0/pd',
    '+100 pd changed a/0/pd#acknowledged-ack-100',
  ]);
});

test('people hear of no end during a silence; what keeps an incident open does', () => {
  const log = (receiver: string) => [
    routed({ receiver }),
    says(0, 'a', 0, 'firing'),
    silence(60, 's', 50_000),
    says(900, 'a', 1, 'resolved'),
  ];
  const setup = setupOf({ chat: 'dingtalk', hook: 'webhook' });
  const end = (receiver: string) => lines(live(log(receiver), { setup, untilMs: at(2_000) })).at(-1);
  expect(end('chat')).toBe('+930 held silenced by s a/1/chat');
  expect(end('hook')).toBe('+930 hook resolved a/1/hook');
});

test('of two decisions on one key the first in the log counts, and only its delivery is owed', () => {
  const log = [says(0, 'a', 0, 'firing'), says(1, 'b', 0, 'firing')];
  const knowledge = know(log, [{ kind: 'receivers', receivers: [], at_ms: start }]);
  const [first] = decide(know(log.slice(0, 1), []), setupOf(), at(40));
  const [second] = decide(knowledge, setupOf(), at(41));
  if (first?.kind !== 'decision' || second?.kind !== 'decision') throw new Error('Both decide.');
  expect(second.items.map((item) => item.key)).toEqual(['a/0/page', 'b/0/page']);
  for (const record of [first, second, { ...first, decided_at_ms: at(42) }]) putRecord(knowledge, record);
  expect([...knowledge.outbox.values()].map(({ decision }) => decision.items.map((item) => item.key))).toEqual([
    ['a/0/page'],
    ['b/0/page'],
  ]);
  expect(knowledge.groups.has(groupKey('page', second.group))).toBe(true);
});

test('what comes later makes nothing flap that came before', () => {
  const log = [0, 60, 120].flatMap((seconds, i) => [
    says(seconds, `a${i}`, 0, 'firing'),
    says(seconds + 30, `a${i}`, 1, 'resolved'),
  ]);
  const knowledge = know(log, []);
  const [first] = knowledge.alerts.values();
  if (first === undefined) throw new Error('There is one.');
  expect([0, 90, 120, 150, 8_000].map((seconds) => isFlapping(knowledge, first, at(seconds)))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test('a test that two notifiers decided is sent once, delivered or not', () => {
  const decided = live([does(0, { kind: 'test_receiver', id: 't', receiver: 'page', by: 'li', at_ms: start })], {
    untilMs: at(20),
  }).filter((one) => one.kind === 'decision');
  const [record] = decided;
  if (record === undefined) throw new Error('It is decided.');
  const knowledge = know([], [record]);
  putRecord(knowledge, {
    kind: 'attempt',
    id: record.id,
    receiver: 'page',
    attempt: 1,
    outcome: 'delivered',
    status: null,
    detail: '',
    at_ms: start,
    took_ms: 0,
  });
  putRecord(knowledge, record);
  expect(knowledge.outbox.size).toBe(0);
});

test('resolved alerts are forgotten after 30 days, open ones are not, and what is forgotten does not come back', () => {
  const log = [
    says(0, 'open', 0, 'firing', { port: 'CNNGB' }),
    says(0, 'old', 0, 'firing'),
    says(60, 'old', 1, 'resolved'),
  ];
  const records = live(log, { untilMs: at(100), beganMs: start });
  const knowledge = know(log, records);
  forget(knowledge, start + forgetAfterMs);
  expect(knowledge.alerts.size).toBe(2);
  forget(knowledge, start + forgetAfterMs + 2 * minute);
  expect([...knowledge.alerts.keys()]).toEqual(['open']);
  expect([...knowledge.dealings.keys()]).toEqual(['open']);
  for (const one of log) if ('transition' in one) putTransition(knowledge, one.transition, one.at);
  for (const record of records) putRecord(knowledge, record);
  expect([...knowledge.alerts.keys()]).toEqual(['open']);
  expect([...knowledge.dealings.keys()]).toEqual(['open']);
});

test('a message says how things stood when it was decided, however often and late it is sent', () => {
  const log = [says(0, 'a', 0, 'firing'), says(20, 'a', 1, 'firing', { value: 1_500 }), says(600, 'a', 2, 'resolved')];
  // Written before the decision, and read after it.
  const unseen = says(25, 'a', 2, 'firing', { value: 1_200 });
  const records = live(log.slice(0, 2), { untilMs: at(60) });
  const decision = records.find((one) => one.kind === 'decision');
  if (decision === undefined) throw new Error('It is decided.');
  const saidAfter = (heard: readonly Said[]) => messageOf(know(heard, records), [decision])?.said[0]?.alert;
  for (const heard of [log.slice(0, 2), [...log.slice(0, 2), unseen], log])
    expect(saidAfter(heard)).toMatchObject({ transition: 1, value: 1_500, status: 'firing' });
});

test('what an alert was is kept for a day, and no more than 200 transitions of it', () => {
  const many = Array.from({ length: 300 }, (_, number) => says(number, 'a', number, 'firing'));
  const knowledge = know(many, []);
  expect(knowledge.alerts.get('a')?.past.length).toBe(200);
  forget(knowledge, start + 86_400_000 + 250 * second);
  expect(knowledge.alerts.get('a')?.past.length).toBe(49);
});

test('an alert that becomes another kind and another level while it lasts ends in the group, and under the labels, that it began with', () => {
  const log = [
    routed({ receiver: 'ops', group_by: ['kind', 'level', 'terminal', 'port'] }),
    says(0, 'a', 0, 'firing', { kind: 'surge' }),
    // Told of as this.
    says(20, 'a', 1, 'firing', { level: 'terminal' }),
    says(600, 'a', 2, 'firing', { kind: 'stall', level: 'port', terminals: ['A', 'B'], severity: 'critical' }),
    says(1_200, 'a', 3, 'resolved', { kind: 'stall', level: 'port', terminals: ['A', 'B'], severity: 'critical' }),
  ];
  const records = live(log, { setup: setupOf({ ops: 'webhook' }), untilMs: at(3_000) });
  const knowledge = know(log, records);
  const bodies = records.flatMap((record) => {
    const message = record.kind === 'decision' ? messageOf(knowledge, [record]) : undefined;
    return message === undefined ? [] : [webhookBody(message, 'ops', '')];
  });
  expect(bodies.map((body) => [body.reason, body.status])).toEqual([
    ['new', 'firing'],
    ['changed', 'firing'],
    ['resolved', 'resolved'],
  ]);
  const filed = bodies.map(({ groupKey, groupLabels, alerts }) => {
    const { severity: _, ...labels } = alerts[0]?.labels ?? {};
    return { groupKey, groupLabels, labels, fingerprint: alerts[0]?.fingerprint };
  });
  expect(filed[0]?.labels).toMatchObject({ alertname: 'drop', level: 'terminal', terminal: 'CNSGH:SGICT' });
  expect(filed).toEqual([filed[0], filed[0], filed[0]]);
  expect(bodies[2]?.alerts[0]?.annotations['terminals']).toBe('A,B');
});

test('it ends in that group, too, when the rules group otherwise meanwhile', () => {
  const log: Said[] = [
    routed({ group_by: ['port'] }),
    says(0, 'a', 0, 'firing'),
    { at: at(300), version: 2, routing: { route: rootRoute({ group_by: ['kind', 'severity'] }) } },
    says(1_200, 'a', 1, 'resolved', { kind: 'stall' }),
  ];
  const groups = live(log, { untilMs: at(3_000) }).flatMap((one) => (one.kind === 'decision' ? [one.group] : []));
  expect(groups).toEqual([{ port: 'CNSHA' }, { port: 'CNSHA' }]);
});
