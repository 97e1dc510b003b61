/**
 * Measures the series scorer on a port's daily calls against labelled disruptions. Prints tables; judges nothing.
 *
 *     node stream-processor/src/testing/score-disruptions.ts DISRUPTIONS.csv CALLS.csv
 *
 * DISRUPTIONS.csv: `id,start,end,ports,kind,expected_direction,…`; CALLS.csv: `date,portid,locode,portname,portcalls_container`.
 */
import { readFileSync } from 'node:fs';
import { alarmScore } from '../alerting/novelty/refractory.ts';
import { createSeriesScorer } from '../alerting/novelty/score-series.ts';

const dayMs = 86_400_000;
/** An alarm this many days after the end still belongs to the disruption. */
const graceDays = 3;
/** Alarms are not counted before: the detector is learning. */
const learningDays = 60;

type Day = { readonly date: string; readonly dayMs: number; readonly calls: number; readonly score: number };
type Disruption = {
  readonly id: string;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isSilentOne: boolean;
};

function rowsOf(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

function scoredDays(path: string): { readonly port: string; readonly days: readonly Day[] } {
  const rows = rowsOf(path);
  const score = createSeriesScorer();
  const days = rows.map((row) => {
    const date = row['date'] ?? '';
    const atMs = Date.parse(date);
    const calls = Number(row['portcalls_container']);
    return { date, dayMs: atMs, calls, score: score(atMs, calls) };
  });
  return { port: rows[0]?.['portname'] ?? '', days };
}

function disruptionsAt(path: string, port: string, lastMs: number): readonly Disruption[] {
  return rowsOf(path)
    .filter((row) => (row['ports'] ?? '').split(/[;() ]/).includes(port))
    .map((row) => ({
      id: row['id'] ?? '',
      kind: row['kind'] ?? '',
      startMs: Date.parse(row['start'] ?? ''),
      endMs: Date.parse(row['end'] ?? ''),
      isSilentOne: /must not alert/i.test(row['expected_direction'] ?? ''),
    }))
    .filter(({ startMs }) => startMs <= lastMs);
}

const belongs = (day: Day, { startMs, endMs }: Disruption) =>
  day.dayMs >= startMs && day.dayMs <= endMs + graceDays * dayMs;

function printDisruption(disruption: Disruption, days: readonly Day[]): void {
  const inside = days.filter((day) => belongs(day, disruption));
  const first = inside.find((day) => day.score >= alarmScore);
  const highest = Math.max(...inside.map((day) => day.score));
  const delay = first === undefined ? '-' : ((first.dayMs - disruption.startMs) / dayMs).toFixed(0);
  const wanted = disruption.isSilentOne ? 'silence' : 'alarm';
  process.stdout.write(
    `${disruption.id}  ${wanted.padEnd(8)} ${(first === undefined ? 'silent' : 'alarm').padEnd(7)} delay ${delay.padStart(2)} d  score ${highest.toFixed(2)}  ${disruption.kind}\n`,
  );
}

const [disruptionsPath, callsPath] = process.argv.slice(2);
if (disruptionsPath === undefined || callsPath === undefined) {
  process.stderr.write('Usage: node score-disruptions.ts DISRUPTIONS.csv CALLS.csv\n');
  process.exit(2);
}
const { port, days } = scoredDays(callsPath);
const disruptions = disruptionsAt(disruptionsPath, port, days.at(-1)?.dayMs ?? 0);
process.stdout.write(`${port}, ${days.length} days, ${disruptions.length} labelled\n`);
for (const disruption of disruptions) printDisruption(disruption, days);
const outside = days
  .slice(learningDays)
  .filter((day) => day.score >= alarmScore && !disruptions.some((one) => belongs(day, one)));
const years = (days.length - learningDays) / 365.25;
process.stdout.write(
  `alarms outside: ${outside.length}, ${(outside.length / years).toFixed(1)} a year\n${outside.map((day) => `  ${day.date} ${day.calls} calls, score ${day.score.toFixed(2)}\n`).join('')}`,
);
