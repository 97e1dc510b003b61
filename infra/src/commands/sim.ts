/** `npm run sim`: stream-processor/src/simulation/main.ts, which needs no engines: its own fail as they are told. */
import { join } from 'node:path';
import { root, runCommand } from './command-line.ts';
import { runMain } from './engine-command.ts';

await runCommand((stop) =>
  runMain(join(root, 'stream-processor/src/simulation/main.ts'), process.argv.slice(2), {}, stop),
);
