/** `npm run runs -- list|delete RUN`. */
import type { RunSummary } from '@quaywatch/contracts';
import { createLog, runProcess } from '@quaywatch/runtime';
import { dayNumberOf, isoDateOf } from '@quaywatch/seeds';
import { commandAttemptsMax, createStore } from './adapters/clickhouse-store.ts';
import { processorConfig } from './config.ts';

const [command, run, ...more] = process.argv.slice(2);
const usage = `Usage: npm run runs -- list | delete RUN [--data DIR]
  list          stored runs, newest first: name, state, days, TEU, digest
  delete RUN    forgets a run, its rows and its alerts; not live`;
if (process.argv.includes('--help')) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const isUsable = command === 'list' ? run === undefined : command === 'delete' && run !== undefined && run !== 'live';
if (!isUsable || more.length > 0) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function lineOf(one: RunSummary): string {
  const days = `${isoDateOf(dayNumberOf(one.from_ms))} to ${isoDateOf(dayNumberOf(one.to_ms))}`;
  return `${one.run}  ${one.state.padEnd(10)} ${days}  ${one.teu ?? '-'} TEU  ${one.digest.slice(0, 16)}${one.pinned ? '  pinned' : ''}`;
}

const log = createLog('runs');
await runProcess(log, async (stop) => {
  const store = createStore(processorConfig(), log, stop, commandAttemptsMax);
  const runs = await store.listRuns();
  const isUnknown = run !== undefined && !runs.some((one) => one.run === run);
  if (command === 'list') {
    for (const one of runs) say(lineOf(one));
    if (runs.length === 0) process.stderr.write('There are none.\n');
  } else if (isUnknown) {
    process.stderr.write(`There is no run ${run}: npm run runs -- list shows those there are.\n`);
  } else if (run !== undefined) {
    await store.deleteRun(run);
    say(`deleted ${run}`);
  }
  await store.close();
  if (command === 'delete' && isUnknown) process.exit(1);
});
