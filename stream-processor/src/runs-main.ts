/** `npm run runs -- list|delete RUN`. */
import { createLog, runProcess } from '@quaywatch/runtime';
import { dayNumberOf, isoDateOf } from '@quaywatch/seeds';
import { commandAttemptsMax, createStore } from './adapters/clickhouse-store.ts';
import { processorConfig } from './config.ts';

const [command, run] = process.argv.slice(2);
const usage = 'Usage: npm run runs -- list | delete RUN [--data DIR]';
if (command === '--help') {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
if (command !== 'list' && !(command === 'delete' && run !== undefined && run !== 'live')) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const log = createLog('runs');
await runProcess(log, async (stop) => {
  const store = createStore(processorConfig(), log, stop, commandAttemptsMax);
  const runs = await store.listRuns();
  if (command === 'delete' && run !== undefined) {
    if (!runs.some((one) => one.run === run))
      throw new Error(`There is no run ${run}: npm run runs -- list shows those there are.`);
    await store.deleteRun(run);
    process.stdout.write(`deleted ${run}\n`);
  } else {
    for (const one of runs) {
      const days = `${isoDateOf(dayNumberOf(one.from_ms))} to ${isoDateOf(dayNumberOf(one.to_ms))}`;
      process.stdout.write(
        `${one.run}  ${one.state.padEnd(10)} ${days}  ${one.teu ?? '-'} TEU  ${one.digest.slice(0, 16)}${one.pinned ? '  pinned' : ''}\n`,
      );
    }
  }
  await store.close();
});
