import type { Action, Matcher, Severity } from '@quaywatch/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, NOW, transitionOf } from '../testing.ts';
import {
  type AlertLog,
  actedAfter,
  actionsAfter,
  alertsOf,
  createAlertLog,
  openMatching,
  putAction,
  putTransition,
  silencesInForce,
} from './alert-log.ts';

const said = { by: 'ann', at_ms: NOW };
const acknowledge: Action = { kind: 'acknowledge', id: 'k', alert_id: 'a1', note: 'on it', ...said };
const acknowledgeAt = (severity: Severity): Action => ({ ...acknowledge, id: `k-${severity}`, severity });
const note: Action = { kind: 'note', id: 'n', alert_id: 'a1', note: 'crane 4', ...said };
const silenceOf = (id: string, untilMs: number, ...matchers: Matcher[]): Action => ({
  kind: 'silence',
  ...{ id, matchers, by: 'ann', note: '', at_ms: NOW, from_ms: NOW, until_ms: untilMs },
});
const shanghai: Matcher = { name: 'port', op: '=', values: ['CNSHA'] };
const notStall: Matcher = { name: 'kind', op: '!=', values: ['stall'] };
const sect: Matcher = { name: 'terminal', op: '=', values: ['CNSGH:SECT'] };
const unsilence: Action = { kind: 'unsilence', id: 'u', silence_id: 's1', by: 'ann', at_ms: NOW };

const firing = transitionOf();
const worse = transitionOf({ transition: 1, severity: 'critical', known_at_ms: NOW + 1 });
const pending = transitionOf({ status: 'pending', severity: 'info', known_at_ms: NOW - HOUR });
const fires = transitionOf({ transition: 1, known_at_ms: NOW + 1 });
const resolved = transitionOf({ transition: 1, status: 'resolved', at_ms: NOW + HOUR, known_at_ms: NOW + HOUR });

function told(...said: readonly (Action | typeof firing)[]): AlertLog {
  const log = createAlertLog('live');
  for (const one of said)
    if ('alert_id' in one && 'transition' in one) putTransition(log, one, log.alertsPosition + 1);
    else putAction(log, one as Action, log.actionsPosition + 1);
  return log;
}

const seenBy = { by: 'ann', note: 'on it', at_ms: NOW };

test.each<[string, readonly (Action | typeof firing)[], object]>([
  [
    'an acknowledgement and a note',
    [firing, acknowledge, note],
    { acknowledged: seenBy, notes: [{ note: 'crane 4' }] },
  ],
  ['read before the alert', [acknowledge, note, firing], { acknowledged: seenBy, notes: [{ note: 'crane 4' }] }],
  [
    'resolution clears the one, keeps the other',
    [firing, acknowledge, note, resolved],
    { acknowledged: null, notes: [{}] },
  ],
  [
    'an acknowledgement of what has become more severe',
    [firing, acknowledgeAt('warning'), worse],
    { acknowledged: null },
  ],
  ['the same, read the other way round', [firing, worse, acknowledgeAt('warning')], { acknowledged: null }],
  [
    'an acknowledgement of what is as severe as it was',
    [firing, acknowledgeAt('warning'), worse, acknowledgeAt('critical')],
    { acknowledged: { by: 'ann', severity: 'critical' } },
  ],
  ['an acknowledgement of before, that says no severity', [firing, acknowledge], { acknowledged: seenBy }],
  ['the same, of what has risen since', [firing, acknowledge, worse], { acknowledged: null }],
  ['the same, read the other way round', [firing, worse, acknowledge], { acknowledged: null }],
  [
    'one of before that came after the rise',
    [firing, worse, { ...acknowledge, at_ms: NOW + 1 }],
    { acknowledged: { ...seenBy, at_ms: NOW + 1 } },
  ],
  ['one of before, of what fired for the first time since', [pending, acknowledge, fires], { acknowledged: seenBy }],
  ['an acknowledgement read after the resolution', [firing, resolved, acknowledge], { acknowledged: null }],
  ['a silence of its port', [firing, silenceOf('s1', NOW + HOUR, shanghai)], { silenced_by: 's1' }],
  ['a silence that was there before', [silenceOf('s1', NOW + HOUR, sect), firing], { silenced_until_ms: NOW + HOUR }],
  [
    'the furthest of two',
    [firing, silenceOf('s1', NOW + 2, shanghai), silenceOf('s2', NOW + 9, notStall)],
    { silenced_by: 's2' },
  ],
  [
    'all matchers must hold',
    [firing, silenceOf('s1', NOW + 2, shanghai, { ...notStall, op: '=' })],
    { silenced_by: '' },
  ],
  [
    'a silence taken back',
    [firing, silenceOf('s1', NOW + HOUR, shanghai), unsilence],
    { silenced_until_ms: null, silenced_by: '' },
  ],
  ['a silence of what is over', [firing, silenceOf('s1', NOW + 9 * HOUR, shanghai), resolved], { silenced_by: '' }],
  ['a silence that had ended', [silenceOf('s1', NOW - 1, shanghai), firing], { silenced_until_ms: null }],
])('%s', (_what, happenings, expected) => expect(alertsOf(told(...happenings), 9)).toMatchObject([expected]));

test('whichever topic is read first, the alert ends the same', () => {
  const actions = [acknowledgeAt('warning'), silenceOf('s1', NOW + 3 * HOUR, shanghai), note, unsilence];
  const transitions = [firing, transitionOf({ transition: 1, severity: 'critical' })];
  const inTurns = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(inTurns, fc.boolean(), (turns, isOver) => {
      const all = isOver ? [...transitions, { ...resolved, transition: 2 }] : transitions;
      const [toDo, toTell] = [[...actions], [...all]];
      const mixed = turns.flatMap((isAction) => (isAction ? toDo.shift() : toTell.shift()) ?? []);
      const log = told(...mixed, ...toDo, ...toTell);
      expect(alertsOf(log, 9)).toEqual(alertsOf(told(...actions, ...all), 9));
    }),
    process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) },
  );
});

test('what people did is told in order, once, with the alerts that it changed', () => {
  const log = told(firing, acknowledge, transitionOf({ alert_id: 'a2', port: 'CNNGB', terminals: [] }));
  putAction(log, note, 2);
  putAction(log, note, 2);
  expect(actionsAfter(log, 1)).toEqual([note]);
  expect(actedAfter(log, 1)).toMatchObject([{ alert_id: 'a1', notes: [{ note: 'crane 4' }] }]);
  expect(actedAfter(log, 2)).toEqual([]);
});

test('a silence is in force from its beginning to its end', () => {
  const log = told(silenceOf('s1', NOW + HOUR, shanghai));
  expect([NOW - 1, NOW, NOW + HOUR].map((at) => silencesInForce(log, at).length)).toEqual([0, 1, 0]);
});

test('a preview is of open alerts alone', () => {
  const log = told(firing, { ...resolved, alert_id: 'a3' }, transitionOf({ alert_id: 'a2', kind: 'stall' }));
  expect(openMatching(log, [shanghai, notStall]).map(({ alert_id }) => alert_id)).toEqual(['a1']);
});

test('at their limits the oldest go: closed alerts to storage, actions to a snapshot', () => {
  const log = createAlertLog('live');
  for (let i = 1; i <= 2_100; i++) putTransition(log, transitionOf({ alert_id: `c${i}`, status: 'resolved' }), i);
  expect([log.alerts.size, log.forgotten, log.alerts.has('c1')]).toEqual([2_000, 100, false]);
  for (let i = 1; i <= 5_600; i++) putAction(log, { ...note, id: `n${i}` }, i);
  expect(actionsAfter(log, 1)).toBeUndefined();
  expect(actionsAfter(log, 5_599)).toHaveLength(1);
});
