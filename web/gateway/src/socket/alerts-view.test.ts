import { DEFAULT_RULE_SET, type FrameBody, type NotificationRecord, type RuleSet } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createAlertLog, putAction, putTransition } from '../state/alert-log.ts';
import { createNotificationLog, notificationsMax, putNotification } from '../state/notification-log.ts';
import { createRulesLog, putRuleSet } from '../state/rules-log.ts';
import { HOUR, NOW, transitionOf } from '../testing.ts';
import { alertsView } from './alerts-view.ts';

const ruleSet: RuleSet = { ...DEFAULT_RULE_SET, version: 1, effective_from_ms: NOW + HOUR };
const attempt: NotificationRecord = {
  kind: 'attempt',
  ...{ id: 'd1', receiver: 'ops', attempt: 1, outcome: 'delivered', status: 200, detail: '', at_ms: NOW, took_ms: 9 },
};

function house() {
  const log = createAlertLog('live');
  const desk = { rules: createRulesLog(), notifications: createNotificationLog(), nowMs: () => NOW };
  const view = alertsView(log, desk, { asOfMs: () => NOW, watermarkMs: () => NOW });
  const put = {
    transition: () => putTransition(log, transitionOf(), log.alertsPosition + 1),
    acknowledge: () =>
      putAction(
        log,
        { kind: 'acknowledge', id: 'k', alert_id: 'a1', by: 'ann', note: '', at_ms: NOW },
        log.actionsPosition + 1,
      ),
    silence: (untilMs: number) =>
      putAction(
        log,
        {
          ...{
            kind: 'silence',
            id: `until ${untilMs}`,
            by: 'ann',
            note: '',
            at_ms: NOW,
            from_ms: NOW,
            until_ms: untilMs,
          },
          matchers: [{ name: 'port', op: '=', values: ['CNSHA'] }],
        },
        log.actionsPosition + 1,
      ),
    rules: () => putRuleSet(desk.rules, ruleSet, desk.rules.position + 1),
    notification: () => putNotification(desk.notifications, attempt, desk.notifications.position + 1),
  };
  const bodyOf = (text: string | undefined): FrameBody => JSON.parse(`{${text}}`);
  return {
    view,
    put,
    desk,
    log,
    snapshot: () => bodyOf(view.snapshot()),
    since: (at: string) => bodyOf(view.since(at)),
  };
}

test('a snapshot has what is open, in force and newest', () => {
  const { put, snapshot } = house();
  put.transition();
  put.silence(NOW + HOUR);
  put.silence(NOW);
  put.rules();
  for (let i = 0; i < 250; i++) put.notification();
  const body = snapshot();
  expect(body.alerts).toMatchObject([{ alert_id: 'a1', silenced_by: `until ${NOW + HOUR}` }]);
  expect(body.actions?.map(({ id }) => id)).toEqual([`until ${NOW + HOUR}`]);
  expect(body.rules?.map(({ version }) => version)).toEqual([0, 1]);
  expect(body.notifications).toHaveLength(200);
  expect(body.transitions).toBeUndefined();
});

test.each<[keyof ReturnType<typeof house>['put'], object]>([
  ['acknowledge', { alerts: [{ acknowledged: { by: 'ann' } }], actions: [{ kind: 'acknowledge' }] }],
  ['silence', { alerts: [{ silenced_until_ms: NOW + HOUR }], actions: [{ kind: 'silence' }] }],
  ['rules', { rules: [{ version: 0 }, { version: 1 }] }],
  ['notification', { notifications: [attempt] }],
])('a frame after %s has it and nothing else, and then it is said', (name, expected) => {
  const { view, put, since } = house();
  put.transition();
  const before = view.cursor();
  put[name](NOW + HOUR);
  expect(view.cursor()).not.toBe(before);
  expect(view.canResume(before)).toBe(true);
  const body = since(before);
  expect(body).toMatchObject(expected);
  expect(Object.keys(body).toSorted()).toEqual(Object.keys(expected).toSorted());
  expect(view.since(view.cursor())).toBe('');
});

test('who comes back gets all that was missed, in order', () => {
  const { view, put, since } = house();
  const before = view.cursor();
  put.transition();
  put.acknowledge();
  put.silence(NOW + HOUR);
  put.rules();
  put.notification();
  put.notification();
  const body = since(before);
  expect(body.transitions).toHaveLength(1);
  expect(body.actions?.map(({ kind }) => kind)).toEqual(['acknowledge', 'silence']);
  expect(body.notifications).toHaveLength(2);
  expect(body.rules).toHaveLength(2);
});

test('an alert that moves takes what people did with it: its silence, and its acknowledgement’s end', () => {
  const { view, put, log, since } = house();
  put.transition();
  put.acknowledge();
  put.silence(NOW + HOUR);
  const before = view.cursor();
  putTransition(log, transitionOf({ alert_id: 'a2' }), log.alertsPosition + 1);
  putTransition(log, transitionOf({ transition: 1, status: 'resolved' }), log.alertsPosition + 1);
  expect(since(before).alerts).toMatchObject([
    { alert_id: 'a2', silenced_by: `until ${NOW + HOUR}` },
    { alert_id: 'a1', status: 'resolved', acknowledged: null },
  ]);
});

test.each([
  ['of another contract', '0.0'],
  ['far ahead in the notifications', '0.0.0.zzz'],
  ['rubbish', 'a b'],
])('a cursor %s cannot be resumed', (_what, cursor) => expect(house().view.canResume(cursor)).toBe(false));

test.each(['alerts', 'actions', 'notifications'])('a cursor before what is kept of %s cannot be resumed', (which) => {
  const { view, desk, log } = house();
  const cursor = view.cursor();
  if (which === 'alerts') log.oldestPosition = 5;
  if (which === 'actions') log.oldestActionsPosition = 5;
  if (which === 'notifications')
    for (let i = 0; i <= notificationsMax + 500; i++) putNotification(desk.notifications, attempt, i + 1);
  expect(view.canResume(cursor)).toBe(false);
  expect(view.since(cursor)).toBeUndefined();
});

test('a played run has alerts alone', () => {
  const log = createAlertLog('replay-1');
  putTransition(log, transitionOf({ run: 'replay-1' }), 1);
  const view = alertsView(log, undefined, { asOfMs: () => NOW, watermarkMs: () => NOW });
  expect(Object.keys(JSON.parse(`{${view.snapshot()}}`))).toEqual(['alerts']);
});
