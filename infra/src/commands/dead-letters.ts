/** `npm run dead-letters`: stream-processor/src/dead-letters-main.ts with engines around it. */
import { runEngineCommand } from './engine-command.ts';

await runEngineCommand({ name: 'dead-letters', main: 'stream-processor/src/dead-letters-main.ts' });
