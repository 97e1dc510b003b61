import { expect, test } from 'vitest';
import { createPortsDetection, decideTick, type PortRow } from './detect-ports.ts';
import { scoreAlerts, type Told } from './testing/port-score.ts';
import { makePortWeeks } from './testing/port-weeks.ts';

const seed = Number(process.env['SEED'] ?? 4242);
const slotMs = 300_000;
const dayMs = 86_400_000;

test(`a half-year of six ports is told right (SEED=${seed})`, () => {
  const weeks = makePortWeeks(seed, 6);
  const lastYears = [...weeks.history].map(([port, days]) => ({
    port,
    firstDay: (days[0]?.[0] ?? 0) / dayMs,
    teu: days.map(([, teu]) => teu),
  }));
  const detection = createPortsDetection({ lastYears, calendar: weeks.calendar });
  const told: Told[] = [];
  for (let i = 0; i < (weeks.t1 - weeks.t0) / slotMs; i++) {
    const rows = new Map<string, PortRow>();
    for (const { port, teu, moves, messages } of weeks.ports)
      if ((messages[i] ?? -1) >= 0)
        rows.set(port, { teu: teu[i] ?? 0, moves: moves[i] ?? 0, messages: messages[i] ?? 0 });
    for (const { port, kind, state } of decideTick(detection, weeks.t0 + i * slotMs, rows))
      told.push({ atMs: weeks.t0 + (i + 1) * slotMs, port, kind, state });
  }
  const score = scoreAlerts(weeks, told);
  expect(score.recall).toBeGreaterThanOrEqual(0.9);
  expect(score.falsePerPortWeek).toBeLessThanOrEqual(0.1);
  expect(score.openingsPerEvent).toBeLessThanOrEqual(1.15);
  expect(score.falseInPlanned).toBe(0);
  expect(score.delays.closure.median).toBeLessThanOrEqual(20);
  expect(score.delays.outage.p90).toBeLessThanOrEqual(15);
});
