/** A part whose script is fetched when it is first looked at. Says so when it cannot be fetched. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../settings.ts';

type Props<P> = { readonly load: () => Promise<ComponentType<P>>; readonly props: P };

export function Lazy<P extends object>({ load, props }: Props<P>) {
  const [Part, setPart] = useState<ComponentType<P> | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    load().then(
      (loaded) => setPart(() => loaded),
      () => setHasFailed(true),
    );
  }, [load]);
  const w = words.value;
  return Part === null ? <p class="empty">{hasFailed ? w.viewFailed : w.loading}</p> : <Part {...props} />;
}
