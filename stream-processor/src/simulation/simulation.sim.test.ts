// Five hundred seeds of the whole processor against engines that fail, and one seed that this commit chooses.
import { execFileSync } from 'node:child_process';
import { seedOf } from '@quaywatch/runtime';
import { expect, test } from 'vitest';
import { runSeed, type SeedReport } from './simulation.ts';

const given = process.env['SEED'];
const seeds = given === undefined ? Array.from({ length: 500 }, (_, i) => i + 1) : [Number(given)];

/** A stretch of seeds that nobody has run before; without git, always the same one. */
function seedOfCommit(): number {
  try {
    return seedOf(
      execFileSync('git', ['rev-parse', 'HEAD'], {
        encoding: 'utf8',
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    );
  } catch {
    return 20_250_310;
  }
}

async function run(seed: number): Promise<SeedReport> {
  const report = await runSeed(seed);
  expect(report.violation === undefined ? '' : `SEED=${seed} ${report.violation.message}`).toBe('');
  return report;
}

const COUNTED = [
  'lives',
  'rebalances',
  'deadLetters',
  'transitions',
  'areaTransitions',
  'underSavedRules',
  'marks',
  'checkpointsCompared',
] as const satisfies readonly (keyof SeedReport)[];

/** In blocks, so that a machine with other work has time for each. */
const blockSize = 50;
const blocks = Array.from({ length: Math.ceil(seeds.length / blockSize) }, (_, i) =>
  seeds.slice(i * blockSize, (i + 1) * blockSize),
);

test.each(blocks.map((block) => ({ first: block[0], last: block.at(-1), block })))(
  'seeds $first to $last: safe under every fault, and caught up when faults stop',
  async ({ block }) => {
    const reports: SeedReport[] = [];
    for (const seed of block) reports.push(await run(seed));
    if (given !== undefined) return;
    // The faults were there: a simulation in which nothing happens proves nothing.
    const sum = (name: (typeof COUNTED)[number]) => reports.reduce((total, report) => total + report[name], 0);
    expect(sum('lives')).toBeGreaterThan(block.length * 2);
    expect(sum('rebalances')).toBeGreaterThan(block.length * 3);
    expect(sum('deadLetters')).toBeGreaterThan(block.length);
    expect(sum('transitions')).toBeGreaterThan(block.length);
    expect(sum('areaTransitions')).toBeGreaterThan(0);
    expect(sum('underSavedRules')).toBeGreaterThan(block.length);
    expect(sum('marks')).toBeGreaterThan(block.length);
    expect(sum('checkpointsCompared')).toBeGreaterThan(block.length / 2);
    expect(reports.filter((report) => report.rowsStored > report.rows).length).toBeGreaterThan(block.length / 5);
    expect(reports.filter((report) => report.isTotalled).length).toBeGreaterThan(block.length / 2);
  },
);

// A second stage that began too early, a watermark that had not begun, and windows that a restart took for silent.
test.each([841, 4676, 12_199, 14_759, 14_841])('seed %i, which found a fault once', async (seed) => {
  await run(seed);
});

test('a seed that this commit chooses', async () => {
  await run(seedOfCommit());
});

test('the same seed does the same', async () => {
  for (const seed of [3, 20]) expect(await runSeed(seed)).toEqual(await runSeed(seed));
});
