/** Stretches worth playing, by name: a run that covers one is played there, otherwise one is made. */

import { useSignal } from '@preact/signals';
import type { RunSummary } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS, ZONE } from '@quaywatch/words';
import { go } from '../route.ts';
import { words } from '../settings.ts';
import { dateMs } from '../time.ts';
import { api } from '../wire/api.ts';
import { isAwaited, stateWords } from './run-state.ts';
import { Stretch } from './stretch.tsx';

export const PRESETS = {
  /** Shanghai and Ningbo close for a typhoon, reopen, and work off what was held. */
  closure: { from: '2024-09-12', to: '2024-09-24', fromMs: Date.UTC(2024, 8, 14, 16), toMs: Date.UTC(2024, 8, 19, 16) },
  festival: {
    from: '2025-01-19',
    to: '2025-02-20',
    fromMs: Date.UTC(2025, 0, 21, 16),
    toMs: Date.UTC(2025, 1, 17, 16),
  },
  half: { from: '2025-01-01', to: '2025-07-01', fromMs: Date.UTC(2024, 11, 31, 16), toMs: Date.UTC(2025, 5, 30, 16) },
} as const;
export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** A finished run that covers the stretch; of several the shortest, which is played soonest. */
export function runFor(name: PresetName, runs: readonly RunSummary[]): RunSummary | undefined {
  const { fromMs, toMs } = PRESETS[name];
  return runs
    .filter((run) => run.kind === 'replay' && run.state === 'done' && run.from_ms <= fromMs && run.to_ms >= toMs)
    .sort((a, b) => a.to_ms - a.from_ms - (b.to_ms - b.from_ms))[0];
}

/** Runs of just the stretch that the preset makes, newest first. */
function madeFor(name: PresetName, runs: readonly RunSummary[]): RunSummary[] {
  const fromMs = dateMs(PRESETS[name].from, ZONE);
  const toMs = dateMs(PRESETS[name].to, ZONE);
  return runs
    .filter((run) => run.kind === 'replay' && run.from_ms === fromMs && run.to_ms === toMs)
    .sort((a, b) => b.created_at_ms - a.created_at_ms);
}

/** A run of the stretch that is being made, or waits to be. */
export function beingMade(name: PresetName, runs: readonly RunSummary[]): RunSummary | undefined {
  return madeFor(name, runs).find(isAwaited);
}

/** Why the newest run of the stretch failed; '' when it did not. */
export function failureOf(name: PresetName, runs: readonly RunSummary[]): string {
  const [newest] = madeFor(name, runs);
  return newest?.state === 'failed' ? newest.error : '';
}

type Props = { readonly runs: readonly RunSummary[]; readonly refresh: () => Promise<void> };

/** What a press does next: plays what is stored, says how far it is, or why it failed and what else there is to do. */
function Next({ name, runs }: { name: PresetName; runs: readonly RunSummary[] }) {
  const w = words.value;
  if (runFor(name, runs) !== undefined) return null;
  if (beingMade(name, runs) !== undefined) return <p class="lab">{w.presetMaking}</p>;
  const failed = failureOf(name, runs);
  return <p class={failed === '' ? 'lab' : 'al'}>{failed === '' ? w.presetNone : w.presetFailed(failed)}</p>;
}

function Preset({ name, runs, refresh, say }: Props & { name: PresetName; say: (failure: string) => void }) {
  const w = words.value;
  const isStarting = useSignal(false);
  const run = runFor(name, runs);
  const making = beingMade(name, runs);
  const { from, to, fromMs, toMs } = PRESETS[name];
  const make = async () => {
    isStarting.value = true;
    const answer = await api.startRun(from, to);
    say(answer.ok ? '' : w.failed(answer.message === '' ? String(answer.status) : answer.message));
    await refresh();
    isStarting.value = false;
  };
  const play = ({ run: id }: RunSummary) => {
    const at = name === 'closure' ? fromMs + 12 * HOUR_MS : fromMs + DAY_MS;
    go('replay', id, { from: String(fromMs), to: String(toMs), at: String(at) });
  };
  const label =
    run !== undefined
      ? w.play
      : making !== undefined
        ? stateWords(making)
        : isStarting.value
          ? w.starting
          : w.presetMake;
  return (
    <div data-preset={name}>
      <h2 class="h">{w.presetNames[name]}</h2>
      <p class="note">{w.presetNotes[name]}</p>
      <Stretch fromMs={fromMs} toMs={toMs} />
      <Next name={name} runs={runs} />
      <button
        type="button"
        class={run === undefined ? 'bt' : 'bt pri'}
        disabled={run === undefined && (making !== undefined || isStarting.value)}
        onClick={() => (run === undefined ? void make() : play(run))}
      >
        {label}
      </button>
    </div>
  );
}

export function Presets({ runs, refresh }: Props) {
  const w = words.value;
  const failure = useSignal('');
  const say = (text: string) => {
    failure.value = text;
  };
  return (
    <section class="presets" aria-label={w.presets}>
      {PRESET_NAMES.map((name) => (
        <Preset key={name} name={name} runs={runs} refresh={refresh} say={say} />
      ))}
      {failure.value !== '' && (
        <p class="al" role="alert">
          {failure.value}
        </p>
      )}
    </section>
  );
}
