/**
 * `npm run record`: writes a simulated stretch into a recording of its own. Progress on standard error, one JSON line on standard output.
 * Exit codes: 0 written, 1 failed, 2 used wrongly.
 */
import { parseArgs } from 'node:util';
import { recordingTopic } from '@quaywatch/contracts';
import type { Kafka } from '@quaywatch/kafka';
import { createLog, KAFKA_FIELDS, readConfig } from '@quaywatch/runtime';
import { dayNumberOfIso, dayStartMs, halfYearOf } from '@quaywatch/seeds';
import {
  connectKafka,
  createFeedProducer,
  createRecordingTopic,
  createSink,
  publishScenario,
  RecordingError,
} from './adapters/kafka.ts';
import { createFeeds } from './feed/feeds.ts';
import { type Ledger, record } from './record.ts';
import { loadScenario } from './scenario/built-in.ts';
import { anchorScenario, ScenarioError } from './scenario/scenario.ts';

const HELP = `Usage: npm run record -- --from 2025-01-01 --to 2025-07-01 [options]

Writes the simulated feeds of a stretch of days (UTC+8, --to is not in it) into Kafka as a recording.

  --name NAME        default: <from>_<to>
  --replace          write a recording of that name anew
  --scenario NAME    calm, history (default), demo, trials-<seed>, or a JSON file
  --seed N           another world with the same totals; default 1
  --json             nothing but the summary
`;

/** Used wrongly: exit 2. */
class UsageError extends Error {}

type Arguments = {
  readonly fromDay: number;
  readonly toDay: number;
  readonly name: string;
  readonly isReplaced: boolean;
  readonly scenario: string;
  readonly seed: number | undefined;
  readonly isQuiet: boolean;
};

function dayOf(text: string | undefined, option: string, problems: string[]): number {
  const day = dayNumberOfIso(text ?? '');
  if (day !== undefined) return day;
  problems.push(
    `${option} must be a day such as 2025-01-01${text === undefined ? '' : `, not ${JSON.stringify(text)}`}`,
  );
  return Number.NaN;
}

function rangeProblems(fromDay: number, toDay: number): string[] {
  if (Number.isNaN(fromDay) || Number.isNaN(toDay)) return [];
  if (toDay <= fromDay) return ['--to must be after --from: it is the first day that is not recorded'];
  try {
    halfYearOf(fromDay);
    halfYearOf(toDay - 1);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** @throws UsageError naming every problem. */
export function decodeArguments(argv: readonly string[]): Arguments | 'help' {
  const options = {
    from: { type: 'string' },
    to: { type: 'string' },
    name: { type: 'string' },
    replace: { type: 'boolean', default: false },
    scenario: { type: 'string', default: 'history' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (values.help) return 'help';
  const problems: string[] = [];
  const fromDay = dayOf(values.from, '--from', problems);
  const toDay = dayOf(values.to, '--to', problems);
  problems.push(...rangeProblems(fromDay, toDay));
  const name = values.name ?? `${values.from}_${values.to}`;
  try {
    recordingTopic(name);
  } catch (error) {
    if (values.name !== undefined) problems.push(`--name: ${error instanceof Error ? error.message : String(error)}`);
  }
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !Number.isSafeInteger(seed)) problems.push('--seed must be a whole number');
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { fromDay, toDay, name, isReplaced: values.replace, scenario: values.scenario, seed, isQuiet: values.json };
}

function progressTo(isQuiet: boolean): (share: number, ledger: Ledger) => void {
  let shownPercent = -10;
  return (share, ledger) => {
    const percent = Math.floor(share * 100);
    if (isQuiet || percent < shownPercent + 10) return;
    shownPercent = percent;
    process.stderr.write(`${percent} % · ${ledger.reports} reports · ${(ledger.entries / 1e6).toFixed(1)} M moves\n`);
  };
}

async function writeRecording(kafka: Kafka, args: Arguments, stop: AbortSignal): Promise<Ledger> {
  const scenario = loadScenario(args.scenario);
  const fromMs = dayStartMs(args.fromDay);
  const toMs = dayStartMs(args.toDay);
  const events = anchorScenario(scenario, fromMs, args.name);
  const topic = await createRecordingTopic(kafka, args.name, args.isReplaced);
  const producer = createFeedProducer(kafka);
  await producer.connect();
  try {
    const ledger = await record({
      name: args.name,
      fromDay: args.fromDay,
      toDay: args.toDay,
      scenario: scenario.name,
      feeds: createFeeds({
        seed: args.seed ?? scenario.seed ?? 1,
        events,
        givesBack: scenario.gives_back,
        isImperfect: scenario.imperfect,
      }),
      sink: createSink(producer, topic),
      onProgress: progressTo(args.isQuiet),
      signal: stop,
    });
    await publishScenario(
      kafka,
      producer,
      events.filter((event) => event.from_ms < toMs && event.to_ms > fromMs),
    );
    return ledger;
  } finally {
    await producer.disconnect();
  }
}

async function main(): Promise<number> {
  try {
    const args = decodeArguments(process.argv.slice(2));
    if (args === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
    const log = createLog('record', 'warn');
    const kafka = connectKafka(readConfig(KAFKA_FIELDS), 'quaywatch-record', log);
    const ledger = await writeRecording(kafka, args, stopping.signal);
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isUsage =
      error instanceof UsageError ||
      error instanceof ScenarioError ||
      code === 'bad_config' ||
      (error instanceof RecordingError && error.code === 'recording_exists');
    if (error instanceof UsageError) process.stderr.write(`\n${HELP}`);
    return isUsage ? 2 : 1;
  }
}

if (import.meta.main) process.exit(await main());
