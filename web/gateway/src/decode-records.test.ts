import { expect, test } from 'vitest';
import { decodeAction, decodeNotification, decodeTransition } from './decode-records.ts';
import { NOW, transitionOf } from './testing.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const matchers = [{ name: 'port', op: '=', values: ['CNSHA'] }];
const said = { id: 'i', by: 'ann', note: '', at_ms: NOW };
const silence = { kind: 'silence', ...said, matchers, from_ms: NOW, until_ms: NOW + 1 };
const decision = { kind: 'decision', id: 'd', receiver: 'ops', reason: 'new', items: [], decided_at_ms: NOW };
const attempt = { kind: 'attempt', id: 'd', receiver: 'ops', outcome: 'failed', detail: '', at_ms: NOW };
const heldBack = {
  kind: 'held_back',
  key: 'k',
  alert_id: 'a',
  receiver: 'o',
  because: 'muted',
  by: 'c',
  decided_at_ms: NOW,
};

const decoders = { decodeTransition, decodeAction, decodeNotification };

test.each<[keyof typeof decoders, unknown, boolean]>([
  ['decodeTransition', transitionOf(), true],
  ['decodeTransition', { ...transitionOf(), terminals: 'all' }, false],
  ['decodeTransition', { ...transitionOf(), at_ms: '1' }, false],
  ['decodeAction', { kind: 'acknowledge', alert_id: 'a', ...said }, true],
  ['decodeAction', { kind: 'note', alert_id: 'a', ...said }, true],
  ['decodeAction', { kind: 'note', ...said }, false],
  ['decodeAction', silence, true],
  ['decodeAction', { ...silence, matchers: [] }, false],
  ['decodeAction', { ...silence, matchers: [{ name: 'port', op: '=~', values: ['.*'] }] }, false],
  ['decodeAction', { ...silence, matchers: undefined, port: 'CNSHA', alert_kind: null }, false],
  ['decodeAction', { ...silence, until_ms: null }, false],
  ['decodeAction', { kind: 'unsilence', ...said, silence_id: 's' }, true],
  ['decodeAction', { kind: 'test_receiver', ...said, receiver: 'ops' }, true],
  ['decodeAction', { kind: 'delete_all', ...said }, false],
  ['decodeAction', { kind: 'constructor', ...said }, false],
  ['decodeNotification', decision, true],
  ['decodeNotification', { ...decision, items: undefined }, false],
  ['decodeNotification', attempt, true],
  ['decodeNotification', { ...attempt, at_ms: null }, false],
  ['decodeNotification', heldBack, true],
  ['decodeNotification', { kind: 'receivers', receivers: [], at_ms: NOW }, true],
  ['decodeNotification', { kind: 'receivers', receivers: {}, at_ms: NOW }, false],
  ['decodeNotification', { kind: 'toString' }, false],
])('%s of %j: %s', (name, value, isOne) => expect(decoders[name](bytes(value)) !== undefined).toBe(isOne));

test.each(Object.entries(decoders))('%s takes no tombstone and no rubbish', (_name, decode) => {
  for (const value of [null, Buffer.alloc(0), Buffer.from('{'), Buffer.from('[]'), Buffer.from('1')])
    expect(decode(value)).toBeUndefined();
});

test('a transition from before levels is one of a port', () => {
  const { level, cluster, measure, evidence, resolves, z, ...old } = transitionOf();
  expect(decodeTransition(bytes(old))).toMatchObject({
    level: 'port',
    cluster: '',
    measure: '',
    evidence: [],
    z: null,
  });
});
