import { ACTIONS_TOPIC, ALERTS_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { NOW, transitionOf } from '../testing.ts';
import { serve } from './testing.ts';

const matchers = [{ name: 'port', op: '=', values: ['CNSHA'] }];
const wish = { matchers, by: 'ann', note: 'crane works', minutes: 60 };
const UNTIL = NOW + 3_600_000;

test('a silence is made, seen, and taken back', async () => {
  const { ask, say, appended } = await serve({ isEchoing: true });
  say(ALERTS_TOPIC, transitionOf());
  const made = await ask('POST', '/api/v1/silences', wish);
  expect(made.statusCode).toBe(202);
  const { action } = made.json();
  expect(action).toMatchObject({ kind: 'silence', matchers, by: 'ann', from_ms: NOW, until_ms: UNTIL });
  expect(appended).toMatchObject([{ topic: ACTIONS_TOPIC, key: action.id }]);
  const all = async () => (await ask('GET', '/api/v1/silences')).json().silences;
  expect(await all()).toEqual([{ ...action, is_active: true, matching: 1 }]);
  const [alert] = (await ask('GET', '/api/v1/alerts')).json().alerts;
  expect(alert).toMatchObject({ silenced_until_ms: UNTIL, silenced_by: action.id });
  expect((await ask('DELETE', `/api/v1/silences/${action.id}?by=bob`)).json().action).toMatchObject({ by: 'bob' });
  expect(await all()).toEqual([]);
  expect((await ask('DELETE', `/api/v1/silences/${action.id}`)).statusCode).toBe(404);
});

test('one that is over is listed and holds nothing', async () => {
  const { ask, say } = await serve();
  const over = {
    kind: 'silence',
    id: 's',
    matchers,
    by: 'ann',
    note: '',
    at_ms: NOW - 9,
    from_ms: NOW - 9,
    until_ms: NOW,
  };
  say(ACTIONS_TOPIC, over);
  expect((await ask('GET', '/api/v1/silences')).json().silences).toEqual([{ ...over, is_active: false, matching: 0 }]);
});

test('a preview shows the open alerts and makes nothing', async () => {
  const { ask, say, appended } = await serve();
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a2', port: 'CNNGB' }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a3', status: 'resolved' }));
  const { alerts } = (await ask('POST', '/api/v1/silences/preview', { matchers })).json();
  expect(alerts).toMatchObject([{ alert_id: 'a1' }]);
  expect(appended).toEqual([]);
});

test.each<[string, object]>([
  ['no value', { name: 'port', op: '=', values: [] }],
  ['an operator of another product', { name: 'port', op: '=~', values: ['CN.*'] }],
  ['a field that alerts do not have', { name: 'alertname', op: '=', values: ['x'] }],
  ['more than a matcher has', { ...matchers[0], is_regex: false }],
  ['a kind that is none', { name: 'kind', op: '=', values: ['drop', 'flood'] }],
  ['a terminal of nobody', { name: 'terminal', op: '!=', values: ['CNSGH:NONE'] }],
  ['a cluster of nobody', { name: 'cluster', op: '=', values: ['Yangtze'] }],
])('a matcher with %s is refused', async (_what, matcher) => {
  const { ask, appended } = await serve();
  for (const url of ['/api/v1/silences', '/api/v1/silences/preview']) {
    const payload = url.endsWith('preview') ? { matchers: [matcher] } : { ...wish, matchers: [matcher] };
    const answer = await ask('POST', url, payload);
    expect([answer.statusCode, answer.json().error.message]).toEqual([400, expect.stringContaining('matchers.0')]);
  }
  expect(appended).toEqual([]);
});
