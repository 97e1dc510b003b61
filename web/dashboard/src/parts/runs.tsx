/** The list of runs, and a form to make one. Progress is asked for once a second while the end of one is awaited. */

import { signal } from '@preact/signals';
import type { RunSummary } from '@quaywatch/contracts';
import { DAY_MS, dayMonth, hourMinute, isoDate, signedPercent, whole, ZONE } from '@quaywatch/words';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../context.tsx';

import { go, route } from '../route.ts';
import { language, words } from '../settings.ts';
import { dateMs } from '../time.ts';
import { type Answer, api } from '../wire/api.ts';
import { createOrder } from '../wire/order.ts';
import { shownZone } from '../zone.ts';
import { Presets } from './presets.tsx';
import { isAtWork, isAwaited, stateWords } from './run-state.ts';
import { Scroll } from './scroll.tsx';
import { TypedDays } from './stretch.tsx';

const runs = signal<readonly RunSummary[]>([]);
const failure = signal('');
const BUSY_MS = 1_000;
const IDLE_MS = 15_000;

const failureOf = (answer: Answer<unknown>): string =>
  answer.ok ? '' : answer.message === '' ? String(answer.status) : answer.message;

const asks = createOrder();

async function refresh(): Promise<void> {
  const isNewest = asks();
  const answer = await api.runs();
  if (!isNewest()) return;
  if (answer.ok) runs.value = answer.value.runs;
  failure.value = failureOf(answer);
}

/** What could not be done stays said until the list is looked at again. */
async function change(asked: Promise<Answer<unknown>>): Promise<void> {
  const why = failureOf(await asked);
  await refresh();
  if (why !== '') failure.value = why;
}

/** All runs, kept fresh while a part that shows them is there. */
export function useRuns(): readonly RunSummary[] {
  const { connection } = usePage();
  const isBusy = runs.value.some(isAwaited);
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen) return;
    void refresh();
    const timer = setInterval(refresh, isBusy ? BUSY_MS : IDLE_MS);
    return () => clearInterval(timer);
  }, [isBusy, isOpen]);
  return runs.value;
}

function NewRun() {
  const w = words.value;
  // A link may ask for a stretch, e.g. that of an alert which no run covers yet.
  const { query } = route.value;
  const [from, setFrom] = useState(query.get('first') ?? '2025-01-01');
  const [to, setTo] = useState(query.get('end') ?? '2025-07-01');
  const [said, setSaid] = useState('');
  const [isStarting, setIsStarting] = useState(false);
  const start = async (event: Event) => {
    event.preventDefault();
    const fromMs = dateMs(from, ZONE);
    const toMs = dateMs(to, ZONE);
    if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return setSaid(w.badDates);
    setIsStarting(true);
    const answer = await api.startRun(from, to);
    setIsStarting(false);
    setSaid(answer.ok ? '' : w.failed(answer.message === '' ? String(answer.status) : answer.message));
    await refresh();
  };
  return (
    <form class="new-run" onSubmit={start}>
      <h2 class="h">{w.newRun}</h2>
      <label>
        {w.from}
        <input class="in" type="date" value={from} required onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        {w.to}
        <input class="in" type="date" value={to} required onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      <TypedDays from={from} to={to} />
      <button type="submit" class="bt pri" disabled={isStarting}>
        {isStarting ? w.starting : w.start}
      </button>
      {said !== '' && (
        <p class="al" role="alert">
          {said}
        </p>
      )}
    </form>
  );
}

/** Plays a whole stored run, or the last day of live. */
function playRun(run: RunSummary, nowMs: number): void {
  const from = run.kind === 'live' ? nowMs - DAY_MS : run.from_ms;
  const to = run.kind === 'live' ? nowMs : run.to_ms;
  go('replay', run.run, {
    from: String(Math.round(from)),
    to: String(Math.round(to)),
    at: String(Math.round(Math.min(to, from + (run.kind === 'live' ? DAY_MS / 24 : DAY_MS)))),
  });
}

function Row({ run }: { run: RunSummary }) {
  const { nowMs } = usePage();
  const w = words.value;
  const lang = language.value;
  const isPlayable = run.kind === 'live' || run.state === 'done';
  return (
    <tr data-run={run.run}>
      <td class="pn">{run.kind === 'live' ? w.liveRun : run.run}</td>
      <td>
        {isoDate(run.from_ms, ZONE)} – {run.kind === 'live' ? w.now : isoDate(run.to_ms, ZONE)}
      </td>
      <td>
        {isAtWork(run) && (
          <span
            class="progressbar"
            role="progressbar"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(run.progress * 100)}
            aria-label={w.states[run.state]}
          >
            <i style={{ width: `${run.progress * 100}%` }} />
          </span>
        )}
        <span class={run.state === 'failed' ? 'al' : ''} title={run.error}>
          {stateWords(run)}
        </span>
      </td>
      <td class="num b">{whole(run.teu)}</td>
      <td class="num b">{signedPercent(run.yoy_pct)}</td>
      <td class="num">{whole(run.alerts)}</td>
      <td class="dim" title={run.digest}>
        {run.digest === '' ? '—' : run.digest.slice(0, 12)}
      </td>
      <td class="dim">
        {dayMonth(run.created_at_ms, lang, shownZone.value)} {hourMinute(run.created_at_ms, shownZone.value)}
      </td>
      <td>
        <div class="acts">
          <button type="button" class="bt pri" disabled={!isPlayable} onClick={() => playRun(run, nowMs.peek())}>
            {run.kind === 'live' ? w.playLive : w.play}
          </button>
          {run.kind !== 'live' && run.state === 'done' && (
            <button
              type="button"
              class={run.pinned ? 'bt on' : 'bt'}
              aria-pressed={run.pinned}
              title={w.keepWhy}
              onClick={() => change(api.pinRun(run.run, !run.pinned))}
            >
              {w.keep}
            </button>
          )}
          {run.kind !== 'live' && !run.pinned && (
            <button type="button" class="bt" onClick={() => change(api.deleteRun(run.run))}>
              {isAwaited(run) ? w.cancelRun : w.remove}
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

export function Runs() {
  const w = words.value;
  const c = w.runColumns;
  const list = [...useRuns()].sort(
    (a, b) => Number(b.kind === 'live') - Number(a.kind === 'live') || b.created_at_ms - a.created_at_ms,
  );
  return (
    <main class="v-runs">
      <div class="ph">
        <h1 class="h">{w.runs}</h1>
        {failure.value !== '' && <span class="al">{w.failed(failure.value)}</span>}
      </div>
      <Presets runs={list} refresh={refresh} />
      <NewRun />
      <Scroll label={w.runs}>
        <table>
          <thead>
            <tr>
              <th scope="col">{c.run}</th>
              <th scope="col">{c.stretch}</th>
              <th scope="col">{c.state}</th>
              <th scope="col" class="num">
                {c.teu}
              </th>
              <th scope="col" class="num">
                {c.yoy}
              </th>
              <th scope="col" class="num">
                {c.alerts}
              </th>
              <th scope="col">{c.digest}</th>
              <th scope="col">{c.created}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {list.map((run) => (
              <Row key={run.run} run={run} />
            ))}
          </tbody>
        </table>
        {list.every((run) => run.kind === 'live') && <p class="empty">{w.runsNone}</p>}
      </Scroll>
    </main>
  );
}
