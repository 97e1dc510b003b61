import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { supervise } from './supervisor.ts';
import { eventually, temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

/** Supervises a process that ends with a code. Returns what is said, and whether the product is lost. */
async function supervised(name: string, code: number, until: (said: readonly string[], lost: number) => boolean) {
  const main = join(directory.path, `${name}.mjs`);
  writeFileSync(main, `console.log('why it ended'); process.exit(${code});\n`);
  const said: string[] = [];
  let lost = 0;
  const options = {
    logsDir: directory.path,
    onProgress: (message: string) => said.push(message),
    onLost: () => {
      lost++;
    },
  };
  const process_ = supervise({ name, main, env: {} }, options);
  await eventually(`${name} has ended`, () => until(said, lost));
  await process_.stop();
  return { said, lost };
}

test('a process that has stopped itself is left alone, with its last words', async () => {
  const { said, lost } = await supervised('halts', 3, (all) => all.length > 0);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/stopped itself and stays stopped.*why it ended/s);
  expect(lost).toBe(0);
});

test('one that was used wrongly ends the product', async () => {
  expect((await supervised('wrong', 2, (_, lost) => lost > 0)).said).toEqual([]);
});
