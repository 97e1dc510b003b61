/**
 * What the commands share: how they end, how they report progress, and how a signal reaches them.
 * Holds no command.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError } from '@quaywatch/runtime';

/** The repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The command was used wrongly: the message says how it is used; exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** Writes "  1.2 s  message" to standard error. */
export function progressFrom(startMs: number): (message: string) => void {
  return (message) => {
    process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${message}\n`);
  };
}

/** Our own errors explain themselves; the stack of anything else is wanted. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOurs = 'code' in error && typeof error.code === 'string' && /^[a-z_]+$/.test(error.code);
  const text = isOurs || error.message.includes('\n') ? error.message : (error.stack ?? error.message);
  return error.cause === undefined ? text : `${text}\nbecause: ${explain(error.cause)}`;
}

/**
 * Runs a command. `stop` says when it was asked to end: SIGINT, SIGTERM, SIGHUP (each may come twice: from the terminal's group and
 * from the bootstrap), or the bootstrap is gone. Exit codes: what `main` returns, 1 when it failed, 2 when it was used wrongly.
 */
export async function runCommand(main: (stop: AbortSignal) => Promise<number>): Promise<never> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort(signal));
  // The IPC channel from the bootstrap closes however the bootstrap ends, `kill -9` included.
  process.on('disconnect', () => stopping.abort('disconnect'));
  process.channel?.unref?.();
  // Nobody may be left to read what is written then.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    process.exit(await main(stopping.signal));
  } catch (error) {
    // What an abandoned start throws is no news.
    if (stopping.signal.aborted) process.exit(130);
    process.stderr.write(`${explain(error)}\n`);
    process.exit(error instanceof UsageError || error instanceof ConfigError ? 2 : 1);
  }
}

/** The message of parseArgs, with how the command is used below it. */
export function usage(error: unknown, help: string): UsageError {
  return new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
}

type Bounds = { readonly otherwise: number; readonly least: number; readonly most: number };

/**
 * A command's options where all of them are whole numbers.
 * @returns undefined when help was asked for, and printed.
 * @throws UsageError naming every problem.
 */
export function wholeOptions<const Name extends string>(
  args: readonly string[],
  help: string,
  bounds: Readonly<Record<Name, Bounds>>,
): Readonly<Record<Name, number>> | undefined {
  const names = Object.keys(bounds) as Name[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } }, strict: true }).values;
  } catch (error) {
    throw usage(error, help);
  }
  if (values['help'] === true) {
    process.stdout.write(`${help}\n`);
    return undefined;
  }
  const given = Object.fromEntries(
    names.map((name) => [name, Number(values[name] ?? bounds[name].otherwise)]),
  ) as Record<Name, number>;
  const problems = names.flatMap((name) => {
    const { least, most } = bounds[name];
    const fits = Number.isInteger(given[name]) && given[name] >= least && given[name] <= most;
    return fits ? [] : [`--${name} must be a whole number from ${least} to ${most}.`];
  });
  if (problems.length > 0) throw new UsageError(`${problems.join('\n')}\n\n${help}`);
  return given;
}
