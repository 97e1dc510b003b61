// Every canary must be caught: without its protective line the simulation fails within 200 seeds, and says by which assertion.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CANARIES } from './canaries.ts';

const seedsMax = 200;
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}

test.concurrent.each(CANARIES)(
  'without its line, $name is caught',
  async ({ name, why, first = 1 }) => {
    const { code, output } = await run([
      '--first',
      String(first),
      '--seeds',
      String(seedsMax),
      '--workers',
      '1',
      '--canary',
      name,
      '--until-failure',
    ]);
    const [, seed, caught] = /^SEED=(\d+) ([^:]+):/m.exec(output) ?? [];
    process.stdout.write(`${name} (${why}): seed ${seed}, "${caught}"\n`);
    expect(caught, output).toBeDefined();
    expect(output).toMatch(/\d+ seeds, 1 failed\n$/);
    expect(code).toBe(1);
  },
  120_000,
);

test('a failing seed is done again by itself', async () => {
  const canary = ['--canary', 'duplicates-counted', '--workers', '1'];
  const line = /^SEED=(\d+) .*$/m;
  const [told = '', seed = ''] = line.exec((await run(['--seeds', '20', ...canary, '--until-failure'])).output) ?? [];
  const again = await run(['--first', seed, '--seeds', '1', ...canary]);
  expect(line.exec(again.output)?.[0]).toBe(told);
  expect(again.output).toMatch(/1 seeds, 1 failed\n$/);
});

test('a green run says so', async () => {
  const { code, output } = await run(['--seeds', '4', '--first', '7']);
  expect(output).toMatch(/\n4 seeds, 0 failed\n$/);
  expect(code).toBe(0);
});

test.each([['--seeds', 'x'], ['--canary', 'none'], ['--nothing']])('wrong use is told: %s %s', async (...args) => {
  expect((await run(args.filter((one) => one !== undefined))).code).toBe(2);
});
