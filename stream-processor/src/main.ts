/** The stream processor's live process. */
import { createLog, type LogLevel, runProcess } from '@quaywatch/runtime';
import { createStore } from './adapters/clickhouse-store.ts';
import { processorConfig } from './config.ts';
import { runLive } from './live.ts';

const bootLog = createLog('stream-processor');

await runProcess(bootLog, async (stop) => {
  const config = processorConfig();
  const log = createLog('stream-processor', config.logLevel as LogLevel);
  const store = createStore(config, log, stop);
  let hasBegun = false;
  const asked = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  try {
    const running = runLive(config, store, log, stop, () => {
      hasBegun = true;
    });
    // Before it follows the log there is nothing to finish: what still waits for Kafka ends with the process.
    await Promise.race([running, asked.then(() => (hasBegun ? running : undefined))]);
  } finally {
    await store.close();
  }
});
