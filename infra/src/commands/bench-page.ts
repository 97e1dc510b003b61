/** `npm run bench -- page [CHROMIUM]`: builds the page when it has changed, and has it measured in a real browser. Needs no engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { infraConfig } from '../config.ts';
import { buildPage } from '../page.ts';
import { root, UsageError } from './command-line.ts';
import { runMain } from './engine-command.ts';

const help = `Usage: npm run bench -- page [CHROMIUM]
  CHROMIUM      the browser's file; default: CHROMIUM_PATH, else one is found or installed`;

export async function benchPage(args: readonly string[], stop: AbortSignal): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const [browser = infraConfig().chromiumPath, ...more] = args;
  if (more.length > 0 || !existsSync(browser))
    throw new UsageError(`There is no browser ${JSON.stringify(args.join(' ') || browser)}.\n\n${help}`);
  await buildPage(root, stop);
  return runMain(join(root, 'web/dashboard/bench/main.ts'), [browser], {}, stop);
}
