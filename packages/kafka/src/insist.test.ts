import kafkajs from 'kafkajs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { insist, NoAnswerError } from './insist.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSNonRetriableError } = kafkajs;
const reset = new KafkaJSConnectionError('Connection error: read ECONNRESET', { code: 'ECONNRESET' });

/** Work that fails with each of these in turn, and then answers; what the log was told. */
function asked(failures: readonly unknown[], { stop = new AbortController() } = {}) {
  const said: string[] = [];
  let tries = 0;
  const work = async () => {
    const failure = failures[Math.min(tries, failures.length - 1)];
    tries++;
    if (tries <= failures.length || failures.at(-1) === 'for ever') throw failure === 'for ever' ? reset : failure;
    return 'answer';
  };
  const log = { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
  const outcome = insist(work, { what: 'topics', log, stop: stop.signal }).catch((error: Error) => error.message);
  return { outcome, said, tries: () => tries, stop };
}

test.each([
  ['a connection that is reset', reset],
  ['kafkajs’ own tries used up', new KafkaJSNumberOfRetriesExceeded(reset, { retryCount: 12, retryTime: 5_000 })],
  ['an answer that did not come', new NoAnswerError('The list of topics did not come.')],
])('asks again after %s, and says so once', async (_, failure) => {
  const { outcome, said, tries } = asked([failure, failure, failure]);
  await vi.runAllTimersAsync();
  expect(await outcome).toBe('answer');
  expect(tries()).toBe(4);
  expect(said).toEqual(['Kafka does not answer; it is asked again until it does.', 'Kafka answers again.']);
});

test.each([
  ['a login that is refused', new KafkaJSNonRetriableError('wrong password'), 'wrong password'],
  ['a fault of ours', new TypeError('of undefined'), 'of undefined'],
])('does not ask again after %s', async (_, failure, message) => {
  const { outcome, said, tries } = asked([failure]);
  await vi.runAllTimersAsync();
  expect(await outcome).toBe(message);
  expect(tries()).toBe(1);
  expect(said).toEqual([]);
});

test('gives up after three minutes, with what Kafka said last', async () => {
  const { outcome, tries } = asked(['for ever']);
  await vi.advanceTimersByTimeAsync(170_000);
  const before = tries();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await outcome).toBe('Connection error: read ECONNRESET');
  expect(tries()).toBeGreaterThan(before);
  const after = tries();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tries()).toBe(after);
});

test('stops at once when it is asked to, also while an answer is awaited', async () => {
  const waiting = asked(['for ever']);
  await vi.advanceTimersByTimeAsync(10_000);
  waiting.stop.abort();
  expect(await waiting.outcome).toBe('Stopped while waiting for Kafka: topics.');
  const stop = new AbortController();
  const silent = insist(() => new Promise(() => {}), {
    what: 'ends',
    log: { info() {}, warn() {} },
    stop: stop.signal,
  });
  stop.abort();
  await expect(silent).rejects.toThrow('Stopped while waiting for Kafka: ends.');
  expect(asked([], { stop }).tries()).toBe(0);
});
