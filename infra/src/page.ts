/**
 * Builds the page when its sources have changed since it was built.
 * Serves nothing.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
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

/** Scripts and styles stay this long after another build has taken their place: a page that is open still fetches its views from them. */
const keptMs = 30 * 24 * 3_600_000;

/** Names of the files of the build that is served, a line each. A page from before there was this list is all that is there. */
const servedFile = (dist: string) => join(dist, '.assets');

function servedAssets(dist: string): string[] {
  const list = servedFile(dist);
  return existsSync(list) ? readFileSync(list, 'utf8').split('\n') : readdirSync(join(dist, 'assets'));
}

/** Hashed files first and index.html last, so that a page that is asked for meanwhile is the old one or the new one, whole. */
export function publishPage(built: string, dist: string, nowMs: number): void {
  const assets = join(dist, 'assets');
  mkdirSync(assets, { recursive: true });
  const fresh = new Set(readdirSync(join(built, 'assets')));
  // A file is as old as the day on which its page was replaced, not the day on which that was built.
  for (const name of servedAssets(dist))
    if (!fresh.has(name) && existsSync(join(assets, name))) utimesSync(join(assets, name), nowMs / 1000, nowMs / 1000);
  for (const name of fresh) renameSync(join(built, 'assets', name), join(assets, name));
  const others = readdirSync(built).filter((name) => name !== 'assets' && name !== 'index.html');
  for (const name of [...others, 'index.html']) renameSync(join(built, name), join(dist, name));
  writeFileSync(servedFile(dist), [...fresh].join('\n'));
  for (const name of readdirSync(assets))
    if (!fresh.has(name) && nowMs - statSync(join(assets, name)).mtimeMs > keptMs) rmSync(join(assets, name));
}

async function runVite(dashboard: string, outDir: string, signal: AbortSignal): Promise<void> {
  const vite = join(
    dirname(createRequire(join(dashboard, 'index.html')).resolve('vite/package.json')),
    'bin',
    'vite.js',
  );
  const output: Buffer[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', outDir], {
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
}

/**
 * Builds beside what is served and then puts it in its place: what fails or is stopped leaves the old page whole.
 *
 * @returns 'fresh' when there was nothing to do, 'absent' when there is no page in this checkout.
 * @throws Error with vite's output.
 */
export async function buildPage(root: string, signal: AbortSignal): Promise<'built' | 'fresh' | 'absent'> {
  const dashboard = join(root, 'web', 'dashboard');
  if (!existsSync(join(dashboard, 'index.html'))) return 'absent';
  const dist = join(dashboard, 'dist');
  const stamp = join(dist, '.sources');
  const hash = sourcesHash(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return 'fresh';
  const built = join(dist, `.building-${process.pid}`);
  try {
    await runVite(dashboard, built, signal);
    publishPage(built, dist, Date.now());
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
  writeFileSync(stamp, hash);
  return 'built';
}
