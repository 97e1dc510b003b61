import { DEFAULT_RULE_SET, NOTIFICATIONS_TOPIC, RULES_TOPIC, THROUGHPUT_TOPIC } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { HOUR, markOf, NOW } from '../testing.ts';
import { serve } from './testing.ts';

const { detection, routing } = DEFAULT_RULE_SET;
const save = { base_version: 0, by: 'ann', note: 'less of it', detection, routing };
const drop = { ...detection.kinds.drop, threshold: 7 };

test('before anybody has saved, the defaults are in force', async () => {
  const { ask } = await serve();
  expect((await ask('GET', '/api/v1/rules')).json()).toEqual({
    as_of: NOW,
    current: DEFAULT_RULE_SET,
    upcoming: [],
    history: [DEFAULT_RULE_SET],
  });
});

test('what is saved comes back from the log, and is in force from its time on', async () => {
  const { ask, appended, tell } = await serve({ isEchoing: true });
  const answer = await ask('PUT', '/api/v1/rules', { ...save, detection: { kinds: { drop } } });
  expect(answer.statusCode).toBe(202);
  const { rule_set: saved } = answer.json();
  expect(saved).toMatchObject({ version: 1, by: 'ann', effective_from_ms: NOW + 600_000, saved_at_ms: NOW });
  expect(saved.detection).toEqual({ ...detection, kinds: { ...detection.kinds, drop } });
  expect(appended).toMatchObject([{ topic: RULES_TOPIC, key: 'default' }]);
  const rules = async () => (await ask('GET', '/api/v1/rules')).json();
  expect(await rules()).toMatchObject({ current: { version: 0 }, upcoming: [{ version: 1 }] });
  tell(THROUGHPUT_TOPIC, markOf(0, { log_time_ms: NOW + HOUR }), 99);
  expect(await rules()).toMatchObject({
    current: { version: 1 },
    upcoming: [],
    history: [{ version: 1 }, { version: 0 }],
  });
});

test('it takes effect after all that any partition has closed', async () => {
  const { ask, tell } = await serve({ isEchoing: true });
  tell(THROUGHPUT_TOPIC, markOf(3, { closed_through_ms: NOW + HOUR + 1 }), 99);
  const { rule_set: saved } = (await ask('PUT', '/api/v1/rules', save)).json();
  expect(saved.effective_from_ms).toBe(NOW + HOUR + 900_000);
});

test('who saves on top of an older version is told what there is', async () => {
  const { ask, appended } = await serve({ isEchoing: true });
  await ask('PUT', '/api/v1/rules', save);
  const answer = await ask('PUT', '/api/v1/rules', { ...save, by: 'bob' });
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({ error: 'conflict', current: { version: 1, by: 'ann' } });
  expect(appended).toHaveLength(1);
});

test('of two who save at once through two gateways, the second in the log has not saved', async () => {
  const { ask, say } = await serve();
  const bob = ask('PUT', '/api/v1/rules', { ...save, by: 'bob' });
  const theirs = { ...DEFAULT_RULE_SET, version: 1, by: 'ann', effective_from_ms: NOW + HOUR };
  await new Promise((resolve) => setImmediate(resolve));
  say(RULES_TOPIC, theirs);
  const answer = await bob;
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toEqual({ error: 'conflict', current: theirs });
});

test('two at once through one gateway: one saves', async () => {
  const { ask } = await serve({ isEchoing: true });
  const answers = await Promise.all(['ann', 'bob'].map((by) => ask('PUT', '/api/v1/rules', { ...save, by })));
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([202, 409]);
});

test.each<[string, object, RegExp]>([
  ['an unknown field', { detection: { kinds: { drop: { ...drop, thresholds: 1 } } } }, /thresholds/],
  ['a threshold below nothing', { detection: { kinds: { drop: { ...drop, threshold: -1 } } } }, /drop\.threshold/],
  ['a calendar that is not there', { routing: { route: { ...routing.route, mute_calendars: ['x'] } } }, /"x"/],
  ['a receiver that is not there', { routing: { route: { ...routing.route, receiver: 'ops' } } }, /receiver "ops"/],
  [
    'nor to escalate to',
    { routing: { route: { ...routing.route, escalate: [{ after_s: 60, receiver: 'boss' }] } } },
    /receiver "boss"/,
  ],
])('%s is a problem, to check, to save and to run', async (_what, rules, problem) => {
  const { ask, say, appended } = await serve({ isEchoing: true });
  say(NOTIFICATIONS_TOPIC, { kind: 'receivers', receivers: [], at_ms: NOW });
  const checked = await ask('POST', '/api/v1/rules/check', rules);
  expect([checked.statusCode, checked.json().problems]).toEqual([200, [expect.stringMatching(problem)]]);
  const days = { from: '2025-01-01', to: '2025-01-02', rules };
  for (const answer of [
    await ask('PUT', '/api/v1/rules', { ...save, ...rules }),
    await ask('POST', '/api/v1/runs', days),
    await ask('POST', '/api/v1/backtests', days),
  ])
    expect([answer.statusCode, answer.json().problems]).toEqual([422, [expect.stringMatching(problem)]]);
  expect(appended).toEqual([]);
});

test('rules nested without end are a problem and no failure', async () => {
  const { app } = await serve();
  const payload = `{"routing":{"route":${'{"routes":['.repeat(40_000)}${']}'.repeat(40_000)}}}`;
  const headers = { host: 'localhost', 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/api/v1/rules/check', headers, payload });
  expect([answer.statusCode, answer.json().problems]).toEqual([200, [expect.stringContaining('nested')]]);
});

test('while nobody has told the receivers, any may be named', async () => {
  const { ask } = await serve();
  const rules = { routing: { route: { ...routing.route, receiver: 'ops' } } };
  expect((await ask('POST', '/api/v1/rules/check', rules)).json()).toEqual({ problems: [] });
});

test('what others wrote that is no rule set is nothing', async () => {
  const { ask, say } = await serve();
  say(RULES_TOPIC, { ...DEFAULT_RULE_SET, version: 1, detection: { kinds: { drop: 'all' } } });
  say(RULES_TOPIC, { ...DEFAULT_RULE_SET, version: 1, by: 'ann' });
  expect((await ask('GET', '/api/v1/rules')).json().current.by).toBe('ann');
});

test('a calendar becomes intervals, or says why not', async () => {
  const { ask } = await serve();
  const event = 'BEGIN:VEVENT\nUID:1\nSUMMARY:Typhoon\nDTSTART:20261121T000000Z\nDTEND:20261122T000000Z\nEND:VEVENT\n';
  const good = await ask('POST', '/api/v1/calendars', {
    name: 'storms',
    ics: `BEGIN:VCALENDAR\n${event}END:VCALENDAR`,
  });
  const from_ms = Date.UTC(2026, 10, 21);
  expect(good.json()).toEqual({
    calendar: { name: 'storms', intervals: [{ from_ms, to_ms: from_ms + 24 * HOUR, summary: 'Typhoon' }] },
    problems: [],
  });
  const bad = await ask('POST', '/api/v1/calendars', { name: 'storms', ics: 'no' });
  expect([bad.statusCode, bad.json().problems.length]).toEqual([422, 1]);
  const ics = 'x'.repeat(524_289);
  expect((await ask('POST', '/api/v1/calendars', { name: 'storms', ics })).statusCode).toBe(400);
  expect((await ask('POST', '/api/v1/calendars', { name: 'storms', ics: '港'.repeat(200_000) })).statusCode).toBe(413);
});
