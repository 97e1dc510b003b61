/** A process for engines.kafka.test.ts to kill: takes a data directory as `npm start` does, and says so on standard output. */
import { useEngines } from './engines.ts';

const [dataDir = '', command = 'start'] = process.argv.slice(2);
const engines = await useEngines({ dataDir, command, kafkaHeapMb: 256 });
process.stdout.write(`${JSON.stringify({ pids: engines.pids(), kafkaBrokers: engines.kafkaBrokers })}\n`);
setInterval(() => {}, 60_000);
