import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@quaywatch/runtime';
import { afterAll, expect, test } from 'vitest';
import { notifierConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'quaywatch-receivers-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, 'receivers.json');
const read = (given: unknown, env: Record<string, string> = {}) => {
  writeFileSync(path, typeof given === 'string' ? given : JSON.stringify(given));
  return notifierConfig({ QUAYWATCH_RECEIVERS: path, ...env }).receivers;
};
const problemsOf = (given: unknown, env: Record<string, string> = {}): readonly string[] => {
  try {
    read(given, env);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((problem) => problem.replace(`QUAYWATCH_RECEIVERS (${path}): `, ''));
    throw error;
  }
  return [];
};

test('without a file the page is the only receiver, and with one it is there too', () => {
  expect(notifierConfig({}).receivers.receivers.map((one) => one.name)).toEqual(['page']);
  const { receivers, watchdog, pageUrl } = read(
    {
      page_url: 'https://quaywatch.example',
      receivers: [{ name: 'hook', type: 'webhook', url: 'https://hooks.example/x', secret: { env: 'HOOK' } }],
      watchdog: { receiver: 'hook', every_s: 60 },
    },
    { HOOK: 'hush' },
  );
  expect(receivers.map((one) => [one.name, one.type, one.secret])).toEqual([
    ['page', 'page', undefined],
    ['hook', 'webhook', 'hush'],
  ]);
  expect(watchdog).toEqual({ receiver: 'hook', everyMs: 60_000 });
  expect(pageUrl).toBe('https://quaywatch.example');
});

test('secrets come out of files, without their line end', () => {
  const secret = join(directory, 'token');
  writeFileSync(secret, 'hush\n');
  expect(read({ receivers: [{ name: 'pd', type: 'pagerduty', token: { file: secret } }] }).receivers[1]?.token).toBe(
    'hush',
  );
});

test.each([
  ['no JSON', '{', ['is not JSON']],
  ['no receivers', {}, ['receivers: Invalid input: expected array, received undefined']],
  [
    'several things at once',
    {
      receivers: [
        { name: 'a b', type: 'webhook', url: 'https://x.example', secret: 'plain' },
        { name: 'c', type: 'email', url: 'http://x', from: 'x', to: [] },
      ],
      watchdogs: {},
    },
    [
      'receivers.0.name',
      'receivers.0.secret',
      'receivers.1.url',
      'receivers.1.from',
      'receivers.1.to',
      'the file: Unrecognized key',
    ],
  ],
  [
    'what only the whole shows',
    {
      receivers: [
        { name: 'a', type: 'webhook', url: 'http://x.example', secret: { env: 'NOT_SET' } },
        { name: 'a', type: 'wecom', token: { file: '/not/there' } },
        { name: 'u', type: 'webhook', url: 'https://user:pass@x.example' },
      ],
      watchdog: { receiver: 'z', every_s: 60 },
    },
    [
      'receivers.a.url: must be https://',
      'receivers.a.secret: the variable NOT_SET is not set',
      'receivers.a.token: the file /not/there cannot be read',
      'receivers.u.url: holds a user or a password',
      'receivers.a: the name is there twice',
      'watchdog.receiver: there is no receiver "z"',
    ],
  ],
])('%s: every problem is named', (_what, given, expected) => {
  const problems = problemsOf(given);
  expect(problems).toHaveLength(expected.length);
  for (const [i, start] of expected.entries()) expect(problems[i]).toContain(start);
  expect(problems.join()).not.toContain('plain');
});

test('a file that is not there', () => {
  expect(() => notifierConfig({ QUAYWATCH_RECEIVERS: join(directory, 'nowhere.json') })).toThrow('cannot be read');
});
