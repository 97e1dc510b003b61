import { FLAGS, SIZE_TYPES, TERMINALS } from '@quaywatch/contracts';
import { dayNumberOfDate, dayStartMs, halfYearOf, terminalHalfYearTarget } from '@quaywatch/seeds';
import { expect, test, vi } from 'vitest';
import { loadScenario } from '../scenario/built-in.ts';
import { anchorScenario } from '../scenario/scenario.ts';
import { createDayPlan, type DayPlan } from './day-plan.ts';
import { createDisturbances } from './disturbances.ts';
import { callsAt } from './vessel-calls.ts';
import { createVolumePlan } from './volume-plan.ts';

vi.setConfig({ testTimeout: 60_000 });
const seed = Number(process.env['SEED'] ?? 7);

function planner(scenarioName: string, givesBack: boolean, theSeed = seed) {
  const disturbances = createDisturbances(
    anchorScenario(loadScenario(scenarioName), dayStartMs(dayNumberOfDate(2026, 11, 22)), 'test'),
  );
  const volume = createVolumePlan({ seed: theSeed, disturbances, givesBack });
  return (terminal: number, day: number) => createDayPlan({ seed: theSeed, volume, disturbances }, terminal, day);
}

/** Headline TEU hundredths, the slow way: entry by entry. */
function slowSum(plan: DayPlan): number {
  let sum = 0;
  for (let i = 0; i < plan.count; i++) {
    const flags = plan.flags[i] ?? 0;
    const isForeign = (flags & FLAGS.tradeMask) >> FLAGS.tradeShift < 2;
    if (isForeign && (flags & FLAGS.restow) === 0) sum += SIZE_TYPES[plan.sizeType[i] ?? 0]?.teuHundredths ?? 0;
  }
  return sum;
}

test.each([
  ['2025H1', 2025, 67_410_000],
  ['2024H1', 2024, 60_566_038],
] as const)(
  'the moves of %s add up to the reference exactly, with closures in it, for the nation and every terminal',
  (id, year, teu) => {
    const planOf = planner('history', true);
    const half = halfYearOf(dayNumberOfDate(year, 1, 1));
    const sums = TERMINALS.map(({ index }) => {
      let sum = 0;
      for (let day = half.firstDay; day < half.lastDayExclusive; day++) sum += slowSum(planOf(index, day));
      return sum;
    });
    expect(sums).toEqual(TERMINALS.map(({ index }) => terminalHalfYearTarget(index, id) * 100));
    expect(sums.reduce((all, one) => all + one, 0)).toBe(teu * 100);
  },
);

test('a closed terminal has no moves, and the rest of the half-year gives back what that took', () => {
  const closed = dayNumberOfDate(2024, 9, 16);
  const calm = planner('calm', true);
  const history = planner('history', true);
  // Waigaoqiao 4 at Shanghai, in the typhoon of September 2024; reopened at 20:00.
  const plan = history(0, closed);
  expect(plan.timeS.filter((timeS) => timeS < 20 * 3600).length).toBe(0);
  expect(plan.count).toBeGreaterThan(0);
  const before = dayNumberOfDate(2024, 8, 20);
  expect(history(0, before).headlineTeu).toBeGreaterThan(calm(0, before).headlineTeu);
});

test('live, a disturbance changes nothing that came before it', () => {
  const today = dayNumberOfDate(2026, 11, 22);
  const terminal = TERMINALS.findIndex((one) => one.code === 'CNQIN:QQCTX');
  const calm = planner('calm', false)(terminal, today);
  // The demo's surge begins a minute after 00:00.
  const demo = planner('demo', false)(terminal, today);
  expect(demo.count).toBeGreaterThan(calm.count);
  const yesterday = (name: string) => planner(name, false)(terminal, today - 1);
  expect(yesterday('demo')).toEqual(yesterday('calm'));
  const stalled = TERMINALS.findIndex((one) => one.code === 'CNNBO:BLGAN');
  const lost = planner('demo', false)(stalled, today - 1);
  expect(lost.timeS.filter((timeS) => timeS >= 22 * 3600).length).toBe(0);
  const whole = planner('calm', false)(stalled, today - 1);
  expect(lost.timeS.filter((timeS) => timeS < 22 * 3600)).toEqual(whole.timeS.filter((timeS) => timeS < 22 * 3600));
});

test('a day is a function of seed, terminal and day alone', () => {
  const day = dayNumberOfDate(2025, 5, 9);
  const one = planner('calm', true);
  one(3, day - 1);
  expect(one(3, day)).toEqual(planner('calm', true)(3, day));
  expect(one(3, day).timeS).not.toEqual(planner('calm', true, seed + 1)(3, day).timeS);
});

test('boxes are what boxes are: TEU a box, empties, other trades, restows, and every entry is well formed', () => {
  const planOf = planner('calm', true);
  const day = dayNumberOfDate(2025, 5, 9);
  let [boxes, teu, empty, other, otherTeu, restow, fortyFive] = [0, 0, 0, 0, 0, 0, 0];
  for (const { index } of TERMINALS) {
    const plan = planOf(index, day);
    teu += plan.headlineTeu;
    for (let i = 0; i < plan.count; i++) {
      const flags = plan.flags[i] ?? 0;
      const hundredths = SIZE_TYPES[plan.sizeType[i] ?? 0]?.teuHundredths ?? 0;
      expect(flags & FLAGS.reserved).toBe(0);
      expect(plan.timeS[i]).toBeGreaterThanOrEqual(plan.timeS[i - 1] ?? 0);
      expect(plan.timeS[i]).toBeLessThan(86_400);
      const isDomestic = (flags & FLAGS.tradeMask) >> FLAGS.tradeShift === 2;
      if (isDomestic) expect(plan.calls[plan.call[i] ?? 0]?.mixedTrade).toBe(true);
      if ((flags & FLAGS.restow) !== 0) restow++;
      else if ((flags & FLAGS.tradeMask) >> FLAGS.tradeShift > 1)
        [other, otherTeu] = [other + 1, otherTeu + hundredths / 100];
      else {
        boxes++;
        if ((flags & FLAGS.empty) !== 0) empty++;
        if (hundredths === 225) fortyFive++;
      }
    }
  }
  expect(teu / boxes).toBeGreaterThan(1.6);
  expect(teu / boxes).toBeLessThan(1.7);
  expect(empty / boxes).toBeGreaterThan(0.18);
  expect(empty / boxes).toBeLessThan(0.3);
  expect(otherTeu / teu).toBeGreaterThan(0.02);
  expect(otherTeu / teu).toBeLessThan(0.05);
  expect(restow).toBeGreaterThan(0);
  expect(fortyFive / boxes).toBeGreaterThan(0.003);
  expect(fortyFive % 4).toBe(0);
});

test('cranes of a busy quay work 25 to 35 moves an hour on average, and no vessel has moves before it berths', () => {
  const planOf = planner('calm', true);
  for (const code of ['CNSGH:SGICT', 'CNYTN:YICT', 'CNNBO:BLCT6', 'CNQIN:QQCTX']) {
    const terminal = TERMINALS.findIndex((one) => one.code === code);
    let [moves, cranes] = [0, 0];
    for (let day = dayNumberOfDate(2025, 5, 5); day < dayNumberOfDate(2025, 5, 12); day++) {
      const plan = planOf(terminal, day);
      moves += plan.count;
      for (let hour = 0; hour < 24; hour++) {
        cranes += callsAt(seed, terminal, plan.startS / 3600 + hour).reduce((sum, call) => sum + call.cranes, 0);
      }
    }
    expect(moves / cranes, code).toBeGreaterThan(22);
    expect(moves / cranes, code).toBeLessThan(38);
  }
});

test('calls have ids of their own, IMO numbers with a right check digit, and last longer than an hour', () => {
  const plan = planner('calm', true)(23, dayNumberOfDate(2025, 5, 9));
  expect(new Set(plan.calls.map((call) => call.id)).size).toBe(plan.calls.length);
  for (const { imo } of plan.calls) {
    const sum = [...imo.slice(0, 6)].reduce((total, digit, i) => total + Number(digit) * (7 - i), 0);
    expect(`${imo}`).toMatch(/^\d{7}$/);
    expect(sum % 10).toBe(Number(imo.at(-1)));
  }
});
