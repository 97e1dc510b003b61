/** The rules, fetched when they are first looked at: the page's first load does without their forms. */
import { Lazy } from '../parts/lazy.tsx';

const load = () => import('../rules/rules-view.tsx').then((loaded) => loaded.RulesView);

export function Rules({ section }: { section: string }) {
  return <Lazy load={load} props={{ section }} frame={(notice) => <main class="v-rules">{notice}</main>} />;
}
