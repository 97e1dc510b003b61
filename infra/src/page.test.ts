import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { publishPage } from './page.ts';
import { temporaryDirectory } from './testing.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const DAY_MS = 86_400_000;
const dist = join(directory.path, 'dist');
const read = (name: string) => readFileSync(join(dist, name), 'utf8');

/** A build whose view is in a file of its own, and the day on which it was made. */
function publish(version: string, day: number): void {
  const built = join(dist, '.building-1');
  mkdirSync(join(built, 'assets'), { recursive: true });
  for (const [name, text] of [
    ['index.html', `page ${version}`],
    ['favicon.svg', 'mark'],
    [`assets/view-${version}.js`, `view ${version}`],
    ['assets/shared-same.js', 'shared'],
  ] as const) {
    writeFileSync(join(built, name), text);
    utimesSync(join(built, name), day * 86_400, day * 86_400);
  }
  publishPage(built, dist, day * DAY_MS);
}

test('a page that is open finds its views after a rebuild; a month after it they are gone', () => {
  publish('a', 0);
  publish('b', 10);
  expect(read('index.html')).toBe('page b');
  expect(read('assets/view-a.js')).toBe('view a');
  expect(read('assets/view-b.js')).toBe('view b');
  publish('c', 41);
  expect(readdirSync(join(dist, 'assets')).sort()).toEqual(['shared-same.js', 'view-b.js', 'view-c.js']);
  expect(read('index.html')).toBe('page c');
});

test('a page that was served for longer than a month is still whole after a rebuild, for a month', () => {
  publish('x', 100);
  publish('y', 150);
  expect(read('assets/view-x.js')).toBe('view x');
  publish('z', 181);
  expect(readdirSync(join(dist, 'assets')).sort()).toEqual(['shared-same.js', 'view-y.js', 'view-z.js']);
});
