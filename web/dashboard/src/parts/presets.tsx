/** Stretches worth playing, by name: a run that covers one is played there, otherwise one is made. */

import { useSignal } from '@preact/signals';
import type { RunSummary } from '@quaywatch/contracts';
import { DAY_MS, HOUR_MS, ZONE } from '@quaywatch/words';
import { go } from '../route.ts';
import { words } from '../settings.ts';
import { dateMs } from '../time.ts';
import { api } from '../wire/api.ts';
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

/** A run of the stretch that is being made. */
export function beingMade(name: PresetName, runs: readonly RunSummary[]): RunSummary | undefined {
  const fromMs = dateMs(PRESETS[name].from, ZONE);
  const toMs = dateMs(PRESETS[name].to, ZONE);
  return runs.find(
    (run) =>
      (run.state === 'recording' || run.state === 'running') &&
      run.kind === 'replay' &&
      run.from_ms === fromMs &&
      run.to_ms === toMs,
  );
}

export function Presets({ runs, refresh }: { runs: readonly RunSummary[]; refresh: () => Promise<void> }) {
  const w = words.value;
  const failure = useSignal('');
  const choose = async (name: PresetName) => {
    const { from, to, fromMs, toMs } = PRESETS[name];
    const run = runFor(name, runs);
    if (run !== undefined) {
      const at = name === 'closure' ? fromMs + 12 * HOUR_MS : fromMs + DAY_MS;
      go('replay', run.run, { from: String(fromMs), to: String(toMs), at: String(at) });
      return;
    }
    const answer = await api.startRun(from, to);
    failure.value = answer.ok ? '' : w.failed(answer.message === '' ? String(answer.status) : answer.message);
    await refresh();
  };
  return (
    <section class="presets" aria-label={w.presets}>
      {PRESET_NAMES.map((name) => {
        const run = runFor(name, runs);
        const making = beingMade(name, runs);
        return (
          <div key={name} data-preset={name}>
            <h2 class="h">{w.presetNames[name]}</h2>
            <p class="note">{w.presetNotes[name]}</p>
            <Stretch fromMs={PRESETS[name].fromMs} toMs={PRESETS[name].toMs} />
            <button
              type="button"
              class={run === undefined ? 'bt' : 'bt pri'}
              disabled={making !== undefined}
              onClick={() => void choose(name)}
            >
              {run !== undefined
                ? w.play
                : making !== undefined
                  ? `${w.states[making.state === 'recording' ? 'recording' : 'running']} ${Math.round(making.progress * 100)} %`
                  : w.presetMake}
            </button>
          </div>
        );
      })}
      {failure.value !== '' && (
        <p class="al" role="alert">
          {failure.value}
        </p>
      )}
    </section>
  );
}
