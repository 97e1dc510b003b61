import { ALERTS_TOPIC, NOTIFICATIONS_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { fakeHistory } from '../fakes.ts';
import { asState, type StoredAlertQuery } from '../stored-alerts.ts';
import { HOUR, NOW, transitionOf } from '../testing.ts';
import { serve } from './testing.ts';

type Ask = Awaited<ReturnType<typeof serve>>['ask'];

async function pages(ask: Ask, query: string): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: string | null = '';
  while (cursor !== null && found.length < 20) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const body = (await ask('GET', `/api/v1/alerts?${query}${more}`)).json();
    found.push(body.alerts.map((alert: { alert_id: string }) => alert.alert_id));
    cursor = body.next_cursor;
  }
  return found;
}

test('alerts come in pages, newest beginning first, each once', async () => {
  const { ask, say } = await serve();
  for (let i = 1; i <= 5; i++) say(ALERTS_TOPIC, transitionOf({ alert_id: `a${i}`, at_ms: NOW + (i % 3) }));
  expect(await pages(ask, 'limit=2')).toEqual([['a5', 'a2'], ['a4', 'a1'], ['a3']]);
  expect(await pages(ask, 'limit=5')).toEqual([['a5', 'a2', 'a4', 'a1', 'a3']]);
});

test.each([
  ['state=open', ['stall', 'small', 'terminal']],
  ['state=resolved', ['over']],
  ['kind=stall', ['stall']],
  ['severity=info', ['small']],
  ['level=terminal', ['terminal']],
  ['port=cnngb', ['stall']],
  ['port=CNNGB&state=resolved', []],
])('?%s', async (query, ids) => {
  const { ask, say } = await serve();
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'over', status: 'resolved' }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'stall', kind: 'stall', port: 'CNNGB', at_ms: NOW + 3 }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'small', severity: 'info', at_ms: NOW + 2 }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'terminal', level: 'terminal', at_ms: NOW + 1 }));
  expect(await pages(ask, query)).toEqual([ids]);
});

/** Storage with alerts s0 (newest) to s9, as ClickHouse would answer. */
function storage() {
  const asked: StoredAlertQuery[] = [];
  const stored = Array.from({ length: 10 }, (_, i) =>
    asState(transitionOf({ run: 'any', alert_id: `s${i}`, status: 'resolved', at_ms: NOW - i * HOUR }), NOW - i * HOUR),
  );
  const alerts = async (query: StoredAlertQuery) => {
    asked.push(query);
    const { before } = query;
    return stored.filter((one) => before === undefined || one.first_at_ms < before.firstAtMs).slice(0, query.limit);
  };
  return { asked, history: { ...fakeHistory(), alerts } };
}

test('a replay’s come from storage, all of them', async () => {
  const { history, asked } = storage();
  const { ask } = await serve({ history });
  expect((await pages(ask, 'run=replay-1&limit=4&state=resolved')).flat()).toEqual(
    Array.from({ length: 10 }, (_, i) => `s${i}`),
  );
  expect(asked[0]).toMatchObject({ run: 'replay-1', state: 'resolved', limit: 5 });
});

test('live’s come from memory, and from storage what memory has forgotten', async () => {
  const { history, asked } = storage();
  const { ask, say, feed } = await serve({ history });
  say(ALERTS_TOPIC, transitionOf({ alert_id: 's0', at_ms: NOW }));
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'new', at_ms: NOW + HOUR }));
  expect(await pages(ask, '')).toEqual([['new', 's0']]);
  expect(asked).toEqual([]);
  feed.alerts.forgotten = 1;
  expect((await pages(ask, 'limit=3')).flat()).toEqual(['new', ...Array.from({ length: 10 }, (_, i) => `s${i}`)]);
  const [first] = (await ask('GET', '/api/v1/alerts?limit=2')).json().alerts.slice(1);
  expect(first).toMatchObject({ alert_id: 's0', status: 'firing' });
});

test('an alert’s life, and who was told of it', async () => {
  const { ask, say } = await serve();
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ transition: 1, status: 'resolved' }));
  const heldBack = {
    kind: 'held_back',
    ...{
      key: 'a1/0/ops',
      alert_id: 'a1',
      transition: 0,
      receiver: 'ops',
      because: 'muted',
      by: 'c',
      decided_at_ms: NOW,
    },
  };
  say(NOTIFICATIONS_TOPIC, heldBack);
  const body = (await ask('GET', '/api/v1/alerts/a1/history')).json();
  expect(body.transitions.map((one: { transition: number }) => one.transition)).toEqual([0, 1]);
  expect(body.notifications).toEqual([heldBack]);
});

test('what memory has only the end of is completed out of storage', async () => {
  const asked: string[][] = [];
  const transitionsOf = async (run: string, id: string) => {
    asked.push([run, id]);
    return [transitionOf(), transitionOf({ transition: 1 })];
  };
  const { ask, say } = await serve({ history: { ...fakeHistory(), transitionsOf } });
  say(ALERTS_TOPIC, transitionOf({ transition: 2, status: 'recovering' }));
  const { transitions } = (await ask('GET', '/api/v1/alerts/a1/history')).json();
  expect(transitions.map((one: { transition: number }) => one.transition)).toEqual([0, 1, 2]);
  await ask('GET', '/api/v1/alerts/a1/history?run=replay-1');
  expect(asked).toEqual([
    ['live', 'a1'],
    ['replay-1', 'a1'],
  ]);
});

test('CAP, as what it is', async () => {
  const { ask, say } = await serve();
  say(ALERTS_TOPIC, transitionOf());
  const answer = await ask('GET', '/api/v1/alerts/a1/cap?language=zh');
  expect(answer.headers['content-type']).toContain('application/cap+xml');
  expect(answer.body).toContain('<status>Exercise</status>');
  expect(answer.body).toContain('<language>zh-CN</language>');
  expect(answer.body).not.toContain('en-US');
});

test('a note reaches the alert; a resolved alert can be noted and not acknowledged', async () => {
  const { ask, say } = await serve({ isEchoing: true });
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ transition: 1, status: 'resolved' }));
  expect((await ask('POST', '/api/v1/alerts/a1/notes', { by: 'ann', note: 'crane 4' })).statusCode).toBe(202);
  const refused = await ask('POST', '/api/v1/alerts/a1/acknowledge', { by: 'ann' });
  expect([refused.statusCode, refused.json().error.code]).toEqual([409, 'already_resolved']);
  const [alert] = (await ask('GET', '/api/v1/alerts')).json().alerts;
  expect(alert).toMatchObject({ acknowledged: null, notes: [{ by: 'ann', note: 'crane 4', at_ms: NOW }] });
});

test('an acknowledgement is of the severity that its giver saw: what has risen meanwhile is looked at again', async () => {
  const { ask, say } = await serve({ isEchoing: true });
  const acknowledge = (severity?: string) => ask('POST', '/api/v1/alerts/a1/acknowledge', { by: 'ann', severity });
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ transition: 1, severity: 'critical' }));
  const refused = await acknowledge('warning');
  expect([refused.statusCode, refused.json().error.code]).toEqual([409, 'more_severe']);
  expect((await ask('GET', '/api/v1/alerts')).json().alerts[0].acknowledged).toBeNull();
  for (const seen of ['critical', undefined]) {
    const taken = await acknowledge(seen);
    expect([taken.statusCode, taken.json().action.severity]).toEqual([202, 'critical']);
  }
  expect((await acknowledge('dire')).statusCode).toBe(400);
});

test('what people said about an alert is in its history, also when it is over; what was said about others is not', async () => {
  const { ask, say } = await serve({ isEchoing: true });
  say(ALERTS_TOPIC, transitionOf());
  say(ALERTS_TOPIC, transitionOf({ alert_id: 'a2' }));
  await ask('POST', '/api/v1/alerts/a1/acknowledge', { by: 'ann', note: 'on it' });
  await ask('POST', '/api/v1/alerts/a2/acknowledge', { by: 'zoe' });
  await ask('POST', '/api/v1/alerts/a1/notes', { by: 'bo', note: 'crane 4' });
  say(ALERTS_TOPIC, transitionOf({ transition: 1, status: 'resolved' }));
  const { actions } = (await ask('GET', '/api/v1/alerts/a1/history')).json();
  expect(actions.map((one: { kind: string; by: string; note: string }) => [one.kind, one.by, one.note])).toEqual([
    ['acknowledge', 'ann', 'on it'],
    ['note', 'bo', 'crane 4'],
  ]);
});
