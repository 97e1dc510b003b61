/** What the measures view looks at, as its address says it, and the windows behind it. Asks again when an hour has closed. */
import { useSignal } from '@preact/signals';
import type { AlertState, RunSummary } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { hrefOf, type Route } from '../route.ts';
import { api } from '../wire/api.ts';
import { askMeasures, type MeasureRow } from '../wire/measures.ts';
import { PROGRAMME_KEYS, type ProgrammeKey } from './shares.ts';

const STRETCHES = { days: 3, weeks: 14, half: 182 } as const;
export type Stretch = keyof typeof STRETCHES;
export const STRETCH_NAMES = Object.keys(STRETCHES) as readonly Stretch[];
const YEAR_SHIFT_MS = 364 * DAY_MS;
/** Hours of a longer stretch would be more than a screen is wide. */
const hoursMaxMs = 20 * DAY_MS;

export type Looked = {
  readonly measure: ProgrammeKey;
  readonly port: string;
  readonly stretch: Stretch;
  readonly run: string;
};

export function lookedAt({ id, query }: Pick<Route, 'id' | 'query'>): Looked {
  return {
    measure: PROGRAMME_KEYS.find((key) => key === id) ?? 'direct_pick_up',
    port: query.get('port') ?? '',
    stretch: STRETCH_NAMES.find((name) => name === query.get('stretch')) ?? 'weeks',
    run: query.get('run') ?? 'live',
  };
}

/** The address of the same view with something else chosen. */
export function hrefOfLooked(looked: Looked, change: Partial<Looked>): string {
  const { measure, port, stretch, run } = { ...looked, ...change };
  return hrefOf('measures', measure, {
    ...(port === '' ? {} : { port }),
    ...(stretch === 'weeks' ? {} : { stretch }),
    ...(run === 'live' ? {} : { run }),
  });
}

export type Windows = {
  readonly key: string;
  readonly rows: readonly MeasureRow[];
  readonly lastYear: readonly MeasureRow[];
  readonly lastYearRun: string;
  readonly alerts: readonly AlertState[];
  readonly sizeS: 3600 | 86400;
  readonly fromMs: number;
  readonly toMs: number;
};

/** Whether what is looked at is simulated. Recordings are, whatever the feeds of live are. */
export const isSimulatedOf = ({ run }: Pick<Looked, 'run'>, isLiveSimulated: boolean): boolean =>
  run !== 'live' || isLiveSimulated;

/** A stretch of which most is not stored begins a little before what is: an empty chart says no more than its edge. */
export function shownFrom({ rows, fromMs, toMs }: Pick<Windows, 'rows' | 'fromMs' | 'toMs'>): number {
  const firstMs = rows.reduce((first, row) => Math.min(first, row.start_ms), toMs);
  return firstMs >= toMs ? fromMs : Math.max(fromMs, firstMs - (toMs - firstMs) / 3);
}

/** The stretch that is asked for; of a run its end, never beyond its beginning. */
export function spanOf(stretch: Stretch, run: RunSummary | undefined, nowMs: number) {
  const toMs = run === undefined ? Math.floor(nowMs / HOUR_MS) * HOUR_MS : run.to_ms;
  const wantedMs = toMs - STRETCHES[stretch] * DAY_MS;
  const fromMs = run === undefined ? wantedMs : Math.max(run.from_ms, wantedMs);
  const sizeS: 3600 | 86400 = toMs - fromMs > hoursMaxMs ? 86400 : 3600;
  return { fromMs, toMs, sizeS };
}

/** A finished replay that covers the same weeks of the year before. */
export function lastYearRun(runs: readonly RunSummary[], fromMs: number, toMs: number): RunSummary | undefined {
  return runs.find(
    (run) =>
      run.kind === 'replay' &&
      run.state === 'done' &&
      run.from_ms <= fromMs - YEAR_SHIFT_MS &&
      run.to_ms >= toMs - YEAR_SHIFT_MS,
  );
}

async function read(looked: Looked, nowMs: number, runs: readonly RunSummary[], key: string) {
  const run = looked.run === 'live' ? undefined : runs.find((entry) => entry.run === looked.run);
  const span = spanOf(looked.stretch, run, nowMs);
  const asked = { size: span.sizeS, from: span.fromMs, to: span.toMs };
  const before = lastYearRun(runs, span.fromMs, span.toMs);
  const [now, then, alerts] = await Promise.all([
    askMeasures({ ...asked, run: looked.run }),
    before === undefined
      ? undefined
      : askMeasures({
          ...asked,
          from: asked.from - YEAR_SHIFT_MS,
          to: asked.to - YEAR_SHIFT_MS,
          run: before.run,
        }),
    looked.run === 'live' ? undefined : api.alerts(looked.run, 'all'),
  ]);
  if (!now.ok) return { failure: now.message === '' ? String(now.status) : now.message };
  const lastYear = then?.ok === true ? then.value.rows : [];
  const windows: Windows = {
    key,
    rows: now.value.rows,
    lastYear: lastYear.map((row) => ({ ...row, start_ms: row.start_ms + YEAR_SHIFT_MS })),
    lastYearRun: lastYear.length === 0 ? '' : (before?.run ?? ''),
    alerts: alerts?.ok === true ? alerts.value.alerts : [],
    ...span,
  };
  return { windows };
}

export function useWindows(looked: Looked) {
  const { live, connection, nowMs } = usePage();
  const windows = useSignal<Windows | null>(null);
  const failure = useSignal('');
  const attempt = useSignal(0);
  const runs = useSignal<readonly RunSummary[]>([]);
  const isOpen = connection.link.value.kind === 'open';
  const hour = Math.floor((live.clock.value?.asOfMs ?? nowMs.value) / HOUR_MS);
  const key = `${looked.run}/${looked.stretch}`;
  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    const ask = async () => {
      const list = await api.runs();
      if (list.ok) runs.value = list.value.runs;
      const found = await read(looked, hour * HOUR_MS, runs.peek(), key);
      if (!isWanted) return;
      failure.value = found.failure ?? '';
      if (found.windows !== undefined) windows.value = found.windows;
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [key, hour, isOpen, attempt.value]);
  return {
    // What was read for another stretch or run is not shown as this one.
    windows: windows.value?.key === key ? windows.value : null,
    failure: failure.value,
    runs: runs.value,
    retry: () => {
      attempt.value += 1;
    },
  };
}
