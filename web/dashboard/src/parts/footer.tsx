/** Bottom bar: watermark, feeds, and what was held out or not counted. Nothing is dropped in silence. */
import { clock, whole } from '@quaywatch/words';
import { usePage } from '../context.tsx';

import { words } from '../settings.ts';
import { shownZone } from '../zone.ts';

export function Footer() {
  const { live, dialogs } = usePage();
  const w = words.value.footer;
  const status = live.status.value;
  const watermarkMs = live.clock.value?.watermarkMs ?? status?.watermark_ms ?? 0;
  return (
    <footer class="foot">
      <span>
        {w.watermark} <b>{watermarkMs > 0 ? clock(watermarkMs, shownZone.value) : '—'}</b>
      </span>
      {status !== null && (
        <>
          <span>
            {w.feeds}{' '}
            <b>
              {status.feeds.live} / {status.feeds.all}
            </b>
          </span>
          <span>
            {w.accepted} <b>{whole(status.today.accepted_moves)}</b> {w.moves}
          </span>
          <span>
            {w.duplicates} <b>{whole(status.today.duplicates)}</b>
          </span>
          <span>
            {w.late} <b>{whole(status.today.late)}</b>
          </span>
          {!status.healthy && <b class="al">{w.unhealthy(status.note)}</b>}
          {status.lag_records > 5000 && <b class="ca">{w.lagging(whole(status.lag_records))}</b>}
          <button type="button" class="as-link" onClick={() => dialogs.show({ kind: 'deadLetters' })}>
            {w.notCounted(whole(status.today.dead_letters))}
          </button>
        </>
      )}
      <span class="sp" />
      <span>{words.value.countingDay}</span>
      <span class="ref">{w.reference}</span>
    </footer>
  );
}
