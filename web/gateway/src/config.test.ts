import { ConfigError } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { childEnv, readGatewayConfig } from './config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readGatewayConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.split(':')[0] ?? '');
    throw error;
  }
}

const TOKEN = 'a long enough one';

test.each([
  ['nothing set starts the product', {}, []],
  ['open to others without a token', { QUAYWATCH_HOST: '0.0.0.0' }, ['QUAYWATCH_HOST']],
  ['open to others with a token', { QUAYWATCH_HOST: '0.0.0.0', QUAYWATCH_TOKEN: TOKEN }, []],
  ['another loopback address', { QUAYWATCH_HOST: '127.0.0.2' }, []],
  ['a short token', { QUAYWATCH_TOKEN: 'x' }, ['QUAYWATCH_TOKEN']],
  ['an origin with a path', { QUAYWATCH_ALLOWED_ORIGINS: 'https://a.example/x' }, ['QUAYWATCH_ALLOWED_ORIGINS']],
  [
    'several at once',
    { QUAYWATCH_HOST: '::', QUAYWATCH_ALLOWED_ORIGINS: 'a,https://b.example' },
    ['QUAYWATCH_ALLOWED_ORIGINS', 'QUAYWATCH_HOST'],
  ],
])('%s', (_what, env, problems) => expect(problemsOf(env as Record<string, string>)).toEqual(problems));

test('a child is given the writer’s credentials and no secret of the gateway', () => {
  const env = {
    PATH: '/bin',
    QUAYWATCH_TOKEN: TOKEN,
    CLICKHOUSE_USER: 'reader',
    QUAYWATCH_CLICKHOUSE_WRITER_USER: 'writer',
    QUAYWATCH_CLICKHOUSE_WRITER_PASSWORD: 'w',
  };
  const given = childEnv(readGatewayConfig(env), env);
  expect(given).toMatchObject({ PATH: '/bin', CLICKHOUSE_USER: 'writer', CLICKHOUSE_PASSWORD: 'w' });
  expect(Object.keys(given).filter((name) => /TOKEN|WRITER/.test(name))).toEqual([]);
});
