/** The notifier's process: decides whom to tell about alerts, and tells them. */
import { createLog, type LogLevel, runProcess, stoppableBeforeItBegins } from '@quaywatch/runtime';
import { createNotificationKafka } from './adapters/notification-kafka.ts';
import { buildReceiver } from './adapters/receivers/build.ts';
import { notifierConfig } from './config.ts';
import { runNotifier } from './notifier.ts';

const bootLog = createLog('notifier');

await runProcess(bootLog, async (stop) => {
  const config = notifierConfig();
  const log = createLog('notifier', config.logLevel as LogLevel);
  const { receivers, watchdog, pageUrl } = config.receivers;
  const built = new Map(receivers.map((settings) => [settings.name, buildReceiver(settings, pageUrl)]));
  const kafka = createNotificationKafka(config, log);
  const ports = { kafka, receivers: built, watchdog, nowMs: () => Date.now(), log };
  await stoppableBeforeItBegins(stop, (begun) => runNotifier(ports, stop, begun));
});
