/** One sentence above a view, the first time it is opened in this browser: what is seen and what can be done. Gone for good once it is read. */
import { useState } from 'preact/hooks';
import { words } from '../settings.ts';

const keyOf = (view: string) => `quaywatch.${view}-intro`;

function wasSeen(view: string): boolean {
  try {
    return localStorage.getItem(keyOf(view)) !== null;
  } catch {
    return false;
  }
}

export function Intro({ view, text }: { view: string; text: string }) {
  const [isSeen, setIsSeen] = useState(() => wasSeen(view));
  if (isSeen) return null;
  const close = () => {
    setIsSeen(true);
    try {
      localStorage.setItem(keyOf(view), 'seen');
    } catch {
      // Storage can be forbidden by the browser; the sentence then comes each time.
    }
  };
  return (
    <section class="r-intro" aria-label={words.value.aboutView}>
      {text}{' '}
      <button type="button" class="bt" onClick={close}>
        {words.value.gotIt}
      </button>
    </section>
  );
}
