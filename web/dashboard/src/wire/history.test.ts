import { signal } from '@preact/signals';
import { PORTS } from '@quaywatch/contracts';
import { HOUR_MS } from '@quaywatch/words';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Link } from './connection.ts';
import { startHistory } from './history.ts';
import { createWorld } from './store.ts';

const PORT = 'CNSHA';
const NOW = Date.UTC(2025, 5, 18, 6, 30);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('hours that storage could not give are asked for again, those alone', async () => {
  const asked: string[] = [];
  let isDown = true;
  vi.stubGlobal('fetch', (path: string) => {
    const port = new URL(path, 'http://page').searchParams.get('port') ?? '';
    asked.push(port);
    if (isDown && port === PORT) return Promise.resolve(new Response('{}', { status: 503 }));
    const window = { port, terminal: '', size_s: 3600, start_ms: NOW - (NOW % HOUR_MS) - HOUR_MS, teu: 1 };
    return Promise.resolve(new Response(JSON.stringify({ as_of: NOW, run: 'live', windows: [window] })));
  });
  const world = createWorld();
  world.clock.value = { asOfMs: NOW, watermarkMs: NOW };
  startHistory({ link: signal<Link>({ kind: 'open' }) }, world);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(PORTS.length);
  expect(world.series(PORT, '', 3600).peek()).toHaveLength(0);
  isDown = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(world.series(PORT, '', 3600).peek()).toHaveLength(1);
  expect(asked.slice(PORTS.length)).toEqual([PORT]);
});
