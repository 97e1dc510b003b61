/**
 * The gateway's settings. README's table is checked against `GATEWAY_FIELDS`.
 * Reads the environment once and opens nothing.
 */
import {
  CLICKHOUSE_FIELDS,
  type Config,
  DEPLOYMENT_FIELDS,
  type Fields,
  KAFKA_FIELDS,
  type LogLevel,
  readConfig,
} from '@quaywatch/runtime';
import { isLoopback } from './socket/guard.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const GATEWAY_FIELDS = {
  ...KAFKA_FIELDS,
  ...CLICKHOUSE_FIELDS,
  ...DEPLOYMENT_FIELDS,
  host: { kind: 'string', env: 'QUAYWATCH_HOST', default: '127.0.0.1', about: 'address that page and API listen on' },
  port: {
    kind: 'integer',
    env: 'QUAYWATCH_PORT',
    default: 8080,
    min: 0,
    max: 65535,
    about: 'port that page, API and WebSocket share; 0 takes a free one',
  },
  token: {
    kind: 'string',
    env: 'QUAYWATCH_TOKEN',
    default: '',
    secret: true,
    about: 'token that API, metrics and WebSocket ask for; empty: none, then only loopback is listened on',
  },
  allowedOrigins: {
    kind: 'list',
    env: 'QUAYWATCH_ALLOWED_ORIGINS',
    default: [],
    about: 'further origins whose pages may speak to the gateway, comma-separated; default: its own host only',
  },
  clickhouseWriterUser: {
    kind: 'string',
    env: 'QUAYWATCH_CLICKHOUSE_WRITER_USER',
    default: '',
    about: 'ClickHouse user for the replays that the gateway starts; empty: CLICKHOUSE_USER',
  },
  clickhouseWriterPassword: {
    kind: 'string',
    env: 'QUAYWATCH_CLICKHOUSE_WRITER_PASSWORD',
    default: '',
    secret: true,
    about: 'its password',
  },
  logLevel: {
    kind: 'choice',
    env: 'QUAYWATCH_LOG_LEVEL',
    choices: LEVELS,
    default: 'info',
    about: 'least level of a log line',
  },
} as const satisfies Fields;

export type GatewayConfig = Config<typeof GATEWAY_FIELDS>;

function problemsOf(config: GatewayConfig): string[] {
  const problems = config.allowedOrigins
    .filter((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin)
    .map((origin) => `QUAYWATCH_ALLOWED_ORIGINS: ${origin} is not an origin such as https://watch.example.org`);
  if (!isLoopback(config.host) && config.token === '')
    problems.push(
      `QUAYWATCH_HOST: ${config.host} is open to others, so QUAYWATCH_TOKEN must be set (or leave QUAYWATCH_HOST at 127.0.0.1)`,
    );
  if (config.token !== '' && config.token.length < 12)
    problems.push('QUAYWATCH_TOKEN: must have 12 characters at least');
  return problems;
}

/** @throws ConfigError naming every problem. */
export function readGatewayConfig(env: Readonly<Record<string, string | undefined>> = process.env): GatewayConfig {
  return readConfig(GATEWAY_FIELDS, env, problemsOf);
}

/** What a replay's process is given: its engines, and credentials that may write. */
export function childEnv(
  config: GatewayConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const passed = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && !/^QUAYWATCH_(TOKEN|CLICKHOUSE_WRITER_)/.test(name) ? [[name, value] as const] : [],
  );
  const hasWriter = config.clickhouseWriterUser !== '';
  return {
    ...Object.fromEntries(passed),
    KAFKA_BROKERS: config.kafkaBrokers.join(','),
    CLICKHOUSE_URL: config.clickhouseUrl,
    CLICKHOUSE_USER: hasWriter ? config.clickhouseWriterUser : config.clickhouseUser,
    CLICKHOUSE_PASSWORD: hasWriter ? config.clickhouseWriterPassword : config.clickhousePassword,
  };
}

export function logLevelOf(config: GatewayConfig): LogLevel {
  const level = LEVELS.find((known) => known === config.logLevel);
  return level ?? 'info';
}
