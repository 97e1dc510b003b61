/** `npm run runs`: stream-processor/src/runs-main.ts with engines around it. */
import { runEngineCommand } from './engine-command.ts';

await runEngineCommand({ name: 'runs', main: 'stream-processor/src/runs-main.ts' });
