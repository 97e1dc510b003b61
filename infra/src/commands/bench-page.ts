/** `npm run bench -- page [CHROMIUM]`: builds the page when it has changed, and has it measured in a real browser. Needs no engine. */
import { join } from 'node:path';
import { buildPage } from '../page.ts';
import { root } from './command-line.ts';
import { runMain } from './engine-command.ts';

export async function benchPage(args: readonly string[], stop: AbortSignal): Promise<number> {
  await buildPage(root, stop);
  return runMain(join(root, 'web/dashboard/bench/main.ts'), args, {}, stop);
}
