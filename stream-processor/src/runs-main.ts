/** `npm run runs -- list|pin RUN|unpin RUN|delete RUN`. */
import type { RunSummary } from '@quaywatch/contracts';
import { createLog, runProcess } from '@quaywatch/runtime';
import { dayNumberOf, isoDateOf } from '@quaywatch/seeds';
import { commandAttemptsMax, createStore } from './adapters/clickhouse-store.ts';
import { processorConfig } from './config.ts';

const CHANGES = { pin: 'pinned', unpin: 'unpinned', delete: 'deleted' } as const;
type Change = keyof typeof CHANGES;
const isChange = (text: string | undefined): text is Change => text !== undefined && Object.hasOwn(CHANGES, text);

const [command, run, ...more] = process.argv.slice(2);
const usage = `Usage: npm run runs -- list | pin RUN | unpin RUN | delete RUN [--data DIR]
  list          stored runs, newest first: name, state, days, TEU, digest
  pin RUN       keeps a run that is done, however many newer ones there are
  unpin RUN     lets it go again
  delete RUN    forgets a run, its rows and its alerts; not live, and no pinned one`;
if (process.argv.includes('--help')) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const isUsable = command === 'list' ? run === undefined : isChange(command) && run !== undefined && run !== 'live';
if (!isUsable || more.length > 0) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function lineOf(one: RunSummary): string {
  const days = `${isoDateOf(dayNumberOf(one.from_ms))} to ${isoDateOf(dayNumberOf(one.to_ms))}`;
  return `${one.run}  ${one.state.padEnd(10)} ${days}  ${one.teu ?? '-'} TEU  ${one.digest.slice(0, 16)}${one.pinned ? '  pinned' : ''}`;
}

/** Why a run cannot be changed so; undefined when it can. */
function refusalOf(found: RunSummary | undefined, change: Change): string | undefined {
  if (found === undefined) return `There is no run ${run}: npm run runs -- list shows those there are.`;
  if (change === 'delete' && found.pinned) return `${run} is pinned: npm run runs -- unpin ${run} lets it go.`;
  // A replay that ends writes its summary, and would not know of the pin.
  if (change === 'pin' && found.state !== 'done') return `${run} is ${found.state}: pin it when it is done.`;
  return undefined;
}

const log = createLog('runs');
await runProcess(log, async (stop) => {
  const store = createStore(processorConfig(), log, stop, commandAttemptsMax);
  const runs = await store.listRuns();
  const found = runs.find((one) => one.run === run);
  const refusal = isChange(command) ? refusalOf(found, command) : undefined;
  if (!isChange(command)) {
    for (const one of runs) say(lineOf(one));
    if (runs.length === 0) process.stderr.write('There are none.\n');
  } else if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
  } else if (found !== undefined) {
    if (command === 'delete') await store.deleteRun(found.run);
    else await store.saveRun({ ...found, pinned: command === 'pin' });
    say(`${CHANGES[command]} ${run}`);
  }
  await store.close();
  if (refusal !== undefined) process.exit(1);
});
