import { expect, test } from 'vitest';
import { ConfigError, parseDurationMs, readConfig } from './config.ts';

const FIELDS = {
  port: { kind: 'integer', env: 'PORT', default: 8080, min: 1, max: 65535, about: 'port' },
  token: { kind: 'string', env: 'TOKEN', secret: true, about: 'token' },
  every: { kind: 'duration', env: 'EVERY', default: '10s', about: 'cadence' },
  url: { kind: 'url', env: 'URL', default: 'http://a', about: 'address' },
} as const;

test('defaults and durations', () => {
  expect(readConfig(FIELDS, { TOKEN: 'x', EVERY: '5m' })).toEqual({
    port: 8080,
    token: 'x',
    every: 300_000,
    url: 'http://a',
  });
});

test('every problem is named at once, and a secret is never shown', () => {
  const fields = {
    ...FIELDS,
    token: { kind: 'choice', env: 'TOKEN', secret: true, choices: ['a'], about: 'token' },
  } as const;
  let error: unknown;
  try {
    readConfig(fields, { PORT: '99999', TOKEN: 'hunter2', EVERY: '10', URL: 'ftp://x' });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const problems = error instanceof ConfigError ? error.problems : [];
  expect(problems.map((p) => p.split(':')[0])).toEqual(['PORT', 'TOKEN', 'EVERY', 'URL']);
  expect(problems.join()).not.toContain('hunter2');
});

test.each([
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['10', undefined],
  ['s', undefined],
])('%s is %s ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

test.each([
  ['kafka-1:9092', ['kafka-1:9092']],
  ['10.0.0.5:9092, [::1]:9093', ['10.0.0.5:9092', '[::1]:9093']],
  ['kafka', undefined],
  ['kafka:9092,', undefined],
  ['kafka:0', undefined],
  ['kafka:70000', undefined],
  ['http://kafka:9092', undefined],
])('brokers %j are %j', (text, brokers) => {
  const fields = { brokers: { kind: 'addresses', env: 'BROKERS', about: 'brokers' } } as const;
  const read = () => readConfig(fields, { BROKERS: text }).brokers;
  if (brokers === undefined) expect(read).toThrow('BROKERS: ');
  else expect(read()).toEqual(brokers);
});
