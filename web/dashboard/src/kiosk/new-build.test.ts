import { expect, test } from 'vitest';
import type { Link } from '../wire/connection.ts';
import { filesOf, occasionOf, TAKEN_EVERY_MS, verdictOf, WAIT_MAX_MS } from './new-build.ts';

const page = (hash: string) =>
  `<script type="module" crossorigin src="./assets/index-${hash}.js"></script><link rel="icon" href="./favicon.svg" /><link rel="stylesheet" href="./assets/index-B2.css">`;
const own = [...filesOf(page('A1')), './assets/fetched-later-D4.js'];
const asked = { own, theirs: filesOf(page('C3')), urgent: 0, waitedMs: 0, sinceTakenMs: Number.POSITIVE_INFINITY };

test('a build is known by the names of its files', () =>
  expect(filesOf(page('A1'))).toEqual(['./assets/index-A1.js', './assets/index-B2.css']));

test.each([
  ['another page, at a calm moment', {}, 'take'],
  ['the page on screen', { theirs: filesOf(page('A1')) }, 'keep'],
  ['no page', { theirs: filesOf('<p>Bad gateway</p>') }, 'ask again'],
  ['while somebody has to act', { urgent: 1 }, 'ask again'],
  ['and nobody has for nearly an hour', { urgent: 1, waitedMs: WAIT_MAX_MS - 1 }, 'ask again'],
  ['and nobody has for an hour', { urgent: 1, waitedMs: WAIT_MAX_MS }, 'take'],
  ['again, as from another gateway beside', { sinceTakenMs: TAKEN_EVERY_MS - 1 }, 'ask again'],
  ['again, and none was taken for long', { sinceTakenMs: TAKEN_EVERY_MS }, 'take'],
  ['again, however long it has waited', { urgent: 1, waitedMs: WAIT_MAX_MS, sinceTakenMs: 1 }, 'ask again'],
] as const)('%s', (_what, more, verdict) => expect(verdictOf({ ...asked, ...more })).toBe(verdict));

test('asks at each connection, and every few attempts where none opens', () => {
  const waiting = (attempt: number): Link => ({ kind: 'waiting', attempt, retryAtMs: 0 });
  expect(occasionOf({ kind: 'open' })).toBe('open');
  expect(occasionOf({ kind: 'connecting' })).toBeNull();
  const occasions = Array.from({ length: 15 }, (_, index) => occasionOf(waiting(index + 1)));
  expect(occasions.slice(0, 4)).toEqual([null, null, null, null]);
  expect(new Set(occasions.slice(4)).size).toBe(3);
});
