/** What the draft would have told of a stretch of the past, against the rules in force; every alert leads to the replay at its moment. */
import type { AlertState, RunSummary } from '@quaywatch/contracts';
import {
  alertSize,
  alertTitle,
  DAY_MS,
  dayStartMs,
  HOUR_MS,
  isoDate,
  kindName,
  MINUTE_MS,
  moment,
  severityName,
  ZONE,
} from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { SeverityIcon } from '../parts/icons.tsx';
import { useRuns } from '../parts/runs.tsx';
import { TypedDays } from '../parts/stretch.tsx';
import { hrefOf } from '../route.ts';
import { language, words } from '../settings.ts';
import { dateMs, monthsWithin } from '../time.ts';
import type { BacktestResult } from '../wire/api.ts';
import { zoneFor } from '../zone.ts';
import { asked, failure, poll, start, state } from './backtest-state.ts';
import { isSame, runCovering } from './draft.ts';
import { draft, problems } from './state.ts';
import { ruleWords } from './words.ts';

const POLL_MS = 1_000;
const presetsMax = 6;
const listMax = 50;

function usePolling(): void {
  const id = asked.value?.id ?? '';
  const isDone = state.value?.state === 'done' || state.value?.state === 'failed';
  useEffect(() => {
    if (id === '' || isDone) return;
    void poll(id);
    const timer = setInterval(() => void poll(id), POLL_MS);
    return () => clearInterval(timer);
  }, [id, isDone]);
}

type Stretch = { readonly name: string; readonly from: string; readonly to: string };

/** The last week, and the months that recordings cover; without any, those of the half-year that the product comes with. */
function useStretches(nowMs: number): Stretch[] {
  const w = ruleWords.value;
  const today = dayStartMs(nowMs, ZONE);
  const week = { name: w.lastDays, from: isoDate(today - 7 * DAY_MS, ZONE), to: isoDate(today, ZONE) };
  const recorded = useRuns().filter((run) => run.kind === 'replay' && run.state === 'done');
  const known = new Map(
    recorded
      .flatMap((run) => monthsWithin(run.from_ms, run.to_ms, ZONE))
      .map((month) => [month.fromMs, month] as const),
  );
  const months = [...known.values()].sort((a, b) => b.fromMs - a.fromMs);
  const half = monthsWithin(dateMs('2025-01-01', ZONE) ?? 0, dateMs('2025-07-01', ZONE) ?? 0, ZONE);
  const shown = (months.length === 0 ? half : months).slice(0, presetsMax);
  return [
    week,
    ...shown.map((month) => ({
      name: isoDate(month.fromMs, ZONE).slice(0, 7),
      from: isoDate(month.fromMs, ZONE),
      to: isoDate(month.toMs, ZONE),
    })),
  ];
}

function Form() {
  const { nowMs } = usePage();
  const w = ruleWords.value;
  const today = dayStartMs(nowMs.value, ZONE);
  const [from, setFrom] = useState(isoDate(today - 7 * DAY_MS, ZONE));
  const [to, setTo] = useState(isoDate(today, ZONE));
  const [said, setSaid] = useState('');
  const isAtWork = state.value !== null && state.value.state !== 'done' && state.value.state !== 'failed';
  const submit = (event: Event) => {
    event.preventDefault();
    const [fromMs, toMs] = [dateMs(from, ZONE), dateMs(to, ZONE)];
    const isGood = fromMs !== undefined && toMs !== undefined && fromMs < toMs;
    setSaid(isGood ? '' : words.value.badDates);
    const rules = draft.peek();
    if (isGood && rules !== null) void start(from, to, rules);
  };
  return (
    <form class="bt-form" onSubmit={submit}>
      <div class="vals">
        {useStretches(nowMs.value).map((one) => (
          <button
            key={one.name}
            type="button"
            class={one.from === from && one.to === to ? 'val on' : 'val'}
            aria-pressed={one.from === from && one.to === to}
            onClick={() => {
              setFrom(one.from);
              setTo(one.to);
            }}
          >
            {one.name}
          </button>
        ))}
      </div>
      <div class="r-fields">
        <label>
          {words.value.from}
          <input class="in" type="date" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          {words.value.to}
          <input class="in" type="date" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <TypedDays from={from} to={to} />
        <button type="submit" class="bt pri" disabled={isAtWork || problems.value.length > 0}>
          {w.run}
        </button>
      </div>
      {said !== '' && (
        <p class="al" role="alert">
          {said}
        </p>
      )}
    </form>
  );
}

/**
 * Opens the moment of an alert a little before it, in a run that has it: the runs of a back-test hold alerts and no throughput. Without
 * such a run it leads to where one is made, with the days filled in.
 */
function hrefOfMoment(alert: AlertState, runs: readonly RunSummary[]): string {
  const from = alert.since_ms - HOUR_MS;
  const to = Math.max(alert.at_ms + HOUR_MS, alert.since_ms + 6 * HOUR_MS);
  const run = runCovering(runs, from, alert.since_ms);
  if (run === undefined) return hrefOf('replay', '', { first: isoDate(from, ZONE), end: isoDate(to + DAY_MS, ZONE) });
  return hrefOf('replay', run, { from: String(from), to: String(to), at: String(alert.since_ms - 10 * MINUTE_MS) });
}

type AlertListProps = { title: string; alerts: readonly AlertState[]; runs: readonly RunSummary[] };

function AlertList({ title, alerts, runs }: AlertListProps) {
  const lang = language.value;
  return (
    <details open={alerts.length > 0}>
      <summary class="h">{title}</summary>
      {alerts.slice(0, listMax).map((alert) => (
        <a key={alert.alert_id} class="li" href={hrefOfMoment(alert, runs)}>
          <SeverityIcon severity={alert.severity} label={severityName(alert.severity, lang)} />
          <b>{alertTitle(alert, lang)}</b>
          <span class="dim nw">{moment(alert.since_ms, 0, lang, zoneFor(alert.port))}</span>
          <small>{alertSize(alert, lang)?.size ?? words.value.sizeUnknown}</small>
        </a>
      ))}
      {alerts.length > listMax && <p class="note">{words.value.moreOpen(alerts.length - listMax)}</p>}
    </details>
  );
}

function Result({ result }: { result: BacktestResult }) {
  const w = ruleWords.value;
  const runs = useRuns();
  const isUncovered = [...result.only_after, ...result.only_before].some(
    (alert) => runCovering(runs, alert.since_ms - HOUR_MS, alert.since_ms) === undefined,
  );
  const isOutdated = !isSame(asked.value?.rules, draft.value);
  return (
    <div class="bt-result">
      <p class="fig small">{w.wouldFire(result.after)}</p>
      <p class="note">
        {w.firedBefore(result.before, result.both)} {isOutdated && <b class="ca">{w.outdated}</b>}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.kind}</th>
            <th scope="col" class="num">
              {w.before}
            </th>
            <th scope="col" class="num">
              {w.after}
            </th>
          </tr>
        </thead>
        <tbody>
          {result.by_kind.map((one) => (
            <tr key={one.kind}>
              <td>{kindName(one.kind, language.value)}</td>
              <td class="num">{one.before}</td>
              <td class={one.before === one.after ? 'num' : 'num b'}>{one.after}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {isUncovered && <p class="note">{w.noRun}</p>}
      <AlertList title={w.onlyAfter(result.only_after.length)} alerts={result.only_after} runs={runs} />
      <AlertList title={w.onlyBefore(result.only_before.length)} alerts={result.only_before} runs={runs} />
    </div>
  );
}

export function BacktestPanel() {
  usePolling();
  const w = ruleWords.value;
  const at = state.value;
  return (
    <section aria-label={w.backtest}>
      <h2 class="h">{w.backtest}</h2>
      <p class="note">{w.backtestNote}</p>
      <Form />
      {at !== null && at.state === 'queued' && (
        <p class="note" role="status">
          {w.running.queued}
        </p>
      )}
      {at !== null && (at.state === 'recording' || at.state === 'running') && (
        <p class="note" role="status">
          <progress value={at.progress} max={1} aria-label={w.running[at.state]} /> {w.running[at.state]}{' '}
          {Math.round(at.progress * 100)} %
        </p>
      )}
      {(failure.value !== '' || at?.state === 'failed') && (
        <p class="al" role="alert">
          {w.backtestFailed(failure.value === '' ? (at?.error ?? '') : failure.value)}
        </p>
      )}
      {at?.result !== undefined && <Result result={at.result} />}
    </section>
  );
}
