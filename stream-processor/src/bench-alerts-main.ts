/**
 * `npm run bench -- alerts`: the detection of ports against half-years with known truth. Prints mean and worst of every figure beside its target;
 * the last line is JSON. Its seeds are not those that detection was made with.
 */
import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createPortsDetection, decideTick, type PortRow, type Reference } from './detect-ports.ts';
import { csvRows, readReference } from './detect-reference.ts';
import { type Score, scoreAlerts, type Told, type Truth } from './testing/port-score.ts';
import { makePortWeeks, type PortReadings, type PortWeeks } from './testing/port-weeks.ts';

const help = `Usage: npm run bench -- alerts [--seeds N] [--from SEED] [--public DIR] [--json]
  --seeds N     how many half-years of 12 ports (default 5)
  --from SEED   the first seed (default 9001)
  --public DIR  a folder with stream.csv, labels.json, history_daily.csv and calendar.csv instead
  --json        nothing but the last line

The last line is JSON; exit code 1 when a target is missed.`;

const slotMs = 300_000;
const dayMs = 86_400_000;

type Run = { readonly name: string; readonly score: Score; readonly tickMs: number };

function tellAll(
  reference: Reference,
  ports: readonly Omit<PortReadings, 'teuPerHour' | 'terminals'>[],
  frame: Pick<PortWeeks, 't0' | 't1'>,
) {
  const detection = createPortsDetection(reference);
  const told: Told[] = [];
  const rows = new Map<string, PortRow>();
  const slots = (frame.t1 - frame.t0) / slotMs;
  const startMs = performance.now();
  for (let i = 0; i < slots; i++) {
    rows.clear();
    for (const { port, teu, moves, messages } of ports)
      if ((messages[i] ?? -1) >= 0)
        rows.set(port, { teu: teu[i] ?? 0, moves: moves[i] ?? 0, messages: messages[i] ?? 0 });
    const atMs = frame.t0 + (i + 1) * slotMs;
    for (const { port, kind, state } of decideTick(detection, atMs - slotMs, rows))
      told.push({ atMs, port, kind, state });
  }
  return { told, tickMs: (performance.now() - startMs) / slots };
}

function runSeed(seed: number): Run {
  const weeks = makePortWeeks(seed);
  const lastYears = [...weeks.history].map(([port, days]) => ({
    port,
    firstDay: (days[0]?.[0] ?? 0) / dayMs,
    teu: days.map(([, teu]) => teu),
  }));
  const { told, tickMs } = tellAll({ lastYears, calendar: weeks.calendar }, weeks.ports, weeks);
  return { name: `seed ${seed}`, score: scoreAlerts(weeks, told), tickMs };
}

type Labels = {
  readonly t0: number;
  readonly t1: number;
  readonly warmup_end: number;
  readonly ports: readonly { readonly id: string }[];
  readonly events: Truth['events'];
  readonly planned: Truth['planned'];
  readonly cny: Truth['newYear'];
  readonly holidays: readonly number[];
};

/** A folder in the form of the port benchmark's public set. */
function runFolder(folder: string): Run {
  const labels = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as Labels;
  const slots = (labels.t1 - labels.t0) / slotMs;
  const ports = new Map(
    labels.ports.map(({ id }) => [
      id,
      {
        port: id,
        teu: new Float64Array(slots),
        moves: new Float64Array(slots),
        messages: new Float64Array(slots).fill(-1),
      },
    ]),
  );
  for (const [time = '', port = '', teu, moves, messages] of csvRows(folder, 'stream.csv')) {
    const readings = ports.get(port);
    const i = (Date.parse(time) - labels.t0) / slotMs;
    if (readings === undefined || Number.isNaN(i)) continue;
    readings.teu[i] = Number(teu);
    readings.moves[i] = Number(moves);
    readings.messages[i] = Number(messages);
  }
  const { told, tickMs } = tellAll(readReference(folder), [...ports.values()], labels);
  const truth: Truth = {
    t1: labels.t1,
    warmUpEnd: labels.warmup_end,
    ports: [...ports.values()],
    events: labels.events,
    planned: labels.planned,
    newYear: labels.cny,
    holidays: labels.holidays,
  };
  return { name: folder, score: scoreAlerts(truth, told), tickMs };
}

type Figure = {
  readonly name: string;
  readonly of: (run: Run) => number | null;
  /** What the mean over all seeds, and what every seed must reach. */
  readonly mean?: number;
  readonly each?: number;
  readonly isFloor?: boolean;
};

const hours = (minutes: number | null) => (minutes === null ? null : minutes / 60);
const days = (minutes: number | null) => (minutes === null ? null : minutes / 1440);

const figures: readonly Figure[] = [
  { name: 'recall, right family, snr ≥ 4', of: ({ score }) => score.recall, mean: 0.95, each: 0.9, isFloor: true },
  { name: 'precision', of: ({ score }) => score.precision, isFloor: true },
  { name: 'false alerts / port-week', of: ({ score }) => score.falsePerPortWeek, each: 0.1 },
  { name: 'wrong family / port-week', of: ({ score }) => score.wrongPerPortWeek, each: 0.02 },
  { name: 'openings / event', of: ({ score }) => score.openingsPerEvent, mean: 1.1 },
  { name: 'false in planned stoppages', of: ({ score }) => score.falseInPlanned, each: 0 },
  { name: 'false in holidays', of: ({ score }) => score.falseInHolidays },
  {
    name: 'Spring Festival − all, false / port-week',
    of: ({ score }) => score.falsePerPortWeekInNewYear - score.falsePerPortWeek,
    mean: 0,
  },
  { name: 'closure delay median, min', of: ({ score }) => score.delays.closure.median, mean: 20 },
  { name: 'closure delay p90, min', of: ({ score }) => score.delays.closure.p90, mean: 30 },
  { name: 'stall delay median, min', of: ({ score }) => score.delays.stall.median, mean: 60 },
  { name: 'stall delay p90, min', of: ({ score }) => score.delays.stall.p90, mean: 120 },
  { name: 'outage delay median, min', of: ({ score }) => score.delays.outage.median, mean: 10 },
  { name: 'outage delay p90, min', of: ({ score }) => score.delays.outage.p90, mean: 15 },
  { name: 'double counting delay median, min', of: ({ score }) => score.delays.double.median, mean: 15 },
  { name: 'double counting delay p90, min', of: ({ score }) => score.delays.double.p90, mean: 30 },
  { name: 'surge delay median, h', of: ({ score }) => hours(score.delays.surge.median), mean: 6 },
  { name: 'drop delay median, h', of: ({ score }) => hours(score.delays.drop.median), mean: 6 },
  { name: 'drift delay median, d', of: ({ score }) => days(score.delays.drift.median), mean: 8 },
  { name: 'year-on-year delay median, d', of: ({ score }) => days(score.delays.yoy.median), mean: 8 },
  { name: '12-port tick, ms', of: ({ tickMs }) => tickMs, mean: 2 },
];

type Line = { name: string; mean: number; worst: number; target: string; isMet: boolean };

function judge(figure: Figure, runs: readonly Run[]): Line {
  const values = runs.flatMap((run) => figure.of(run) ?? []);
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const worst = figure.isFloor === true ? Math.min(...values) : Math.max(...values);
  const isGood = (value: number, target: number | undefined) =>
    target === undefined || (figure.isFloor === true ? value >= target : value <= target);
  const sign = figure.isFloor === true ? '≥' : '≤';
  const target = [
    figure.mean === undefined ? '' : `mean ${sign} ${figure.mean}`,
    figure.each === undefined ? '' : `each ${sign} ${figure.each}`,
  ].filter((text) => text !== '');
  return {
    name: figure.name,
    mean,
    worst,
    target: target.join(', '),
    isMet: isGood(mean, figure.mean) && isGood(worst, figure.each),
  };
}

function table(lines: readonly ReturnType<typeof judge>[]): string {
  const show = (value: number) => value.toFixed(3).padStart(9);
  const rows = lines.map(
    ({ name, mean, worst, target, isMet }) =>
      `${name.padEnd(42)}${show(mean)}${show(worst)}  ${target}${isMet ? '' : '  MISSED'}\n`,
  );
  return `${'figure'.padEnd(42)}${'mean'.padStart(9)}${'worst'.padStart(9)}  target\n${rows.join('')}`;
}

function report(runs: readonly Run[], isJson: boolean): boolean {
  const lines = figures.map((figure) => judge(figure, runs));
  if (!isJson) process.stdout.write(table(lines));
  const isMet = lines.every((line) => line.isMet);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? arch()}, Node ${process.versions.node}`;
  process.stdout.write(
    `${JSON.stringify({ bench: 'alerts', machine, runs: runs.map(({ name }) => name), is_met: isMet, figures: lines })}\n`,
  );
  return isMet;
}

const ARGUMENTS = {
  seeds: { type: 'string', default: '5' },
  from: { type: 'string', default: '9001' },
  public: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function wrongUse(problem: string): never {
  process.stderr.write(`${problem}\n\n${help}\n`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({ options: ARGUMENTS, strict: true }).values;
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

function main(): number {
  const values = parse();
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  if (values.public !== undefined) return report([runFolder(values.public)], values.json) ? 0 : 1;
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  const problems = Object.entries({ seeds, from }).flatMap(([name, value]) =>
    Number.isSafeInteger(value) && value >= 1 ? [] : [`--${name} must be a whole number from 1.`],
  );
  if (problems.length > 0) wrongUse(problems.join('\n'));
  const runs: Run[] = [];
  for (let i = 0; i < seeds; i++) {
    runs.push(runSeed(from + i));
    const { name, score } = runs[i] ?? { name: '', score: null };
    process.stderr.write(
      `${name}: recall ${score?.recall.toFixed(3)}, false ${score?.falsePerPortWeek.toFixed(3)} a port-week\n`,
    );
  }
  return report(runs, values.json) ? 0 : 1;
}

process.exitCode = main();
