/**
 * `npm run load -- [scenario] [--url URL] [k6 options]`: runs infra/k6/<scenario>.js against a running product.
 * Starts neither engines nor product.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { infraConfig } from '../config.ts';
import { root, runCommand, UsageError } from './command-line.ts';

const k6Version = 'v1.8.1';
const scenariosDir = join(root, 'infra', 'k6');

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((file) => existsSync(file));
}

/** K6_PATH, PATH, the one built before, or one built now. */
function findK6(given: string): string {
  const built = join(root, '.cache', 'k6', 'k6');
  if (given !== '' && !existsSync(given)) throw new UsageError(`K6_PATH names ${given}, and there is no such file.`);
  const found = given !== '' ? given : (onPath('k6') ?? (existsSync(built) ? built : undefined));
  if (found !== undefined) return found;
  const go = onPath('go');
  if (go !== undefined) {
    process.stderr.write(`Building k6 ${k6Version}, once; this takes a few minutes.\n`);
    mkdirSync(join(root, '.cache', 'k6'), { recursive: true });
    spawnSync(go, ['install', `go.k6.io/k6@${k6Version}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, GOBIN: join(root, '.cache', 'k6') },
    });
    if (existsSync(built)) return built;
  }
  const message = `The load tests are run by k6 (${k6Version}), and it is neither here nor could it be built with Go.\nInstall it (https://grafana.com/docs/k6/latest/set-up/install-k6/), install Go, or set K6_PATH.`;
  throw Object.assign(new Error(message), { code: 'k6_missing' });
}

await runCommand(async (stop) => {
  const config = infraConfig();
  const names = existsSync(scenariosDir)
    ? readdirSync(scenariosDir).flatMap((name) =>
        name.endsWith('.js') && !name.startsWith('_') ? [name.slice(0, -3)] : [],
      )
    : [];
  const help = `npm run load -- [scenario] [--url URL] [k6's options]\n\nScenarios: ${names.join(', ') || 'none in infra/k6'}.`;
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const scenario = args[0] !== undefined && !args[0].startsWith('-') ? (args.shift() ?? '') : (names[0] ?? '');
  if (!names.includes(scenario))
    throw new UsageError(`There is no load scenario ${JSON.stringify(scenario)}.\n\n${help}`);
  const at = args.indexOf('--url');
  const url = at < 0 ? `http://127.0.0.1:${config.port}` : (args.splice(at, 2)[1] ?? '');
  if (!URL.canParse(url)) throw new UsageError(`--url needs an address such as http://127.0.0.1:8080.\n\n${help}`);
  const child = spawn(
    findK6(config.k6Path),
    ['run', '-e', `BASE_URL=${url}`, ...args, join(scenariosDir, `${scenario}.js`)],
    { stdio: 'inherit' },
  );
  stop.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
});
