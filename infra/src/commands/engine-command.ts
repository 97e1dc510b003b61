/**
 * Runs a process's own command line with engines around it: those of a running `npm start`, or its own.
 * Understands `--data DIR` only; every other argument is the process's.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { infraConfig } from '../config.ts';
import { useEngines } from '../engines.ts';
import { provision } from '../provision.ts';
import { progressFrom, root, runCommand, UsageError } from './command-line.ts';

/** A command that has been asked to stop is ended after this long; the engines then still have time within ten seconds. */
const stopWithinMs = 4_000;

type EngineCommand = {
  /** As in `npm run NAME`. */
  readonly name: string;
  /** The module to run, from the repository's root. */
  readonly main: string;
  readonly kafkaHeapMb?: number;
};

/** Takes `--data DIR` or `--data=DIR` out of the arguments. */
export function takeDataDir(args: readonly string[], otherwise: string): { dataDir: string; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === '--data' || arg.startsWith('--data='));
  if (at < 0) return { dataDir: resolve(otherwise), rest: args };
  const joined = args[at]?.startsWith('--data=') === true;
  const value = joined ? args[at]?.slice('--data='.length) : args[at + 1];
  if (value === undefined || value === '' || value.startsWith('--')) throw new UsageError('--data needs a directory.');
  return { dataDir: resolve(value), rest: args.toSpliced(at, joined ? 1 : 2) };
}

export function runMain(
  main: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<number> {
  return new Promise((done, reject) => {
    const child = fork(main, [...args], {
      env: { ...process.env, ...env },
      execArgv: [
        // Decoding makes garbage that dies young: a larger nursery was measured to save a replay a fifth of its time.
        '--max-semi-space-size=64',
        '--disable-warning=ExperimentalWarning',
        '--disable-warning=TimeoutNegativeWarning',
        '--enable-source-maps',
      ],
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    const end = () => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), stopWithinMs).unref();
    };
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    child.once('error', reject);
    // Asked to stop is not done: 130, as a shell gives it.
    child.once('exit', (code) => done(stop.aborted ? 130 : (code ?? 1)));
  });
}

export function runEngineCommand({ name, main, kafkaHeapMb }: EngineCommand): Promise<never> {
  return runCommand(async (stop) => {
    const file = join(root, main);
    if (!existsSync(file))
      throw Object.assign(new Error(`${main} is not in this checkout.`), { code: 'command_missing' });
    const args = process.argv.slice(2);
    // The process prints its own help, for which it needs no engines.
    if (args.includes('--help')) return runMain(file, args, {}, stop);
    const config = infraConfig();
    const { dataDir, rest } = takeDataDir(args, config.dataDir);
    const tell = progressFrom(performance.now());
    const lost = new AbortController();
    const engines = await useEngines({
      dataDir,
      command: name,
      config,
      signal: stop,
      onProgress: tell,
      onLost: (error) => lost.abort(error),
      ...(kafkaHeapMb === undefined ? {} : { kafkaHeapMb }),
    });
    try {
      if (stop.aborted) return 130;
      await provision(engines);
      const code = await runMain(
        file,
        rest,
        { ...engines.env, QUAYWATCH_DATA: dataDir },
        AbortSignal.any([stop, lost.signal]),
      );
      if (lost.signal.aborted) throw lost.signal.reason;
      return code;
    } finally {
      await engines.stop();
    }
  });
}
