/** Replay: the list of runs and how to make one, and when one is played, the played picture beside the live one. */
import { DAY_MS } from '@quaywatch/words';
import { useEffect } from 'preact/hooks';
import { usePage } from '../context.tsx';
import { ReplayBanner } from '../parts/replay-banner.tsx';
import { ReplayPair } from '../parts/replay-pair.tsx';
import { Runs } from '../parts/runs.tsx';
import { Transport } from '../parts/transport.tsx';
import { route } from '../route.ts';

const FIRST_SPEED = 600;

/** An address with a stretch plays it: a link to a moment of a run is a link. */
function usePlayedByAddress(): void {
  const { player, connection } = usePage();
  const { id, query } = route.value;
  const from = Number(query.get('from'));
  const to = Number(query.get('to'));
  const isOpen = connection.link.value.kind === 'open';
  useEffect(() => {
    if (!isOpen || id === '' || !(from > 0) || !(to > from)) return;
    const known = player.request.peek();
    if (known !== null && known.run === id && known.fromMs === from && known.toMs === to) return;
    const at = Number(query.get('at'));
    const atMs = at > from && at < to ? at : Math.min(to, from + DAY_MS);
    void player.open({ run: id, fromMs: from, toMs: to, atMs, speed: FIRST_SPEED, asKnown: true });
  }, [id, from, to, isOpen, player, query]);
}

export function Replay() {
  const { player } = usePage();
  usePlayedByAddress();
  if (player.request.value === null) return <Runs />;
  return (
    <main class="v-replay">
      <ReplayBanner />
      <ReplayPair />
      <Transport />
    </main>
  );
}
