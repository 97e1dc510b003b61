/** The rules, fetched when they are first looked at: the page's first load does without their forms. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../settings.ts';

type Props = { section: string };

export function Rules({ section }: Props) {
  const [View, setView] = useState<ComponentType<Props> | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    import('../rules/rules-view.tsx').then(
      (loaded) => setView(() => loaded.RulesView),
      () => setHasFailed(true),
    );
  }, []);
  const w = words.value;
  if (View !== null) return <View section={section} />;
  return (
    <main class="v-rules">
      <p class="empty">{hasFailed ? w.viewFailed : w.loading}</p>
    </main>
  );
}
