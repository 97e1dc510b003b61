import { afterEach, expect, test, vi } from 'vitest';
import { readBrushed } from './brushed.tsx';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each(['measures', 'throughput'])(
  'a stretch whose %s cannot be read is said to be unread, not to be without them',
  async (broken) => {
    vi.stubGlobal('fetch', (path: string) =>
      Promise.resolve(
        path.includes(broken)
          ? new Response('{"error":{"code":"unavailable","message":"Storage is away."}}', { status: 503 })
          : new Response('{"rows":[],"windows":[]}'),
      ),
    );
    const toMs = Date.UTC(2025, 5, 18, 6);
    expect(await readBrushed('CNSHA', { fromMs: toMs - 3_600_000, toMs }, toMs, 'key')).toBe('Storage is away.');
  },
);
