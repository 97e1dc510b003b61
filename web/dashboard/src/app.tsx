/** The page around the views: header, view, footer, dialogs, keys, and what is spoken aloud. */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { usePage } from './context.tsx';
import { startKeys } from './keys.ts';
import { isKiosk } from './kiosk/mode.ts';
import { Dialogs } from './parts/dialogs.tsx';
import { Footer } from './parts/footer.tsx';
import { Header, Tabs, useHealth } from './parts/header.tsx';
import { Intro } from './parts/intro.tsx';
import { Lazy } from './parts/lazy.tsx';
import { Notices } from './parts/notices.tsx';
import { Spoken } from './parts/spoken.tsx';
import { route } from './route.ts';
import { words } from './settings.ts';
import { Alerts } from './views/alerts.tsx';
import { Measures } from './views/measures.tsx';
import { Overview } from './views/overview.tsx';
import { PortView } from './views/port.tsx';
import { Replay } from './views/replay.tsx';
import { Rules } from './views/rules.tsx';

/** Old figures lose their deviation and their ink; figures of a lost connection keep both and are underlined. */
const HEALTH_CLASSES: Readonly<Record<string, readonly string[]>> = {
  stale: ['is-stale'],
  reconnecting: ['is-reconnecting'],
};

const NARROW = '(max-width: 767px)';

function useNarrow(): boolean {
  const isNarrow = useSignal(matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const follow = () => {
      isNarrow.value = query.matches;
    };
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, [isNarrow]);
  return isNarrow.value;
}

const loadKiosk = () => import('./kiosk/kiosk-view.tsx').then((loaded) => loaded.KioskView);

export function App() {
  const page = usePage();
  const isNarrow = useNarrow();
  // With the first elements: a key that comes before they are painted is not lost.
  useLayoutEffect(() => startKeys(page), [page]);
  const health = useHealth().kind;
  const { view, id } = route.value;
  if (isKiosk.value)
    return (
      <div class={['page', ...(HEALTH_CLASSES[health] ?? [])].join(' ')}>
        <Lazy load={loadKiosk} props={{}} />
        <Dialogs />
        <Spoken />
        <Notices />
      </div>
    );
  const current = view === 'map' ? 'overview' : view;
  // The rules have their sentence in their own, later fetched words.
  const intro = current === 'rules' ? '' : words.value.intros[current];
  const isReplay = view === 'replay' && page.player.request.value !== null;
  return (
    <div class={['page', ...(isReplay ? ['is-replay'] : []), ...(HEALTH_CLASSES[health] ?? [])].join(' ')}>
      <Header />
      {!isReplay && intro !== '' && <Intro key={current} view={current} text={intro} />}
      {(view === 'overview' || view === 'map') && <Overview isNarrow={isNarrow} />}
      {view === 'port' && <PortView key={id} code={id} />}
      {view === 'measures' && <Measures />}
      {view === 'alerts' && <Alerts selectedId={id} />}
      {view === 'rules' && <Rules section={id} />}
      {view === 'replay' && <Replay />}
      {!isReplay && <Footer />}
      {isNarrow && <Tabs />}
      <Dialogs />
      <Spoken />
      <Notices />
    </div>
  );
}
