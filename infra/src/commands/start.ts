/**
 * `npm start`: engines, topics and tables, baseline data, processes, page; prints the address when the page works.
 * Holds no logic of the product.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { delay } from '@quaywatch/runtime';
import { infraConfig } from '../config.ts';
import { type Engines, engineEnv, useEngines } from '../engines.ts';
import { makeClassArchive } from '../kafka.ts';
import { buildPage } from '../page.ts';
import { isPortFree, portHolder } from '../ports.ts';
import { provision } from '../provision.ts';
import { type ProcessSpec, runOnce, type Supervised, supervise } from '../supervisor.ts';
import { progressFrom, root, runCommand, UsageError, usage } from './command-line.ts';

const readyWithinMs = 120_000;
/** When nothing else starts any more, and a first look at the page is over. */
const archiveAfterMs = 20_000;

const HELP = `npm start -- [options]      runs everything, and prints the page's address when the page works

  --port N          port of page, API and WebSocket          (QUAYWATCH_PORT, 8080)
  --host ADDRESS    address that they are served on          (QUAYWATCH_HOST, 127.0.0.1)
  --data DIR        data directory                           (QUAYWATCH_DATA, .quaywatch)
  --scenario NAME   demo, calm or a file                     (QUAYWATCH_SCENARIO, demo)
  --no-feed         starts no simulated feeds
  --help

KAFKA_BROKERS and CLICKHOUSE_URL each replace one embedded engine.`;

type Settings = {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly scenario: string;
  readonly hasFeed: boolean;
};

function settings(args: readonly string[]): Settings | undefined {
  const config = infraConfig();
  let values: { port?: string; host?: string; data?: string; scenario?: string; 'no-feed'?: boolean; help?: boolean };
  try {
    const string = { type: 'string' } as const;
    const boolean = { type: 'boolean' } as const;
    const options = { port: string, host: string, data: string, scenario: string, 'no-feed': boolean, help: boolean };
    values = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw usage(error, HELP);
  }
  if (values.help === true) return undefined;
  const port = values.port === undefined ? config.port : Number(values.port);
  const hasFeed = values['no-feed'] !== true;
  const problems: string[] = [];
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    problems.push('--port must be a whole number from 1 to 65535.');
  if (hasFeed && config.feeds === 'real')
    problems.push(
      'QUAYWATCH_FEEDS says that reports are real, and this would begin the simulated feeds: start with --no-feed, on a data directory without them.',
    );
  if (problems.length > 0) throw new UsageError(`${problems.join('\n')}\n\n${HELP}`);
  const host = values.host ?? config.host;
  const dataDir = resolve(values.data ?? config.dataDir);
  return { port, host, dataDir, scenario: values.scenario ?? config.scenario, hasFeed };
}

async function checkPort({ port, host }: Settings): Promise<void> {
  if (await isPortFree(port, host)) return;
  const holder = await portHolder(port);
  throw Object.assign(
    new Error(
      `Port ${port} is in use${holder === undefined ? '' : ` by ${holder}`}. Stop that program, or choose another port: npm start -- --port ${port + 1}`,
    ),
    {
      code: 'port_in_use',
    },
  );
}

function processes(
  engines: Engines,
  { port, host, dataDir, scenario }: Settings,
): Record<'seeds' | 'processor' | 'notifier' | 'gateway' | 'feeds', ProcessSpec> {
  const env = {
    ...engines.env,
    QUAYWATCH_HOST: host,
    QUAYWATCH_PORT: String(port),
    QUAYWATCH_DATA: dataDir,
    QUAYWATCH_SCENARIO: scenario,
  };
  // The gateway reads; what it starts to compute a run writes, and gets the other account.
  const { url, reader, writer } = engines.clickhouse;
  const reading = {
    ...env,
    ...engineEnv(engines.kafkaBrokers, url, reader),
    QUAYWATCH_CLICKHOUSE_WRITER_USER: writer.user,
    QUAYWATCH_CLICKHOUSE_WRITER_PASSWORD: writer.password,
  };
  return {
    seeds: { name: 'seeds', main: join(root, 'seeds/src/main.ts'), env },
    processor: { name: 'processor', main: join(root, 'stream-processor/src/main.ts'), env },
    notifier: { name: 'notifier', main: join(root, 'stream-processor/src/notify-main.ts'), env },
    gateway: { name: 'gateway', main: join(root, 'web/gateway/src/main.ts'), env: reading },
    feeds: { name: 'feeds', main: join(root, 'producers/src/main.ts'), env },
  };
}

/**
 * Resolves when the page shows live data (/readyz answers 200); says now and then what it is waiting for. Without feeds of ours, data may be
 * long in coming, and an answering gateway (/healthz) is enough.
 */
type Readiness = { readonly checks?: Readonly<Record<string, { readonly detail: string }>> };

/** What of /readyz is not well yet, in its own words; the answer as it came when it is not of that form. */
function whyNotReady(text: string): string {
  try {
    const { checks = {} }: Readiness = JSON.parse(text);
    const details = Object.values(checks).flatMap(({ detail }) => (detail === '' ? [] : [detail]));
    return details.length === 0 ? text.slice(0, 300) : details.join(' ');
  } catch {
    return text.slice(0, 300);
  }
}

async function waitUntilReady(
  url: string,
  hasFeed: boolean,
  signal: AbortSignal,
  tell: (message: string) => void,
): Promise<void> {
  const startMs = performance.now();
  let toldMs = startMs;
  for (;;) {
    const answer = await fetch(`${url}${hasFeed ? '/readyz' : '/healthz'}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
    }).then(
      async (response) => ({ ok: response.ok, text: whyNotReady((await response.text()).trim()) }),
      () => ({ ok: false, text: 'it does not answer yet' }),
    );
    if (answer.ok || signal.aborted) return;
    const nowMs = performance.now();
    if (nowMs - startMs > readyWithinMs)
      throw new Error(`The page is not ready after ${readyWithinMs / 1000} s: ${answer.text}`);
    if (nowMs - toldMs > 5_000) {
      toldMs = nowMs;
      tell(`Waiting for the page: ${answer.text}`);
    }
    await delay(100, signal);
  }
}

/** For a person's browser: an address that listens everywhere is reached at the loopback one. */
function pageUrl({ host, port }: Settings): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

async function runProduct(
  engines: Engines,
  given: Settings,
  page: Promise<unknown>,
  stop: AbortSignal,
  tell: (message: string) => void,
): Promise<void> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  const failed = new AbortController();
  const options = {
    logsDir: join(given.dataDir, 'logs'),
    onProgress: tell,
    onLost: (error: Error) => {
      lost.reject(error);
      failed.abort();
    },
  };
  const asked = new Promise<void>((done) => {
    if (stop.aborted) done();
    else stop.addEventListener('abort', () => done(), { once: true });
  });
  const specs = processes(engines, given);
  const running: Supervised[] = [];
  const archive = new AbortController();
  let archived: Promise<unknown> = Promise.resolve();
  const serve = async () => {
    await provision(engines);
    tell('Topics and tables are there.');
    await runOnce(specs.seeds, options.logsDir, stop);
    if (stop.aborted) return;
    tell('Baseline data is loaded.');
    running.push(supervise(specs.processor, options));
    running.push(supervise(specs.notifier, options));
    await page;
    if (stop.aborted) return;
    running.push(supervise(specs.gateway, options));
    if (given.hasFeed) running.push(supervise(specs.feeds, options));
    await waitUntilReady(pageUrl(given), given.hasFeed, AbortSignal.any([stop, failed.signal]), tell);
    if (stop.aborted || failed.signal.aborted) return;
    process.stdout.write(`Quaywatch is live at ${pageUrl(given)}\n`);
    archived = delay(archiveAfterMs, archive.signal).then(() =>
      archive.signal.aborted ? false : prepareNextStart(archive.signal),
    );
  };
  try {
    await Promise.race([serve().then(() => asked), asked, lost.promise]);
  } finally {
    archive.abort();
    tell('Stopping.');
    // What feeds first, so that what it has sent is still processed; the engines last.
    await Promise.all(running.filter((one) => one.name === 'feeds').map((one) => one.stop()));
    await Promise.all([...running.filter((one) => one.name !== 'feeds').map((one) => one.stop()), archived]);
  }
}

/** Half of Kafka's start time is loading classes; the archive that saves it is made when the machine has time for it. */
function prepareNextStart(signal: AbortSignal): Promise<unknown> {
  const config = infraConfig();
  return config.kafkaBrokers.length > 0
    ? Promise.resolve()
    : makeClassArchive(resolve(config.kafkaJarsDir), signal).catch(() => false);
}

await runCommand(async (stop) => {
  const tell = progressFrom(performance.now());
  const given = settings(process.argv.slice(2));
  if (given === undefined) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  await checkPort(given);
  mkdirSync(join(given.dataDir, 'logs'), { recursive: true });
  const lost = new AbortController();
  tell('Starting Kafka and ClickHouse.');
  const page = buildPage(root, stop).then((how) => {
    if (how === 'built') tell('The page is built.');
  });
  page.catch(() => {});
  const engines = await useEngines({
    dataDir: given.dataDir,
    command: 'start',
    signal: stop,
    onProgress: tell,
    onLost: (error) => lost.abort(error),
  });
  try {
    await runProduct(engines, given, page, AbortSignal.any([stop, lost.signal]), tell);
  } finally {
    await engines.stop();
    tell('Stopped.');
  }
  if (lost.signal.aborted) throw lost.signal.reason;
  return 0;
});
