import { ACTIONS_TOPIC, ALERTS_TOPIC, NOTIFICATIONS_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { NOW, transitionOf } from '../testing.ts';
import { serve } from './testing.ts';

const ops = { name: 'ops', type: 'webhook', target: 'https://ops.example' };
const receivers = { kind: 'receivers', receivers: [ops], at_ms: NOW };
const decision = (id: string, alertId: string) => ({
  kind: 'decision',
  ...{ id, receiver: 'ops', reason: 'new', group: {}, rules_version: 0, decided_at_ms: NOW },
  items: [{ key: `${alertId}/0/ops#${id}`, alert_id: alertId, transition: 0 }],
});
const heldBack = (alertId: string, because: string, by: string) => ({
  kind: 'held_back',
  ...{ key: `${alertId}/0/ops`, alert_id: alertId, transition: 0, receiver: 'ops', because, by, decided_at_ms: NOW },
});

test('receivers are those that the notifier told; one of them can be tested', async () => {
  const { ask, say, appended } = await serve({ isEchoing: true });
  expect((await ask('GET', '/api/v1/receivers')).json().receivers).toEqual([]);
  say(NOTIFICATIONS_TOPIC, receivers);
  expect((await ask('GET', '/api/v1/receivers')).json().receivers).toEqual([ops]);
  const answer = await ask('POST', '/api/v1/receivers/ops/test', { by: 'ann' });
  expect([answer.statusCode, answer.json().action]).toMatchObject([202, { kind: 'test_receiver', receiver: 'ops' }]);
  expect(appended).toMatchObject([{ topic: ACTIONS_TOPIC, key: 'ops' }]);
  expect((await ask('POST', '/api/v1/receivers/boss/test', { by: 'ann' })).statusCode).toBe(404);
});

test('notifications, newest first, of all or of one alert', async () => {
  const { ask, say } = await serve();
  for (const one of [decision('d1', 'a1'), decision('d2', 'a2'), decision('d3', 'a1')]) say(NOTIFICATIONS_TOPIC, one);
  const ids = async (query: string) =>
    (await ask('GET', `/api/v1/notifications${query}`)).json().notifications.map((one: { id: string }) => one.id);
  expect(await ids('')).toEqual(['d3', 'd2', 'd1']);
  expect(await ids('?limit=2')).toEqual(['d3', 'd2']);
  expect(await ids('?alert_id=a1')).toEqual(['d3', 'd1']);
});

test('what reads from an Alertmanager can read from here', async () => {
  const { ask, say } = await serve({ isEchoing: true });
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a2', port: 'CNNGB' }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a3', port: 'CNNGB', kind: 'feed_silent' }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a4', status: 'resolved' }));
  say(NOTIFICATIONS_TOPIC, decision('d1', 'a1'));
  say(NOTIFICATIONS_TOPIC, heldBack('a2', 'inhibited', 'a3'));
  await ask('POST', '/api/v1/silences', {
    matchers: [{ name: 'port', op: '=', values: ['CNSHA'] }],
    by: 'a',
    minutes: 9,
  });
  const alerts = (await ask('GET', '/api/v2/alerts')).json();
  expect(alerts).toHaveLength(3);
  expect(alerts[0]).toEqual({
    labels: expect.objectContaining({ alertname: 'drop', severity: 'warning', port: 'CNSHA', simulated: 'true' }),
    annotations: { summary: expect.stringContaining('Shanghai'), description: expect.any(String) },
    startsAt: new Date(NOW - 3_600_000).toISOString(),
    endsAt: new Date(NOW + 300_000).toISOString(),
    updatedAt: new Date(NOW).toISOString(),
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    status: { state: 'suppressed', silencedBy: [expect.any(String)], inhibitedBy: [], mutedBy: [] },
    receivers: [{ name: 'ops' }],
    generatorURL: 'http://localhost/#/alerts/a1',
  });
  expect(alerts[1].status).toMatchObject({ state: 'suppressed', inhibitedBy: ['a3'] });
  expect(alerts[2].status).toMatchObject({ state: 'active' });
  const ids = async (query: string) =>
    (await ask('GET', `/api/v2/alerts?${query}`))
      .json()
      .map((one: { labels: { alert_id: string } }) => one.labels.alert_id);
  expect(await ids('silenced=false&inhibited=false&filter=x')).toEqual(['a3']);
  expect(await ids('active=false')).toEqual(['a1', 'a2']);
});
