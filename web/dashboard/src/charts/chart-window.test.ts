import { DAY_MS, HOUR_MS, MINUTE_MS } from '@quaywatch/words';
import { describe, expect, it } from 'vitest';
import { askedOf, first, queryOf, rangeOf, type Shown, showing, shownOf, sizeFor, zoomed } from './chart-window.ts';

const NOW = Date.UTC(2026, 10, 22, 4);
const there = (shown: Shown) => shownOf(new URLSearchParams(queryOf(shown)));

describe('zoom', () => {
  it('keeps the moment under the pointer where it is, and pins', () => {
    const after = zoomed(first('five'), 0.5, 0.25, NOW);
    const { fromMs, toMs } = rangeOf(after, NOW);
    expect(toMs - fromMs).toBe(DAY_MS / 2);
    expect(fromMs + 0.25 * (toMs - fromMs)).toBe(NOW - 0.75 * DAY_MS);
    expect(after.pinned).not.toBeNull();
  });
  it('at the present goes on following, nearer', () =>
    expect(zoomed(first('five'), 0.5, 0.99, NOW)).toEqual({ size: 'five', lastMs: DAY_MS / 2, pinned: null }));
  it('takes minutes where five minutes are too few, and hours where they are too many', () => {
    expect(showing(first('five'), { fromMs: NOW - HOUR_MS, toMs: NOW - HOUR_MS / 2 }, NOW).size).toBe('minute');
    expect(showing(first('five'), { fromMs: NOW - 30 * DAY_MS, toMs: NOW }, NOW).size).toBe('hour');
  });
  it('takes no minutes of a time whose minutes are gone', () => {
    const old = { fromMs: NOW - 20 * DAY_MS, toMs: NOW - 20 * DAY_MS + 40 * MINUTE_MS };
    expect(sizeFor(old, 'five', NOW)).toBe('five');
    expect(sizeFor({ ...old, toMs: old.fromMs + 2 * HOUR_MS }, 'minute', NOW)).toBe('five');
  });
  it('shows at least ten minutes', () => {
    const { fromMs, toMs } = rangeOf(showing(first('minute'), { fromMs: NOW - 9_000, toMs: NOW - 8_000 }, NOW), NOW);
    expect(toMs - fromMs).toBe(10 * MINUTE_MS);
  });
  it('never shows what has not been', () =>
    expect(rangeOf(showing(first('five'), { fromMs: NOW - HOUR_MS, toMs: NOW + HOUR_MS }, NOW), NOW).toMs).toBe(NOW));
});

describe('the address', () => {
  it.each<[string, Shown]>([
    ['says nothing of what is shown at first', first('five')],
    ['keeps a size', first('day')],
    ['keeps a width that follows', { size: 'minute', lastMs: 6 * HOUR_MS, pinned: null }],
    ['keeps a pinned stretch', { size: 'hour', lastMs: 14 * DAY_MS, pinned: { fromMs: NOW - HOUR_MS, toMs: NOW } }],
  ])('%s', (_what, shown) => expect(there(shown)).toEqual(shown));
  it('is short at first', () => expect(queryOf(first('five'))).toEqual({}));
  it('with nonsense shows what is shown at first', () =>
    expect(shownOf(new URLSearchParams('size=x&from=9&to=3&last=-1'))).toEqual(first('five')));
});

describe('what storage is asked for', () => {
  it('stays the same while a chart follows the present, for a quarter of an hour', () => {
    const spans = [0, 250, 5 * MINUTE_MS, 15 * MINUTE_MS - 1].map((passedMs) =>
      askedOf(300, { fromMs: NOW + 1 - 4 * DAY_MS + passedMs, toMs: NOW + 1 + passedMs }),
    );
    expect(new Set(spans.slice(0, 3).map((span) => JSON.stringify(span))).size).toBe(1);
    expect(spans[0]).toEqual({ from: NOW - 4 * DAY_MS, to: NOW + 15 * MINUTE_MS });
    expect(spans[3]).toEqual({ from: NOW + 15 * MINUTE_MS - 4 * DAY_MS, to: NOW + 15 * MINUTE_MS });
  });
});
