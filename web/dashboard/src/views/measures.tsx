/** The measures, fetched when they are first looked at: the page's first load does without them. */
import { Lazy } from '../parts/lazy.tsx';

const load = () => import('../measures/measures-view.tsx').then((loaded) => loaded.MeasuresView);

export function Measures() {
  return (
    <main class="v-measures">
      <Lazy load={load} props={{}} />
    </main>
  );
}
