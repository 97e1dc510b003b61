import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { infraConfig } from './config.ts';
import { useEngines } from './engines.ts';
import { provision } from './provision.ts';
import { eventually, isAlive, jarsDir, temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  directory.remove();
});

const config = infraConfig({ QUAYWATCH_KAFKA_JARS: jarsDir });

async function owner(
  dataDir: string,
  command: string,
): Promise<{ child: ChildProcess; pids: readonly number[]; kafkaBrokers: readonly string[] }> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./testing-owner.ts', import.meta.url)), dataDir, command],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, QUAYWATCH_KAFKA_JARS: jarsDir, KAFKA_BROKERS: '', CLICKHOUSE_URL: '' },
    },
  );
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) };
  throw new Error('The owner ended before its engines were ready.');
}

describe('the data directory', () => {
  it('has one owner; its engines are shared, and die with it', { timeout: 120_000 }, async () => {
    const dataDir = join(directory.path, 'shared');
    const first = await owner(dataDir, 'start');
    expect(first.pids).toHaveLength(2);

    await expect(useEngines({ dataDir, command: 'start', config })).rejects.toThrow(
      /in use by `npm start` \(pid \d+\)/,
    );
    const guest = await useEngines({ dataDir, command: 'replay', config });
    expect(guest.owned).toBe(false);
    expect(guest.kafkaBrokers).toEqual(first.kafkaBrokers);
    await provision(guest);
    await provision(guest);
    await guest.stop();
    expect(first.pids.every(isAlive)).toBe(true);

    const killed = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await killed;
    // At once, while the old engines may still hold their directories.
    const second = await useEngines({ dataDir, command: 'start', config, kafkaHeapMb: 256 });
    expect(second.owned).toBe(true);
    await eventually('the engines of the killed owner are gone', () => !first.pids.some(isAlive));
    await provision(second);
    await second.stop();
    expect(second.pids().some(isAlive)).toBe(false);
  });

  it('is not shared by a command that is not `npm start`', { timeout: 60_000 }, async () => {
    const dataDir = join(directory.path, 'record');
    const { child, pids } = await owner(dataDir, 'record');
    await expect(useEngines({ dataDir, command: 'replay', config })).rejects.toThrow(/in use by `npm run record`/);
    child.kill('SIGKILL');
    await eventually('its engines are gone', () => !pids.some(isAlive));
  });
});

describe('engines', () => {
  it('that crash are started again at the same address', { timeout: 60_000 }, async () => {
    const engines = await useEngines({
      dataDir: join(directory.path, 'crash'),
      command: 'start',
      config,
      kafkaHeapMb: 256,
    });
    await provision(engines);
    const before = engines.pids();
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await eventually(
      'both answer again',
      () =>
        provision(engines).then(
          () => engines.pids().every((pid) => !before.includes(pid)),
          () => false,
        ),
      30_000,
    );
    await engines.stop();
  });

  it('that are given in the environment replace the embedded ones', async () => {
    const given = infraConfig({
      KAFKA_BROKERS: 'a:9092,b:9092',
      CLICKHOUSE_URL: 'https://warehouse.example:8443/',
      CLICKHOUSE_USER: 'w',
      CLICKHOUSE_PASSWORD: 'p',
    });
    const engines = await useEngines({ dataDir: join(directory.path, 'given'), command: 'replay', config: given });
    expect(engines.env).toEqual({
      KAFKA_BROKERS: 'a:9092,b:9092',
      CLICKHOUSE_URL: 'https://warehouse.example:8443',
      CLICKHOUSE_USER: 'w',
      CLICKHOUSE_PASSWORD: 'p',
    });
    expect(engines.clickhouse.reader).toEqual({ user: 'w', password: 'p' });
    expect(engines.owned).toBe(false);
  });

  it('are not looked for while a setting is wrong', () => {
    expect(() => infraConfig({ CLICKHOUSE_URL: 'warehouse', QUAYWATCH_PORT: '0' })).toThrow(/2 settings are wrong/);
  });
});
