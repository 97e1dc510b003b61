// docker-compose.yml against the settings that the processes know: there is no Docker engine where the tests run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLICKHOUSE_FIELDS, DEPLOYMENT_FIELDS, type Fields, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FEED_FIELDS, feedConfig } from '../../producers/src/config.ts';
import { NOTIFIER_FIELDS, PROCESSOR_FIELDS } from '../../stream-processor/src/config.ts';
import { GATEWAY_FIELDS, readGatewayConfig } from '../../web/gateway/src/config.ts';
import { serverXml, usersXml } from './clickhouse-settings.ts';
import { root } from './commands/command-line.ts';
import { INFRA_FIELDS } from './config.ts';

type Service = {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly driver: string };
};

const text = (path: string) => readFileSync(join(root, path), 'utf8');
const compose: { readonly services: Readonly<Record<string, Service>>; readonly volumes: object } = parse(
  text('docker-compose.yml'),
  { merge: true },
);
const services = compose.services;
const serviceOf = (name: string): Service => services[name] ?? {};
const environmentOf = (name: string) => serviceOf(name).environment ?? {};

/** As compose would: secrets that must be given are given, defaults stand. */
function filledIn(name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environmentOf(name)).map(([variable, value]) => [
      variable,
      value.replace(/\$\{(\w+):\?[^}]*\}/g, 'a-secret-of-sixteen').replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
    ]),
  );
}

const ours: readonly { readonly name: string; readonly fields: Fields; readonly mains: readonly string[] }[] = [
  { name: 'provision', fields: INFRA_FIELDS, mains: ['infra/src/commands/provision.ts', 'seeds/src/main.ts'] },
  { name: 'processor', fields: PROCESSOR_FIELDS, mains: ['stream-processor/src/main.ts'] },
  { name: 'notifier', fields: NOTIFIER_FIELDS, mains: ['stream-processor/src/notify-main.ts'] },
  { name: 'feeds', fields: FEED_FIELDS, mains: ['producers/src/main.ts'] },
  { name: 'gateway', fields: GATEWAY_FIELDS, mains: ['web/gateway/src/main.ts'] },
];
const engines = ['kafka', 'clickhouse'];

test('these services and no others', () => {
  expect(Object.keys(services).sort()).toEqual([...engines, ...ours.map((one) => one.name)].sort());
  expect(serviceOf('kafka').image).toBe(`apache/kafka:${/<kafka\.version>([^<]+)</.exec(text('pom.xml'))?.[1]}`);
  const library = /"@chdb\/lib-linux-x64-gnu": "(\d+\.\d+)/.exec(text('infra/package.json'))?.[1];
  expect(serviceOf('clickhouse').image).toBe(`clickhouse/clickhouse-server:${library}`);
});

describe.each(ours)('$name', ({ name, fields, mains }) => {
  const known = new Set(Object.values(fields).map((field) => field.env));

  test('runs modules that exist', () => {
    const command = serviceOf(name).command?.join(' ') ?? '';
    expect(mains.filter((main) => !command.includes(main) || !existsSync(join(root, main)))).toEqual([]);
  });

  test('is given only settings that it knows, and settings that it accepts', () => {
    expect(Object.keys(environmentOf(name)).filter((variable) => !known.has(variable))).toEqual([]);
    expect(() => readConfig(fields, filledIn(name))).not.toThrow();
  });

  test('is told what is true of the deployment as a whole', () => {
    for (const { env, default: ordinary } of Object.values(DEPLOYMENT_FIELDS))
      if (known.has(env) && name !== 'provision') expect(environmentOf(name)[env]).toBe(`\${${env}:-${ordinary}}`);
  });

  test('is told where the engines are, by the names of their services', () => {
    if (known.has('KAFKA_BROKERS')) expect(environmentOf(name)['KAFKA_BROKERS']).toBe('kafka:9092');
    if (known.has('CLICKHOUSE_URL') && name !== 'feeds')
      expect(environmentOf(name)['CLICKHOUSE_URL']).toBe('http://clickhouse:8123');
    expect(serviceOf('kafka').environment?.['KAFKA_ADVERTISED_LISTENERS']).toBe('PLAINTEXT://kafka:9092');
  });

  test('begins when what it needs is there', () => {
    const wanted =
      name === 'provision'
        ? { kafka: { condition: 'service_healthy' }, clickhouse: { condition: 'service_healthy' } }
        : { provision: { condition: 'service_completed_successfully' } };
    expect(serviceOf(name).depends_on).toEqual(wanted);
  });

  test('may do no more than it needs', () => {
    expect(serviceOf(name)).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });
});

test('the seeds find ClickHouse by the settings of their step', () => {
  expect(readConfig(CLICKHOUSE_FIELDS, filledIn('provision')).clickhouseUser).toBe('quaywatch_writer');
  expect(readConfig(KAFKA_FIELDS, filledIn('provision')).kafkaBrokers).toEqual(['kafka:9092']);
});

test('engines and gateway say whether they are healthy', () => {
  const checks = Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, service.healthcheck?.test.join(' ')]),
  );
  expect(checks['kafka']).toContain('kafka-broker-api-versions');
  expect(checks['clickhouse']).toContain(':8123/ping');
  expect(checks['gateway']).toContain(`http://127.0.0.1:${environmentOf('gateway')['QUAYWATCH_PORT']}/readyz`);
});

test('only the gateway is published, and on loopback', () => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => `${name} ${port}`),
  );
  const port = environmentOf('gateway')['QUAYWATCH_PORT'];
  expect(published).toEqual([`gateway 127.0.0.1:\${QUAYWATCH_PORT:-${port}}:${port}`]);
});

test('no log of a container grows without end', () => {
  expect(Object.values(services).map((service) => service.logging?.driver)).toEqual(
    Object.keys(services).map(() => 'local'),
  );
});

test('secrets have no default', () => {
  const secrets = new Set(
    ours.flatMap(({ fields }) => Object.values(fields).flatMap((field) => (field.secret === true ? [field.env] : []))),
  );
  expect(secrets).toContain('QUAYWATCH_TOKEN');
  for (const { name } of ours)
    for (const [variable, value] of Object.entries(environmentOf(name)))
      if (secrets.has(variable)) expect(value, `${name} ${variable}`).toMatch(/^\$\{\w+:\?.+\}$/);
  expect(environmentOf('gateway')).toHaveProperty('QUAYWATCH_TOKEN');
});

test('simulated feeds do not begin where reports are said to be real', () => {
  expect(() => feedConfig({ ...filledIn('feeds'), QUAYWATCH_FEEDS: 'real' })).toThrow('--scale feeds=0');
  expect(feedConfig(filledIn('feeds')).feeds).toBe('simulated');
});

test('the gateway listens wider than loopback with a token only', () => {
  const given = filledIn('gateway');
  expect(readGatewayConfig(given).host).toBe('0.0.0.0');
  expect(() => readGatewayConfig({ ...given, QUAYWATCH_TOKEN: '' })).toThrow('QUAYWATCH_TOKEN');
});

test('the gateway reads, and writes through the replays that it starts', () => {
  expect(environmentOf('gateway')['CLICKHOUSE_USER']).toBe('quaywatch_reader');
  expect(environmentOf('gateway')['QUAYWATCH_CLICKHOUSE_WRITER_USER']).toBe('quaywatch_writer');
});

test('ClickHouse forces parts to the disk and has a limit, as the embedded one', () => {
  const settingsIn = (xml: string) =>
    [...xml.matchAll(/<(\w+)>(\d+)<\/\w+>/g)].map(([, name = '', value = '']) => `${name} ${value}`);
  const embedded = settingsIn(
    serverXml({ dataDir: '/data', usersFile: '/users.xml', port: 8123, memoryBytesMax: 4_000_000_000 }),
  );
  const own = settingsIn(text('infra/docker/clickhouse-server.xml')).filter((one) => one !== 'console 1');
  expect(own).toEqual(expect.arrayContaining(['fsync_after_insert 1', 'max_server_memory_usage 4000000000']));
  expect(own.filter((one) => !embedded.includes(one))).toEqual([]);
});

describe('accounts', () => {
  const grants = (xml: string, user: string): string[] => {
    const account = xml.slice(xml.indexOf(`<${user}>`), xml.indexOf(`</${user}>`));
    return [...account.matchAll(/<query>([^<]+)<\/query>/g)].map(([, grant = '']) => grant).sort();
  };
  const file = text('infra/docker/clickhouse-users.xml');
  const embedded = usersXml(
    { user: 'quaywatch_writer', password: 'w' },
    { user: 'quaywatch_reader', password: 'r' },
    2,
  );

  test.each(['quaywatch_writer', 'quaywatch_reader'])('%s may do what it may in the embedded engine', (user) => {
    expect(grants(file, user)).toEqual(grants(embedded, user));
    expect(grants(file, user).length).toBeGreaterThan(2);
  });

  test('passwords come from the environment that the service is given', () => {
    const names = [...file.matchAll(/from_env="(\w+)"/g)].map(([, name = '']) => name);
    expect(names).toHaveLength(2);
    for (const name of names) expect(environmentOf('clickhouse')[name]).toMatch(/^\$\{\w+:\?.+\}$/);
  });

  test('mounted files exist, and every volume is declared', () => {
    for (const name of engines)
      for (const volume of serviceOf(name).volumes ?? []) {
        const [from = ''] = volume.split(':');
        if (from.startsWith('.')) expect(existsSync(join(root, from)), from).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(from);
      }
  });
});

test('the image runs as a user without rights, and leaves its health to compose', () => {
  const dockerfile = text('Dockerfile');
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).not.toMatch(/^HEALTHCHECK/m);
  expect(dockerfile).toMatch(/^FROM node:24-slim$/m);
  expect(text('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env*', '**/node_modules', '.quaywatch']));
});
