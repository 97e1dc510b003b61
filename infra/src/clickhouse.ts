/**
 * ClickHouse, embedded: the engine out of npm's libchdb in a child process that serves ClickHouse's own HTTP interface.
 * Creates no tables and restarts nothing by itself. The way in is real but undocumented upstream: the library is pinned
 * exactly, and clickhouse.clickhouse.test.ts is its conformance test.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { delay } from '@quaywatch/runtime';
import { type Account, serverXml, usersXml } from './clickhouse-settings.ts';
import { type EngineProcess, sizeOf, spawnEngine, tailOf } from './engine-process.ts';
import { freePort } from './ports.ts';

const readyWithinMs = 60_000;
/** After a `kill -9` the engine of before holds its directory for up to 8 s. */
const lockedWithinMs = 12_000;
const childFile = fileURLToPath(new URL('./clickhouse-child.cts', import.meta.url));

export type ClickhouseOptions = {
  /** Made when missing; holds tables, settings and the accounts' passwords. */
  readonly dataDir: string;
  /** Preferred; another is taken when it is in use. */
  readonly port?: number;
  readonly logFile: string;
  /** Default: 4 GB. */
  readonly memoryBytesMax?: number;
  /** Ends a start that is no longer wanted, with an error. */
  readonly signal?: AbortSignal | undefined;
};

export type Clickhouse = EngineProcess & {
  readonly url: string;
  readonly port: number;
  /** May insert, select and change tables in the database quaywatch. */
  readonly writer: Account;
  /** May select from the database quaywatch, within limits. */
  readonly reader: Account;
};

/** `code` is stable: 'clickhouse_not_ready', 'clickhouse_locked', 'clickhouse_port_in_use', 'clickhouse_missing'. */
class ClickhouseStartError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

function libraryPath(): string {
  const libc = process.platform === 'linux' ? '-gnu' : '';
  const name = `@chdb/lib-${process.platform}-${process.arch}${libc}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'libchdb.so');
  } catch (cause) {
    throw new ClickhouseStartError(
      'clickhouse_missing',
      `The embedded ClickHouse (npm package ${name}) is not installed. Run \`npm ci\`, or set CLICKHOUSE_URL to a running ClickHouse; for this system there may be no such package.`,
      { cause },
    );
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

/** Undefined when the text is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The passwords are made once, so that a program that was told them yesterday still gets in. */
function accounts(dataDir: string): { writer: Account; reader: Account } {
  const file = join(dataDir, 'secrets.json');
  if (!existsSync(file)) {
    const made = { writer: randomBytes(24).toString('base64url'), reader: randomBytes(24).toString('base64url') };
    // Renamed into place: a full disk or a kill leaves no half of it.
    writeFileSync(`${file}.new`, `${JSON.stringify(made)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const kept = jsonOf(readFileSync(file, 'utf8'));
  if (
    typeof kept !== 'object' ||
    kept === null ||
    !('writer' in kept && isText(kept.writer) && 'reader' in kept && isText(kept.reader))
  ) {
    throw new ClickhouseStartError(
      'clickhouse_not_ready',
      `${file} does not hold the two passwords. Delete it, and new ones are made.`,
    );
  }
  return {
    writer: { user: 'quaywatch_writer', password: kept.writer },
    reader: { user: 'quaywatch_reader', password: kept.reader },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    // A connection of its own: one kept alive would hold up a stop right after.
    const response = await fetch(`${url}/ping`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok;
  } catch {
    return false; // Not yet; the caller decides how long to wait.
  }
}

async function waitUntilReady(
  engine: EngineProcess,
  url: string,
  { logFile, signal }: ClickhouseOptions,
  logStart: number,
): Promise<void> {
  const deadlineMs = Date.now() + readyWithinMs;
  while (engine.isRunning() && Date.now() < deadlineMs && signal?.aborted !== true) {
    if (await answers(url)) return;
    await delay(25, signal);
  }
  if (engine.isRunning()) await engine.stop();
  signal?.throwIfAborted();
  const said = tailOf(logFile, logStart);
  const code = /Cannot lock file/.test(said)
    ? 'clickhouse_locked'
    : /Address already in use/.test(said)
      ? 'clickhouse_port_in_use'
      : 'clickhouse_not_ready';
  throw new ClickhouseStartError(code, `ClickHouse did not start. The end of ${logFile}:\n${said}`);
}

async function attempt(options: ClickhouseOptions, dataDir: string): Promise<Clickhouse> {
  const port = await freePort(options.port);
  const { writer, reader } = accounts(dataDir);
  const configFile = join(dataDir, 'config.xml');
  const usersFile = join(dataDir, 'users.xml');
  const memoryBytesMax = options.memoryBytesMax ?? 4_000_000_000;
  writeFileSync(usersFile, usersXml(writer, reader, Math.max(2, availableParallelism())), { mode: 0o600 });
  writeFileSync(configFile, serverXml({ dataDir, usersFile, port, memoryBytesMax }));
  // The last query reads standard input to its end, which comes when the supervisor is done, or gone; then the engine stops.
  // (FROM INFILE needs no grant; the function file() needs one that opens every file of the machine.)
  const query =
    "SYSTEM START LISTEN HTTP; CREATE TEMPORARY TABLE input (line String) ENGINE = Memory; INSERT INTO input FROM INFILE '/dev/stdin' FORMAT LineAsString";
  const flags = [
    `--config-file=${configFile}`,
    `--path=${join(dataDir, 'store')}`,
    '--listen_host=127.0.0.1',
    `--http_port=${port}`,
  ];
  const logStart = sizeOf(options.logFile);
  const engine = await spawnEngine({
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', childFile, libraryPath(), ...flags, `--query=${query}`],
    stopSignal: '0',
    logFile: options.logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(engine, url, options, logStart);
  return { ...engine, url, port, writer, reader };
}

/**
 * Resolves when the engine answers over HTTP: about 0.5 s.
 * @throws ClickhouseStartError with the end of the engine's log.
 */
export async function startClickhouse(options: ClickhouseOptions): Promise<Clickhouse> {
  const dataDir = resolve(options.dataDir);
  for (const name of ['store', 'tmp', 'user_files', 'format_schemas'])
    mkdirSync(join(dataDir, name), { recursive: true });
  const deadlineMs = Date.now() + lockedWithinMs;
  for (;;) {
    try {
      return await attempt(options, dataDir);
    } catch (error) {
      const passes =
        error instanceof ClickhouseStartError && ['clickhouse_locked', 'clickhouse_port_in_use'].includes(error.code);
      if (!passes || Date.now() > deadlineMs) throw error;
      await delay(250);
    }
  }
}
