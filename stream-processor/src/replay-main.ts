/** `npm run replay`: parses its arguments, runs one replay, prints the summary. Progress goes to standard error. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunSummary } from '@quaywatch/contracts';
import { parseRules } from '@quaywatch/contracts/rules-schema';
import { createLog, type LogLevel, runProcess } from '@quaywatch/runtime';
import { dayNumberOfIso } from '@quaywatch/seeds';
import { commandAttemptsMax, createStore } from './adapters/clickhouse-store.ts';
import { createRuleTimeline, fixedRules, type RuleTimeline } from './alerting/rule-timeline.ts';
import { processorConfig } from './config.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { NotCoveredError } from './replay-source.ts';

const usage = `Usage: npm run replay -- --from YYYY-MM-DD --to YYYY-MM-DD [--speed max|N] [--json] [--minutes] [--resume RUN] [--rules FILE] [--alerts-only] [--recording NAME]

Replays a stretch of days (UTC+8, --to excluded) from a recording or from the live log, as a run of its own.
  --speed max|N   event-time seconds a second; default max
  --json          prints one line of JSON on standard output
  --minutes       writes 1-minute rows too
  --rules FILE    detection rules (JSON, docs/alerts.md) instead of the defaults: a back-test
  --alerts-only   stores the alerts and no rows; the summary then has no TEU and no digest of rows
  --recording NAME  reads this recording; default: the first that covers the stretch, else the live log
  --resume RUN    goes on with a run that was interrupted, from its checkpoint
  --data DIR      data directory of the embedded engines (default .quaywatch)`;

const runsKept = 10;
/** The gateway names back-tests so. */
const backtestPrefix = 'bt-';

/** A wrong use is answered with the usage text and exit code 2. */
function wrongUse(problem: string): never {
  process.stderr.write(`${problem}\n\n${usage}\n`);
  process.exit(2);
}

function dayOf(name: string, text: string | undefined, problems: string[]): number {
  const day = dayNumberOfIso(text ?? '');
  if (day === undefined)
    problems.push(
      `${name} must be a day such as 2025-01-01${text === undefined ? '' : `, not ${JSON.stringify(text)}`}.`,
    );
  return day ?? Number.NaN;
}

const ARGUMENTS = {
  from: { type: 'string' },
  to: { type: 'string' },
  speed: { type: 'string', default: 'max' },
  json: { type: 'boolean', default: false },
  minutes: { type: 'boolean', default: false },
  resume: { type: 'string' },
  rules: { type: 'string' },
  recording: { type: 'string' },
  'alerts-only': { type: 'boolean', default: false },
  run: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof ARGUMENTS; strict: true }>>['values'];

function parse(): Values {
  try {
    return parseArgs({ options: ARGUMENTS, strict: true }).values;
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
}

/** @returns the built-in rules without a file, and beside a problem. */
function rulesOf(file: string | undefined, problems: string[]): RuleTimeline {
  if (file === undefined) return createRuleTimeline();
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`--rules ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return createRuleTimeline();
  }
  const parsed = parseRules(given);
  if (parsed.ok) return fixedRules(parsed.rules);
  problems.push(`--rules ${file} has problems:\n${parsed.problems.map((one) => `  - ${one}`).join('\n')}`);
  return createRuleTimeline();
}

function optionsOf(values: Values): Omit<ReplayOptions, 'isSimulated'> {
  const problems: string[] = [];
  const fromDay = dayOf('--from', values.from, problems);
  const toDay = dayOf('--to', values.to, problems);
  if (toDay <= fromDay) problems.push('--to must be after --from: it is the first day that is not replayed.');
  const speed = values.speed === 'max' ? Number.POSITIVE_INFINITY : Number(values.speed);
  if (!(speed > 0)) problems.push('--speed must be max or a number above 0.');
  const run =
    values.resume ??
    values.run ??
    `r-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase()}-${randomBytes(2).toString('hex')}`;
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(run) || run === 'live')
    problems.push('A run’s name is 1 to 64 of a–z, 0–9 and "-", and not "live".');
  const rules = rulesOf(values.rules, problems);
  if (problems.length > 0) wrongUse(problems.join('\n'));
  return {
    run,
    fromDay,
    toDay,
    speed,
    withMinutes: values.minutes,
    isResumed: values.resume !== undefined,
    ...(values.recording === undefined ? {} : { recording: values.recording }),
    isAlertsOnly: values['alerts-only'],
    rules,
    onProgress: (share) => process.stderr.write(`${JSON.stringify({ progress: Math.round(share * 1000) / 1000 })}\n`),
  };
}

const values = parse();
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}
const options = optionsOf(values);
const config = processorConfig();
const log = createLog('replay', config.logLevel as LogLevel);

await runProcess(log, async (stop) => {
  const store = createStore(config, log, stop, commandAttemptsMax);
  process.stderr.write(`${JSON.stringify({ run: options.run })}\n`);
  try {
    const summary = await replay(config, store, log, { ...options, isSimulated: config.feeds === 'simulated' }, stop);
    process.stdout.write(
      values.json
        ? `${JSON.stringify(summary)}\n`
        : `${Object.entries(summary)
            .map(([name, value]) => `${name.padEnd(18)} ${value}`)
            .join('\n')}\n`,
    );
    await prune();
  } catch (error) {
    if (!(error instanceof NotCoveredError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  } finally {
    await store.close();
  }

  /** The last ten runs that nobody pinned are kept, and as many back-tests, which must not push them out. */
  async function prune(): Promise<void> {
    const done = (await store.listRuns()).filter(
      (one) => one.kind === 'replay' && !one.pinned && one.state !== 'running',
    );
    const isBacktest = (one: RunSummary) => one.run.startsWith(backtestPrefix);
    for (const kept of [done.filter(isBacktest), done.filter((one) => !isBacktest(one))])
      for (const one of kept.slice(runsKept)) await store.deleteRun(one.run);
  }
});
