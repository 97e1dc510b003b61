/**
 * `npm run check`: format and lint, types, dead code and layers, side by side.
 * Mends nothing; `npx biome check --write` does.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, runCommand, UsageError } from './command-line.ts';

const bin = (path: string) => join(root, 'node_modules', path);
const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'biome', args: [bin('@biomejs/biome/bin/biome'), 'check', '.'] },
  { name: 'types', args: [bin('typescript/bin/tsc'), '-p', '.'] },
  { name: 'knip', args: [bin('knip/bin/knip.js'), '--no-progress'] },
  ...(existsSync(join(root, 'tidy.test.ts'))
    ? [{ name: 'layers', args: [bin('vitest/vitest.mjs'), 'run', 'tidy.test.ts', '--reporter=dot'] }]
    : []),
];

function run({ name, args }: (typeof checks)[number], stop: AbortSignal): Promise<boolean> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const child = spawn(process.execPath, [...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      process.stdout.write(`${name}: ${code === 0 ? 'good' : 'FAILED'} (${seconds} s)\n`);
      resolve(code === 0);
    });
  });
}

const help = `Usage: npm run check

Format and lint, types, dead code and layers; mends nothing. Exit code 1 when one fails.`;

await runCommand(async (stop) => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (args.length > 0) throw new UsageError(`There is nothing to choose.\n\n${help}`);
  const results = await Promise.all(checks.map((check) => run(check, stop)));
  return results.every((isGood) => isGood) ? 0 : 1;
});
