/**
 * Builds the page when its sources have changed since it was built.
 * Serves nothing.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const ignored = new Set(['node_modules', 'dist', '.git']);

function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !ignored.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(directory, entry.name)) : [join(directory, entry.name)]))
    .sort();
}

/** Of everything the page is made from: its own sources, the contracts and words it imports and the versions of its packages. */
function sourcesHash(root: string): string {
  const hash = createHash('sha256');
  const directories = ['web/dashboard', 'packages/contracts/src', 'packages/words/src'].flatMap((name) =>
    filesUnder(join(root, name)),
  );
  for (const file of [...directories, join(root, 'package-lock.json')])
    hash.update(`${file}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * @returns 'fresh' when there was nothing to do, 'absent' when there is no page in this checkout.
 * @throws Error with vite's output.
 */
export async function buildPage(root: string, signal: AbortSignal): Promise<'built' | 'fresh' | 'absent'> {
  const dashboard = join(root, 'web', 'dashboard');
  if (!existsSync(join(dashboard, 'index.html'))) return 'absent';
  const stamp = join(dashboard, 'dist', '.sources');
  const hash = sourcesHash(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 'fresh';
  const vite = join(
    dirname(createRequire(join(dashboard, 'index.html')).resolve('vite/package.json')),
    'bin',
    'vite.js',
  );
  const output: Buffer[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
      cwd: dashboard,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`The page could not be built:\n${Buffer.concat(output).toString('utf8').slice(-4_000)}`);
  writeFileSync(stamp, hash);
  return 'built';
}
