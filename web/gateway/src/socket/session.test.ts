import { CLOSE_CODES, PROTOCOL_VERSION } from '@quaywatch/contracts';
import { expect, test } from 'vitest';
import { createHub } from './hub.ts';
import { createSession, PlayError } from './session.ts';

const HELLO = JSON.stringify({ t: 'hello', v: PROTOCOL_VERSION, token: 'a long enough one' });

function talk(token = 'a long enough one') {
  const said: { t: string; code?: string; prev?: string }[] = [];
  const closed: number[] = [];
  const clock = { nowMs: 0 };
  const view = {
    cursor: () => '1',
    asOfMs: () => 0,
    watermarkMs: () => 0,
    snapshot: () => '',
    since: () => '',
    token: () => '',
    canResume: () => true,
  };
  const counters = { frames: () => {}, bytes: () => {}, conflated: () => {}, slowCloses: () => {}, cut: () => {} };
  const hub = createHub({
    viewOf: (channel) => (channel === 'overview' ? view : undefined),
    epochOf: () => 'e',
    counters,
    later: (work) => work(),
  });
  const session = createSession(
    { send: (text) => said.push(JSON.parse(String(text))), bufferedBytes: () => 0, close: (code) => closed.push(code) },
    {
      hub,
      players: { command: () => Promise.reject(new PlayError('unknown_run', 'no')), closeAll: () => {} },
      token,
      version: '0',
      isSimulated: true,
      epoch: () => 'e',
      nowMs: () => clock.nowMs,
      resumed: () => {},
    },
  );
  return { session, said, closed, clock, hub };
}

test.each([
  ['not JSON', '{', CLOSE_CODES.bad_request],
  ['not an object', '[1]', CLOSE_CODES.bad_request],
  ['an unknown message', '{"t":"drop"}', CLOSE_CODES.bad_request],
  ['prototype tricks', '{"__proto__":{"t":"hello"},"v":1}', CLOSE_CODES.bad_request],
  ['a subscription before hello', '{"t":"sub","id":1,"channel":"overview"}', CLOSE_CODES.bad_request],
  ['a wrong token', '{"t":"hello","v":1,"token":"x"}', CLOSE_CODES.unauthorised],
  ['no token', '{"t":"hello","v":1}', CLOSE_CODES.unauthorised],
  ['a version of tomorrow', HELLO.replace(`"v":${PROTOCOL_VERSION}`, '"v":99'), CLOSE_CODES.bad_request],
  [
    'a cursor that is a number',
    '{"t":"hello","v":1,"resume":{"epoch":"e","cursors":{"overview":1}}}',
    CLOSE_CODES.bad_request,
  ],
])('%s ends the connection', (_what, text, code) => {
  const { session, said, closed } = talk();
  session.receive(text, false);
  expect(closed).toEqual([code]);
  expect(said[0]?.t).toBe('error');
  session.receive(HELLO, false);
  expect(said).toHaveLength(1);
});

test('binary is refused', () => {
  const { session, closed } = talk();
  session.receive(HELLO, true);
  expect(closed).toEqual([CLOSE_CODES.bad_request]);
});

test('hello in time is welcome, later is too late', () => {
  const { session, said, closed } = talk();
  session.receive(HELLO, false);
  session.helloTimedOut();
  expect(said[0]).toMatchObject({ t: 'welcome', epoch: 'e', resumed: false, simulated: true });
  expect(closed).toEqual([]);
  const late = talk();
  late.session.helloTimedOut();
  expect(late.closed).toEqual([CLOSE_CODES.hello_timeout]);
});

test('a flood is ended, the allowed rate is not', () => {
  const { session, closed, clock } = talk();
  session.receive(HELLO, false);
  for (let i = 0; i < 400; i++) {
    clock.nowMs += 50;
    session.receive('{"t":"ping","at":1}', false);
  }
  expect(closed).toEqual([]);
  for (let i = 0; i < 60; i++) session.receive('{"t":"ping","at":1}', false);
  expect(closed).toEqual([CLOSE_CODES.too_many_messages]);
});

test('33 subscriptions are one too many; unknown channels and used ids are said so', () => {
  const { session, said, clock, closed } = talk();
  session.receive(HELLO, false);
  for (let id = 0; id < 33; id++) {
    clock.nowMs += 100;
    session.receive(`{"t":"sub","id":${id},"channel":"overview"}`, false);
  }
  expect(said.filter(({ t }) => t === 'error')).toEqual([expect.objectContaining({ code: 'too_many_subscriptions' })]);
  session.receive('{"t":"unsub","id":32}', false);
  session.receive('{"t":"unsub","id":0}', false);
  session.receive('{"t":"sub","id":1,"channel":"overview"}', false);
  session.receive('{"t":"sub","id":50,"channel":"port:NOWHERE"}', false);
  expect(said.slice(-2).map(({ code }) => code)).toEqual(['duplicate_id', 'unknown_channel']);
  expect(closed).toEqual([]);
});

test('leaving gives every subscription back', () => {
  const { session, hub } = talk();
  session.receive(HELLO, false);
  session.receive('{"t":"sub","id":1,"channel":"overview"}', false);
  expect(hub.subscriptionCount()).toBe(1);
  session.end();
  expect(hub.subscriptionCount()).toBe(0);
});

test('bye says when to come back', () => {
  const { session, said, closed } = talk();
  session.receive(HELLO, false);
  session.bye(700);
  expect(said.at(-1)).toEqual({ t: 'bye', code: CLOSE_CODES.going_away, retry_after_ms: 700 });
  expect(closed).toEqual([CLOSE_CODES.going_away]);
});

test('a resumed channel goes on from its cursor once: who asks for it again has forgotten it, and gets a snapshot', () => {
  const { session, said, hub } = talk();
  session.receive(JSON.stringify({ ...JSON.parse(HELLO), resume: { epoch: 'e', cursors: { overview: '0' } } }), false);
  expect(said.at(-1)).toMatchObject({ t: 'welcome', resumed: true });
  session.receive('{"t":"sub","id":1,"channel":"overview"}', false);
  hub.tick(1_000);
  expect(said.at(-1)).toMatchObject({ t: 'frame', prev: '0' });
  session.receive('{"t":"unsub","id":1}', false);
  session.receive('{"t":"sub","id":2,"channel":"overview"}', false);
  hub.tick(2_000);
  expect(said.at(-1)).toMatchObject({ t: 'snapshot', id: 2 });
});
