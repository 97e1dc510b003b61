// Clusters and the nation, told as stories: every port expects as much as any other, five minutes a step.
import { type AlertTransition, DEFAULT_RULE_SET, type PlannedStoppage, PORTS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { createAreas, decideAreas } from './areas.ts';
import { fixedRules } from './rule-timeline.ts';

const startMs = Date.UTC(2025, 2, 10);
/** TEU hundredths a port and hour, of this year and of the last. */
const [hourly, lastYearHourly] = [36_000, 32_400];

/** Days in which so many ports are silent, and the share of what is expected that the others bring. */
type Part = readonly [days: number, silentPorts: number, share: number, lastYearShare?: number];

/** @param shareOf what a port brings, as a share of what the part says. */
function story(
  parts: readonly Part[],
  planned: PlannedStoppage[] = [],
  shareOf: (code: string, endMs: number) => number = () => 1,
): AlertTransition[] {
  const random = createRandom(5);
  const state = createAreas();
  const rules = fixedRules({
    ...DEFAULT_RULE_SET,
    detection: { ...DEFAULT_RULE_SET.detection, planned },
  });
  const out: AlertTransition[] = [];
  let endMs = startMs;
  for (const [days, silentPorts, share, lastYearShare = 1] of parts) {
    for (let i = 0; i < days * 288; i++) {
      endMs += 300_000;
      const windows = PORTS.slice(silentPorts).map((port) => {
        const teu = Math.round((hourly / 12) * share * shareOf(port.code, endMs) * (0.8 + 0.4 * random()));
        return { portIndex: port.index, endMs, teu, moves: 10, baseline: hourly / 12, knownAtMs: endMs };
      });
      const years = { portHour: () => hourly, lastYearHour: () => lastYearHourly * lastYearShare, doubtAt: () => 0 };
      decideAreas(state, { run: 't', rules, isSimulated: true, endMs, ...years }, windows, out);
    }
  }
  return out;
}

const kindsOfNation = (told: readonly AlertTransition[]) =>
  new Set(told.filter((one) => one.level === 'nation').map((one) => one.kind));

test('ports whose feeds are silent for days are no growth on last year, and no drop', () => {
  expect(
    kindsOfNation(
      story([
        [20, 0, 1],
        [12, 3, 1],
      ]),
    ),
  ).toEqual(new Set());
});

test('work that grows for days is', () => {
  const told = story([
    [20, 0, 1],
    [12, 0, 1.12],
  ]);
  expect([...kindsOfNation(told)].some((kind) => kind === 'drift' || kind === 'year_on_year')).toBe(true);
});

test('growth on last year is told in per cent, and its size in TEU', () => {
  const told = story([
    [20, 0, 1],
    [14, 0, 1, 0.8],
  ]);
  const firing = told.find((one) => one.level === 'nation' && one.kind === 'year_on_year');
  // 36,000 over 32,400 is +11 %; over 0.8 of it, in the two days that decided, about +25 % and more.
  expect(firing?.expected).toBeGreaterThan(10);
  expect(firing?.expected).toBeLessThan(13);
  expect(firing?.value).toBeGreaterThan(20);
  expect(firing?.value).toBeLessThan(42);
  expect(firing?.band).toBeLessThan(10);
  expect(firing?.size_teu).toBeGreaterThan(10_000);
});

test('ports that are planned to stop are no drop above them, and ports that are not planned are', () => {
  const dayMs = 86_400_000;
  const [fromMs, toMs] = [startMs + 6 * dayMs, startMs + 7 * dayMs];
  const stopping = PORTS.filter((port) => port.clusterGroup === 'bohai').slice(0, 4);
  const told = (planned: PlannedStoppage[]) =>
    story([[8, 0, 1]], planned, (code, endMs) =>
      endMs > fromMs && endMs <= toMs && stopping.some((port) => port.code === code) ? 0 : 1,
    ).map((one) => `${one.level} ${one.kind} ${one.status}`);
  const plan = stopping.map(({ code: port }) => ({ port, terminals: [], from_ms: fromMs, to_ms: toMs, note: '' }));
  expect(told([])).toContain('cluster drop firing');
  expect(told(plan)).toEqual([]);
});

test('what a port did before its feed fell silent is not counted again while it is', () => {
  const [first] = PORTS;
  // All work less; the first does nothing at all for three hours, and is then silent for nine.
  const told = story(
    [
      [4, 0, 1],
      [1 / 8, 0, 0.4],
      [3 / 8, 1, 0.4],
    ],
    [],
    (code, endMs) => (code === first?.code && endMs > startMs + 4 * 86_400_000 ? 0 : 1),
  );
  const last = told.findLast((one) => one.level === 'nation');
  expect(last?.contributors).toHaveLength(8);
  expect(last?.contributors.map(({ port }) => port)).not.toContain(first?.code);
});
