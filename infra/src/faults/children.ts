/** The product's commands and processes as children of a fault: replays with their summary, recordings, live processes. Kills what it started. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../commands/command-line.ts';
import { Broken } from './fault.ts';

export type Env = Readonly<Record<string, string>>;
type Options = { readonly env: Env; readonly nodeFlags?: readonly string[] };
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A module of the product. */
export type Child = {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Of standard error, the end. */
  readonly said: () => string;
  readonly printed: () => string;
  readonly isRunning: () => boolean;
};

const children = new Set<ChildProcess>();
let isOver = false;

/** What a fault has left behind. No more are launched. */
export function endChildren(): void {
  isOver = true;
  for (const child of children) child.kill('SIGKILL');
}

/** Nothing of the caller's environment goes with it: its engines are not ours. */
export function launch(
  main: string,
  args: readonly string[],
  { env, nodeFlags = [] }: Options,
  onLine: (line: string) => void = () => {},
): Child {
  if (isOver) throw new Error(`${main} is not launched: the faults end.`);
  const child = fork(join(root, main), [...args], {
    env: { QUAYWATCH_LOG_LEVEL: 'info', ...env },
    execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', ...nodeFlags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.add(child);
  let said = '';
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.startsWith('{"progress"')) said = `${said}${line}\n`.slice(-64_000);
      onLine(line);
    });
  const ended = new Promise<Ended>((resolve) => {
    // 'close' comes after the last of both streams.
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  return {
    process: child,
    ended,
    said: () => said,
    printed: () => printed,
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Runs a command to its end. @returns what it printed as JSON. @throws Broken with what it said. */
export async function finished(child: Child, what: string): Promise<Readonly<Record<string, unknown>>> {
  const { code, signal } = await child.ended;
  if (code !== 0) throw new Broken(`${what} ended with ${signal ?? `exit code ${code}`}: ${child.said().slice(-700)}`);
  return JSON.parse(child.printed());
}

/** What has to be the same. `seconds` and what follows from it is not. */
const figures = [
  'teu',
  'moves',
  'reports',
  'duplicates',
  'late',
  'dead_letters',
  'rows',
  'alerts',
  'digest',
  'totals_digest',
] as const;
export type Summary = Readonly<Record<(typeof figures)[number], string | number>> & {
  readonly seconds: number;
  readonly peak_rss_mb: number;
};

/** Each figure that is not the same. */
export function differences(calm: Summary, disturbed: Summary): string[] {
  return figures.flatMap((name) =>
    calm[name] === disturbed[name] ? [] : [`${name} ${calm[name]} → ${disturbed[name]}`],
  );
}

export type Replay = Child & {
  /** Of the stretch, 0 to 1. */
  readonly progress: () => number;
};

export function startReplay(args: readonly string[], options: Options): Replay {
  let share = 0;
  const child = launch('stream-processor/src/replay-main.ts', [...args, '--json'], options, (line) => {
    if (!line.startsWith('{"progress"')) return;
    const shape: unknown = JSON.parse(line);
    if (typeof shape === 'object' && shape !== null && 'progress' in shape) share = Number(shape.progress);
  });
  return { ...child, progress: () => share };
}
