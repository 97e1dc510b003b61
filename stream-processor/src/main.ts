/** The stream processor's live process. */
import { createLog, type LogLevel, runProcess, stoppableBeforeItBegins } from '@quaywatch/runtime';
import { createStore } from './adapters/clickhouse-store.ts';
import { processorConfig } from './config.ts';
import { runLive } from './live.ts';

const bootLog = createLog('stream-processor');

await runProcess(bootLog, async (stop) => {
  const config = processorConfig();
  const log = createLog('stream-processor', config.logLevel as LogLevel);
  const store = createStore(config, log, stop);
  try {
    await stoppableBeforeItBegins(stop, (begun) => runLive(config, store, log, stop, begun));
  } finally {
    await store.close();
  }
});
