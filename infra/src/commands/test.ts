/**
 * `npm test`: every Vitest project, and a last line "N passed, N failed" (and ", N skipped" where some were) that a script can read.
 * Arguments are Vitest's own. Exit code 1 when anything failed or nothing ran.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runCommand } from './command-line.ts';

type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly brokenFiles: number;
};

function numberIn(report: unknown, name: string): number {
  const value = typeof report === 'object' && report !== null && name in report ? Reflect.get(report, name) : undefined;
  return typeof value === 'number' ? value : 0;
}

/** From Vitest's JSON report. A file that fails before any of its tests runs counts as one failed. */
function countsIn(file: string): Counts {
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const results = typeof report === 'object' && report !== null && 'testResults' in report ? report.testResults : [];
  const files: readonly unknown[] = Array.isArray(results) ? results : [];
  const isBroken = (one: unknown) =>
    typeof one === 'object' &&
    one !== null &&
    'status' in one &&
    one.status === 'failed' &&
    'assertionResults' in one &&
    Array.isArray(one.assertionResults) &&
    !one.assertionResults.some((assertion: { status?: unknown }) => assertion.status === 'failed');
  return {
    passed: numberIn(report, 'numPassedTests'),
    failed: numberIn(report, 'numFailedTests'),
    skipped: numberIn(report, 'numPendingTests') + numberIn(report, 'numTodoTests'),
    brokenFiles: files.filter(isBroken).length,
  };
}

function vitest(args: readonly string[], stop: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args], {
      cwd: root,
      stdio: 'inherit',
    });
    stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

await runCommand(async (stop) => {
  const args = process.argv.slice(2);
  const directory = mkdtempSync(join(tmpdir(), 'quaywatch-test-'));
  try {
    const file = join(directory, 'report.json');
    const code = await vitest(['--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args], stop);
    if (args.includes('--help')) return code;
    let counts: Counts;
    try {
      counts = countsIn(file);
    } catch {
      // Vitest has said why; without a report nothing is known to have passed.
      counts = { passed: 0, failed: 1, skipped: 0, brokenFiles: 0 };
    }
    const known = counts.failed + counts.brokenFiles;
    // An unhandled error outside of any test fails the run as well, and so does a run in which nothing passed: it has shown nothing.
    const failed = known === 0 && (code !== 0 || counts.passed === 0) ? 1 : known;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`${counts.passed} passed, ${failed} failed${skipped}\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
