/**
 * `npm run bench -- trials`: a recorded half-year with known incidents through the whole processor, and its alerts against the truth. The last
 * line is JSON. `infra` has made the recording.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { PORTS } from '@quaywatch/contracts';
import { createKafka } from '@quaywatch/kafka';
import { createLog, type LogLevel, runProcess } from '@quaywatch/runtime';
import { dayNumberOf, dayStartMs } from '@quaywatch/seeds';
import { commandAttemptsMax, createStore } from './adapters/clickhouse-store.ts';
import { readScenario } from './adapters/kafka-scenario.ts';
import { createRuleTimeline } from './alerting/rule-timeline.ts';
import { processorConfig } from './config.ts';
import { replay } from './replay.ts';
import { firedOf, scoreTrial, type TrialScore } from './testing/trial-score.ts';

/** As many days as the port benchmark gives detection to learn. */
const learnDays = 28;
const targets = { recall: 0.9, falsePerPortWeek: 0.1 };

const { values } = parseArgs({
  options: { recording: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
  strict: true,
});
const { recording = '', from = '', to = '' } = values;
const dayOf = (text: string) => dayNumberOf(Date.parse(`${text}T00:00:00+08:00`));

function print(score: TrialScore): void {
  const minutes = (value: number | null) =>
    value === null ? '–' : value < 600 ? `${value.toFixed(0)} min` : `${(value / 1440).toFixed(1)} d`;
  process.stdout.write('event             n  recall  openings  median   p90\n');
  for (const [kind, one] of Object.entries(score.events)) {
    const recall = one.recall === null ? '–' : one.recall.toFixed(2);
    process.stdout.write(
      `${kind.padEnd(16)} ${String(one.n).padStart(2)}  ${recall.padStart(6)}  ${one.openings.toFixed(2).padStart(8)}  ${minutes(one.medianMin).padStart(7)}  ${minutes(one.p90Min).padStart(7)}\n`,
    );
  }
  process.stdout.write(
    `${score.falseAlerts.length} false alerts of work in ${score.portWeeks.toFixed(0)} port-weeks (${score.falsePerPortWeek.toFixed(3)} each); ${score.ownFeedAlerts} alerts of feeds that fell silent or behind by themselves\n`,
  );
}

const log = createLog('bench', processorConfig().logLevel as LogLevel);
await runProcess(log, async (stop) => {
  const config = processorConfig();
  const store = createStore(config, log, stop, commandAttemptsMax);
  const run = `bench-${randomBytes(4).toString('hex')}`;
  try {
    const [fromDay, toDay] = [dayOf(from), dayOf(to)];
    const summary = await replay(
      config,
      store,
      log,
      {
        run,
        fromDay,
        toDay,
        speed: Number.POSITIVE_INFINITY,
        withMinutes: false,
        isResumed: false,
        isAlertsOnly: true,
        rules: createRuleTimeline(),
        isSimulated: true,
        recording,
        onProgress: () => {},
      },
      stop,
    );
    const events = await readScenario(createKafka(config, 'quaywatch-bench', log), recording);
    const fired = firedOf(await store.transitions(run));
    const score = scoreTrial(events, fired, dayStartMs(fromDay + learnDays), dayStartMs(toDay), PORTS.length);
    print(score);
    const areas = fired.filter((one) => one.port === '').length;
    const json = {
      recording,
      alerts: summary.alerts,
      areas,
      seconds: summary.seconds,
      ...score,
      missed: score.missed.length,
      falseAlerts: score.falseAlerts.length,
    };
    const recalls = Object.values(score.events).flatMap((one) => one.recall ?? []);
    const mean = recalls.reduce((sum, one) => sum + one, 0) / Math.max(1, recalls.length);
    const isMet = mean >= targets.recall && score.falsePerPortWeek <= targets.falsePerPortWeek;
    process.stdout.write(`${JSON.stringify({ ...json, recall: mean, targets, isMet })}\n`);
    if (!isMet) process.exitCode = 1;
  } finally {
    await store.deleteRun(run).catch(() => undefined);
    await store.close();
  }
});
