/** `npm run record`: producers/src/record-main.ts with engines around it. */
import { runEngineCommand } from './engine-command.ts';

await runEngineCommand({ name: 'record', main: 'producers/src/record-main.ts' });
