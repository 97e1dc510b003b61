/**
 * `node infra/bootstrap.mjs <command> [args]`: brings what the command needs, then goes on under Node 24.
 * Plain JavaScript without packages, because it runs before there are any and under any Node from 20 on.
 *
 * What is missing is named in one message with its reason and the ways out; then the exit code is 1.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kafkaVersion = /<kafka\.version>([^<]+)</.exec(readFileSync(join(root, 'pom.xml'), 'utf8'))?.[1] ?? '';
const jarsDir = join(root, '.cache', 'kafka', kafkaVersion);

/** Whether a command talks to Kafka, and so needs the embedded broker when KAFKA_BROKERS is not set. */
const commands = {
  start: { needsKafka: true },
  test: { needsKafka: true },
  check: { needsKafka: false },
  record: { needsKafka: true },
  replay: { needsKafka: true },
  runs: { needsKafka: true },
  'dead-letters': { needsKafka: true },
  load: { needsKafka: false },
  faults: { needsKafka: true },
  sim: { needsKafka: false },
  detect: { needsKafka: false },
  bench: { needsKafka: true },
};

/** Ends the bootstrap with one message for the person at the terminal. */
class Missing extends Error {}

const say = (message) => process.stderr.write(`${message}\n`);

function onPath(name) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here; the next directory may have it.
    }
  }
  return undefined;
}

/** Runs a long step; its output is shown only when it fails. */
function step(message, command, args, options = {}) {
  const startMs = Date.now();
  process.stderr.write(`${message} …`);
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  say(` ${((Date.now() - startMs) / 1000).toFixed(0)} s`);
  if (result.status === 0) return;
  if (result.signal === 'SIGINT' || result.signal === 'SIGTERM') process.exit(130);
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`.trim();
  throw new Missing(
    `${output.slice(-3000)}\n\n${message} failed: \`${[command, ...args].join(' ')}\` (its output is above).`,
  );
}

function checkNode() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    throw new Missing(
      `Node ${process.versions.node} is too old: Quaywatch needs Node 20 or newer to begin (it goes on under its own Node 24).\nInstall it from https://nodejs.org, or run \`docker compose up\`.`,
    );
  }
}

function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.quaywatch-lock');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (installed === lock) return;
  const npm = onPath('npm');
  if (npm === undefined) {
    throw new Missing(
      '`npm` is not on PATH; it installs the packages that package-lock.json names. Install Node with npm, or run `docker compose up`.',
    );
  }
  // Not `npm ci`: it refuses a lockfile without the packages of other platforms, and a registry need not carry those. The lockfile's versions
  // are installed either way, and it is not written.
  step('Installing npm packages', npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/** The packages bring Node 24, because Node 20 does not run TypeScript; a newer system Node does as well. */
function findNode24() {
  const binary = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(binary)) return binary;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Missing(
    `Node ${process.versions.node} does not run TypeScript, and the npm package node-${process.platform}-${process.arch} that brings Node 24 is not installed.\n` +
      'Run `npm install` (without --omit=optional), or install Node 24 from https://nodejs.org, or run `docker compose up`.',
  );
}

const otherKafkas = 'Or run `docker compose up`, or set KAFKA_BROKERS to a running Kafka.';

function checkJava() {
  const home = process.env.JAVA_HOME;
  const java = home && existsSync(join(home, 'bin', 'java')) ? join(home, 'bin', 'java') : onPath('java');
  const why = 'The embedded Kafka runs on Java 17 or newer';
  const how = `Install a JDK (Debian: \`apt install openjdk-17-jdk-headless\`, macOS: \`brew install openjdk\`).\n${otherKafkas}`;
  if (java === undefined) throw new Missing(`${why}, and there is no \`java\` on PATH. ${how}`);
  const said = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const version = /version "(?:1\.)?(\d+)/.exec(`${said.stderr}${said.stdout}`)?.[1];
  if (version === undefined || Number(version) < 17)
    throw new Missing(`${why}, and ${java} is ${version ?? 'unknown'}. ${how}`);
}

/** Resolved by Maven once; made under another name and renamed, so that a half-filled directory is never taken for whole. */
function fetchKafka() {
  const stamp = join(jarsDir, '.pom');
  const pom = createHash('sha256')
    .update(readFileSync(join(root, 'pom.xml')))
    .digest('hex');
  checkJava();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === pom) return;
  const mvn = onPath('mvn');
  if (mvn === undefined) {
    throw new Missing(
      `Maven fetches Kafka's jars (pom.xml), and there is no \`mvn\` on PATH. Install it (Debian: \`apt install maven\`, macOS: \`brew install maven\`).\n${otherKafkas}`,
    );
  }
  const unfinished = `${jarsDir}.${process.pid}`;
  mkdirSync(dirname(jarsDir), { recursive: true });
  try {
    step(`Fetching Kafka ${kafkaVersion}`, mvn, [
      '-q',
      '-B',
      'dependency:copy-dependencies',
      `-DoutputDirectory=${unfinished}`,
    ]);
    writeFileSync(join(unfinished, '.pom'), pom);
    rmSync(jarsDir, { recursive: true, force: true });
    renameSync(unfinished, jarsDir);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (error instanceof Missing) error.message += `\n${otherKafkas}`;
    throw error;
  }
}

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function findBrowser() {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Missing(`CHROMIUM_PATH names ${given}, and there is no such file.`);
  }
  const found = browserNames.map(onPath).find((file) => file !== undefined);
  if (found !== undefined) return found;
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : undefined;
}

/** Every benchmark runs when none is named; a browser may be named behind `page`. */
function looksAtPages(name, [first, ...more]) {
  return name === 'test' || (name === 'bench' && (first === undefined || (first === 'page' && more.length === 0)));
}

/** The browser tests and the page's benchmark look at the page in a real one. */
function ensureBrowser(node) {
  const found = findBrowser();
  if (found !== undefined) return found;
  const failures = [];
  const attempt = (message, command, args, options) => {
    try {
      step(message, command, args, options);
    } catch (error) {
      failures.push(error.message);
    }
  };
  if (process.getuid?.() === 0 && onPath('apt-get') !== undefined) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    attempt(
      'Installing Chromium (apt)',
      'sh',
      ['-c', 'apt-get update -q && apt-get install -y -q --no-install-recommends chromium'],
      { env },
    );
    const installed = findBrowser();
    if (installed !== undefined) return installed;
  }
  const playwright = join(root, 'node_modules', 'playwright-core', 'cli.js');
  attempt("Installing Chromium (playwright's)", node, [playwright, 'install', 'chromium']);
  const script = "process.stdout.write(require('playwright-core').chromium.executablePath())";
  const asked = spawnSync(node, ['-e', script], { cwd: root, encoding: 'utf8' });
  if (asked.status === 0 && existsSync(asked.stdout)) return asked.stdout;
  throw new Missing(
    `${failures.join('\n\n')}\n\nThe browser tests and the page's benchmark need a Chromium, and none could be found or installed. Install one (Debian: \`apt install chromium\`),\nor set CHROMIUM_PATH to a Chromium or Chrome.`,
  );
}

/**
 * Calls `gone` when npm has ended without us: on SIGTERM it ends its shell, which tells nobody, and `kill -9` tells nobody either.
 * Only under npm, since a bootstrap that was started by hand may outlive its shell.
 */
function watchNpm(gone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const npm = Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(shell)], { encoding: 'utf8' }).stdout ?? 0);
  const isThere = () => {
    if (process.ppid !== shell) return false;
    try {
      return npm <= 1 || process.kill(npm, 0);
    } catch (error) {
      return error.code === 'EPERM';
    }
  };
  const timer = setInterval(() => {
    if (isThere()) return;
    clearInterval(timer);
    gone();
  }, 250);
}

/**
 * Runs the command and ends as it ends. Its IPC channel closes with this process, however that ends, so that it can stop.
 * A signal of the terminal reaches both; the command takes the second for the first.
 */
function goOn(node, script, args, env) {
  const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
  const child = spawn(node, [...flags, script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  watchNpm(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    say(`${node} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (osConstants.signals[signal] ?? 0)));
}

function main([name, ...args]) {
  checkNode();
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (command === undefined) {
    say(
      `${name === undefined ? 'A command is missing' : `There is no command ${JSON.stringify(name)}`}. Commands: ${Object.keys(commands).join(', ')}.`,
    );
    process.exit(2);
  }
  const script = join(root, 'infra', 'src', 'commands', `${name}.ts`);
  if (!existsSync(script)) throw new Missing(`The command ${name} is not in this checkout: there is no ${script}.`);
  installPackages();
  const node = findNode24();
  const asksForHelp = args.includes('--help') || args.includes('-h');
  const env = { PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, QUAYWATCH_KAFKA_JARS: jarsDir };
  if (command.needsKafka && !process.env.KAFKA_BROKERS && !asksForHelp) fetchKafka();
  if (looksAtPages(name, args) && !asksForHelp) env.CHROMIUM_PATH = ensureBrowser(node);
  goOn(node, script, args, env);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  say(error.message);
  process.exit(1);
}
