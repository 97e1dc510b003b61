/** A part whose script is fetched when it is first looked at. Says so when it cannot be fetched: after an update it may be gone from the gateway. */
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../settings.ts';

type Props<P> = {
  readonly load: () => Promise<ComponentType<P>>;
  readonly props: P;
  /** What stands around the notice, where the part brings its own frame. */
  readonly frame?: (notice: ComponentChildren) => ComponentChildren;
};

export function Lazy<P extends object>({ load, props, frame = (notice) => notice }: Props<P>) {
  const [Part, setPart] = useState<ComponentType<P> | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    load().then(
      (loaded) => setPart(() => loaded),
      () => setHasFailed(true),
    );
  }, [load]);
  const w = words.value;
  if (Part !== null) return <Part {...props} />;
  return frame(
    hasFailed ? (
      <div class="empty" role="alert">
        <p>{w.viewFailed}</p>
        <button type="button" class="bt pri" onClick={() => location.reload()}>
          {w.reload}
        </button>
      </div>
    ) : (
      <p class="empty">{w.loading}</p>
    ),
  );
}
