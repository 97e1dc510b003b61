/**
 * `npm run faults -- alerts`: a stretch as the live log while the processor and the notifier are killed, in engines of its own in a directory
 * that it removes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infraConfig } from '../config.ts';
import { useEngines } from '../engines.ts';
import { alertsUnderKills, type Result } from '../faults/alerts-under-kills.ts';
import { writeIncidents } from '../faults/incidents.ts';
import { readRecording } from '../faults/recorded-log.ts';
import { kafkaClient } from '../kafka-client.ts';
import { provision } from '../provision.ts';
import { runOnce } from '../supervisor.ts';
import { progressFrom, root, wholeOptions } from './command-line.ts';

const HELP = `npm run faults -- alerts [options]     the same alerts, told once, whatever is killed

  --kills N     kill -9 of processor or notifier    (50)
  --days N      days of the log, from 2025-03-01    (31)
  --seed N      of incidents, kills and receivers   (1)
  --help

Exit code 1 when anything differs from the undisturbed run, or was not told.`;

const fromDay = '2025-03-01';

type Given = { readonly kills: number; readonly days: number; readonly seed: number };

function print(result: Result, { kills, days, seed }: Given): void {
  const { calm, disturbed, told } = result;
  const lines: [string, string | number, string | number][] = [
    [`${days} days from ${fromDay}, seed ${seed}`, 'undisturbed', `${kills} kills`],
    ['kill -9 of processor / notifier', '', `${result.kills.processor} / ${result.kills.notifier}`],
    ['throughput rows', calm.rows, disturbed.rows],
    ['digest of rows', calm.rowsDigest.slice(0, 16), disturbed.rowsDigest.slice(0, 16)],
    ['dead letters', calm.deadLetters, disturbed.deadLetters],
    ['alert transitions', calm.stored.size, disturbed.stored.size],
    ['of them of clusters and the nation', result.areas(calm), result.areas(disturbed)],
    ['digest of transitions', result.digest(calm), result.digest(disturbed)],
    ['published again, the same', calm.republished, disturbed.republished],
    ['decisions / keys', '', `${told.decisions} / ${told.keys}`],
    ['held back', '', told.heldBack],
    ['heard by webhook / DingTalk / PagerDuty', '', Object.values(result.heard).join(' / ')],
    ['of them repeated', '', result.repeated],
    ['answered badly or never', '', result.refused],
  ];
  for (const [name, left, right] of lines)
    process.stdout.write(`${name.padEnd(40)} ${String(left).padStart(18)} ${String(right).padStart(18)}\n`);
  for (const problem of result.problems.slice(0, 40)) process.stdout.write(`DIFFERS: ${problem}\n`);
  process.stdout.write(`${result.problems.length === 0 ? 'the same' : `${result.problems.length} differences`}\n`);
}

export async function faultsOfAlerts(args: readonly string[], stop: AbortSignal): Promise<number> {
  const wanted = wholeOptions(args, HELP, {
    kills: { otherwise: 50, least: 1, most: 1_000 },
    days: { otherwise: 31, least: 1, most: 120 },
    seed: { otherwise: 1, least: 1, most: 1_000_000_000 },
  });
  if (wanted === undefined) return 0;
  const tell = progressFrom(performance.now());
  const dataDir = mkdtempSync(join(tmpdir(), 'quaywatch-faults-'));
  // The engines that the environment names are somebody's: this deletes topics.
  const config = infraConfig({ QUAYWATCH_KAFKA_JARS: infraConfig().kafkaJarsDir });
  const engines = await useEngines({ dataDir, command: 'faults', config, signal: stop, onProgress: tell });
  try {
    await provision(engines);
    const to = new Date(Date.parse(fromDay) + wanted.days * 86_400_000).toISOString().slice(0, 10);
    const scenario = join(dataDir, 'incidents.json');
    writeIncidents(scenario, wanted.days, wanted.seed);
    tell(`Recording ${wanted.days} days.`);
    const recording = ['--from', fromDay, '--to', to, '--name', 'faults', '--scenario', scenario, '--json'];
    const main = join(root, 'producers/src/record-main.ts');
    await runOnce({ name: 'record', main, args: recording, env: engines.env }, join(dataDir, 'logs'), stop);
    const log = await readRecording(kafkaClient(engines.kafkaBrokers, 'quaywatch-faults'), 'faults');
    tell(`${log.records} records.`);
    const settings = { kills: wanted.kills, seed: wanted.seed, livesMsMax: 9_000, patience: 0.1 };
    const result = await alertsUnderKills({ engines, dataDir, log, tell, stop }, settings);
    if (stop.aborted) return 130;
    print(result, wanted);
    return result.problems.length === 0 ? 0 : 1;
  } finally {
    await engines.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
