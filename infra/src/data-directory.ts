/**
 * The data directory belongs to one owner at a time, and tells others where that owner's engines are.
 * Starts nothing.
 *
 * The lock is SQLite's exclusive lock on `<data>/owner.lock`: an advisory lock of the kernel on the file, on every system that
 * Node runs on. The kernel releases it however the owner ends, so there is no stale lock to judge after a `kill -9`, and no
 * process id that may have been given to another program. (A pid file cannot do that; Node has no flock of its own; an
 * abstract socket exists on Linux only and does not reach across containers that share the directory.)
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { delay } from '@quaywatch/runtime';
import type { Account } from './clickhouse-settings.ts';

/** What an owner tells others: `<data>/engines.json`, readable by its user only. */
export type Owner = {
  readonly pid: number;
  /** 'start', 'record', … */
  readonly command: string;
  readonly kafkaBrokers: readonly string[];
  readonly clickhouse: { readonly url: string; readonly writer: Account; readonly reader: Account };
};

export type Ownership = {
  readonly publish: (owner: Owner) => void;
  readonly release: () => void;
};

const ownerFile = (dataDir: string) => join(dataDir, 'engines.json');

/** @returns undefined when another process owns the directory. Made when missing. */
export function takeOwnership(dataDir: string): Ownership | undefined {
  mkdirSync(dataDir, { recursive: true });
  const lock = new DatabaseSync(join(dataDir, 'owner.lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Error && /database is locked/.test(error.message)) return undefined;
    throw error;
  }
  // Whatever it says is of an owner that is gone.
  rmSync(ownerFile(dataDir), { force: true });
  return {
    publish: (owner) => {
      // Renamed into place: nobody reads half of it.
      writeFileSync(`${ownerFile(dataDir)}.new`, `${JSON.stringify(owner, null, 2)}\n`, { mode: 0o600 });
      renameSync(`${ownerFile(dataDir)}.new`, ownerFile(dataDir));
    },
    release: () => {
      rmSync(ownerFile(dataDir), { force: true });
      lock.close();
    },
  };
}

/** What the owner says of itself; undefined while it is still starting. Meaningful only when the directory has an owner. */
function readOwner(dataDir: string): Owner | undefined {
  try {
    // Written by this module of the same version, for this user only.
    return JSON.parse(readFileSync(ownerFile(dataDir), 'utf8')) as Owner;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${ownerFile(dataDir)} cannot be read.`, { cause: error });
  }
}

/** Waits for an owner that is still starting. @returns undefined when it does not say anything in time, or is gone. */
export async function waitForOwner(dataDir: string, withinMs = 60_000): Promise<Owner | undefined> {
  const deadlineMs = Date.now() + withinMs;
  while (Date.now() < deadlineMs) {
    const owner = readOwner(dataDir);
    if (owner !== undefined) return owner;
    const free = takeOwnership(dataDir);
    free?.release();
    if (free !== undefined) return undefined;
    await delay(100);
  }
  return undefined;
}
