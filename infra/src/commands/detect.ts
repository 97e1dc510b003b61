/**
 * `npm run -s detect -- ports|series`: stream-processor/src/detect-main.ts, which needs no engines.
 * Standard input and output are the process's own.
 */
import { join } from 'node:path';
import { root, runCommand } from './command-line.ts';
import { runMain } from './engine-command.ts';

await runCommand((stop) => runMain(join(root, 'stream-processor/src/detect-main.ts'), process.argv.slice(2), {}, stop));
