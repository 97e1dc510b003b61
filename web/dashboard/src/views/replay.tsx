/** Replay: the list of runs and how to make one, and when one is played, the played picture beside live or another run. */
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { ReplayBanner } from '../parts/replay-banner.tsx';
import { ReplayPair } from '../parts/replay-pair.tsx';
import { Runs } from '../parts/runs.tsx';
import { Transport } from '../parts/transport.tsx';
import { queryOfPlay, requestOf } from '../replay/address.ts';
import { besideRun } from '../replay/beside.ts';
import { hrefOf, parseRoute, route } from '../route.ts';

const KEPT_EVERY_MS = 1_000;

/** An address with a stretch plays it: a link to a moment of a run is a link. */
function usePlayedByAddress(): void {
  const { player, connection } = usePage();
  const { id, query } = route.value;
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    const asked = requestOf(id, query);
    if (!isOpen || asked === undefined) return;
    besideRun.value = query.get('with') ?? '';
    const known = player.request.peek();
    if (known !== null && known.run === id && known.fromMs === asked.fromMs && known.toMs === asked.toMs) return;
    void player.open(asked);
  }, [id, query, isOpen, player]);
}

/** The address follows the player, without a step of history: a reload goes on at the same moment. */
function useAddress(): void {
  const { player } = usePage();
  useEffect(() => {
    const keep = () => {
      const asked = player.request.peek();
      const at = player.state.peek();
      const there = parseRoute(location.hash);
      if (asked === null || at === null || there.view !== 'replay') return;
      const play = { ...asked, atMs: at.at_ms, speed: at.speed, asKnown: at.as_known, paused: at.paused };
      const zone = there.query.get('zone');
      const query = { ...queryOfPlay(play, besideRun.peek()), ...(zone === null ? {} : { zone }) };
      const hash = hrefOf('replay', asked.run, query);
      if (hash !== location.hash) history.replaceState(history.state, '', hash);
    };
    const timer = setInterval(keep, KEPT_EVERY_MS);
    addEventListener('pagehide', keep);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', keep);
    };
  }, [player]);
}

function Played() {
  useAddress();
  return (
    <main class="v-replay">
      <ReplayBanner />
      <ReplayPair />
      <Transport />
    </main>
  );
}

export function Replay() {
  const { player } = usePage();
  usePlayedByAddress();
  return player.request.value === null ? <Runs /> : <Played />;
}
