/**
 * `npm run -s detect -- ports|series`: the product's own detection on outside data, line by line. Starts no engine; standard output holds the
 * protocol and nothing else.
 *
 * `ports`: rows `time,port,teu,moves,messages` of one 5-minute slot, then `TICK,<time>`; the answer is one JSON array of transitions. The folder
 * that PORT_REF names may hold `history_daily.csv` (date,port,teu) and `calendar.csv` (from,to,port,kind).
 */
import { detectConfig } from './config.ts';
import { createPortsDetection, decideTick, type PortRow } from './detect-ports.ts';
import { readReference } from './detect-reference.ts';

const usage = `Usage: npm run -s detect -- ports|series
  ports   rows of 5 minutes and TICK lines in, one JSON array of transitions a tick out (PORT_REF: folder of last year's days and the calendar)
  series  timestamp,value lines in, one score from 0 to 1 a line out`;

/** Calls `take` with every line of standard input, as soon as it is whole. */
async function eachLine(take: (line: string) => void): Promise<void> {
  let rest = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      take(rest.slice(0, end).trimEnd());
      rest = rest.slice(end + 1);
    }
  }
  if (rest !== '') take(rest.trimEnd());
}

async function runPorts(): Promise<void> {
  const detection = createPortsDetection(readReference(detectConfig().referenceDir));
  const rows = new Map<string, PortRow>();
  await eachLine((line) => {
    const [first = '', second = '', teu, moves, messages] = line.split(',');
    if (first === 'TICK') {
      process.stdout.write(`${JSON.stringify(decideTick(detection, Date.parse(second), rows))}\n`);
      rows.clear();
    } else if (messages !== undefined && Number.isFinite(Number(teu)))
      rows.set(second, { teu: Number(teu), moves: Number(moves), messages: Number(messages) });
  });
}

const [mode] = process.argv.slice(2);
switch (mode) {
  case 'ports':
    await runPorts();
    break;
  case 'series': {
    const { runSeries } = await import('./detect-series.ts');
    await runSeries();
    break;
  }
  case '--help':
  case '-h':
    process.stdout.write(`${usage}\n`);
    break;
  default:
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
}
