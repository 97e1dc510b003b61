/** Three days as the live log while the processor and the notifier are killed: the same alerts, told once. SEED=… repeats one. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engines } from '../engines.ts';
import { alertsUnderKills } from '../faults/alerts-under-kills.ts';
import { writeIncidents } from '../faults/incidents.ts';
import { readRecording } from '../faults/recorded-log.ts';
import { kafkaClient } from '../kafka-client.ts';
import { temporaryDirectory } from '../testing.ts';
import { killChildren, printedBy, run, startEngines, stretch } from './bench.testing.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const directory = temporaryDirectory();
let engines: Engines;

beforeAll(async () => {
  engines = await startEngines(directory.path);
  const scenario = join(directory.path, 'incidents.json');
  writeIncidents(scenario, 3, seed);
  const recording = [...stretch, '--name', 'faults', '--scenario', scenario, '--json'];
  await printedBy(run('producers/src/record-main.ts', recording, engines.env));
});
afterAll(async () => {
  killChildren();
  await engines?.stop();
  directory.remove();
});

test(`killed six times (SEED=${seed}): transitions, rows and what receivers hear are those of an undisturbed run`, async () => {
  const log = await readRecording(kafkaClient(engines.kafkaBrokers, 'test'), 'faults');
  const stop = new AbortController();
  const bench = { engines, dataDir: directory.path, log, tell: () => {}, stop: stop.signal };
  const result = await alertsUnderKills(bench, { kills: 6, seed, livesMsMax: 2_500, patience: 0 });
  expect(result.problems).toEqual([]);
  // Nothing that is compared is empty.
  expect(result.kills.processor + result.kills.notifier).toBe(6);
  expect(result.areas(result.disturbed)).toBeGreaterThan(0);
  expect(result.told.keys).toBeGreaterThan(50);
  expect(Math.min(...Object.values(result.heard))).toBeGreaterThan(0);
}, 300_000);
