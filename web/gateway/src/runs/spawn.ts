/**
 * Starts one of the product's own scripts as a child with the addresses and the writer's credentials; it ends with the gateway.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Child } from './manager.ts';

const lineCharactersMax = 10_000;
const outputCharactersMax = 1_000_000;

export type SpawnSettings = {
  /** The repository's root. */
  readonly rootDir: string;
  readonly env: Readonly<Record<string, string>>;
};

export function spawnScript(
  settings: SpawnSettings,
  script: string,
  args: readonly string[],
  onLine: (line: string) => void,
): Child {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: settings.rootDir,
    env: { ...settings.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let seen = 0;
  // Results on standard output are in the runs table too; it is read so that the child never waits for us.
  child.stdout.on('data', (chunk: Buffer) => {
    seen = Math.min(outputCharactersMax, seen + chunk.length);
  });
  createInterface({ input: child.stderr }).on('line', (line) => onLine(line.slice(0, lineCharactersMax)));
  const done = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      onLine(error.message);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
  const kill = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
  };
  return { done, kill };
}

/** A text in a file that only we may read, for a child. */
export async function keepFile(text: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'quaywatch-'));
  const path = join(folder, 'rules.json');
  await writeFile(path, text, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
