/**
 * `npm run -s detect -- ports|series`: the product's own detection on outside data, line by line. Starts no engine; standard output holds the
 * protocol and nothing else.
 *
 * `ports`: rows `time,port,teu,moves,messages` of one 5-minute slot, then `TICK,<time>`; the answer is one JSON array of transitions. The folder
 * that PORT_REF names may hold `history_daily.csv` (date,port,teu) and `calendar.csv` (from,to,port,kind).
 */
import { detectConfig } from './config.ts';
import { createComplaint, linesOf } from './detect-lines.ts';
import { createPortsDetection, decideTick, decodePortLine, type PortRow } from './detect-ports.ts';
import { readReference } from './detect-reference.ts';

const usage = `Usage: npm run -s detect -- ports|series
  ports   lines time,port,teu,moves,messages and TICK,time in, every 5 minutes; one JSON array of transitions a tick out
          (PORT_REF: folder of last year's days and the calendar)
  series  timestamp,value lines in, one score from 0 to 1 a line out

docs/alerts.md describes both.`;

/** A row that cannot be read is left out; a tick that cannot be read is answered with `[]` and decides nothing. */
async function runPorts(): Promise<void> {
  const detection = createPortsDetection(readReference(detectConfig().referenceDir));
  const complain = createComplaint();
  const rows = new Map<string, PortRow>();
  let lineNumber = 0;
  for await (const line of linesOf(process.stdin.setEncoding('utf8'))) {
    lineNumber++;
    const decoded = decodePortLine(line);
    switch (decoded.kind) {
      case 'tick':
        process.stdout.write(`${JSON.stringify(decideTick(detection, decoded.timeMs, rows))}\n`);
        rows.clear();
        break;
      case 'row':
        rows.set(decoded.port, decoded.row);
        break;
      case 'bad_tick':
        process.stdout.write('[]\n');
        rows.clear();
        complain(lineNumber, line, 'TICK,<ISO 8601 time>', 'decides nothing');
        break;
      case 'bad_row':
        complain(lineNumber, line, 'time,port,teu,moves,messages', 'is left out');
        break;
    }
  }
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
