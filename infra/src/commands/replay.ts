/** `npm run replay`: stream-processor/src/replay-main.ts with engines around it. */
import { runEngineCommand } from './engine-command.ts';

await runEngineCommand({ name: 'replay', main: 'stream-processor/src/replay-main.ts' });
