/**
 * `node infra/src/commands/provision.ts`: topics and tables on the engines that KAFKA_BROKERS and CLICKHOUSE_URL name; for compose and clusters.
 * Starts no engine, and may be run again. The commands of package.json do this by themselves.
 */
import { infraConfig } from '../config.ts';
import { provision } from '../provision.ts';
import { progressFrom, runCommand, UsageError } from './command-line.ts';

await runCommand(async () => {
  const config = infraConfig();
  const missing = [
    ...(config.kafkaBrokers.length === 0 ? ['KAFKA_BROKERS'] : []),
    ...(config.clickhouseUrl === '' ? ['CLICKHOUSE_URL'] : []),
  ];
  if (missing.length > 0)
    throw new UsageError(`${missing.join(' and ')} must name engines that run: provisioning starts none.`);
  const tell = progressFrom(performance.now());
  const writer = { user: config.clickhouseUser, password: config.clickhousePassword };
  await provision({
    kafkaBrokers: config.kafkaBrokers,
    clickhouse: { url: config.clickhouseUrl, writer, reader: writer },
  });
  tell('Topics and tables are there.');
  return 0;
});
