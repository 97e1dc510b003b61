/** A view whose script is fetched when it is first looked at. Says so when it cannot be fetched. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../settings.ts';

type Props = { readonly load: () => Promise<ComponentType>; readonly view: string };

export function Lazy({ load, view }: Props) {
  const [View, setView] = useState<ComponentType | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    load().then(
      (loaded) => setView(() => loaded),
      () => setHasFailed(true),
    );
  }, [load]);
  const w = words.value;
  if (View !== null) return <View />;
  return (
    <main class={view}>
      <p class="empty">{hasFailed ? w.viewFailed : w.loading}</p>
    </main>
  );
}
