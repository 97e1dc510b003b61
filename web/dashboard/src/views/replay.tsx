/** Replay: the list of runs and how to make one, and when one is played, the played picture beside live or another run. */
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { ReplayBanner } from '../parts/replay-banner.tsx';
import { ReplayPair } from '../parts/replay-pair.tsx';
import { Runs } from '../parts/runs.tsx';
import { Transport } from '../parts/transport.tsx';
import { changeTo, queryOfPlay, requestOf } from '../replay/address.ts';
import { besideRun } from '../replay/beside.ts';
import { arrivals, hrefOf, parseRoute, route } from '../route.ts';

const KEPT_EVERY_MS = 1_000;

/** The arrival that was last followed. The reader steers from there: neither a new connection nor a look at the wall goes back to it. */
let followed = -1;

/** An address with a stretch plays it: a link to a moment of a run is a link. */
function usePlayedByAddress(): void {
  const { player, connection } = usePage();
  const { id, query } = route.value;
  const arrival = arrivals.value;
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen || followed === arrival) return;
    followed = arrival;
    const asked = requestOf(id, query);
    if (asked === undefined) return;
    besideRun.value = query.get('with') ?? '';
    const change = changeTo(asked, player.request.peek());
    if (change === undefined || player.session.peek() === null) void player.open(asked);
    else void player.set(change);
  }, [arrival, isOpen, player]);
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
      const hash = hrefOf('replay', asked.run, queryOfPlay(play, besideRun.peek()));
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
