/**
 * Runs an engine (the Kafka JVM, the ClickHouse library) as a process that never outlives its supervisor.
 * Knows nothing of what the engine is, nor when it is ready.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** An engine that is not gone this long after it was asked to stop is ended with SIGKILL. */
const stopWithinMs = 8_000;

/**
 * A shell of about 1 MB between supervisor and engine. Its standard input is a pipe that only the supervisor holds, so the
 * kernel closes it however the supervisor ends, `kill -9` included; then the guard asks the engine to stop, and insists.
 * The engine's own input is a named pipe (ClickHouse needs one it can open; Node's is a socket) that the guard holds open:
 * its end is what stops ClickHouse, the JVM is sent a signal. The guard is a process of its own, so the engine dies with its
 * supervisor even when this shell is killed first.
 */
const WATCHER = `
stop_signal=$1; tenths=$2; input=$3.$$; shift 3
exec 3<&0
rm -f "$input"; mkfifo -m 600 "$input" || exit 126
"$@" <"$input" >&2 3<&- &
engine=$!
echo "$engine"
exec >&2
(
  exec 4>"$input"; rm -f "$input"
  read -r _ <&3
  kill -s "$stop_signal" "$engine" 2>/dev/null
  exec 4>&-
  while [ "$tenths" -gt 0 ] && kill -0 "$engine" 2>/dev/null; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -s KILL "$engine" 2>/dev/null
) &
guard=$!
wait "$engine"
code=$?
kill "$guard" 2>/dev/null
exit "$code"
`;

export type EngineProcess = {
  /** Of the engine itself, not of its watcher. */
  readonly pid: number;
  /** The exit code as a shell gives it (128 + signal number); also when it was asked to stop. */
  readonly exited: Promise<number>;
  readonly isRunning: () => boolean;
  /** Asks the engine to stop and resolves when it is gone: at most 8 s. */
  readonly stop: () => Promise<void>;
  /** Sends a signal to the engine itself, for tests of what a crash does. */
  readonly kill: (signal: NodeJS.Signals) => void;
};

export type EngineCommand = {
  readonly command: string;
  readonly args: readonly string[];
  /** What asks the engine to stop; 0 when the end of its standard input does. */
  readonly stopSignal: 'TERM' | '0';
  /** Gets the engine's output, appended. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
};

const running = new Set<EngineProcess>();
let isOver = false;

/** SIGKILL to every engine that this process has started, and no more are started: for commands that are asked to end in the middle of anything. */
export async function endEngines(): Promise<void> {
  isOver = true;
  await Promise.all(
    [...running].map((engine) => {
      engine.kill('SIGKILL');
      return engine.exited;
    }),
  );
}

/** @throws Error when the engine's program cannot be started at all, or `endEngines` was called. */
export async function spawnEngine({ command, args, stopSignal, logFile, env }: EngineCommand): Promise<EngineProcess> {
  if (isOver) throw new Error(`${command} is not started: this process ends.`);
  const log = openSync(logFile, 'a');
  // Its own process group: a Ctrl-C in the terminal must not reach the engines before the processes that use them.
  const watcherArgs = [stopSignal, String(stopWithinMs / 100), `${logFile}.input`, command, ...args];
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'quaywatch-engine', ...watcherArgs], {
    stdio: ['pipe', 'pipe', log],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(log);
  let isRunning = true;
  const exited = new Promise<number>((resolve) => {
    watcher.once('error', () => resolve(127));
    watcher.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  }).then((code) => {
    isRunning = false;
    // Also when only the watcher was killed: the guard then ends the engine.
    watcher.stdin?.destroy();
    return code;
  });
  watcher.stdin?.on('error', () => {});
  const pid = await enginePid(watcher, command);
  const engine: EngineProcess = {
    pid,
    exited,
    isRunning: () => isRunning,
    stop: async () => {
      watcher.stdin?.end();
      await exited;
    },
    kill: (signal) => {
      if (isRunning) process.kill(pid, signal);
    },
  };
  running.add(engine);
  void exited.then(() => running.delete(engine));
  return engine;
}

async function enginePid(watcher: ChildProcess, command: string): Promise<number> {
  if (watcher.stdout === null) throw new Error('The watcher has no standard output.');
  const lines = createInterface({ input: watcher.stdout });
  for await (const line of lines) {
    lines.close();
    return Number(line);
  }
  throw new Error(`${command} could not be started.`);
}

/** The end of a text file: what was appended after `fromByte`, at most `bytesMax` of it. Empty when there is no such file. */
export function tailOf(file: string, fromByte = 0, bytesMax = 4_000): string {
  const size = sizeOf(file);
  const start = Math.max(fromByte, size - bytesMax);
  if (size <= start) return '';
  const bytes = Buffer.alloc(size - start);
  const descriptor = openSync(file, 'r');
  const read = readSync(descriptor, bytes, 0, bytes.length, start);
  closeSync(descriptor);
  return bytes.toString('utf8', 0, read).trimEnd();
}

/** In bytes; 0 when there is no such file. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
