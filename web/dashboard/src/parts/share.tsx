/** Two links to what is on screen: one that follows the time, and one of this moment. Nothing is sent anywhere. */
import { HOUR_MS, hourMinute, shortDate, zoneNameOver } from '@quaywatch/words';
import { useState } from 'preact/hooks';
import { queryOf, rangeOf, shownOf } from '../charts/chart-window.ts';
import { usePage } from '../context.tsx';
import { hrefOf, type Route, route } from '../route.ts';
import { language, words, type ZoneChoice } from '../settings.ts';
import { shownChoice, shownZone } from '../zone.ts';
import { Modal } from './modal.tsx';

type Links = { readonly live: string; readonly frozen: string; readonly fromMs: number; readonly toMs: number };

/** A port's chart is frozen as it is; every other view as live played at this moment, which is the same view of that time. Both open in the zone that is shown. */
export function linksOf({ view, id, query }: Route, nowMs: number, zone: ZoneChoice): Links {
  if (view === 'port') {
    const shown = shownOf(query);
    const range = rangeOf(shown, nowMs);
    const lastMs = range.toMs - range.fromMs;
    return {
      live: hrefOf('port', id, { ...queryOf({ ...shown, lastMs, pinned: null }), zone }),
      frozen: hrefOf('port', id, { ...queryOf({ ...shown, pinned: range }), zone }),
      ...range,
    };
  }
  const [fromMs, toMs] = [nowMs - 6 * HOUR_MS, nowMs];
  return {
    live: hrefOf(view, id, { ...Object.fromEntries(query), zone }),
    frozen:
      view === 'replay' && id !== ''
        ? hrefOf(view, id, { ...Object.fromEntries(query), zone })
        : hrefOf('replay', 'live', { from: String(fromMs), to: String(toMs), at: String(toMs - 60_000), zone }),
    fromMs,
    toMs,
  };
}

function Link({ name, note, href }: { name: string; note: string; href: string }) {
  const w = words.value;
  const [isCopied, setIsCopied] = useState(false);
  const address = `${location.origin}${location.pathname}${href}`;
  return (
    <label class="share-link">
      <b>{name}</b>
      <span class="note">{note}</span>
      <span class="share-row">
        <input class="in" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
        <button
          type="button"
          class="bt pri"
          onClick={() => {
            void navigator.clipboard?.writeText(address).then(
              () => setIsCopied(true),
              () => setIsCopied(false),
            );
          }}
        >
          {isCopied ? w.copied : w.copy}
        </button>
      </span>
    </label>
  );
}

export function Share({ onClose }: { onClose: () => void }) {
  const { live, nowMs } = usePage();
  const w = words.value;
  const [asOfMs] = useState(() => live.clock.peek()?.asOfMs ?? nowMs.peek());
  // The address is newer than the route: a chart writes into it without a step of history.
  const current = route.value;
  const query = new URLSearchParams(location.hash.split('?')[1] ?? '');
  const links = linksOf({ ...current, query }, Math.ceil(asOfMs / 60_000) * 60_000, shownChoice.value);
  const zone = shownZone.value;
  const time = (timeMs: number) => `${shortDate(timeMs, language.value, zone)} ${hourMinute(timeMs, zone)}`;
  const named = zoneNameOver(links.fromMs, links.toMs, zone);
  return (
    <Modal title={w.share} onClose={onClose}>
      <div class="pad stack">
        <Link name={w.shareLive} note={w.shareLiveNote} href={links.live} />
        <Link
          name={w.shareFrozen}
          note={w.shareFrozenNote(time(links.fromMs), time(links.toMs), named)}
          href={links.frozen}
        />
      </div>
    </Modal>
  );
}
