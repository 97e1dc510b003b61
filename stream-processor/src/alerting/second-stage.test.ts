// What an upgrade does to what clusters and the nation had open.
import { type AlertTransition, PORTS } from '@quaywatch/contracts';
import { createRandom } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { PortWindows, windowMs } from './port-windows.ts';
import { createRuleTimeline } from './rule-timeline.ts';
import { createSecondStage, decideThrough, type SecondStage, upgradedStage } from './second-stage.ts';

const startMs = Date.UTC(2025, 2, 10);
const hourly = 36_000;
const expectations = { portHour: () => hourly, lastYearHour: () => hourly, doubtAt: () => 0 };

/** Decides so many windows more, in which every port does such a share of what is expected of it. */
function goOn(stage: SecondStage, slots: number, share: number): AlertTransition[] {
  const random = createRandom(7);
  const windows = new PortWindows();
  const fromMs = stage.decidedThroughMs;
  for (let endMs = fromMs + windowMs; endMs <= fromMs + slots * windowMs; endMs += windowMs)
    for (const { index: portIndex } of PORTS) {
      const teu = Math.round((hourly / 12) * share * (0.8 + 0.4 * random()));
      windows.put({ portIndex, endMs, teu, moves: 10, baseline: hourly / 12, knownAtMs: endMs });
    }
  const out: AlertTransition[] = [];
  const decision = { run: 't', rules: createRuleTimeline(), isSimulated: true, ...expectations };
  decideThrough(stage, windows, fromMs + slots * windowMs, decision, out);
  return out;
}

test('what was open when the version changed is resolved once, with the next window, and says why', () => {
  const stage = createSecondStage(startMs);
  const before = [...goOn(stage, 4 * 288, 1), ...goOn(stage, 72, 0.4)];
  const open = new Map(before.map((one) => [one.alert_id, one]));
  expect([...open.values()].map((one) => one.level).sort()).toEqual([...Array(4).fill('cluster'), 'nation']);
  const older = { ...JSON.parse(JSON.stringify(stage)), version: 0 };
  const upgraded: SecondStage = JSON.parse(JSON.stringify(upgradedStage(older)));
  // Upgraded again before a window came.
  const again = upgradedStage(JSON.parse(JSON.stringify(upgraded)));
  const after = goOn(again, 6, 1);
  const expected = [...open.values()].map(({ alert_id, level, cluster, transition }) => [
    ...[alert_id, level, cluster, transition + 1],
    ...['resolved', 'began_anew'],
  ]);
  const told = after.map((one) => [one.alert_id, one.level, one.cluster, one.transition, one.status, one.reason]);
  expect(told.sort()).toEqual(expected.sort());
  expect(after.every((one) => one.at_ms === startMs + (4 * 288 + 73) * windowMs)).toBe(true);
  expect(again.orphans).toEqual([]);
  expect(goOn(again, 6, 1)).toEqual([]);
});
