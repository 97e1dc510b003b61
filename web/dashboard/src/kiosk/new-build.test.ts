import { expect, test } from 'vitest';
import { filesOf, isCalm, isOther, WAIT_MAX_MS } from './new-build.ts';

const page = (hash: string) =>
  `<script type="module" crossorigin src="./assets/index-${hash}.js"></script><link rel="icon" href="./favicon.svg" /><link rel="stylesheet" href="./assets/index-B2.css">`;

test('a build is known by the names of its files', () => {
  const own = [...filesOf(page('A1')), './assets/fetched-later-D4.js'];
  expect(filesOf(page('A1'))).toEqual(['./assets/index-A1.js', './assets/index-B2.css']);
  expect(isOther(filesOf(page('A1')), own)).toBe(false);
  expect(isOther(filesOf(page('C3')), own)).toBe(true);
  expect(isOther(filesOf('<p>Bad gateway</p>'), own)).toBe(false);
});

test.each([
  [0, 0, true],
  [1, 0, false],
  [1, WAIT_MAX_MS - 1, false],
  [1, WAIT_MAX_MS, true],
])('with %i that somebody has to act on, after %i ms: %s', (urgent, waitedMs, calm) =>
  expect(isCalm(urgent, waitedMs)).toBe(calm),
);
