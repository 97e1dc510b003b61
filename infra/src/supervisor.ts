/**
 * Runs the product's processes: restarts one that crashes, gives up when it keeps crashing, leaves one alone that has stopped itself (exit code 3),
 * and stops them in order.
 * Knows nothing of engines, nor of what the processes do.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { delay } from '@quaywatch/runtime';
import { sizeOf, tailOf } from './engine-process.ts';

const restartsMax = 5;
const restartsWithinMs = 60_000;
const backOffMsMax = 5_000;
const stopWithinMs = 4_000;

export type ProcessSpec = {
  readonly name: string;
  /** The main module, absolute. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

export type Supervised = {
  readonly name: string;
  readonly pid: () => number | undefined;
  readonly stop: () => Promise<void>;
};

export type SupervisorOptions = {
  /** Each process's output goes to `<name>.log` here. */
  readonly logsDir: string;
  readonly onProgress: (message: string) => void;
  /** Called once, when a process has crashed more than five times in a minute, or was used wrongly (exit code 2). */
  readonly onLost: (error: Error) => void;
};

/**
 * The child gets an IPC channel, which it is asked to watch: the channel closes when this process is gone, `kill -9` included.
 * Its own process group, because a Ctrl-C reaches every process of the terminal's group at once and the order matters.
 */
function launch(spec: ProcessSpec, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = fork(spec.main, [...(spec.args ?? [])], {
    env: { ...process.env, ...spec.env },
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=TimeoutNegativeWarning',
      '--enable-source-maps',
    ],
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  return child;
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

export function supervise(spec: ProcessSpec, options: SupervisorOptions): Supervised {
  const logFile = join(options.logsDir, `${spec.name}.log`);
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const run = async (): Promise<void> => {
    const crashesMs: number[] = [];
    while (!stopping.signal.aborted) {
      const logStart = sizeOf(logFile);
      child = launch(spec, logFile);
      const how = await exitOf(child);
      child = undefined;
      if (stopping.signal.aborted) return;
      const nowMs = Date.now();
      crashesMs.push(nowMs);
      const recent = crashesMs.filter((atMs) => nowMs - atMs < restartsWithinMs).length;
      if (how === 'exit code 3') {
        options.onProgress(
          `The process ${spec.name} has stopped itself and stays stopped. ${tailOf(logFile, logStart)}`,
        );
        return;
      }
      if (recent > restartsMax || how === 'exit code 2') {
        throw new Error(
          `The process ${spec.name} does not stay up (${how}). The end of ${logFile}:\n${tailOf(logFile, logStart)}`,
        );
      }
      options.onProgress(`The process ${spec.name} has ended (${how}) and is started again.`);
      await delay(Math.min(backOffMsMax, 100 * 2 ** recent), stopping.signal);
    }
  };
  const running = run().catch((error: unknown) =>
    options.onLost(error instanceof Error ? error : new Error(String(error))),
  );
  return {
    name: spec.name,
    pid: () => child?.pid,
    stop: async () => {
      stopping.abort();
      const current = child;
      current?.kill('SIGTERM');
      const insist = setTimeout(() => current?.kill('SIGKILL'), stopWithinMs);
      await running;
      clearTimeout(insist);
    },
  };
}

/** Runs a process to its end. @throws Error with the end of its output when it fails. */
export async function runOnce(spec: ProcessSpec, logsDir: string, signal: AbortSignal): Promise<void> {
  const logFile = join(logsDir, `${spec.name}.log`);
  const logStart = sizeOf(logFile);
  const child = launch(spec, logFile);
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), stopWithinMs).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const how = await exitOf(child);
  signal.removeEventListener('abort', stop);
  if (how !== 'exit code 0' && !signal.aborted) {
    throw new Error(`The step ${spec.name} failed (${how}). The end of ${logFile}:\n${tailOf(logFile, logStart)}`);
  }
}
