/** Says in full that this is not now: date, run, and that nobody is notified. */
import { clock, compact, longDate, signedPercentUnit, zoneName } from '@quaywatch/words';
import { usePage } from '../context.tsx';

import { go } from '../route.ts';
import { language, words } from '../settings.ts';
import { shownZone } from '../zone.ts';
import { useRuns } from './runs.tsx';

export function leaveReplay(close: () => Promise<void>): void {
  void close();
  go('overview');
}

export function ReplayBanner() {
  const { player } = usePage();
  const w = words.value;
  const lang = language.value;
  const state = player.state.value;
  const request = player.request.value;
  const run = useRuns().find((entry) => entry.run === request?.run);
  return (
    <section class="rbar">
      <h1 class="w">{w.replayWord}</h1>
      {state !== null && (
        <b>
          {longDate(state.at_ms, lang, shownZone.value)} {clock(state.at_ms, shownZone.value)}{' '}
          {zoneName(state.at_ms, shownZone.value)}
        </b>
      )}
      <span class="x">
        {player.failure.value !== null ? w.playFailed(player.failure.value) : w.replayLine(request?.run ?? '')}
        {state?.ended === true ? ` · ${w.ended}` : ''}
        {run !== undefined &&
          run.teu !== null &&
          ` · ${w.runFigures(compact(run.teu, lang), signedPercentUnit(run.yoy_pct), run.digest.slice(0, 12))}`}
      </span>
      <div class="sp" />
      <button
        type="button"
        class="bt"
        onClick={() => {
          void player.close();
          go('replay');
        }}
      >
        {w.runs}
      </button>
      <button type="button" class="bt" onClick={() => leaveReplay(player.close)}>
        {w.backToLive} <span class="kbd">L</span>
      </button>
    </section>
  );
}
